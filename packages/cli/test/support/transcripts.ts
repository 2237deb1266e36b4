/** The transcripts of the reference's `vmgstool`, and the folders that they begin with. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Container, isVmgsError, openStoreSync, type SyncDisk } from "vmgskit";
import { openDiskFileSync } from "vmgskit/node";
import { filesIn, writeImage } from "./folder.ts";

const folder = new URL("../golden/cli/", import.meta.url);
const golden = new URL("../../../vmgs/test/golden/", import.meta.url);

type StartFile = { golden: string } | { file: string } | { hex: string } | { repeat: string; count: number };

/** What a step left behind of a file that it changed. */
export interface ChangedFile {
  readonly bytes: number;
  /** Of stores; the slot. */
  readonly active?: number;
  readonly sequence?: number;
  readonly algorithm?: number;
  /** Rows of id, block, blocks, bytes, attributes. */
  readonly table?: readonly (readonly number[])[];
  /** Without the footer, of plain stores. */
  readonly storeSha256?: string;
  readonly blank?: true;
  /** Of other files. */
  readonly sha256?: string;
  readonly hex?: string;
}

export interface Step {
  readonly args: readonly string[];
  readonly exit: number;
  readonly stdout?: string;
  readonly stdoutHex?: string;
  readonly stdoutStable: boolean;
  readonly changed?: Readonly<Record<string, ChangedFile>>;
  readonly referencePanics?: true;
}

export interface Transcript {
  readonly name: string;
  readonly about: string;
  readonly files: Readonly<Record<string, StartFile>>;
  readonly steps: readonly Step[];
}

export const transcripts: readonly Transcript[] = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Transcript);

/** Writes the files that a transcript begins with. */
export async function writeStartFiles(target: string, { files }: Transcript): Promise<void> {
  for (const [name, start] of Object.entries(files)) {
    const path = join(target, name);
    if ("golden" in start) await writeImage(path, gunzipSync(await readFile(new URL(start.golden, golden))));
    else if ("file" in start) await writeFile(path, await readFile(new URL(start.file, golden)));
    else if ("hex" in start) await writeFile(path, Buffer.from(start.hex, "hex"));
    else await writeFile(path, Buffer.from(start.repeat.repeat(start.count), "hex"));
  }
}

/** A file's SHA-256, and what tells that it was not touched since. */
export interface Fingerprint {
  readonly stamp: string;
  readonly hash: string;
}

/** Every file of a folder with its SHA-256. Files that were not touched since `before` are not read again. */
export async function fingerprints(
  target: string,
  before: ReadonlyMap<string, Fingerprint> = new Map(),
): Promise<Map<string, Fingerprint>> {
  const found = new Map<string, Fingerprint>();
  for (const name of await filesIn(target)) {
    const path = join(target, name);
    const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true });
    const stamp = [mtimeNs, ctimeNs, size, ino].join(" ");
    const known = before.get(name);
    found.set(name, known?.stamp === stamp ? known : { stamp, hash: sha256(await readFile(path)) });
  }
  return found;
}

/** What a file looks like in the terms of the transcript. */
export async function describeFile(path: string, expected: ChangedFile): Promise<ChangedFile> {
  const content = await readFile(path);
  if (expected.sha256 !== undefined) {
    const hex = expected.hex === undefined ? {} : { hex: content.toString("hex") };
    return { bytes: content.length, sha256: sha256(content), ...hex };
  }
  using disk = openDiskFileSync(path);
  const storeSha256 = expected.storeSha256 && sha256(content.subarray(0, disk.byteLength));
  return { bytes: content.length, ...describeStore(disk), ...(storeSha256 && { storeSha256 }) };
}

function describeStore(disk: SyncDisk & { readonly container: Container }) {
  try {
    const { activeSlot, header, files } = openStoreSync(disk).state;
    const table = [...files.values()].map(({ fileId, block, blocks, byteLength, attributes }) => [
      ...[fileId, block, blocks, byteLength, attributes],
    ]);
    const { sequence, encryptionAlgorithm: algorithm } = header;
    return { active: activeSlot, sequence, algorithm, table };
  } catch (error) {
    if (isVmgsError(error, "VMGS_EMPTY_STORE")) return { blank: true as const };
    throw error;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
