/** A Blob, or a File of a browser, as a file. */

import { checkBlob } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { type ByteSource, checkSourceRead } from "./byte-source.ts";

/** Bytes that are held twice at most while a large range is copied. */
const CHUNK = 1 << 20;

/**
 * Takes a Blob, or a File that the user chose, for a file. Only the ranges that are asked for are read.
 *
 * ```ts
 * const store = await openStore(blobSource(file));
 * ```
 */
export function blobSource(blob: Blob): ByteSource {
  checkBlob(blob, "blob");
  const { size: byteLength } = blob;
  return {
    byteLength,
    async read(offset, into, options) {
      checkSourceRead(byteLength, offset, into, options);
      for (let done = 0; done < into.length; done += CHUNK) {
        options?.signal?.throwIfAborted();
        const end = Math.min(done + CHUNK, into.length);
        into.set(await partOf(blob, offset + done, offset + end), done);
      }
    },
  };
}

async function partOf(blob: Blob, offset: number, end: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(offset, end).arrayBuffer());
  } catch (cause) {
    const message = "the file can't be read any more; was it changed or removed?";
    throw new VmgsError("VMGS_IO", message, { offset }, { cause });
  }
}
