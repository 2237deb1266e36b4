/** A process that fights for a store with others: it counts in a file of its own, one locked change a round. */

import { Buffer } from "node:buffer";
import { setTimeout } from "node:timers/promises";
import { isVmgsError, openWritableStore, type WritableStore } from "../../src/index.ts";
import { nodeCipher, openDiskFile, type WritableDiskFile } from "../../src/node/index.ts";
import { keyBytes } from "./operations.ts";

export interface Fight {
  /** The names of the file, of which some lead to it now and some later. */
  readonly paths: readonly string[];
  /** The file that this process counts in. */
  readonly fileId: number;
  /** Count to reach. */
  readonly rounds: number;
  /** Count that was reported before; after a kill one more may be in the store. */
  readonly reported: number;
}

/** What a fighter tells: its count once it is in the store, or that it stands still until it is told to go on. */
export type Report = { readonly count: number } | { readonly paused: true } | { readonly failure: string };

export const FIGHT_KEY = 1;

/** The content of a count: the count, and as many bytes made from it as show whether all of them are of one write. */
export function countContent(fileId: number, count: number): Uint8Array {
  const bytes = Buffer.alloc(4 + ((count * 977 + fileId * 131) % 9000), (count * 7 + fileId) & 0xff);
  bytes.writeUInt32LE(count);
  return new Uint8Array(bytes);
}

/** The count that content tells. Throws when not all of it was written together. */
export function countOf(fileId: number, content: Uint8Array): number {
  const count = Buffer.from(content).readUInt32LE();
  if (Buffer.compare(content, countContent(fileId, count)) !== 0) {
    throw new Error(`file ${fileId} is a mixture of two writes`);
  }
  return count;
}

let resume: (() => void) | undefined;
let pausing: Promise<void> | undefined;

function listen(): void {
  process.on("message", (message) => {
    if (message === "pause") {
      pausing = new Promise((resolve) => {
        resume = resolve;
      });
    } else {
      pausing = undefined;
      resume?.();
    }
  });
}

async function standStill(): Promise<void> {
  if (pausing === undefined) return;
  process.send?.({ paused: true });
  await pausing;
}

/** Fights until its count is reached. */
export async function fight({ paths, fileId, rounds, reported }: Fight): Promise<void> {
  listen();
  let count = reported;
  let first = true;
  while (count < rounds) {
    await standStill();
    const disk = await takeTurn(paths);
    try {
      const store = await openWritableStore(disk, { cipher: nodeCipher, key: keyBytes(FIGHT_KEY) });
      const found = await countIn(store, fileId);
      if (found !== count && !(first && found === count + 1)) {
        throw new Error(`file ${fileId} counts ${found}, and ${count} was written`);
      }
      first = false;
      // The last count may be in the store although its process was killed, or refused, before it could report it.
      if (found === rounds) {
        process.send?.({ count: rounds });
        return;
      }
      count = found + 1;
      const content = countContent(fileId, count);
      if (fileId % 2 === 0) await store.write(fileId, content);
      else await store.writeEncrypted(fileId, content);
    } catch (error) {
      if (!wasRenamed(error)) throw error;
      // The file got another name during the round: whether the count is in the store is not known.
      count--;
      first = true;
      continue;
    } finally {
      await disk.close();
    }
    process.send?.({ count });
  }
}

async function countIn(store: WritableStore, fileId: number): Promise<number> {
  if (!store.state.files.has(fileId)) return 0;
  return countOf(fileId, await store.readFile(fileId));
}

/** A write was refused because the file is no longer where it was opened; perhaps the one that commits. */
function wasRenamed(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return isVmgsError(error, "VMGS_CHANGED_UNDERNEATH") || wasRenamed(error.cause);
}

/** How a file is refused that another process writes, renames, or gives a second name. */
const NOT_NOW = [
  "VMGS_LOCKED_BY_OTHER",
  "VMGS_FILE_NOT_FOUND",
  "VMGS_SEVERAL_LINKS",
  "VMGS_CHANGED_UNDERNEATH",
] as const;

/** Waits until no other process writes. */
async function takeTurn(paths: readonly string[]): Promise<WritableDiskFile> {
  for (let tries = 0; ; tries++) {
    try {
      return await openDiskFile(paths[tries % paths.length] as string, { write: true });
    } catch (error) {
      if (!isVmgsError(error, ...NOT_NOW)) throw error;
    }
    await setTimeout(tries % 5);
    await standStill();
  }
}
