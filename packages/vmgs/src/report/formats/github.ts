/** Findings as annotations of GitHub Actions: one line each on standard output. */

import { checkList } from "../../arguments/index.ts";
import type { Severity } from "../../diagnose/index.ts";
import { checkDoctorDocument } from "../checks.ts";
import type { DoctorDocument } from "../documents/doctor.ts";
import { evidenceWords } from "../words/evidence.ts";

const COMMANDS: Readonly<Record<Severity, "error" | "warning" | "notice">> = {
  critical: "error",
  error: "error",
  warning: "warning",
  info: "notice",
};

/** The findings of all files; a file that could not be read is an error. */
export function doctorAnnotations(documents: readonly DoctorDocument[]): string {
  checkList(documents, "documents", checkDoctorDocument);
  return documents.flatMap(annotations).join("");
}

function annotations({ file, verdict, findings, error }: DoctorDocument): string[] {
  if (verdict === null) return [annotation("error", file, "not read", error?.message ?? "")];
  return findings.map(({ severity, id, title, message, evidence }) => {
    const where = evidenceWords(evidence);
    const text = where === "" ? message : `${message} [${where}]`;
    return annotation(COMMANDS[severity], file, `${id}: ${title}`, text);
  });
}

function annotation(command: string, file: string, title: string, message: string): string {
  return `::${command} file=${property(file)},title=${property(title)}::${data(message)}\n`;
}

/** Escapes of the workflow command syntax. */
const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
