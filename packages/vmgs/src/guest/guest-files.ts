/** The one table of what a boot reads beside the store's own files, the variables and the vTPM's state. */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { type Codec, type Picture, type PictureRow, picture, toHex } from "../layout/index.ts";
import { guestSecretKey } from "../tpm/index.ts";
import { readAttest } from "./attest.ts";
import { type GuestFileId, isGuestFileId } from "./guest-file-ids.ts";
import { readGuestSecretKey } from "./guest-secret-key.ts";
import { guestWatchdog, readGuestWatchdog } from "./guest-watchdog.ts";
import { hibernationToken, readHibernationToken } from "./hibernation-token.ts";
import { hwKeyProtectorLayout, readHwKeyProtector } from "./hw-key-protector.ts";
import { keyProtector, padded, readKeyProtector } from "./key-protector.ts";
import { platformSeed, readPlatformSeed } from "./platform-seed.ts";
import { readProvenanceDoc } from "./provenance-doc.ts";
import type { GuestFileReading } from "./reading.ts";
import { readRtcSkew, rtcSkew } from "./rtc-skew.ts";
import { readTpmPpi, tpmPpi } from "./tpm-ppi.ts";
import { readVmUniqueId, vmUniqueId } from "./vm-unique-id.ts";

/** A kind of guest file. */
interface GuestFile {
  /** Never throws for bad bytes. */
  read(bytes: Uint8Array): GuestFileReading | Promise<GuestFileReading>;
  /** How its fields lie in so many bytes; null where they have no layout: text and opaque data. */
  layout(byteLength: number): Codec<unknown> | null;
}

const layoutOf = (codec: unknown) => () => codec as Codec<unknown>;
const withoutLayout = () => null;

/** By file ID. */
const guestFiles: Readonly<Record<GuestFileId, GuestFile>> = {
  [FileId.TPM_PPI]: { read: readTpmPpi, layout: layoutOf(tpmPpi) },
  [FileId.RTC_SKEW]: { read: readRtcSkew, layout: layoutOf(rtcSkew) },
  [FileId.ATTEST]: { read: readAttest, layout: withoutLayout },
  [FileId.KEY_PROTECTOR]: { read: readKeyProtector, layout: layoutOf(keyProtector) },
  [FileId.VM_UNIQUE_ID]: { read: readVmUniqueId, layout: layoutOf(vmUniqueId) },
  [FileId.GUEST_WATCHDOG]: { read: readGuestWatchdog, layout: layoutOf(guestWatchdog) },
  [FileId.HW_KEY_PROTECTOR]: {
    read: readHwKeyProtector,
    layout: (byteLength) => hwKeyProtectorLayout(byteLength) as Codec<unknown> | null,
  },
  [FileId.GUEST_SECRET_KEY]: { read: readGuestSecretKey, layout: layoutOf(guestSecretKey) },
  [FileId.HIBERNATION_TOKEN]: { read: readHibernationToken, layout: layoutOf(hibernationToken) },
  [FileId.PLATFORM_SEED]: { read: readPlatformSeed, layout: layoutOf(platformSeed) },
  [FileId.PROVENANCE_DOC]: { read: readProvenanceDoc, layout: withoutLayout },
};

function guestFileOf(fileId: number): GuestFile | null {
  return isGuestFileId(fileId) ? guestFiles[fileId] : null;
}

/** Reads a guest file; null when the ID is not that of one. Never throws for bad bytes. */
export async function readGuestFile(fileId: number, bytes: Uint8Array): Promise<GuestFileReading | null> {
  checkWhole(fileId, "fileId");
  checkBytes(bytes, "bytes");
  return (await guestFileOf(fileId)?.read(bytes)) ?? null;
}

/**
 * The fields of a guest file as they lie in its bytes, secrets hidden; null when they have no layout. What follows a
 * structure is a row of its own. Never throws for bad bytes.
 */
export function pictureGuestFile(fileId: number, bytes: Uint8Array): Picture | null {
  checkWhole(fileId, "fileId");
  checkBytes(bytes, "bytes");
  const layout = guestFileOf(fileId)?.layout(bytes.length) ?? null;
  if (layout === null) return null;
  // A short key protector or VM ID is one with zeros after it: drawn whole, then cut.
  const whole = SHORT_ALLOWED.has(fileId) ? padded(bytes, layout.size ?? 0) : bytes;
  const { rows, error } = picture(layout, whole);
  const drawn = rows.flatMap((row) => cutAt(row, bytes.length));
  const end = drawn.reduce((last, row) => Math.max(last, row.offset + row.size), 0);
  if (error !== null || end >= bytes.length) return { rows: drawn, error };
  return { rows: [...drawn, restRow(bytes, end)], error };
}

const SHORT_ALLOWED: ReadonlySet<number> = new Set([FileId.KEY_PROTECTOR, FileId.VM_UNIQUE_ID]);

function cutAt(row: PictureRow, end: number): PictureRow[] {
  const size = Math.min(row.size, end - row.offset);
  if (size <= 0) return [];
  return [size === row.size ? row : { ...row, size, hex: row.hex?.slice(0, 2 * size) ?? null }];
}

/** Zeros are padding; what else follows a structure is nothing that is known, and may be a secret. */
function restRow(bytes: Uint8Array, start: number): PictureRow {
  const rest = bytes.subarray(start);
  const zero = rest.every((byte) => byte === 0);
  const shown = zero ? toHex(rest) : null;
  return {
    offset: start,
    size: rest.length,
    path: "rest",
    type: `${rest.length} bytes`,
    hex: shown,
    value: shown,
    words: zero ? null : "secret",
    meaning: zero ? "padding" : "after the structure",
  };
}
