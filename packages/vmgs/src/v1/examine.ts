/** Both copies of a version 1 file side by side, sound or not: what a report, the doctor and the history are made from. */

import { having } from "../arguments/index.ts";
import { checkDisk, type Disk } from "../disk/index.ts";
import { isVmgsError, type VmgsError } from "../errors/index.ts";
import { hexNumber } from "../layout/index.ts";
import { run, type Steps } from "../steps/index.ts";
import type { VariableList } from "../uefi/index.ts";
import { checkV1Data, type V1Data, type V1DataProblem } from "./data.ts";
import type { V1HeaderOrder, V1HeaderReading, V1Index } from "./header.ts";
import type { GuestStatePartition } from "./read-gpt.ts";
import {
  readV1Copy,
  surveyV1,
  type V1CopyPlace,
  type V1Generation,
  type V1Layout,
  type V1Survey,
  v1CopyOffset,
  v1CopyPlace,
  v1LayoutOf,
} from "./survey.ts";
import { readV1Variables, type V1Variables } from "./variables.ts";

/** One copy of the data, or why it can't be read. */
export interface V1CopyReading extends V1CopyPlace {
  readonly generation: V1Generation;
  readonly data: V1Data | null;
  readonly variables: V1Variables | null;
  readonly error: VmgsError | null;
}

/** All that can be read of a version 1 file. */
export interface V1Examination {
  readonly survey: V1Survey;
  /** The current copy, then the other; none when no header counts. */
  readonly copies: readonly V1CopyReading[];
  /** Why the current copy can't be read, or null. */
  readonly error: VmgsError | null;
}

/**
 * Reads GPT, headers and both copies. Damage is described, not thrown. For rooms of this library, which run steps.
 *
 * @internal
 */
export function* examineV1(diskBytes: number): Steps<V1Examination> {
  const survey = yield* surveyV1(diskBytes);
  if (survey.active === null) return { survey, copies: [], error: survey.error };
  const layout = v1LayoutOf(survey);
  const current = yield* readCopy(layout, "current");
  const previous = yield* readCopy(layout, "previous");
  return { survey, copies: [current, previous], error: current.error };
}

function* readCopy(layout: V1Layout, generation: V1Generation): Steps<V1CopyReading> {
  const place = { ...v1CopyPlace(layout, generation), generation };
  try {
    const { data } = yield* readV1Copy(layout, generation);
    return { ...place, data, variables: readV1Variables(data), error: null };
  } catch (error) {
    if (!isVmgsError(error) || error.code === "VMGS_IO") throw error;
    return { ...place, data: null, variables: null, error };
  }
}

/** Reads GPT, headers and both copies of a disk. */
export async function examineV1File(disk: Disk): Promise<V1Examination> {
  checkDisk(disk, "disk");
  return run(examineV1(disk.byteLength), disk);
}

/** A copy of the GPT in a report. */
export interface InspectedGptCopy {
  readonly block: number;
  /** Why it can't be used, or null. */
  readonly problem: string | null;
}

/** A header in a report. */
export interface InspectedV1Header {
  readonly slot: V1Index;
  readonly valid: boolean;
  /** Why it is not valid, or null. */
  readonly error: string | null;
  readonly blank: boolean;
  readonly sequence: number;
  /** `1.0` */
  readonly version: string;
  /** Eight hex digits. */
  readonly checksum: string;
  readonly activeIndex: number;
  readonly locators: readonly InspectedV1Locator[];
}

/** A locator in a report: blocks of the partition, bytes of data. A number beyond 2^53 is decimal text. */
export interface InspectedV1Locator {
  readonly firstBlock: number | string;
  readonly blocks: number | string;
  readonly dataSize: number;
}

/** A copy of the data in a report. */
export interface InspectedV1Copy {
  readonly generation: V1Generation;
  /** Which locator leads to it. */
  readonly index: V1Index;
  readonly bytes: number;
  /** Bytes from the start of the disk; null where the locator can't be followed. */
  readonly offset: number | null;
  /** Version of the data, `1.0`, or null. Untrusted. */
  readonly version: string | null;
  /** Null when the copy can't be read. All text is untrusted. */
  readonly devices: readonly InspectedV1Device[] | null;
  /** UEFI variables in it. */
  readonly variables: number | null;
  /** As it stands, or null. Untrusted. */
  readonly lastUpdateTime: string | null;
  readonly problems: readonly V1DataProblem[];
  readonly error: VmgsError | null;
}

/** A device in a report. Text is untrusted. */
export interface InspectedV1Device {
  readonly id: string;
  readonly type: string | null;
  readonly version: string | null;
  /** States with the UTF-16 units that their JSON takes. */
  readonly states: readonly { readonly name: string; readonly characters: number }[];
}

/** A report about a version 1 file. Each part is null when it could not be read. */
export interface V1Inspection {
  readonly gpt: {
    readonly primary: InspectedGptCopy;
    readonly backup: InspectedGptCopy;
    readonly differ: boolean;
    /** Number of partitions; null when no copy can be used. */
    readonly partitions: number | null;
  };
  readonly partition: GuestStatePartition | null;
  readonly headers: readonly InspectedV1Header[] | null;
  /** Slot of the header that counts. */
  readonly active: V1Index | null;
  readonly order: V1HeaderOrder | null;
  readonly copies: readonly InspectedV1Copy[];
  readonly error: VmgsError | null;
}

/** Reports on a version 1 file. Problems of the file are part of the answer, not thrown. */
export async function inspectV1(disk: Disk): Promise<V1Inspection> {
  return describeV1(await examineV1File(disk));
}

const checkExamination = having("survey", "copies");

/** The report of an examination. */
export function describeV1(examination: V1Examination): V1Inspection {
  checkExamination(examination, "examination");
  const { survey, copies, error } = examination;
  const { gpt, headers, active } = survey;
  const { primary, backup, differ, followed, partition } = gpt;
  const copyOfGpt = ({ block, problem }: typeof primary) => ({ block, problem });
  return {
    gpt: {
      primary: copyOfGpt(primary),
      backup: copyOfGpt(backup),
      differ,
      partitions: followed?.entries.length ?? null,
    },
    partition,
    headers: headers?.map(describeHeader) ?? null,
    active: active?.slot ?? null,
    order: active?.order ?? null,
    copies: copies.map((copy) => describeCopy(copy, survey)),
    error,
  };
}

function describeHeader({ slot, header, blank, problem }: V1HeaderReading): InspectedV1Header {
  const { version, checksum, sequence, activeIndex, locators } = header;
  return {
    slot,
    valid: problem === null,
    error: problem?.message ?? null,
    blank,
    sequence,
    version: `${version >>> 16}.${version & 0xffff}`,
    checksum: hexNumber(checksum, 8).slice(2),
    activeIndex,
    locators: locators.map(({ firstBlock, blocks, dataSize }) => {
      return { firstBlock: narrow(firstBlock), blocks: narrow(blocks), dataSize };
    }),
  };
}

const narrow = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);

function describeCopy(copy: V1CopyReading, survey: V1Survey): InspectedV1Copy {
  const { generation, index, locator, data, variables, error } = copy;
  return {
    generation,
    index,
    bytes: locator.dataSize,
    offset: error?.code === "VMGS_V1_LOCATOR" ? null : v1CopyOffset(v1LayoutOf(survey), locator),
    version: data?.version ?? null,
    devices:
      data?.devices.map(({ id, type, version, states }) => {
        const sizes = states.map(({ name, place }) => ({ name, characters: place.end - place.start }));
        return { id, type, version, states: sizes };
      }) ?? null,
    variables: variables?.list.variables.length ?? null,
    lastUpdateTime: variables?.lastUpdateTime ?? null,
    problems: data?.problems ?? [],
    error,
  };
}

/** A state of one copy that differs from that of another. */
export interface V1StateChange {
  readonly kind: "added" | "removed" | "changed";
  /** Untrusted. */
  readonly device: string;
  /** Untrusted. */
  readonly state: string;
}

/** What became of the states of devices, the variables of the firmware among them, from one copy to another. */
export function compareV1States(before: V1Data, after: V1Data): V1StateChange[] {
  checkV1Data(before, "before");
  checkV1Data(after, "after");
  const [old, now] = [before, after].map(({ devices, text }) => {
    return new Map(
      devices.flatMap(({ id, states }) =>
        states.map(({ name, place }): [string, { device: string; state: string; text: string }] => [
          JSON.stringify([id, name]),
          { device: id, state: name, text: text.slice(place.start, place.end) },
        ]),
      ),
    );
  }) as [Map<string, StateText>, Map<string, StateText>];
  const changes: V1StateChange[] = [];
  for (const [key, { device, state, text }] of now) {
    const was = old.get(key);
    if (was === undefined) changes.push({ kind: "added", device, state });
    else if (was.text !== text) changes.push({ kind: "changed", device, state });
  }
  for (const [key, { device, state }] of old) {
    if (!now.has(key)) changes.push({ kind: "removed", device, state });
  }
  return changes;
}

interface StateText {
  readonly device: string;
  readonly state: string;
  readonly text: string;
}

/** Lists of both copies, where both can be read. */
export function v1Lists(examination: V1Examination): readonly [VariableList, VariableList] | null {
  checkExamination(examination, "examination");
  const [current, previous] = examination.copies;
  if (!current?.variables || !previous?.variables) return null;
  return [previous.variables.list, current.variables.list];
}
