/** Findings as JUnit XML: one suite a file, which fails when the file is damaged or could not be read. */

import { checkList } from "../../arguments/index.ts";
import type { Finding } from "../../diagnose/index.ts";
import { checkDoctorDocument } from "../checks.ts";
import type { DoctorDocument } from "../documents/doctor.ts";
import { evidenceWords } from "../words/evidence.ts";
import { escapeXml } from "./xml.ts";

/** The findings of all files as one report. */
export function doctorJunit(documents: readonly DoctorDocument[]): string {
  checkList(documents, "documents", checkDoctorDocument);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    ...documents.map(suite),
    "</testsuites>\n",
  ].join("\n");
}

const isBad = ({ severity }: Finding) => severity === "critical" || severity === "error";

function suite({ file, verdict, findings, error }: DoctorDocument): string {
  const name = escapeXml(file);
  const unread = verdict === null;
  const failures = findings.filter(isBad).length;
  const cases = [
    ...(unread ? [testCase(name, "the file can be read", error?.message ?? "", "error")] : []),
    ...findings.map((finding) => findingCase(name, finding)),
    ...(!unread && findings.length === 0 ? [`    <testcase classname="${name}" name="no findings"/>`] : []),
  ];
  return [
    `  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="${unread ? 1 : 0}" skipped="0">`,
    ...cases,
    "  </testsuite>",
  ].join("\n");
}

function findingCase(file: string, finding: Finding): string {
  const { id, title, message, evidence, meaning, cure } = finding;
  const where = evidenceWords(evidence);
  const text = [where === "" ? message : `${message} [${where}]`, meaning, cure].join("\n");
  return testCase(file, `${id}: ${title}`, text, isBad(finding) ? "failure" : null, message);
}

function testCase(
  file: string,
  name: string,
  text: string,
  outcome: "failure" | "error" | null,
  message = text,
): string {
  const inner =
    outcome === null
      ? `<system-out>${escapeXml(text)}</system-out>`
      : `<${outcome} message="${escapeXml(message)}">${escapeXml(text)}</${outcome}>`;
  return `    <testcase classname="${file}" name="${escapeXml(name)}">${inner}</testcase>`;
}
