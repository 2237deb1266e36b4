/** Reads and writes that are whole: the operating system may do less than it is asked. */

import { readSync } from "node:fs";
import { type SourceReadOptions, VmgsError } from "../index.ts";
import { fileError, inFile } from "./file-errors.ts";

/** The part of a file handle that reading takes: the package's types must not need those of Node. */
interface ReadableHandle {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

interface WritableHandle {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** Fills `into` from `offset` on. @throws VmgsError VMGS_IO when the file ends before, and as `fileError` */
export async function readFully(
  handle: ReadableHandle,
  path: string,
  offset: number,
  into: Uint8Array,
  options?: SourceReadOptions,
): Promise<void> {
  for (let done = 0; done < into.length; ) {
    options?.signal?.throwIfAborted();
    const { bytesRead } = await inFile(path, () =>
      handle.read(into, done, into.length - done, offset + done),
    );
    if (bytesRead === 0) throw endedEarly(path, offset + done);
    done += bytesRead;
  }
}

/** Writes all of `bytes`. @throws VmgsError VMGS_IO when nothing more is written, and as `fileError` */
export async function writeFully(
  handle: WritableHandle,
  path: string,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await inFile(path, () =>
      handle.write(bytes, done, bytes.length - done, offset + done),
    );
    if (bytesWritten === 0) {
      const message = `takes nothing more at ${offset + done}`;
      throw new VmgsError("VMGS_IO", message, { path, offset: offset + done });
    }
    done += bytesWritten;
  }
}

/** The same as `readFully`, without waiting. */
export function readFullySync(descriptor: number, path: string, offset: number, into: Uint8Array): void {
  try {
    for (let done = 0; done < into.length; ) {
      const count = readSync(descriptor, into, done, into.length - done, offset + done);
      if (count === 0) throw endedEarly(path, offset + done);
      done += count;
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

function endedEarly(path: string, offset: number): VmgsError {
  return new VmgsError("VMGS_IO", `the file ends at ${offset}: it was cut while it was open`, {
    path,
    offset,
  });
}
