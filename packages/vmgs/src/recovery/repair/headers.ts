/** Repairing the two headers: mending what is certain, asking where it is not (spec: opening). */

import { offer } from "../../action/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import {
  type Header,
  type HeaderReading,
  type HeaderSlot,
  header,
  headerChecksum,
  nextSequence,
  otherSlot,
} from "../../format/index.ts";
import { decode } from "../../layout/index.ts";
import type { Secret } from "../../secret/index.ts";
import { type Cipher, run } from "../../steps/index.ts";
import { chooseActive, type HeaderPair } from "../../store/index.ts";
import { commitWrite, geometryOf, openSteps } from "../../store/rooms.ts";
import { readHeaderPair } from "../survey.ts";
import { type MendedHeader, mendHeader } from "./mend-header.ts";
import type { OverlayDisk } from "./overlay.ts";
import { type DraftPlan, GO_BACK } from "./types.ts";

export interface HeaderDecisions {
  readonly key: Secret | undefined;
  readonly cipher: Cipher;
  /** Go on with the previous generation. */
  readonly goBack: boolean;
  /** The header to go on with, when both are valid and neither is clearly newer. */
  readonly chosen: HeaderSlot | undefined;
}

const CARVE = [offer("save what can be found", { kind: "carve" })];

/**
 * Repairs the headers as far as that is certain or decided. False when no header is active afterwards, and when the
 * other header may not be written over: a change of the tables would do that.
 */
export async function repairHeaders(
  disk: OverlayDisk,
  draft: DraftPlan,
  decisions: HeaderDecisions,
): Promise<boolean> {
  const pair = await run(readHeaderPair(geometryOf(disk)), disk);
  if (pair[0].blank && pair[1].blank) {
    draft.unrepaired.push({
      problem: "both headers are zero: the disk was never formatted, or was wiped",
      advice: "if it never held a store, format it; otherwise save what can be found",
      actions: [...CARVE, offer("format it", { kind: "provision" })],
    });
    return false;
  }
  if (decisions.chosen !== undefined && !isConflict(pair)) {
    draft.unrepaired.push({
      problem: `header ${decisions.chosen} was chosen, but there is nothing to choose: the headers are not both valid, or their sequence numbers show which is current`,
      advice: "plan the repair without choosing a header",
      actions: [offer("plan the repair", { kind: "repair" })],
    });
    return false;
  }
  const mended = await mendPair(disk, pair, draft, decisions);
  const active = activeOf(mended);
  if (active !== null) {
    return repairOther(disk, mended, active, draft, decisions);
  }
  if (isConflict(mended)) {
    return chooseHeader(disk, mended, draft, decisions.chosen);
  }
  draft.unrepaired.push({
    problem: "no header is valid, and what was in them is not certain",
    advice: "take a sound copy, or save what can be found",
    actions: CARVE,
  });
  return false;
}

function activeOf(pair: HeaderPair): HeaderSlot | null {
  try {
    return chooseActive(pair);
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}

/** Whether both headers are valid and do not show which is newer. */
const isConflict = (pair: HeaderPair) =>
  pair.every(({ problem }) => problem === null) && activeOf(pair) === null;

const isBroken = ({ problem, blank }: HeaderReading) => problem !== null && !blank;

/** Mends broken headers; the newer one first, so that a store that opens on the way opens as it will afterwards. */
async function mendPair(
  disk: OverlayDisk,
  pair: HeaderPair,
  draft: DraftPlan,
  { key, cipher }: HeaderDecisions,
): Promise<HeaderPair> {
  const mends: MendedHeader[] = [];
  for (const reading of pair) {
    if (!isBroken(reading)) continue;
    draft.findings.push(`header ${reading.slot}: ${reading.problem?.message}`);
    const context = { geometry: geometryOf(disk), other: pair[otherSlot(reading.slot)], key };
    const mend = await run(mendHeader(reading, context), disk, cipher);
    if (mend !== null) mends.push(mend);
  }
  const readings = [...pair] as [HeaderReading, HeaderReading];
  for (const { reading } of mends) readings[reading.slot] = reading;
  if (mends.length === 0) return pair;
  // Two valid headers that do not follow each other can't be opened: better one.
  if (activeOf(readings) === null) return pair;
  const newestFirst = [...mends].sort((a, b) => (b.reading.header.sequence - a.reading.header.sequence) | 0);
  for (const { reading, evidence } of newestFirst) {
    const { commit } = commitWrite(decode(header, reading.bytes), reading.slot, disk.sectorSize);
    await disk.write(commit.offset, commit.bytes);
    await disk.flush();
    const { sequence } = reading.header;
    draft.steps.push({
      kind: "header",
      title: `restore header ${reading.slot} (sequence ${sequence})`,
      evidence,
    });
  }
  return readings;
}

/** The header that is not active: damaged and not mended, or wanted as the one to go on with. */
async function repairOther(
  disk: OverlayDisk,
  pair: HeaderPair,
  active: HeaderSlot,
  draft: DraftPlan,
  { goBack }: HeaderDecisions,
): Promise<boolean> {
  const other = pair[otherSlot(active)];
  const { sequence } = pair[active].header;
  if (!isBroken(other)) {
    if (goBack && other.problem === null) await goBackTo(disk, other, sequence, draft);
    return true;
  }
  if (other.problem?.code === "VMGS_VERSION_UNSUPPORTED" && hasRightChecksum(other)) {
    draft.unrepaired.push({
      problem: `header ${other.slot} has another version, with a right checksum: other software wrote it`,
      advice: "use the software that wrote it; any change by this one overwrites that header",
      actions: [],
    });
    return false;
  }
  if (other.bytes.every((byte) => byte === DISCARDED)) {
    await writeCopy(disk, pair[active], other, sequence);
    draft.steps.push({
      kind: "header",
      title: `write header ${other.slot} anew, as a copy of header ${active} with sequence ${nextSequence(sequence)}`,
      evidence: [
        `header ${other.slot} is filled with 0xff: a change discards a torn header so, and was then interrupted itself`,
        `header ${active} is valid, sequence ${sequence}`,
      ],
    });
    return true;
  }
  const wasNewer = other.header.sequence === nextSequence(sequence);
  const wasOlder = nextSequence(other.header.sequence) === sequence;
  if (wasOlder) {
    await writeCopy(disk, pair[active], other, sequence);
    draft.steps.push({
      kind: "header",
      title: `write header ${other.slot} anew, as a copy of header ${active} with sequence ${nextSequence(sequence)}`,
      evidence: [
        `header ${other.slot} was the older one: it says sequence ${other.header.sequence}, header ${active} is valid and says ${sequence}`,
        "the file table stays where it is; the store is the same with either header",
      ],
    });
    return true;
  }
  const what = wasNewer ? "was the newer one" : "may have been the newer one";
  const evidence = [
    `header ${other.slot} ${what}: it says sequence ${other.header.sequence}, and what it held is not certain`,
    `header ${active} is valid, sequence ${sequence}; a boot uses it already`,
  ];
  const title = `go on with header ${active} (sequence ${sequence}); what header ${other.slot} led to is given up`;
  if (!goBack) {
    draft.choices.push({ decision: GO_BACK, title, evidence, needed: true });
    return false;
  }
  await writeCopy(disk, pair[active], other, sequence);
  draft.steps.push({ kind: "generation", title, evidence });
  return true;
}

function hasRightChecksum({ bytes, header: { checksum } }: HeaderReading): boolean {
  return headerChecksum(bytes) === checksum;
}

/** What a change fills a torn header with, before it writes another over it. */
const DISCARDED = 0xff;

/** Writes a header that leads to the same file table, with the sequence number after `sequence`, over another one. */
async function writeCopy(
  disk: OverlayDisk,
  { bytes }: HeaderReading,
  over: HeaderReading,
  sequence: number,
  change: Partial<Header> = {},
): Promise<void> {
  const value = { ...decode(header, bytes), ...change, sequence: nextSequence(sequence) };
  const { commit } = commitWrite(value, over.slot, disk.sectorSize);
  if (isBroken(over)) {
    // A torn write must not make whole what is left there.
    await disk.write(commit.offset, new Uint8Array(disk.sectorSize).fill(DISCARDED));
    await disk.flush();
  }
  await disk.write(commit.offset, commit.bytes);
  await disk.flush();
}

/** The previous generation, made the current one; the header that was active stays as the previous one. */
async function goBackTo(
  disk: OverlayDisk,
  previous: HeaderReading,
  sequence: number,
  draft: DraftPlan,
): Promise<void> {
  const { slot } = previous;
  try {
    await run(openSteps(disk, "previous"), disk);
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    draft.unrepaired.push({
      problem: `the previous generation can't be opened: ${error.message}`,
      advice: "save what can be found",
      actions: CARVE,
    });
    return;
  }
  await writeCopy(disk, previous, previous, sequence);
  draft.steps.push({
    kind: "generation",
    title: `go back to the previous generation (sequence ${previous.header.sequence}), as sequence ${nextSequence(sequence)}`,
    evidence: [
      `header ${slot} is valid, and its file table can be read`,
      "the current generation stays readable as the previous one, until the next change",
    ],
  });
}

/** Both headers are valid and do not show which is newer. */
async function chooseHeader(
  disk: OverlayDisk,
  pair: HeaderPair,
  draft: DraftPlan,
  chosen: HeaderSlot | undefined,
): Promise<boolean> {
  const [first, second] = pair.map(({ header }) => header.sequence);
  draft.findings.push(`both headers are valid, but sequence ${first} and ${second} do not follow each other`);
  for (const { slot, header } of pair) {
    const title = `go on with header ${slot} (sequence ${header.sequence}, file table at block ${header.fileTableOffset}); the other header is given up`;
    const evidence = ["the headers do not show which is newer: compare the files of both generations"];
    if (chosen === undefined) {
      draft.choices.push({ decision: { kind: "header", slot }, title, evidence, needed: true });
    } else if (chosen === slot) {
      await writeCopy(disk, pair[slot], pair[otherSlot(slot)], header.sequence);
      draft.steps.push({ kind: "generation", title, evidence: ["you chose it"] });
    }
  }
  return chosen !== undefined;
}

/** A copy of the active header with something changed in it; the store opens with either until then. */
export async function changeHeader(
  disk: OverlayDisk,
  [active, other]: readonly [active: HeaderReading, other: HeaderReading],
  change: Partial<Header>,
): Promise<void> {
  await writeCopy(disk, active, other, active.header.sequence, change);
}
