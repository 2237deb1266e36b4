/** Old content of a store, each piece with the evidence for what it is: what `vmgs carve` saves. */

import { optionsOf } from "../arguments/index.ts";
import { isSameContent } from "../comparison/index.ts";
import { checkDisk, type Disk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  describeFileId,
  FileId,
  type FileIdName,
  fileIdName,
  isAllZero,
  isSealed,
  isStoreTable,
} from "../format/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import {
  type Cipher,
  checkCipher,
  peek,
  read,
  readSealed,
  run,
  type Steps,
  unseal,
  webCipher,
} from "../steps/index.ts";
import type { FileRecord } from "../store/index.ts";
import { type FileFate, fateOf, labelsOf, orderGenerations } from "./history.ts";
import { findOldKeys, type OldKeys } from "./old-keys.ts";
import { type FoundContent, recogniseContent } from "./scan.ts";
import { type GenerationReading, type Survey, surveySteps } from "./survey.ts";

/**
 * How certain it is that the bytes are the named content. `proven`: the authentication tag matches. `recognised`: their
 * content shows what they are. `unverified`: nothing contradicts it, but only the table supports it.
 * `damaged`: some of the blocks were overwritten since, or the tag does not match.
 */
export type Confidence = "proven" | "recognised" | "unverified" | "damaged";

/** An old version of a file, or other content that was found in free blocks. */
export interface CarvedPiece {
  /** `file`: an entry of an old file table leads to it. `content`: it was found in blocks without an owner. */
  readonly origin: "file" | "content";
  readonly kind: "file" | FoundContent["kind"];
  readonly fileId: number | null;
  readonly name: FileIdName | null;
  /** Labels of the generations that had it, as in the history; none for content without an owner. */
  readonly generations: readonly string[];
  /** First block. */
  readonly block: number;
  readonly blocks: number;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** The file of the current generation after whose end it lies (slack): a piece, not a whole; else null. */
  readonly slackOf: number | null;
  /** Bytes of the piece. */
  readonly bytes: number;
  /** `ciphertext`: it is encrypted, and its key was not found. */
  readonly form: "plain" | "decrypted" | "ciphertext";
  readonly confidence: Confidence;
  /** Why it is that, one sentence each. May hold untrusted text. */
  readonly evidence: readonly string[];
  /** Reads it. @throws VmgsError VMGS_AUTHENTICATION_FAILED when a proven piece has changed since; what the disk throws */
  read(): Promise<Uint8Array>;
}

/** How a disk is carved. */
export interface CarveOptions {
  /** Datastore key: encrypted files can be decrypted where their extended file table still opens. */
  readonly key?: Uint8Array | Secret;
  readonly cipher?: Cipher;
}

const checkCarveOptions = optionsOf({
  key: checkKey,
  cipher: checkCipher,
});

/** What was found in the free blocks of a disk. */
export interface Carving {
  /** Why the store can't be opened, or null when it can; then the files of the current generation are left out. */
  readonly openError: VmgsError | null;
  readonly pieces: readonly CarvedPiece[];
  /** True when there was more than is kept, or than a disk of this size can hold. */
  readonly truncated: boolean;
}

/** Bytes of all pieces together, in sizes of the disk: a table made by hand could claim the disk again and again. */
const MOST_COPIES = 16;

/**
 * Finds old versions of files, and markers, variable lists and TPM states that no table leads to. Of a store that can
 * be opened the current files are left out: they are not lost. Every file is read once to judge it.
 *
 * @throws VmgsError VMGS_WRONG_KEY, VMGS_KEY_LENGTH, and what the disk throws
 */
export async function carveDisk(disk: Disk, options: CarveOptions = {}): Promise<Carving> {
  checkDisk(disk, "disk");
  checkCarveOptions(options, "options");
  const { cipher = webCipher, key } = options;
  const secret = key === undefined ? undefined : datastoreKey(key);
  const drive = <T>(steps: Steps<T>) => run(steps, disk, cipher);
  const survey = await drive(surveySteps(disk));
  const keys = await drive(findOldKeys(survey, secret));
  const versions = versionsOf(survey);
  const pieces: CarvedPiece[] = [];
  let left = MOST_COPIES * disk.byteLength;
  let truncated = survey.scan.truncated;
  for (const version of versions) {
    left -= version.record.byteLength;
    if (left < 0) {
      truncated = true;
      break;
    }
    const { reading, ...judged } = await drive(judgeVersion(version, survey, keys));
    pieces.push({ ...judged, read: () => drive(reading()) });
  }
  for (const content of ownerless(survey, versions)) {
    const { offset, bytes } = content;
    pieces.push({ ...describeContent(content), read: () => drive(read(offset, bytes)) });
  }
  return { openError: survey.openError, pieces, truncated };
}

/** One stored version of a file, and the generations that had it. */
interface FileVersion {
  readonly record: FileRecord;
  /** The generation by which it is judged: the newest that had it. */
  readonly generation: GenerationReading;
  readonly labels: string[];
  readonly fate: FileFate;
}

function versionsOf(survey: Survey): FileVersion[] {
  const generations = orderGenerations(survey.generations);
  const labels = labelsOf(generations);
  const versions: FileVersion[] = [];
  const seen = new Map<string, FileVersion[]>();
  for (const [i, generation] of generations.entries()) {
    if (generation.kind === "current" && survey.openError === null) continue;
    const label = labels[i] as string;
    for (const record of generation.table.files.values()) {
      if (isStoreTable(record.fileId)) continue;
      const fate = fateOf(record, generation, survey);
      if (fate === "current" && survey.openError === null) continue;
      const place = `${record.fileId} ${record.block} ${record.byteLength}`;
      const same = seen.get(place)?.find((version) => isSameContent(version.record, record));
      if (same !== undefined) {
        same.labels.push(label);
        continue;
      }
      const version = { record, generation, labels: [label], fate };
      versions.push(version);
      seen.set(place, [...(seen.get(place) ?? []), version]);
    }
  }
  return versions;
}

type Judged = Omit<CarvedPiece, "read"> & { readonly reading: () => Steps<Uint8Array> };

/** Says what a version is worth: reads it once, decrypts it where that is possible. */
function* judgeVersion(version: FileVersion, survey: Survey, keys: OldKeys): Steps<Judged> {
  const { record, generation, labels, fate } = version;
  const { fileId, block, blocks, byteLength: bytes } = record;
  const evidence = [
    `entry ${fileId} of the file table at block ${generation.tableBlock}`,
    ...generation.evidence,
  ];
  evidence.push(FATES[fate]);
  const found = yield* findKey(record, generation, survey, keys);
  const piece = {
    origin: "file" as const,
    kind: "file" as const,
    fileId,
    name: fileIdName(fileId),
    generations: labels,
    block,
    blocks,
    offset: block * BLOCK_SIZE,
    slackOf: null,
    bytes,
  };
  if (found.key !== null) {
    const { key } = found;
    return {
      ...piece,
      form: "decrypted",
      confidence: "proven",
      evidence: [...evidence, "its authentication tag matches: every byte is as it was written"],
      reading: () => decrypted(record, key),
    };
  }
  const reading = () => stored(record);
  if (found.sealed) {
    const why = found.tried
      ? "it is encrypted, and no key that is left matches its authentication tag"
      : "it is encrypted, and its key is not known";
    const confidence = fate === "overwritten" || found.tried ? "damaged" : "unverified";
    return { ...piece, form: "ciphertext", confidence, evidence: [...evidence, why], reading };
  }
  const content = bytes === 0 ? null : recogniseContent(yield* peekStart(record));
  const named = content !== null && KINDS[content.kind].includes(fileId);
  if (content !== null) evidence.push(...content.evidence);
  const intact = named ? "recognised" : "unverified";
  return {
    ...piece,
    form: "plain",
    confidence: fate === "overwritten" ? "damaged" : intact,
    evidence,
    reading,
  };
}

const FATES: Readonly<Record<FileFate, string>> = {
  current: "the current generation has the same content",
  free: "no newer generation that is known owns its blocks",
  overwritten: "a newer generation owns some of its blocks: they were overwritten",
};

/** Files that hold what can be recognised. */
const KINDS: Readonly<Record<FoundContent["kind"], readonly number[]>> = {
  marker: [FileId.PROVISIONING_MARKER, FileId.TPM_NVRAM_BACKUP],
  variableList: [FileId.BIOS_NVRAM],
  tpmState: [FileId.TPM_NVRAM, FileId.TPM_NVRAM_BACKUP],
};

/** Bytes of content that are looked at to recognise it. */
const MOST_RECOGNISED = 131_072;

function* peekStart({ block, byteLength }: FileRecord): Steps<Uint8Array> {
  return yield* peek(block * BLOCK_SIZE, Math.min(byteLength, MOST_RECOGNISED));
}

interface FoundKey {
  /** The key whose tag matches. */
  readonly key: Secret | null;
  /** Whether the content is encrypted. */
  readonly sealed: boolean;
  /** Whether there was a key to try. */
  readonly tried: boolean;
}

/** A file keeps its key until it is written again, so other generations may know it as well. */
function* findKey(
  record: FileRecord,
  generation: GenerationReading,
  { generations }: Survey,
  { byGeneration }: OldKeys,
): Steps<FoundKey> {
  const own = byGeneration.get(generation)?.fileKeys.get(record.fileId);
  const unsealedOnDisk = isAllZero(record.nonce) && isAllZero(record.tag);
  const sealed =
    isSealed(record.attributes) || (own !== undefined && isSealed(own.attributes) && !unsealedOnDisk);
  if (!sealed) return { key: null, sealed, tried: false };
  const candidates: Secret[] = [];
  for (const other of [generation, ...generations]) {
    const fileKeys = byGeneration.get(other)?.fileKeys;
    if (fileKeys === undefined) continue;
    const same = [...other.table.files.values()].find((candidate) => isSameContent(candidate, record));
    const known = fileKeys.get(same?.fileId ?? record.fileId);
    if (known === undefined || !isSealed(known.attributes)) continue;
    if (candidates.every((candidate) => !candidate.equals(known.key))) candidates.push(known.key);
  }
  for (const key of candidates) {
    const content = yield* unsealRecord(record, key);
    if (content === null) continue;
    content.fill(0);
    return { key, sealed, tried: true };
  }
  return { key: null, sealed, tried: candidates.length > 0 };
}

function* unsealRecord({ block, byteLength, nonce, tag }: FileRecord, key: Secret): Steps<Uint8Array | null> {
  const sealed = yield* readSealed(block * BLOCK_SIZE, byteLength, tag);
  return yield* unseal(key, nonce, sealed);
}

function* decrypted(record: FileRecord, key: Secret): Steps<Uint8Array> {
  const content = yield* unsealRecord(record, key);
  if (content !== null) return content;
  const { fileId, block } = record;
  throw new VmgsError(
    "VMGS_AUTHENTICATION_FAILED",
    `${describeFileId(fileId)} at block ${block} does not match its authentication tag any more: the disk changed`,
    { fileId, block },
  );
}

function* stored({ block, byteLength }: FileRecord): Steps<Uint8Array> {
  return byteLength === 0 ? new Uint8Array(0) : yield* read(block * BLOCK_SIZE, byteLength);
}

/** Recognised content to which no entry of any table leads. */
function ownerless({ scan, generations }: Survey, versions: readonly FileVersion[]): FoundContent[] {
  const current = generations.find(({ kind }) => kind === "current")?.table.files.values() ?? [];
  const starts = new Set([...versions.map(({ record }) => record), ...current].map(({ block }) => block));
  return scan.contents.filter(({ block, slackOf }) => slackOf !== null || !starts.has(block));
}

const LIKELY_IDS: Readonly<Record<FoundContent["kind"], number>> = {
  marker: FileId.PROVISIONING_MARKER,
  variableList: FileId.BIOS_NVRAM,
  tpmState: FileId.TPM_NVRAM,
};

function describeContent(content: FoundContent): Omit<CarvedPiece, "read"> {
  const { kind, block, offset, slackOf, bytes, evidence } = content;
  const place =
    slackOf === null
      ? "no entry of any file table that is left leads to it"
      : `a piece of it lies after the end of ${describeFileId(slackOf)}`;
  return {
    origin: "content",
    kind,
    fileId: null,
    name: fileIdName(LIKELY_IDS[kind]),
    generations: [],
    block,
    blocks: Math.ceil(bytes / BLOCK_SIZE),
    offset,
    slackOf,
    bytes,
    form: "plain",
    confidence: "recognised",
    evidence: [...evidence, place],
  };
}
