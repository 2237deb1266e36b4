/** Saving a store and resuming it without I/O, as a paravisor does when it is serviced (spec: saved state). */

import { checkBytes, checkFlag, checkObject, optionsOf } from "../arguments/index.ts";
import { checkWritableDisk, type WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { BLOCK_SIZE, crc32, HEADER_SIZE, type HeaderSlot, otherSlot, readHeader } from "../format/index.ts";
import {
  ascii,
  bytes,
  type Decoded,
  decode,
  encode,
  field,
  LayoutError,
  struct,
  u32,
  u64,
} from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { type Cipher, checkCipher, KEY_SIZE } from "../steps/index.ts";
import { verifyUnchanged } from "./execute.ts";
import { geometryOf } from "./open-steps.ts";
import { parseFileTable } from "./read-file-table.ts";
import type { StoreState, Unlocked } from "./state.ts";
import { encodeExtendedFileTable, encodeFileTable, parseExtendedFileTable } from "./tables.ts";
import { type WritableStore, writableStore } from "./writable-store.ts";

const MAGIC = "VMGSSAVE";
const SAVED_VERSION = 1;

const savedState = struct("savedState", {
  magic: field(ascii(8), MAGIC),
  version: field(u32, "version of this layout"),
  sectorSize: field(u32, "bytes"),
  byteLength: field(u64, "bytes of the disk"),
  activeSlot: field(u32, "slot of the active header"),
  activeHeader: field(bytes(HEADER_SIZE), "the active header"),
  otherHeader: field(bytes(HEADER_SIZE), "the other header"),
  fileTable: field(bytes(BLOCK_SIZE), "the file table"),
  unlocked: field(u32, "1 = the fields below count"),
  keySlot: field(u32, "key slot that opened the store"),
  datastoreKey: field(bytes(KEY_SIZE), "datastore key", { secret: true }),
  metadataKey: field(bytes(KEY_SIZE), "metadata key", { secret: true }),
  extendedFileTable: field(bytes(BLOCK_SIZE), "the extended file table, decrypted", { secret: true }),
  checksum: field(u32, "CRC-32 of all before"),
});
type SavedFields = Decoded<typeof savedState>;

/**
 * Everything needed to go on without reading the disk. **Holds the datastore key and the keys of all files**: keep it
 * as you keep those.
 */
export function saveStore(store: WritableStore): Uint8Array {
  checkObject(store, "store", "state", "files", "commit");
  const { state } = store;
  const { geometry, unlocked, activeSlot } = state;
  const saved: SavedFields = {
    magic: MAGIC,
    version: SAVED_VERSION,
    sectorSize: geometry.sectorSize,
    byteLength: BigInt(geometry.byteLength),
    activeSlot,
    activeHeader: state.headers[activeSlot].bytes,
    otherHeader: state.headers[otherSlot(activeSlot)].bytes,
    fileTable: encodeFileTable(state.files),
    unlocked: unlocked === null ? 0 : 1,
    keySlot: unlocked?.keySlot ?? 0,
    datastoreKey: unlocked?.datastoreKey.expose() ?? new Uint8Array(KEY_SIZE),
    metadataKey: unlocked?.metadataKey.expose() ?? new Uint8Array(KEY_SIZE),
    extendedFileTable: encodeExtendedFileTable(unlocked?.fileKeys ?? new Map()),
    checksum: 0,
  };
  return encode(savedState, { ...saved, checksum: checksumOf(encode(savedState, saved)) });
}

/** How a store goes on from its saved state. */
export interface ResumeOptions {
  /** Check with one read that the disk still holds this state (default). Without it there is no I/O at all. */
  readonly verify?: boolean;
  readonly cipher?: Cipher;
}

const checkResumeOptions = optionsOf({
  verify: checkFlag,
  cipher: checkCipher,
});

/**
 * Goes on from a saved state. The store counts as opened, never as provisioned.
 *
 * @throws VmgsError VMGS_SAVED_STATE for damaged bytes or another disk; VMGS_CHANGED_UNDERNEATH when another writer
 * changed the disk since.
 */
export async function resumeStore(
  disk: WritableDisk,
  saved: Uint8Array,
  options: ResumeOptions = {},
): Promise<WritableStore> {
  checkWritableDisk(disk, "disk");
  checkBytes(saved, "saved");
  checkResumeOptions(options, "options");
  const { verify = true, cipher } = options;
  const state = restoreState(disk, parseSaved(saved));
  if (verify) await verifyUnchanged(disk, state);
  return writableStore(disk, { state }, cipher);
}

function parseSaved(saved: Uint8Array): SavedFields {
  let fields: SavedFields;
  try {
    fields = decode(savedState, saved);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw new VmgsError(
      "VMGS_SAVED_STATE",
      "the saved state is cut short",
      { bytes: saved.length },
      { cause },
    );
  }
  if (fields.magic !== MAGIC || fields.version !== SAVED_VERSION || fields.checksum !== checksumOf(saved)) {
    throw new VmgsError("VMGS_SAVED_STATE", "the saved state is damaged or of another version");
  }
  return fields;
}

function checksumOf(saved: Uint8Array): number {
  return crc32(saved.subarray(0, savedState.offsets.checksum));
}

function restoreState(disk: WritableDisk, saved: SavedFields): StoreState {
  if (saved.sectorSize !== disk.sectorSize || saved.byteLength !== BigInt(disk.byteLength)) {
    throw new VmgsError("VMGS_SAVED_STATE", "the saved state is of a disk of another size");
  }
  const geometry = geometryOf(disk);
  const activeSlot: HeaderSlot = saved.activeSlot === 0 ? 0 : 1;
  const active = readHeader(saved.activeHeader, activeSlot);
  const other = readHeader(saved.otherHeader, otherSlot(activeSlot));
  const files = parseFileTable(saved.fileTable, active.header.fileTableOffset, geometry.blockCapacity);
  return {
    geometry,
    headers: activeSlot === 0 ? [active, other] : [other, active],
    activeSlot,
    header: active.header,
    generation: "current",
    files,
    unlocked: saved.unlocked === 0 ? null : restoreKeys(saved, files),
  };
}

function restoreKeys(saved: SavedFields, files: StoreState["files"]): Unlocked {
  return {
    keySlot: saved.keySlot === 0 ? 0 : 1,
    datastoreKey: new Secret(saved.datastoreKey),
    metadataKey: new Secret(saved.metadataKey),
    fileKeys: parseExtendedFileTable(saved.extendedFileTable, files),
  };
}
