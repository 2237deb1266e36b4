/** The doctor: reads a file once, judges it, and says what it could not judge. Never writes. */

import { availableActions } from "../action/index.ts";
import { checkDate, optionsOf } from "../arguments/index.ts";
import { type ContainerOptions, containerOptionChecks } from "../disk/index.ts";
import type { VmgsError } from "../errors/index.ts";
import type { KeyProtection } from "../guest/index.ts";
import { describeContainer, type InspectedContainer } from "../inspect/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import { type ByteSource, checkByteSource } from "../source/index.ts";
import {
  type Cipher,
  checkCipher,
  type RunOptions,
  run,
  runOptionChecks,
  type Steps,
  webCipher,
} from "../steps/index.ts";
import { isEncrypted } from "../store/index.ts";
import { ASSUMED_VM, type AssumedVm, checkVm } from "./assumed-vm.ts";
import type { Severity } from "./catalogue/index.ts";
import {
  type Gathered,
  gather,
  gatherV1,
  interpretGuest,
  type LeftoverEvidence,
  protectionBy,
} from "./evidence/index.ts";
import { type Finding, worstSeverity } from "./finding.ts";
import { type Evidence, findingsOf } from "./findings/index.ts";
import { whyNoKeySource } from "./key-source.ts";
import { type NotChecked, notChecked } from "./not-checked.ts";
import { situationOf } from "./situation.ts";

/** How a file is diagnosed. */
export interface DiagnoseOptions extends ContainerOptions, RunOptions {
  /** Datastore key, so that encrypted files are also judged. */
  readonly key?: Uint8Array | Secret;
  /** The moment that certificates are judged by. Default: now. */
  readonly now?: Date;
  readonly cipher?: Cipher;
  /** The VM that boots; what is left out is as in `ASSUMED_VM`. */
  readonly vm?: Partial<AssumedVm>;
}

const checkDiagnoseOptions = optionsOf({
  key: checkKey,
  now: checkDate,
  cipher: checkCipher,
  vm: checkVm,
  ...containerOptionChecks,
  ...runOptionChecks,
});

/** The whole in one word, by the worst finding: none or `info`, `warning`, `error`, `critical`. */
export type Verdict = "sound" | "usable" | "damaged" | "critical";

/** What is wrong with a file, and what could not be looked at. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** The verdict as a sentence, without a full stop. */
  readonly summary: string;
  /** Severity of the worst finding, or null when there is none. */
  readonly worst: Severity | null;
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
  /** Null when the file is nothing that is known. */
  readonly container: InspectedContainer | null;
  /** Null when the store does not open. */
  readonly encryption: {
    readonly algorithm: "none" | "aes-256-gcm";
    readonly protection: KeyProtection;
    readonly unlocked: boolean;
  } | null;
  /** Why the store does not open, or null. */
  readonly error: VmgsError | null;
  /** Why the key that was given does not open the store, or null. No fault of the store, so no finding. */
  readonly keyError: VmgsError | null;
  /** The moment that certificates were judged by. */
  readonly now: Date;
  /** The VM that was assumed. */
  readonly vm: AssumedVm;
}

/**
 * Finds out what is wrong with a file that is, or should be, a VMGS store. Damage is reported, not thrown.
 *
 * ```ts
 * const { summary, findings } = await diagnose(blobSource(file));
 * ```
 *
 * @throws VmgsError VMGS_IO, VMGS_KEY_LENGTH, VMGS_KEY_ZERO; VMGS_SECTOR_SIZE for options that the file can't have
 */
export async function diagnose(source: ByteSource, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  checkByteSource(source, "source");
  checkDiagnoseOptions(options, "options");
  const { key, now = new Date(), cipher = webCipher, vm: givenVm = {}, ...containerOptions } = options;
  const gathering = gather(source.byteLength, {
    ...containerOptions,
    key: key === undefined ? null : datastoreKey(key),
  });
  const runSteps = <T>(steps: Steps<T>) => run(steps, source, cipher, options);
  const gathered = await runSteps(gathering);
  const v1 = await gatherV1(gathered.container, runSteps);
  const leftovers = await leftoversIn(gathered, runSteps);
  const guest = await interpretGuest(gathered.files, now);
  const vm = { ...ASSUMED_VM, ...givenVm };
  const { files } = gathered;
  const state = gathered.store?.state ?? null;
  const protection = await protectionBy(files, state);
  const noKeySource = await whyNoKeySource(files, state, vm);
  const evidence = { ...gathered, v1, leftovers, guest, protection, noKeySource, now, vm };
  const situation = situationOf(evidence);
  const findings = (await findingsOf(evidence)).map((found) => ({
    ...found,
    actions: availableActions(found.actions, situation),
  }));
  const unseen = notChecked(evidence);
  const worst = worstSeverity(findings);
  return {
    verdict: verdictOf(worst),
    summary: summarise(findings, unseen, evidence),
    worst,
    findings,
    notChecked: unseen,
    ...describe(evidence, source),
    now,
    vm,
  };
}

async function leftoversIn(
  { store, files }: Gathered,
  runSteps: <T>(steps: Steps<T>) => Promise<T>,
): Promise<LeftoverEvidence | null> {
  const state = store?.state ?? null;
  if (state === null) return null;
  if (!isEncrypted(state)) return { plain: [], unsearchedFrom: null };
  const { gatherLeftovers } = await import("./evidence/leftovers.ts");
  return runSteps(gatherLeftovers(state, files));
}

function describe({ container, store, protection, v1 }: Evidence, { wrapping }: ByteSource) {
  const state = store?.state ?? null;
  return {
    container: container.container && {
      ...describeContainer(container.container),
      ...(wrapping && { wrapping }),
    },
    encryption: state && {
      algorithm: isEncrypted(state) ? ("aes-256-gcm" as const) : ("none" as const),
      protection,
      unlocked: state.unlocked !== null,
    },
    error: container.error ?? (v1 === null ? (store?.error ?? null) : v1.error),
    keyError: store?.keyError ?? null,
  };
}

function verdictOf(worst: Severity | null): Verdict {
  if (worst === "critical") return "critical";
  if (worst === "error") return "damaged";
  return worst === "warning" ? "usable" : "sound";
}

function summarise(findings: readonly Finding[], unseen: readonly NotChecked[], { store }: Evidence): string {
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length;
  const worst = worstSeverity(findings);
  const first = findings[0]?.title ?? "";
  const others = findings.filter(({ severity }) => severity !== "info").length - 1;
  const more = others > 0 ? `, and ${plural(others, "other finding")}` : "";
  const locked = unseen.some(({ needs }) => needs === "key");
  const partly = locked && store?.state?.unlocked === null ? "; what is encrypted was not looked at" : "";
  if (worst === "critical") return `critical: ${first}${more}`;
  if (worst === "error") return `damaged: ${first}${more}`;
  if (worst === "warning")
    return `usable, with ${plural(count("warning"), "warning")}: ${first}${more}${partly}`;
  return `sound${partly}`;
}

const plural = (count: number, noun: string) => (count === 1 ? `1 ${noun}` : `${count} ${noun}s`);
