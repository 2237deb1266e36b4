/** Findings as SARIF 2.1.0, the format of code scanning (OASIS standard, 2020). */

import { checkCallback, checkList, checkText, withMembers } from "../../arguments/index.ts";
import { type Finding, findingCatalogue, type Severity } from "../../diagnose/index.ts";
import { crc32 } from "../../format/index.ts";
import { checkDoctorDocument } from "../checks.ts";
import type { DoctorDocument } from "../documents/doctor.ts";

/** What a SARIF log says about its maker. */
export interface SarifOptions {
  /** Version of the program that looked. */
  readonly version: string;
  /** The file as a relative or absolute URI. */
  readonly uriOf: (file: string) => string;
}

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  error: "error",
  warning: "warning",
  info: "note",
};

const checkOptions = withMembers({ version: checkText, uriOf: checkCallback });

/** The findings of all files as one log. Files that could not be read are notifications of the run. */
export function doctorSarif(documents: readonly DoctorDocument[], options: SarifOptions): string {
  checkList(documents, "documents", checkDoctorDocument);
  checkOptions(options, "options");
  const { version, uriOf } = options;
  const ids = [...new Set(documents.flatMap(({ findings }) => findings.map(({ id }) => id)))];
  const unread = documents.filter(({ verdict }) => verdict === null);
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "vmgs doctor", semanticVersion: version, rules: ids.map(rule) } },
        invocations: [
          {
            executionSuccessful: unread.length === 0,
            toolExecutionNotifications: unread.map(({ file, error }) => ({
              level: "error",
              message: { text: error?.message ?? "not read" },
              locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) } } }],
            })),
          },
        ],
        results: documents.flatMap(({ file, findings }) => results(uriOf(file), findings, ids)),
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function rule(id: Finding["id"]) {
  const { severity, title, meaning, cure } = findingCatalogue[id];
  return {
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: meaning },
    help: { text: cure },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function results(uri: string, findings: readonly Finding[], ids: readonly string[]) {
  const seen = new Map<string, number>();
  return findings.map(({ id, severity, message, evidence }) => {
    const { offset, bytes, fileId } = evidence;
    // Stable while the finding stays: neither offsets nor counts are part of it.
    const subject = `${uri}|${id}|${fileId ?? ""}`;
    const nth = seen.get(subject) ?? 0;
    seen.set(subject, nth + 1);
    const place = typeof offset === "number" ? { byteOffset: offset } : null;
    const region = place && { ...place, byteLength: typeof bytes === "number" ? bytes : 0 };
    return {
      ruleId: id,
      ruleIndex: ids.indexOf(id),
      level: LEVELS[severity],
      message: { text: message },
      locations: [{ physicalLocation: { artifactLocation: { uri }, ...(region && { region }) } }],
      partialFingerprints: { "vmgsFinding/v1": fingerprint(`${subject}|${nth}`) },
    };
  });
}

const fingerprint = (text: string) => crc32(new TextEncoder().encode(text)).toString(16).padStart(8, "0");
