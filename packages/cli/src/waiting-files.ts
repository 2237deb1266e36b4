/** Files of the host that can make a process wait: FIFOs, terminals, devices. An aborted signal ends every wait. */

import {
  close,
  closeSync,
  constants,
  fstat,
  open,
  openSync,
  read,
  type Stats,
  statSync,
  write,
} from "node:fs";
import { Socket } from "node:net";
import { isatty, ReadStream } from "node:tty";
import { promisify } from "node:util";

// Descriptors, because a stream that takes one over from a file handle would close it a second time.
const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const readFile = promisify(read);
const writeFile = promisify(write);

const CHUNK = 65_536;

/**
 * The first `most` bytes of a file, a device, a FIFO or a process substitution. What the system says is thrown as it is.
 *
 * @throws an AbortError when the signal is aborted
 */
export async function readStart(path: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const descriptor = await openUnlessAborted(path, constants.O_RDONLY, signal);
  return collect(await sourceOf(descriptor, signal), most);
}

/**
 * Writes the bytes into what exists and is not a regular file: a FIFO, a terminal, a device.
 *
 * @throws an AbortError when the signal is aborted
 */
export async function writeThrough(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const descriptor = await openUnlessAborted(path, constants.O_WRONLY, signal);
  const stats = await statOrClose(descriptor);
  if (stats.isFIFO()) {
    await endStream(new Socket({ fd: descriptor, readable: false, writable: true }), bytes, signal);
    return;
  }
  try {
    for (let done = 0; done < bytes.length; ) {
      signal.throwIfAborted();
      done += (await writeFile(descriptor, bytes, done, Math.min(CHUNK, bytes.length - done))).bytesWritten;
    }
  } finally {
    await closeFile(descriptor);
  }
}

/** The first `most` bytes of a stream, which is closed when it has more. */
export async function collect(chunks: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(parts, Math.min(length, most));
}

/** A FIFO is opened when its other end is, which may be never. */
async function openUnlessAborted(path: string, access: number, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  let waking: NodeJS.Timeout | undefined;
  const wake = () => {
    waking = setInterval(() => openOtherEnd(path, access), 10);
  };
  signal.addEventListener("abort", wake);
  try {
    const descriptor = await openFile(path, access);
    if (!signal.aborted) return descriptor;
    await closeFile(descriptor);
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", wake);
    clearInterval(waking);
  }
}

/** Nothing else ends the wait: the thread that opens a FIFO would keep even the end of the process waiting. */
function openOtherEnd(path: string, access: number): void {
  const other = access === constants.O_RDONLY ? constants.O_WRONLY : constants.O_RDONLY;
  try {
    if (statSync(path).isFIFO()) closeSync(openSync(path, other | constants.O_NONBLOCK));
  } catch {
    // The other end is not waiting yet, or no longer.
  }
}

async function sourceOf(descriptor: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const stats = await statOrClose(descriptor);
  if (stats.isFIFO()) {
    return abortable(new Socket({ fd: descriptor, readable: true, writable: false }), signal);
  }
  return isatty(descriptor) ? abortable(new ReadStream(descriptor), signal) : readChunks(descriptor, signal);
}

async function statOrClose(descriptor: number): Promise<Stats> {
  try {
    return await statFile(descriptor);
  } catch (error) {
    await closeFile(descriptor);
    throw error;
  }
}

async function* readChunks(descriptor: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await readFile(descriptor, Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await closeFile(descriptor);
  }
}

interface Destroyable {
  destroy(error?: Error): unknown;
  on(event: "error", listener: () => void): unknown;
}

/** Destroying a stream ends its iteration, and lets the process end. */
export async function* abortable(
  stream: NodeJS.ReadableStream & Destroyable,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const release = destroyOnAbort(stream, signal);
  try {
    signal.throwIfAborted();
    for await (const chunk of stream) yield chunk as unknown as Uint8Array;
  } finally {
    release();
  }
}

async function endStream(stream: Socket, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.end(bytes, (error?: Error | null) => (error ? reject(error) : resolve()));
  });
  const release = destroyOnAbort(stream, signal);
  await ended.finally(release);
}

/** Destroys the stream when the signal is aborted, or was before. Returns what ends that. */
function destroyOnAbort(stream: Destroyable, signal: AbortSignal): () => void {
  // Each reader and writer hears of it in its own way, and the event beside it says nothing new.
  stream.on("error", () => undefined);
  const destroy = () => stream.destroy(signal.reason);
  if (signal.aborted) destroy();
  else signal.addEventListener("abort", destroy);
  return () => signal.removeEventListener("abort", destroy);
}
