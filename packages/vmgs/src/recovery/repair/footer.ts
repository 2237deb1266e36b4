/** Restoring a VHD footer: only what follows from the rest of it, or from the length of the file (spec: the disk file). */

import { type OfferedAction, offer } from "../../action/index.ts";
import type { ContainerOptions } from "../../disk/index.ts";
import {
  BLOCK_SIZE,
  encodeVhdFooter,
  headerOffset,
  isValidHeader,
  makeVhdFooter,
  resizedVhdFooter,
  VHD_COOKIE,
  VHD_FOOTER_SIZE,
  VhdDiskType,
  type VhdFooter,
  vhdChecksum,
  vhdFooter,
} from "../../format/index.ts";
import { decode, hexNumber } from "../../layout/index.ts";
import { read, type Steps } from "../../steps/index.ts";

/** A footer to write. */
export interface FooterRepair {
  readonly kind: "repair";
  /** Bytes from the start of the file; also the size of the disk. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly finding: string;
  readonly title: string;
  readonly evidence: readonly string[];
}

/** No footer, and no sign that there should be one. */
export interface FooterOffer {
  readonly kind: "offer";
  readonly note: string;
}

/** Why a footer can't be restored. */
export interface FooterLoss {
  readonly kind: "loss";
  readonly problem: string;
  readonly advice: string;
  readonly actions: readonly OfferedAction[];
}

const VERSION_1_0 = 0x0001_0000;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const HEAD_BYTES = 8192;

/** Judges the end of a file whose footer is not sound; null when it is a VHD with a sound footer. */
export function* judgeFooter(
  fileBytes: number,
  { container = "auto" }: ContainerOptions,
): Steps<FooterRepair | FooterOffer | FooterLoss | null> {
  if (container === "raw" || fileBytes < VHD_FOOTER_SIZE) return null;
  const rest = fileBytes % VHD_FOOTER_SIZE;
  if (rest > 0) return judgeCut(yield* read(fileBytes - rest, rest), fileBytes - rest);
  const room = fileBytes - VHD_FOOTER_SIZE;
  const last = yield* read(room, VHD_FOOTER_SIZE);
  const footer = decode(vhdFooter, last);
  const wrong = wrongFields(footer);
  const isRightSize = footer.currentSize <= BigInt(room) && footer.currentSize % 512n === 0n;
  if (wrong.length === 0 && isRightSize && footer.checksum === vhdChecksum(last)) return null;
  const hasHeader = yield* hasStoreHeader(fileBytes);
  // Most of its fixed fields are right: it is a footer, with something wrong in it.
  if (wrong.length <= 1) return mendFooter(last, footer, room, wrong);
  return missingFooter(fileBytes, hasHeader, container === "vhd");
}

interface WrongField {
  readonly name: "cookie" | "formatVersion" | "dataOffset" | "diskType";
  readonly words: string;
}

/** The fixed fields that do not have their one value. */
function wrongFields({ cookie, formatVersion, dataOffset, diskType }: VhdFooter): WrongField[] {
  const wrong: WrongField[] = [];
  if (cookie !== VHD_COOKIE) wrong.push({ name: "cookie", words: "the cookie is wrong" });
  if (formatVersion !== VERSION_1_0) {
    wrong.push({ name: "formatVersion", words: `the format version is ${hexNumber(formatVersion, 8)}` });
  }
  if (dataOffset !== ALL_ONES) wrong.push({ name: "dataOffset", words: "the data offset is not all ones" });
  if (diskType !== VhdDiskType.fixed) {
    wrong.push({ name: "diskType", words: `the disk type is ${diskType}, not 2 (fixed)` });
  }
  return wrong;
}

function mendFooter(
  last: Uint8Array,
  footer: VhdFooter,
  room: number,
  wrong: readonly WrongField[],
): FooterRepair | FooterLoss | null {
  const evidence: string[] = [];
  const findings = wrong.map(({ words }) => words);
  const { currentSize, originalSize } = footer;
  let size = Number(currentSize);
  const isRightSize = currentSize <= BigInt(room) && currentSize % 512n === 0n;
  if (!isRightSize) {
    findings.push(`the size is ${currentSize} bytes, the file holds ${room} before the footer`);
    if (originalSize !== BigInt(room)) return cutStore(room, currentSize);
    size = room;
    evidence.push(`the original size is ${room}, as many bytes as lie before the footer`);
  }
  const mended = resizedVhdFooter(
    {
      ...footer,
      cookie: VHD_COOKIE,
      formatVersion: VERSION_1_0,
      dataOffset: ALL_ONES,
      diskType: VhdDiskType.fixed,
    },
    size,
  );
  const bytes = encodeVhdFooter({ ...mended, ...geometryOf(footer, isRightSize, mended) });
  const same = decode(vhdFooter, bytes).checksum === footer.checksum;
  if (vhdChecksum(last) !== footer.checksum) findings.push("the checksum is wrong");
  for (const { name } of wrong)
    evidence.push(`every other fixed field is right; ${name} has only one value in a fixed VHD`);
  if (same) evidence.push("with that put right, its checksum matches");
  else evidence.push("its fixed fields and its size are right; the checksum is calculated anew");
  if (Number(currentSize) === room) evidence.push(`its size is what lies before it: ${room} bytes`);
  return {
    kind: "repair",
    offset: room,
    bytes,
    finding: `VHD footer: ${findings.join(", ")}`,
    title: "restore the VHD footer",
    evidence,
  };
}

/** Writers fill the geometry or leave it zero; it is only made anew with the size. */
function geometryOf(
  { cylinders, heads, sectorsPerTrack }: VhdFooter,
  isRightSize: boolean,
  mended: VhdFooter,
): Pick<VhdFooter, "cylinders" | "heads" | "sectorsPerTrack"> {
  const wasSet = cylinders !== 0 || heads !== 0 || sectorsPerTrack !== 0;
  return isRightSize || !wasSet ? { cylinders, heads, sectorsPerTrack } : mended;
}

const SAVE_REMAINS = offer("save what can be found", { kind: "carve", container: { kind: "raw" } });

function cutStore(room: number, claimed: bigint): FooterLoss {
  const missing = claimed > BigInt(room) ? `; ${claimed - BigInt(room)} bytes are missing` : "";
  return {
    kind: "loss",
    problem: `the disk size in the VHD footer is ${claimed} bytes, but the file holds ${room}${missing}`,
    advice: "use an undamaged copy, or save the files from what is left of the store",
    actions: [SAVE_REMAINS],
  };
}

/** A file that ends within its footer. */
function judgeCut(part: Uint8Array, offset: number): FooterRepair | FooterLoss {
  const bytes = new Uint8Array(VHD_FOOTER_SIZE);
  bytes.set(part);
  const footer = decode(vhdFooter, bytes);
  const isWhole =
    wrongFields(footer).length === 0 &&
    footer.checksum === vhdChecksum(bytes) &&
    footer.currentSize === BigInt(offset);
  if (!isWhole) {
    return {
      kind: "loss",
      problem: `the file has ${offset + part.length} bytes, no multiple of 512, and does not end within a VHD footer`,
      advice: "the file was cut or is something else: take a sound copy, or save what can be found",
      actions: [offer("save what can be found", { kind: "carve" })],
    };
  }
  return {
    kind: "repair",
    offset,
    bytes,
    finding: `the file ends ${VHD_FOOTER_SIZE - part.length} bytes before the end of its VHD footer`,
    title: "complete the VHD footer with zeros",
    evidence: [
      `the last ${part.length} bytes begin a footer for a disk of ${offset} bytes, which is what lies before them`,
      "with zeros after them, as every footer ends, its checksum matches",
    ],
  };
}

/** No footer at all: it was cut off, or the sector after the last whole block was overwritten. */
function missingFooter(
  fileBytes: number,
  hasHeader: boolean,
  wanted: boolean,
): FooterRepair | FooterOffer | FooterLoss {
  const behind = fileBytes % BLOCK_SIZE;
  const problem = "the file has no VHD footer";
  if (!hasHeader) {
    return {
      kind: "loss",
      problem: `${problem}, and no valid header says that it is a store`,
      advice: "if it is a store whose headers are damaged, treat it as a raw image",
      actions: [
        offer("plan the repair of a raw image", { kind: "repair", container: { kind: "raw" } }),
        SAVE_REMAINS,
      ],
    };
  }
  if (behind !== 0 && behind !== VHD_FOOTER_SIZE) {
    return {
      kind: "loss",
      problem: `${problem}, and its ${fileBytes} bytes are not whole blocks`,
      advice: "the file was cut: take a sound copy, or save what can be found",
      actions: [SAVE_REMAINS],
    };
  }
  if (behind === 0 && !wanted) {
    const note =
      "it has no VHD footer and is read as a raw image; if it is meant to be a VHD, plan the repair of a VHD";
    return { kind: "offer", note };
  }
  const offset = fileBytes - behind;
  const created = new Date();
  const uniqueId = crypto.getRandomValues(new Uint8Array(16));
  return {
    kind: "repair",
    offset,
    bytes: makeVhdFooter({ diskBytes: offset, uniqueId, created }),
    finding: problem,
    title: behind === 0 ? "append a VHD footer" : "write a VHD footer over the last 512 bytes",
    evidence: [
      `a valid header says that it is a store, and ${offset} bytes are whole blocks`,
      behind === 0
        ? "you said that it is a VHD"
        : "the last 512 bytes belong to no block, and lie where a footer lies",
    ],
  };
}

function* hasStoreHeader(fileBytes: number): Steps<boolean> {
  const head = yield* read(0, Math.min(HEAD_BYTES, fileBytes));
  return ([0, 1] as const).some((slot) => isValidHeader(head, headerOffset(slot, 512)));
}
