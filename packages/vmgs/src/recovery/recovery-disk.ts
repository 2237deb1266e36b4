/** Files whose container is broken, as disks all the same: what lies in them may be worth saving. */

import { optionsOf } from "../arguments/index.ts";
import {
  type Container,
  type ContainerOptions,
  containerOptionChecks,
  type Disk,
  detectContainer,
  diskOver,
} from "../disk/index.ts";
import { type ErrorCode, isVmgsError, type VmgsError } from "../errors/index.ts";
import { headerOffset, isValidHeader, type SectorSize } from "../format/index.ts";
import { type ByteSource, checkByteSource } from "../source/index.ts";
import { peek, type RunOptions, run, runOptionChecks, type Steps } from "../steps/index.ts";

/** A disk that may be broken. */
export interface RecoveryDisk extends Disk {
  /** What is wrong with the container, or null; then the file is taken for a raw image, cut to whole sectors. */
  readonly containerProblem: VmgsError | null;
  /** The whole file, a footer included. */
  readonly whole: ByteSource;
}

/** Faults of a container that leave the blocks in their places. */
const LENIENT: readonly ErrorCode[] = [
  "VMGS_DISK_SIZE",
  "VMGS_VHD_FOOTER_MISSING",
  "VMGS_VHD_CHECKSUM",
  "VMGS_VHD_VERSION",
  "VMGS_VHD_NOT_FIXED",
  "VMGS_VHD_SIZE",
];

const checkRecoveryOptions = optionsOf({ ...containerOptionChecks, ...runOptionChecks });

const SECTOR = 512;
const HEAD_BYTES = 8192;

/**
 * Takes a file for a disk, whatever is wrong with its VHD footer or its length.
 *
 * ```ts
 * const disk = await openForRecovery(blobSource(file));
 * ```
 *
 * @param source the whole file: never a disk, which is without its footer
 * @throws VmgsError VMGS_DISK_EMPTY, VMGS_SECTOR_SIZE, VMGS_OTHER_DISK_FORMAT, and VMGS_DISK_SIZE below one sector
 */
export async function openForRecovery(
  source: ByteSource,
  options: ContainerOptions & RunOptions = {},
): Promise<RecoveryDisk> {
  checkByteSource(source, "source");
  checkRecoveryOptions(options, "options");
  const { container, problem } = await run(
    containerForRecovery(source.byteLength, options),
    source,
    undefined,
    options,
  );
  return { ...diskOver(source, container), containerProblem: problem, whole: source };
}

function* containerForRecovery(
  fileBytes: number,
  options: ContainerOptions,
): Steps<{ container: Container; problem: VmgsError | null }> {
  try {
    return { container: yield* detectContainer(fileBytes, options), problem: null };
  } catch (error) {
    if (!isVmgsError(error, ...LENIENT) || fileBytes < SECTOR) throw error;
    const head = yield* peek(0, Math.min(HEAD_BYTES, fileBytes));
    const found = sectorSizeOf(head);
    const sectorSize = options.sectorSize ?? found ?? SECTOR;
    const container: Container = {
      kind: "raw",
      fileBytes,
      diskBytes: fileBytes - (fileBytes % sectorSize),
      sectorSize,
      sectorSizeKnown: options.sectorSize !== undefined || found !== undefined,
      footerBytes: null,
      warnings: [],
    };
    return { container, problem: error };
  }
}

/** Shown by the second header, where that is valid. */
function sectorSizeOf(head: Uint8Array): SectorSize | undefined {
  return ([512, 4096] as const).find((size) => isValidHeader(head, headerOffset(1, size)));
}
