/** Version 1 files. Pure. */

import type { V1CopyReading, V1Examination, V1HeaderReading } from "../../v1/index.ts";
import { type Finding, type FindingEvidence, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** What is wrong with a version 1 file. */
export function v1Findings({ v1 }: Evidence): Finding[] {
  if (v1 === null) return [];
  const { survey, error } = v1;
  if (survey.gpt.followed !== null && survey.gpt.partition === null) {
    return [
      finding("windows-other-disk", `${error?.message}`, { partitions: survey.gpt.followed.entries.length }),
    ];
  }
  if (survey.active === null) return [...gptFindings(v1), finding("windows-unreadable", `${error?.message}`)];
  return [...gptFindings(v1), ...headerFindings(v1), ...copyFindings(v1), ...dataFindings(v1)];
}

function gptFindings({ survey: { gpt } }: V1Examination): Finding[] {
  const found: Finding[] = [];
  if (gpt.followed !== null) {
    for (const { place, block, problem } of [gpt.primary, gpt.backup]) {
      if (problem !== null)
        found.push(finding("windows-gpt-copy", `the ${place} GPT ${problem}`, { sector: block }));
    }
  }
  if (gpt.differ) found.push(finding("windows-gpt-differs", "the checksums of the entries differ"));
  if (gpt.partition?.cut === true) {
    const { firstBlock, lastBlock } = gpt.partition;
    const facts = { firstSector: firstBlock, lastSector: lastBlock };
    found.push(finding("windows-cut", "the guest state partition reaches past the end of the disk", facts));
  }
  return found;
}

function headerFindings({ survey: { headers, active } }: V1Examination): Finding[] {
  if (headers === null || active === null) return [];
  const sequences: FindingEvidence = {
    active: active.slot,
    sequence0: headers[0].header.sequence,
    sequence1: headers[1].header.sequence,
  };
  if (active.order === "gap") {
    const message = `the sequences are ${sequences.sequence0} and ${sequences.sequence1}`;
    return [finding("windows-sequence-gap", message, sequences)];
  }
  return headers
    .filter(({ problem }) => problem !== null)
    .map((header) => damagedHeader(header, active.slot));
}

function damagedHeader({ slot, problem }: V1HeaderReading, active: number): Finding {
  return finding("windows-header-damaged", `header ${slot}: ${problem?.message}`, { slot, active });
}

function copyFindings({ copies, survey }: V1Examination): Finding[] {
  const [current, previous] = copies as readonly [V1CopyReading, V1CopyReading];
  const [lost, old] = [current.error, previous.error];
  if (lost !== null && old !== null) {
    const message = `copy ${current.index}: ${lost.message}; copy ${previous.index}: ${old.message}`;
    return [finding("windows-both-copies", message, { code: lost.code, otherCode: old.code })];
  }
  if (lost !== null) {
    return [finding("windows-fallback-copy", lost.message, { copy: current.index, code: lost.code })];
  }
  // With one header the size of the other copy is not known for sure.
  if (old === null || survey.active?.order === "single") return [];
  return [finding("windows-other-copy", old.message, { copy: previous.index, code: old.code })];
}

function dataFindings({ copies }: V1Examination): Finding[] {
  const readable = copies.find(({ error }) => error === null);
  if (!readable?.data || !readable.variables) return [];
  const { data, variables, index } = readable;
  const { list, lastUpdateTime } = variables;
  const found: Finding[] = [];
  const problems = [...data.problems, ...list.problems];
  const [first] = problems;
  if (first !== undefined) {
    const more = problems.length > 1 ? `, and ${problems.length - 1} more` : "";
    found.push(finding("windows-data-problems", `${first.message}${more}`, { copy: index, id: first.id }));
  }
  if (list.variables.length === 0) found.push(finding("windows-no-variables", "there are none in the data"));
  const updated = lastUpdateTime === null ? {} : { lastUpdateTime };
  const facts = { variables: list.variables.length, devices: data.devices.length, ...updated };
  found.push(finding("windows-file", "the headers are of version 1.0", facts));
  return found;
}
