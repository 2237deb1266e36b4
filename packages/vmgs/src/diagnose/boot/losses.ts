/** What is lost when a boot formats the disk. Pure. */

import { FileId, type FileIdName, fileIdName, isSealed, isStoreTable } from "../../format/index.ts";
import { NVRAM_DEVICE } from "../../uefi/index.ts";
import type { V1Examination } from "../../v1/index.ts";
import type { Gathered } from "../evidence/index.ts";

/** A file that is gone when the disk is formatted. */
export interface LostFile {
  readonly id: number;
  /** Its name, or null when the ID has none. */
  readonly name: FileIdName | null;
  /** Bytes of content. */
  readonly bytes: number;
  readonly encrypted: boolean;
}

/** What a version 1 file of Windows holds, and a formatted disk does not. All text is untrusted. */
export interface LostWindowsState {
  /** UEFI variables that can be read. */
  readonly variables: number;
  /** When they were last changed, as the file has it, or null. */
  readonly lastUpdateTime: string | null;
  /** Devices other than the firmware, with the names of their states. */
  readonly devices: readonly {
    readonly id: string;
    /** `Type` of the device, or null. */
    readonly type: string | null;
    readonly states: readonly string[];
  }[];
}

/** What is gone when a disk is formatted. */
export interface Losses {
  /** In ascending ID. Of a store that does not open, what its old tables list. */
  readonly files: readonly LostFile[];
  /** Of a version 1 file with a copy of the data that can be read: the current one where possible; else null. */
  readonly windows: LostWindowsState | null;
  /** False when there may be more: the store does not open, and not all of it can be listed. */
  readonly complete: boolean;
}

/** Lists what a disk holds: files of a store, or the state in a version 1 file. */
export function lossesOf({ container, store }: Gathered, v1: V1Examination | null): Losses {
  const windows = v1 && windowsState(v1);
  if (v1 !== null && windows !== null) return { files: [], windows, complete: isAllRead(v1) };
  const state = store?.state ?? null;
  const tables = state === null ? (store?.tables ?? []).map(({ files }) => files) : [state.files];
  const files = new Map<number, LostFile>();
  for (const { fileId, byteLength, attributes } of tables.flatMap((table) => [...table.values()])) {
    const own = isStoreTable(fileId);
    if (own || files.has(fileId)) continue;
    files.set(fileId, {
      id: fileId,
      name: fileIdName(fileId),
      bytes: byteLength,
      encrypted: isSealed(attributes),
    });
  }
  const isBlank = store?.error?.code === "VMGS_EMPTY_STORE" && store.firstDataAt === null;
  return {
    files: [...files.values()].sort((a, b) => a.id - b.id),
    windows: null,
    complete: state !== null || isBlank || container.firstByteAt === null,
  };
}

function windowsState({ copies }: V1Examination): LostWindowsState | null {
  const readable = copies.find(({ data }) => data !== null);
  if (!readable?.data || !readable.variables) return null;
  const { list, lastUpdateTime } = readable.variables;
  const devices = readable.data.devices
    .filter(({ id }) => id !== NVRAM_DEVICE)
    .map(({ id, type, states }) => ({ id, type, states: states.map(({ name }) => name) }));
  return { variables: list.variables.length, lastUpdateTime, devices };
}

/** True when the current copy was read without a problem. */
function isAllRead({ copies: [current] }: V1Examination): boolean {
  const problems = [...(current?.data?.problems ?? []), ...(current?.variables?.list.problems ?? [])];
  return current?.error === null && problems.length === 0;
}

/** Whether something of value is lost; the marker is not: a format writes another one. */
export function losesData({ files, windows, complete }: Losses): boolean {
  return !complete || windows !== null || files.some(({ id }) => id !== FileId.PROVISIONING_MARKER);
}
