/** Files whose container is broken, as disks all the same: what lies in them may be worth saving. */

import {
  type Container,
  type ContainerOptions,
  checkContainerOptions,
  checkImageFile,
  checkReadInto,
  type Disk,
  detectContainer,
  type ImageFile,
} from "../disk/index.ts";
import { type ErrorCode, isVmgsError, type VmgsError } from "../errors/index.ts";
import { headerOffset, readHeader, type SectorSize } from "../format/index.ts";
import { peek, run, type Steps } from "../steps/index.ts";

/** A disk that may be broken. */
export interface RecoveryDisk extends Disk {
  /** What is wrong with the container, or null; then the file is taken for a raw image, cut to whole sectors. */
  readonly containerProblem: VmgsError | null;
  /** The whole file, a footer included. */
  readonly whole: ImageFile;
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

const SECTOR = 512;
const HEAD_BYTES = 8192;

/**
 * Takes a file for a disk, whatever is wrong with its VHD footer or its length.
 *
 * ```ts
 * const disk = await openForRecovery(blobImage(file));
 * ```
 *
 * @param image the whole file: never a disk, which is without its footer
 * @throws VmgsError VMGS_DISK_EMPTY, VMGS_SECTOR_SIZE, VMGS_OTHER_DISK_FORMAT, and VMGS_DISK_SIZE below one sector
 */
export async function openForRecovery(
  image: ImageFile,
  options: ContainerOptions = {},
): Promise<RecoveryDisk> {
  checkImageFile(image, "image");
  checkContainerOptions(options, "options");
  const { container, problem } = await run(containerForRecovery(image.byteLength, options), image);
  const disk: RecoveryDisk = {
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    containerProblem: problem,
    whole: image,
    async read(offset, into) {
      checkReadInto(disk, offset, into);
      await image.read(offset, into);
    },
  };
  return disk;
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
      footer: null,
      warnings: [],
    };
    return { container, problem: error };
  }
}

/** Told by the second header, where it is valid. */
function sectorSizeOf(head: Uint8Array): SectorSize | undefined {
  return ([512, 4096] as const).find((size) => {
    const at = headerOffset(1, size);
    return head.length >= at + SECTOR && readHeader(head, 1, at).problem === null;
  });
}
