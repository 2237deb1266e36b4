/** All that is read of a file, in one go. */

import type { ContainerOptions } from "../../disk/index.ts";
import type { VmgsError } from "../../errors/index.ts";
import { BLOCK_SIZE, FileId, isAllZero } from "../../format/index.ts";
import type { Secret } from "../../secret/index.ts";
import { read, type Steps } from "../../steps/index.ts";
import { isEncrypted, type MarkerLocation, type StoreState } from "../../store/index.ts";
import { readMarkerSteps } from "../../store/rooms.ts";
import { type ContainerEvidence, gatherContainer } from "./container.ts";
import { type FileEvidence, gatherFiles } from "./files.ts";
import { attempt, gatherStore, type StoreEvidence } from "./store.ts";

/** What was read of a file. */
export interface Gathered {
  readonly container: ContainerEvidence;
  /** Null when there is no disk to look at. */
  readonly store: StoreEvidence | null;
  /** Files of the store; empty when it does not open. */
  readonly files: readonly FileEvidence[];
  /** The marker, or null when there is none or it can't be read. */
  readonly marker: MarkerLocation | null;
  readonly markerError: VmgsError | null;
  /** Whether the extended file table of a plain store has other bytes than zeros. */
  readonly extendedTableInUse: boolean;
}

export interface GatherOptions extends ContainerOptions {
  readonly key: Secret | null;
  /** Files that are read. Default: all. */
  readonly only?: readonly number[];
}

/**
 * Reads what can be read of a file of `fileBytes` bytes. What is wrong with it is part of the answer.
 *
 * @throws VmgsError VMGS_SECTOR_SIZE when the options ask for what the file can't have; VMGS_IO when it can't be read
 */
export function* gather(fileBytes: number, options: GatherOptions): Steps<Gathered> {
  const { key, only, ...containerOptions } = options;
  const container = yield* gatherContainer(fileBytes, containerOptions);
  const { disk, validHeaders } = container;
  const store = disk && (yield* gatherStore(disk, { key, validHeaders }));
  const state = store?.state ?? null;
  if (state === null) {
    const nothing = {
      files: [],
      marker: null,
      markerError: null,
      extendedTableInUse: false,
    };
    return { container, store, ...nothing };
  }
  const marker = yield* attempt(readMarkerSteps(state));
  const files = yield* gatherFiles(state, only && { only });
  return {
    container,
    store,
    files,
    marker: marker.value,
    markerError: marker.error,
    extendedTableInUse: yield* isExtendedTableInUse(state),
  };
}

function* isExtendedTableInUse(state: StoreState): Steps<boolean> {
  const record = state.files.get(FileId.EXTENDED_FILE_TABLE);
  if (record === undefined || isEncrypted(state)) return false;
  const { value } = yield* attempt(read(record.block * BLOCK_SIZE, BLOCK_SIZE));
  return value !== null && !isAllZero(value);
}
