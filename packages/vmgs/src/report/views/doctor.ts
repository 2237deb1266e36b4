/** Findings, for people: the verdict, then each finding with its evidence, meaning and cure. */

import type { Finding, NotChecked, Severity } from "../../diagnose/index.ts";
import type { DoctorDocument } from "../documents/doctor.ts";
import { type Text, type Tone, toned } from "../text.ts";
import { type EntryBlock, list, section, type View } from "../view.ts";

const TONES: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  error: "bad",
  warning: "warning",
  info: "good",
};

/** What was found in a file. */
export function doctorView({ file, summary, worst, findings, notChecked }: DoctorDocument): View {
  const notes = findings.filter(({ severity }) => severity === "info");
  const faults = findings.filter(({ severity }) => severity !== "info");
  return {
    place: file,
    headline: summary === null ? null : [toned(TONES[worst ?? "info"], summary)],
    sections: [
      ...section(null, ...faults.map((finding) => entry(finding, file))),
      ...section("Notes", list(notes.map(({ id, title, message }) => `${title}: ${message} (${id})`))),
      ...section("Not checked", list(notChecked.map(notCheckedWords))),
    ],
  };
}

function entry({ severity, id, title, message, evidence, meaning, cure }: Finding, file: string): EntryBlock {
  const facts = Object.entries(evidence).map(([name, value]) => `${name} ${String(value)}`);
  const fields: { name: string; value: Text }[] = [{ name: "found", value: message }];
  if (facts.length > 0) fields.push({ name: "evidence", value: facts.join(", ") });
  fields.push({ name: "meaning", value: meaning }, { name: "cure", value: forFile(cure, file) });
  return { kind: "entry", label: [toned(TONES[severity], severity)], name: id, title, fields, actions: [] };
}

/** Cures name commands that can be pasted, when the name of the file needs no quotes. */
function forFile(cure: string, file: string): string {
  return /^[\w./-]+$/.test(file) && !file.startsWith("-") ? cure.replaceAll(/\bFILE\b/g, file) : cure;
}

function notCheckedWords({ what, why, needs }: NotChecked): string {
  return `${what} (${why}${needs === "key" ? "; needs --key" : ""})`;
}
