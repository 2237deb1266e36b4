/** Findings, for people: the verdict, then each finding with its evidence, meaning and cure, then the next boot. */

import type { OfferedAction } from "../../action/index.ts";
import { checkList, having } from "../../arguments/index.ts";
import type { Finding, NotChecked, Severity } from "../../diagnose/index.ts";
import { checkDoctorDocument } from "../checks.ts";
import type { DoctorDocument } from "../documents/doctor.ts";
import { type Span, type Text, type Tone, toned } from "../text.ts";
import { type EntryBlock, type Field, list, section, type View } from "../view.ts";
import { evidenceWords } from "../words/evidence.ts";
import { lifetimeWords } from "../words/lifetime.ts";
import { formatCount } from "../words/sizes.ts";
import { vmWords } from "../words/vm.ts";

const TONES: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  error: "bad",
  warning: "warning",
  info: "good",
};

/** What was found in a file. */
export function doctorView(document: DoctorDocument): View {
  checkDoctorDocument(document, "document");
  const { file, findings, notChecked, nextBoot, vm } = document;
  const notes = findings.filter(({ severity }) => severity === "info");
  const faults = grouped(findings.filter(({ severity }) => severity !== "info"));
  return {
    place: file,
    headline: verdictWords(document),
    sections: [
      ...section(null, ...faults.map(entry)),
      ...section("Notes", list(notes.map(({ id, title, message }) => `${title}: ${message} (${id})`)), {
        kind: "actions",
        actions: offered(notes),
      }),
      ...section("Not checked", list(notChecked.map(notCheckedWords))),
      ...section(
        "Next boot",
        list(nextBoot === null ? [] : [[toned(bootTone(document), lifetimeWords(nextBoot))]]),
        list(nextBoot === null || nextBoot.outcome === "starts" ? [] : nextBoot.why),
        list(nextBoot === null || vm === null ? [] : [`assumed VM: ${vmWords(vm)}`]),
      ),
    ],
  };
}

function verdictWords({ summary, worst }: DoctorDocument): readonly Span[] | null {
  return summary === null ? null : [toned(TONES[worst ?? "info"], summary)];
}

const bootTone = ({ nextBoot }: DoctorDocument): Tone => (nextBoot?.outcome === "starts" ? "good" : "bad");

/** The verdict alone. */
export function doctorVerdictView(document: DoctorDocument): View {
  checkDoctorDocument(document, "document");
  return { place: document.file, headline: verdictWords(document), sections: [] };
}

/** One line: verdict, names of the findings, next boot. */
export function doctorShortView(document: DoctorDocument): View {
  checkDoctorDocument(document, "document");
  const { file, verdict, worst, findings, nextBoot } = document;
  if (verdict === null) return { place: file, headline: null, sections: [] };
  const ids = new Set(findings.filter(({ severity }) => severity !== "info").map(({ id }) => id));
  const headline: (string | Span)[] = [toned(TONES[worst ?? "info"], verdict)];
  if (ids.size > 0) headline.push(` (${[...ids].join(", ")})`);
  if (nextBoot !== null) headline.push("; next boot, ", toned(bootTone(document), lifetimeWords(nextBoot)));
  return { place: file, headline, sections: [] };
}

const checkVerdict = having("verdict");

/** How many files have which verdict: `12 files: 10 sound, 1 damaged, 1 not read`. */
export function doctorTotals(documents: readonly Pick<DoctorDocument, "verdict">[]): string {
  checkList(documents, "documents", checkVerdict);
  const counts = new Map<string, number>();
  for (const name of ["sound", "usable", "damaged", "critical", null] as const) {
    const count = documents.filter(({ verdict }) => verdict === name).length;
    if (count > 0) counts.set(name ?? "not read", count);
  }
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  return `${formatCount(documents.length, "file")}: ${parts.join(", ")}`;
}

/** Findings of one kind together, in the order of the first of each. */
function grouped(findings: readonly Finding[]): (readonly [Finding, ...Finding[]])[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const group = groups.get(finding.id);
    if (group === undefined) groups.set(finding.id, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

function entry(group: readonly [Finding, ...Finding[]]): EntryBlock {
  const [{ severity, id, title, meaning, cure }] = group;
  const found = group.map(({ message, evidence }): Field => {
    const where = evidenceWords(evidence);
    return { name: "found", value: where === "" ? message : `${message} [${where}]` };
  });
  const fields: Field[] = [...found, { name: "meaning", value: meaning }, { name: "cure", value: cure }];
  const label: Text = [toned(TONES[severity], severity)];
  return { kind: "entry", label, name: id, title, fields, actions: offered(group) };
}

/** The actions of all findings of a group, each once. */
function offered(group: readonly Finding[]): OfferedAction[] {
  const actions = new Map(
    group.flatMap(({ actions }) => actions).map((one) => [JSON.stringify(one.action), one]),
  );
  return [...actions.values()];
}

function notCheckedWords({ what, why, needs }: NotChecked): string {
  return `${what} (${why}${needs === "key" ? "; needs --key" : ""})`;
}
