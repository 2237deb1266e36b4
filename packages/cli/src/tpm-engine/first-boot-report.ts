/** Reports what a first boot did to a TPM, or would do. */

import type { Warning } from "vmgskit";
import {
  type CertificateIndexDecision,
  type CertificateIndexStep,
  describeHandle,
  describeResponseCode,
  type FirstBootOutcome,
  type FirstBootPlan as PlannedBoot,
  type TpmKey,
} from "vmgskit/tpm";
import { type CommandContext, widthOf } from "../context.ts";
import { say } from "../messages.ts";
import { escapeText, wrapText } from "../terminal/index.ts";

/** What was done, or would be, in the terms of `--json`; what is not known before it is done is null. */
export interface FirstBootDocument {
  readonly engine: string;
  readonly dryRun: boolean;
  readonly alreadyStarted: boolean;
  readonly stateRestored: boolean;
  /** Bytes that the repair of a 16 KiB state cut off; null when it was sound, or there was none. */
  readonly stateCut: number | null;
  readonly seedsRefreshed: boolean;
  readonly physicalPresence: { readonly responseCode: number; readonly words: string } | null;
  readonly ak: KeyDocument & { readonly action: "made" | "kept" | "refused"; readonly canRenew: boolean };
  readonly ek: KeyDocument | null;
  readonly index: ReturnType<typeof indexDocument>;
  readonly certificate: FirstBootOutcome["certificate"] | null;
  readonly reportWritten: boolean | null;
  readonly guestSecretKey: FirstBootOutcome["guestSecretKey"] | null;
  readonly stateSaved: string | null;
  readonly warnings: readonly Warning[];
}

interface KeyDocument {
  /** Modulus in hexadecimal. */
  readonly modulus: string | null;
}

/** The document of a boot that took place. */
export function firstBootDocument(
  engine: string,
  outcome: FirstBootOutcome,
  stateSaved: string | null,
): FirstBootDocument {
  const { alreadyStarted, restored, cut, seedsRefreshed, physicalPresence, ak, ek } = outcome;
  const presence = physicalPresence === null ? null : describeResponseCode(physicalPresence);
  return {
    engine,
    dryRun: false,
    alreadyStarted,
    stateRestored: restored,
    stateCut: cut?.bytes ?? null,
    seedsRefreshed,
    physicalPresence: presence && { responseCode: presence.code, words: presence.words },
    ak: { action: actionOf(ak), canRenew: ak.canRenew, modulus: modulusOf(ak) },
    ek: { modulus: modulusOf(ek) },
    index: indexDocument(outcome.index),
    certificate: outcome.certificate,
    reportWritten: outcome.reportWritten,
    guestSecretKey: outcome.guestSecretKey,
    stateSaved,
    warnings: outcome.warnings,
  };
}

/** The document of a boot that was only looked into. */
export function plannedBootDocument(
  engine: string,
  { alreadyStarted, ak, canRenew, index }: PlannedBoot,
  refreshSeeds: boolean,
): FirstBootDocument {
  return {
    engine,
    dryRun: true,
    alreadyStarted,
    stateRestored: false,
    stateCut: null,
    seedsRefreshed: refreshSeeds,
    physicalPresence: null,
    ak: { action: ak === "make" ? "made" : "kept", canRenew, modulus: null },
    ek: null,
    index: indexDocument(index),
    certificate: null,
    reportWritten: null,
    guestSecretKey: null,
    stateSaved: null,
    warnings: index.warnings,
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const modulusOf = ({ publicArea, modulus }: TpmKey) => (publicArea === null ? null : hex(modulus));

function actionOf({ created, publicArea }: FirstBootOutcome["ak"]): "made" | "kept" | "refused" {
  if (publicArea === null) return "refused";
  return created ? "made" : "kept";
}

function indexDocument({ row, creator, steps }: CertificateIndexDecision) {
  return { row, creator, steps: steps.map(stepDocument) };
}

function stepDocument(step: CertificateIndexStep) {
  const { kind } = step;
  const nvIndex = kind === "undefine" ? step.index.nvIndex : step.nvIndex;
  const size = kind === "undefine" ? step.index.dataSize : kind === "write" ? step.data.length : step.size;
  return { action: kind, nvIndex, bytes: size, as: kind === "write" ? step.as : null };
}

const LABEL_WIDTH = 18;

/** The same for people. */
export async function printFirstBoot(context: CommandContext, document: FirstBootDocument): Promise<void> {
  const { bold, dim } = context.colors;
  await say(context, bold(`${escapeText(document.engine)}${document.dryRun ? ": would be done" : ""}`));
  const width = Math.max(20, widthOf(context.stdout) - LABEL_WIDTH - 3);
  for (const [label, value] of lines(document)) {
    const [first = "", ...rest] = wrapText(escapeText(value), width);
    await say(context, `  ${dim(label.padEnd(LABEL_WIDTH))} ${first}`);
    for (const line of rest) await say(context, `${" ".repeat(LABEL_WIDTH + 3)}${line}`);
  }
}

function lines(document: FirstBootDocument): [label: string, value: string][] {
  const { ak, ek, physicalPresence, certificate, guestSecretKey, stateSaved } = document;
  const all: [string, string | null][] = [
    ["TPM", document.alreadyStarted ? "tested; it had been started before" : "started and tested"],
    ["state", document.stateRestored ? restoredWords(document.stateCut) : null],
    ["seeds", document.seedsRefreshed ? "new, so the TPM has another identity" : "kept"],
    ["physical presence", physicalPresence?.words ?? null],
    ["AK", `${ak.action}${keyWords(ak.modulus)}${ak.canRenew ? "" : "; its certificate is not renewed"}`],
    ["EK", ek && (ek.modulus === null ? "refused" : `made, not kept${keyWords(ek.modulus)}`)],
    ...indexLines(document.index),
    ["certificate", certificate === null || certificate === "none" ? null : certificate],
    ["report", document.reportWritten === true ? "written" : null],
    [
      "guest secret key",
      guestSecretKey === null || guestSecretKey === "none" ? null : secretWords(guestSecretKey),
    ],
    ["state", stateSaved && `saved in ${stateSaved}; it holds seeds and private keys`],
  ];
  return all.filter((line): line is [string, string] => line[1] !== null);
}

const secretWords = (done: "imported" | "present") => (done === "imported" ? "imported" : "there already");

function restoredWords(cut: number | null): string {
  return cut === null ? "restored" : `restored; it was broken, and its last ${cut} bytes were zeroed`;
}

const SHOWN_DIGITS = 16;

function keyWords(modulus: string | null): string {
  return modulus === null ? "" : `, modulus ${modulus.slice(0, SHOWN_DIGITS)}...`;
}

const ROWS: Readonly<Record<CertificateIndexDecision["row"], string>> = {
  "repaired before": "small virtual TPM, repaired before",
  none: "there was none that held anything",
  "owner's": "the owner's, left alone",
  "small vTPM repaired": "the small virtual TPM's is repaired",
  "platform's": "the platform's, made again",
};

function indexLines({ row, steps }: FirstBootDocument["index"]): [string, string][] {
  const words = steps.map(({ action, nvIndex, bytes, as }) => {
    const how = as === null ? "" : as === "owner" ? " as its owner" : " with its password";
    return `${VERBS[action]} ${describeHandle(nvIndex)}, ${bytes} bytes${how}`;
  });
  return [["certificate index", ROWS[row]], ...words.map((text): [string, string] => ["", text])];
}

const VERBS = { undefine: "removed", define: "made", write: "wrote", mark: "made and wrote" } as const;
