/** What a file is, before it is a disk: a fixed VHD, a raw image, or something that must be named and refused. */

import { type Check, checkNumber, checkWhole, oneOf, optionsOf } from "../arguments/index.ts";
import { VmgsError, type Warning } from "../errors/index.ts";
import {
  type HeaderSlot,
  hasVhdCookie,
  headerOffset,
  isValidHeader,
  notFixed,
  type SectorSize,
  VHD_FOOTER_SIZE,
  VhdDiskType,
  vhdDiskBytes,
} from "../format/index.ts";
import { kept, peek, readInto, type Steps } from "../steps/index.ts";
import { foreignFormatOf, hasMagic } from "./foreign-format.ts";

/** The file around a store. */
export interface Container {
  readonly kind: "vhd" | "raw";
  /** Bytes of the whole file. */
  readonly fileBytes: number;
  /** Bytes of the disk inside, without the footer. */
  readonly diskBytes: number;
  readonly sectorSize: SectorSize;
  /** False when the sector size of a raw image had to be assumed. */
  readonly sectorSizeKnown: boolean;
  /** The 512 bytes of the footer (`vhdFooter`), or null where there is none. */
  readonly footerBytes: Uint8Array | null;
  readonly warnings: readonly Warning[];
  /** What the file was taken out of, outermost first, such as `gzip` or `tar`; omitted for a file that lies as it is. */
  readonly wrapping?: readonly string[];
}

/** How a file is taken for a disk. */
export interface ContainerOptions {
  /** `auto` (default) looks for a footer, and takes a file without one for raw when it has a valid header. */
  readonly container?: "auto" | "vhd" | "raw";
  /** Bytes; only needed for raw images with 4096-byte sectors that were written once. */
  readonly sectorSize?: SectorSize;
}

/** The checks of `ContainerOptions`, for options that extend them. */
export const containerOptionChecks = {
  container: oneOf(["auto", "vhd", "raw"]),
  // One that no disk has is refused as such, by what looks at the file.
  sectorSize: checkNumber,
};

export const checkContainerOptions: Check = optionsOf(containerOptionChecks);

const HEAD_BYTES = 8192;

/** The first bytes of a GPT header: what is in it is a version 1 file. */
const GPT_SIGNATURE = "EFI PART";

/**
 * Finds out what a file of `fileBytes` bytes is.
 *
 * @throws VmgsError VMGS_DISK_EMPTY, VMGS_DISK_SIZE, VMGS_SECTOR_SIZE, VMGS_VHD_FOOTER_MISSING,
 * VMGS_OTHER_DISK_FORMAT, and what `readVhdFooter` throws.
 */
export function* detectContainer(fileBytes: number, options: ContainerOptions = {}): Steps<Container> {
  checkWhole(fileBytes, "fileBytes");
  checkContainerOptions(options, "options");
  const { container = "auto", sectorSize } = options;
  const wrongSize = judgeSizes(fileBytes, sectorSize);
  if (wrongSize !== undefined) {
    // A packed store is rarely a multiple of 512 bytes long; what it is says more than its length.
    if (container !== "raw") refuseOtherFormats(yield* peek(0, Math.min(HEAD_BYTES, fileBytes)));
    throw wrongSize;
  }
  let endsAsStore = false;
  if (container !== "raw") {
    const footerBytes = kept(VHD_FOOTER_SIZE);
    yield readInto(fileBytes - VHD_FOOTER_SIZE, footerBytes);
    if (hasVhdCookie(footerBytes)) return asVhd(footerBytes, fileBytes, sectorSize);
    // A version 1 file has a second GPT header in its last block, which may be the only one left.
    endsAsStore = hasMagic(footerBytes, GPT_SIGNATURE);
  }
  return yield* detectRaw(fileBytes, container, sectorSize, endsAsStore);
}

function* detectRaw(
  fileBytes: number,
  container: "auto" | "vhd" | "raw",
  sectorSize: SectorSize | undefined,
  endsAsStore: boolean,
): Steps<Container> {
  const head = yield* peek(0, Math.min(HEAD_BYTES, fileBytes));
  const found = findSectorSize(head);
  if (container !== "raw") refuseOtherFormats(head);
  const store = found !== undefined || endsAsStore || looksLikeStore(head);
  if (container === "vhd" || (container === "auto" && !store)) {
    throw new VmgsError("VMGS_VHD_FOOTER_MISSING", "the file does not end with a VHD footer", {
      offset: fileBytes - VHD_FOOTER_SIZE,
    });
  }
  // The GPT of a version 1 file lies where disks of 512-byte sectors have it.
  const gptSectorSize = endsAsStore || startsAsGpt(head) ? 512 : undefined;
  return asRaw(fileBytes, sectorSize, found ?? gptSectorSize, container === "auto");
}

/** @throws VmgsError VMGS_SECTOR_SIZE, VMGS_DISK_EMPTY; a length that no disk has is returned. */
function judgeSizes(fileBytes: number, sectorSize: number | undefined): VmgsError | undefined {
  if (sectorSize !== undefined && sectorSize !== 512 && sectorSize !== 4096) {
    throw new VmgsError("VMGS_SECTOR_SIZE", `sector size ${sectorSize} is neither 512 nor 4096`);
  }
  if (fileBytes === 0) throw new VmgsError("VMGS_DISK_EMPTY", "the file has 0 bytes", { bytes: 0 });
  const unit = sectorSize ?? 512;
  if (fileBytes >= VHD_FOOTER_SIZE && fileBytes % 512 === 0) return undefined;
  const message = `the file has ${fileBytes} bytes, which is not a multiple of ${unit}`;
  return new VmgsError("VMGS_DISK_SIZE", message, { bytes: fileBytes });
}

function asVhd(footerBytes: Uint8Array, fileBytes: number, sectorSize: SectorSize | undefined): Container {
  const diskBytes = vhdDiskBytes(footerBytes, fileBytes);
  if (sectorSize === 4096) {
    // Others would look for the second header at byte 512, and follow an old one.
    throw new VmgsError("VMGS_SECTOR_SIZE", "a fixed VHD has sectors of 512 bytes, not of 4096");
  }
  return {
    kind: "vhd",
    fileBytes,
    diskBytes,
    sectorSize: 512,
    sectorSizeKnown: true,
    footerBytes,
    warnings: [],
  };
}

function asRaw(
  fileBytes: number,
  asked: SectorSize | undefined,
  found: SectorSize | undefined,
  unasked: boolean,
): Container {
  const sectorSize = asked ?? found ?? 512;
  if (fileBytes % sectorSize !== 0) {
    const message = `the file has ${fileBytes} bytes, which is not a multiple of ${sectorSize}`;
    throw new VmgsError("VMGS_DISK_SIZE", message, { bytes: fileBytes });
  }
  const sectorSizeKnown = asked !== undefined || found !== undefined;
  const warnings: Warning[] = [];
  if (unasked) {
    warnings.push({
      code: "VMGS_RAW_WITHOUT_FOOTER",
      message: "no VHD footer at the end; read as a raw image",
    });
  }
  if (!sectorSizeKnown) {
    warnings.push({ code: "VMGS_SECTOR_SIZE_ASSUMED", message: "sector size unknown; 512 bytes assumed" });
  }
  return {
    kind: "raw",
    fileBytes,
    diskBytes: fileBytes,
    sectorSize,
    sectorSizeKnown,
    footerBytes: null,
    warnings,
  };
}

/** Only the second header shows the sector size: it lies one sector after the first. */
function findSectorSize(head: Uint8Array): SectorSize | undefined {
  return ([512, 4096] as const).find((size) => hasValidHeader(head, 1, size));
}

/** A first header, valid, or the GPT of a version 1 store: raw images that the store can say more about. */
function looksLikeStore(head: Uint8Array): boolean {
  return hasValidHeader(head, 0, 512) || startsAsGpt(head);
}

function startsAsGpt(head: Uint8Array): boolean {
  return hasMagic(head, GPT_SIGNATURE, 512);
}

function hasValidHeader(head: Uint8Array, slot: HeaderSlot, sectorSize: SectorSize): boolean {
  return isValidHeader(head, headerOffset(slot, sectorSize));
}

function refuseOtherFormats(head: Uint8Array): void {
  if (hasVhdCookie(head)) throw notFixed(VhdDiskType.dynamic, 0);
  const foreign = foreignFormatOf(head);
  if (foreign === null) return;
  throw new VmgsError("VMGS_OTHER_DISK_FORMAT", `the file is ${foreign}, not a fixed VHD`, { offset: 0 });
}
