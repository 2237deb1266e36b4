/** A version 1 file that is open for reading. */

import { oneOf, optionsOf } from "../arguments/index.ts";
import {
  type Container,
  checkDisk,
  checkSyncDisk,
  type Disk,
  type DiskInfo,
  type SyncDisk,
} from "../disk/index.ts";
import { run, runSync, type Steps } from "../steps/index.ts";
import type { VariableList } from "../uefi/index.ts";
import { readV1Copy, surveyV1, type V1Copy, type V1Generation, type V1Layout, v1LayoutOf } from "./survey.ts";
import { readV1Variables } from "./variables.ts";

/** How a version 1 file is opened. */
export interface V1OpenOptions {
  /** Which copy of the data; `current` by default. */
  readonly generation?: V1Generation;
}

/** A version 1 file whose data was read. */
export interface V1File {
  readonly container: Container;
  readonly layout: V1Layout;
  readonly copy: V1Copy;
  /** Ordered by vendor, then name. */
  readonly variables: VariableList;
  /** `LastUpdateTime` of the variables as it stands, or null. Untrusted. */
  readonly lastUpdateTime: string | null;
}

/**
 * Reads the copy of the generation that is asked for.
 *
 * @internal
 */
export function* openV1Steps(disk: DiskInfo, { generation = "current" }: V1OpenOptions): Steps<V1File> {
  const layout = v1LayoutOf(yield* surveyV1(disk.byteLength));
  const copy = yield* readV1Copy(layout, generation);
  const { list, lastUpdateTime } = readV1Variables(copy.data);
  return { container: disk.container, layout, copy, variables: list, lastUpdateTime };
}

const checkOptions = optionsOf({ generation: oneOf(["current", "previous"]) });

/**
 * Opens a version 1 file for reading.
 *
 * ```ts
 * const { variables, lastUpdateTime } = await openV1(openMemoryDisk(image));
 * ```
 *
 * @throws VmgsError VMGS_V1_GPT, VMGS_V1_NO_PARTITION, VMGS_V1_NO_VALID_HEADER, VMGS_VERSION_UNSUPPORTED,
 * VMGS_V1_LOCATOR, VMGS_V1_CUT, VMGS_V1_DATA, VMGS_V1_JSON
 */
export async function openV1(disk: Disk, options: V1OpenOptions = {}): Promise<V1File> {
  checkDisk(disk, "disk");
  checkOptions(options, "options");
  return run(openV1Steps(disk, options), disk);
}

/**
 * The same, without waiting.
 *
 * @throws VmgsError as `openV1`
 */
export function openV1Sync(disk: SyncDisk, options: V1OpenOptions = {}): V1File {
  checkSyncDisk(disk, "disk");
  checkOptions(options, "options");
  return runSync(openV1Steps(disk, options), disk);
}
