/** Copies of whole files: with permissions and owner, and holes where the original has zeros. */

import { open } from "node:fs/promises";
import { checkText } from "../arguments/index.ts";
import { checkPath, checkRegularFile, inFile } from "./file-errors.ts";
import { makeFile, type NewFile } from "./replace-file.ts";
import { readFully } from "./whole-transfers.ts";

const CHUNK = 1 << 20;
/** What file systems allocate at least. */
const PAGE = 4096;

/**
 * Copies a file to a path where there is none, as `makeFile` makes it: whole or not at all, with permissions and owner of
 * the original where that is possible.
 *
 * @throws VmgsError as `makeFile`, and VMGS_FILE_NOT_FOUND for the original
 */
export async function copyDiskFile(from: string, to: string): Promise<void> {
  checkText(from, "from");
  checkText(to, "to");
  checkPath(from);
  const handle = await inFile(from, () => open(from, "r"));
  try {
    const stats = await inFile(from, () => handle.stat());
    checkRegularFile(stats, from);
    const copy = async (file: NewFile) => {
      await file.truncate(stats.size);
      const read = (offset: number, into: Uint8Array) => readFully(handle, from, offset, into);
      await copySparse(file, { read, length: stats.size });
    };
    await makeFile(to, copy, { like: stats });
  } finally {
    await handle.close();
  }
}

/** Bytes to copy. */
export interface CopySource {
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Where they begin, in both files; 0 by default. */
  readonly start?: number;
  readonly length: number;
}

/** Copies bytes into a new file, except pages of zeros: those stay holes. */
export async function copySparse(
  to: NewFile,
  { read, start = 0, length }: CopySource,
  signal?: AbortSignal,
): Promise<void> {
  const chunk = new Uint8Array(Math.min(CHUNK, length));
  for (let done = 0; done < length; done += CHUNK) {
    signal?.throwIfAborted();
    const part = chunk.subarray(0, Math.min(CHUNK, length - done));
    await read(start + done, part);
    for (const { from, end } of nonZeroRuns(part)) {
      await to.write(start + done + from, part.subarray(from, end));
    }
  }
}

/** The pages that are not all zero, neighbours together. */
function nonZeroRuns(bytes: Uint8Array): { from: number; end: number }[] {
  const runs: { from: number; end: number }[] = [];
  for (let from = 0; from < bytes.length; from += PAGE) {
    const end = Math.min(from + PAGE, bytes.length);
    if (!bytes.subarray(from, end).some((byte) => byte !== 0)) continue;
    const last = runs.at(-1);
    if (last?.end === from) last.end = end;
    else runs.push({ from, end });
  }
  return runs;
}
