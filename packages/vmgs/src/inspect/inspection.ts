/** Everything about one store in one value: what `vmgs inspect` shows, as text and as JSON. */

import { checkFlag, checkObject, oneOf, optionsOf } from "../arguments/index.ts";
import {
  type Container,
  type ContainerOptions,
  containerOptionChecks,
  type Disk,
  diskIn,
  watchedDisk,
} from "../disk/index.ts";
import { isVmgsError, type VmgsError, type Warning } from "../errors/index.ts";
import {
  EncryptionAlgorithm,
  FileId,
  type FileIdName,
  fileIdName,
  type HeaderReading,
  headerMarkers,
} from "../format/index.ts";
import {
  type GuestFileReading,
  guestFileIds,
  type KeyProtection,
  nameProtection,
  type ProtectorFiles,
  readGuestFile,
} from "../guest/index.ts";
import { toHex } from "../layout/index.ts";
import { checkKey, type Secret } from "../secret/index.ts";
import type { ByteSource } from "../source/index.ts";
import {
  type Cipher,
  checkCipher,
  type RunOptions,
  run,
  runOptionChecks,
  webCipher,
} from "../steps/index.ts";
import {
  blockMap,
  chooseActive,
  type Generation,
  isEncrypted,
  listFiles,
  type OwnedRun,
  openStore,
  type Store,
  type StoreSpace,
  storeSpace,
  storeWarnings,
  usedKeySlots,
} from "../store/index.ts";
import { geometryOf, openSteps, readHeaders, zeroMetadataKeySteps } from "../store/rooms.ts";
import { type InspectedMarker, markerReport } from "./marker-report.ts";

/** How a disk is inspected. */
export interface InspectOptions extends ContainerOptions, RunOptions {
  /** Datastore key: encrypted files can then be read. */
  readonly key?: Uint8Array | Secret;
  readonly generation?: Generation;
  /** Read every file and give the SHA-256 of its content. */
  readonly hash?: boolean;
  readonly cipher?: Cipher;
}

const checkInspectOptions = optionsOf({
  key: checkKey,
  generation: oneOf(["current", "previous"]),
  hash: checkFlag,
  cipher: checkCipher,
  ...containerOptionChecks,
  ...runOptionChecks,
});

/** The file around the store. */
export interface InspectedContainer {
  readonly kind: "vhd" | "raw";
  /** Bytes. */
  readonly sectorSize: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Bytes of the store inside. */
  readonly storeBytes: number;
  /** What the file was taken out of, outermost first, such as `gzip` or `tar`; omitted for a file that lies as it is. */
  readonly wrapping?: readonly string[];
}

/** A header slot as it was read, valid or not. */
export interface InspectedHeader {
  readonly slot: 0 | 1;
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly error: string | null;
  /** True when all its bytes are zero. */
  readonly blank: boolean;
  readonly sequence: number;
  /** `3.0` */
  readonly version: string;
  /** Eight hex digits. */
  readonly checksum: string;
  readonly fileTableBlock: number;
  readonly algorithm: "none" | "aes-256-gcm" | "unknown";
  readonly reprovisioned: boolean;
  readonly keySlotsUsed: readonly number[];
}

/** Encryption of a store; nothing of a key. */
export interface InspectedEncryption {
  readonly algorithm: "none" | "aes-256-gcm";
  readonly protection: KeyProtection;
  readonly unlocked: boolean;
  /** The flaw that makes the store readable without a key; found without a key. */
  readonly zeroMetadataKey: boolean;
}

/** A file of the store as its table has it; `bytes` of content, `block` and `blocks` of 4096 bytes. */
export interface InspectedFile {
  readonly id: number;
  readonly name: FileIdName | null;
  readonly block: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly allocatedBytes: number;
  readonly encrypted: boolean;
  /** SHA-256 of the content, when hashes were asked for and it can be read. */
  readonly sha256: string | null;
}

/** Each part is null when it could not be read; `error` then says why. */
export interface Inspection {
  readonly container: InspectedContainer;
  readonly headers: readonly InspectedHeader[] | null;
  /** Slot of the active header. */
  readonly active: 0 | 1 | null;
  /** Whether the previous generation can be opened: there is one, and it was not wiped. */
  readonly previousUsable: boolean;
  readonly generation: Generation;
  readonly encryption: InspectedEncryption | null;
  readonly files: readonly InspectedFile[] | null;
  /** What the small files of the guest say, those that can be read. Text is untrusted. */
  readonly guestFiles: readonly GuestFileReading[] | null;
  readonly space: StoreSpace | null;
  /** All blocks in ascending order with their owners. */
  readonly blocks: readonly OwnedRun[] | null;
  readonly marker: InspectedMarker | null;
  readonly warnings: readonly Warning[];
  readonly error: VmgsError | null;
}

/** Looks at a store and reports all that can be known. Problems of the store are part of the answer, not thrown. */
export async function inspectDisk(
  source: ByteSource | Disk,
  options: InspectOptions = {},
): Promise<Inspection> {
  checkInspectOptions(options, "options");
  const disk = watchedDisk(await diskIn(source, options), options);
  const { generation = "current" } = options;
  const warnings: Warning[] = [...disk.container.warnings];
  const nothing: Inspection = {
    container: describeContainer(disk.container),
    headers: null,
    active: null,
    previousUsable: false,
    generation,
    encryption: null,
    files: null,
    guestFiles: null,
    space: null,
    blocks: null,
    marker: null,
    warnings,
    error: null,
  };
  let seen = nothing;
  try {
    seen = { ...seen, ...(await inspectHeaders(disk)) };
    return { ...seen, ...(await inspectStore(disk, options, warnings)) };
  } catch (error) {
    if (isVmgsError(error)) return { ...seen, error };
    throw error;
  }
}

/** What an inspection reports of a container. */
export function describeContainer(container: Container): InspectedContainer {
  checkObject(container, "container", "kind", "fileBytes", "diskBytes", "sectorSize");
  const { kind, sectorSize, fileBytes, diskBytes, wrapping } = container;
  return { kind, sectorSize, bytes: fileBytes, storeBytes: diskBytes, ...(wrapping && { wrapping }) };
}

async function inspectHeaders(
  disk: Disk,
): Promise<Pick<Inspection, "headers" | "active" | "previousUsable">> {
  const pair = await run(readHeaders(geometryOf(disk)), disk);
  const headers = pair.map(describeHeader);
  try {
    const active = chooseActive(pair);
    return { headers, active, previousUsable: await opensPrevious(disk) };
  } catch (error) {
    // Opening will fail for the same reason and report it; the headers are still worth showing.
    if (isVmgsError(error)) return { headers, active: null, previousUsable: false };
    throw error;
  }
}

async function opensPrevious(disk: Disk): Promise<boolean> {
  try {
    await run(openSteps(disk, "previous"), disk);
    return true;
  } catch (error) {
    if (isVmgsError(error)) return false;
    throw error;
  }
}

function describeHeader({ slot, header, blank, problem }: HeaderReading): InspectedHeader {
  return {
    slot,
    valid: problem === null,
    error: problem?.message ?? null,
    blank,
    sequence: header.sequence,
    version: `${(header.version >>> 16) & 0xff}.${header.version & 0xff}`,
    checksum: header.checksum.toString(16).padStart(8, "0"),
    fileTableBlock: header.fileTableOffset,
    algorithm: algorithmName(header.encryptionAlgorithm),
    reprovisioned: headerMarkers.has(header.markers, "reprovisioned"),
    keySlotsUsed: usedKeySlots(header),
  };
}

function algorithmName(algorithm: number): InspectedHeader["algorithm"] {
  if (algorithm === EncryptionAlgorithm.none) return "none";
  return algorithm === EncryptionAlgorithm.aes256Gcm ? "aes-256-gcm" : "unknown";
}

async function inspectStore(
  disk: Disk,
  options: InspectOptions,
  warnings: Warning[],
): Promise<Partial<Inspection>> {
  const { cipher = webCipher, hash = false, generation = "current", key } = options;
  const store = await openStore(disk, { cipher, generation });
  const zeroMetadataKey = await run(zeroMetadataKeySteps(store.state), disk, cipher);
  const unlockError = await tryUnlock(store, key);
  const { state } = store;
  warnings.push(...storeWarnings(state));
  if (zeroMetadataKey) {
    const message =
      "the extended file table is encrypted with a key of zeros: every file can be read without a key";
    warnings.push({ code: "VMGS_ZERO_METADATA_KEY", message });
  }
  return {
    encryption: await describeEncryption(store, zeroMetadataKey),
    files: await describeFiles(store, hash),
    guestFiles: await readGuestFiles(store),
    space: storeSpace(state),
    blocks: blockMap(state),
    marker: await describeMarker(store, warnings),
    error: unlockError,
  };
}

/** A key for a plain store is not a fault of the store; a wrong one is reported, and the rest is shown as it is. */
async function tryUnlock(store: Store, key: Uint8Array | Secret | undefined): Promise<VmgsError | null> {
  if (key === undefined) return null;
  try {
    await store.unlock(key);
    return null;
  } catch (error) {
    if (isVmgsError(error, "VMGS_NOT_ENCRYPTED")) return null;
    if (isVmgsError(error)) return error;
    throw error;
  }
}

async function describeEncryption(store: Store, zeroMetadataKey: boolean): Promise<InspectedEncryption> {
  const { state } = store;
  const encrypted = isEncrypted(state);
  return {
    algorithm: encrypted ? "aes-256-gcm" : "none",
    protection: encrypted ? nameProtection(await protectorFiles(store)) : "none",
    unlocked: state.unlocked !== null,
    zeroMetadataKey,
  };
}

/** More than any small file of a guest. */
const MAX_SMALL_FILE = 1_048_576;

/** Content of a small file; null when there is none, or it is too large or locked: then there is nothing to say. */
async function smallFile(store: Store, fileId: number): Promise<Uint8Array | null> {
  try {
    return store.state.files.has(fileId) ? await store.readFile(fileId, { maxBytes: MAX_SMALL_FILE }) : null;
  } catch (error) {
    if (isVmgsError(error) && !isVmgsError(error, "VMGS_IO")) return null;
    throw error;
  }
}

async function protectorFiles(store: Store): Promise<ProtectorFiles> {
  return {
    keyProtector: await smallFile(store, FileId.KEY_PROTECTOR),
    vmUniqueId: await smallFile(store, FileId.VM_UNIQUE_ID),
    hwKeyProtector: await smallFile(store, FileId.HW_KEY_PROTECTOR),
  };
}

async function readGuestFiles(store: Store): Promise<GuestFileReading[]> {
  const readings: GuestFileReading[] = [];
  for (const fileId of guestFileIds) {
    const content = await smallFile(store, fileId);
    const reading = content && (await readGuestFile(fileId, content));
    if (reading) readings.push(reading);
  }
  return readings;
}

async function describeFiles(store: Store, hash: boolean): Promise<InspectedFile[]> {
  const files: InspectedFile[] = [];
  for (const { id, block, blocks, bytes, allocatedBytes, encrypted, readable } of listFiles(store.state, {
    all: true,
  })) {
    const own = id === 0 || id === 63;
    const sha256 = hash && readable && !own ? await hashFile(store, id) : null;
    files.push({ id, name: fileIdName(id), block, blocks, bytes, allocatedBytes, encrypted, sha256 });
  }
  return files;
}

async function hashFile(store: Store, fileId: number): Promise<string | null> {
  try {
    const content = (await store.readFile(fileId)) as Uint8Array<ArrayBuffer>;
    return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", content)));
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}

async function describeMarker(store: Store, warnings: Warning[]): Promise<InspectedMarker | null> {
  try {
    const found = await store.readMarker();
    if (found === null) return null;
    if (found.misplaced) {
      const message = "the provisioning marker lies in file 17, where a development build put it";
      warnings.push({ code: "VMGS_MARKER_MISPLACED", message });
    }
    return markerReport(found);
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    warnings.push({ code: "VMGS_MARKER_UNREADABLE", message: error.message });
    return null;
  }
}
