/** gzip and zstd, unpacked into memory up to a limit. */

import { createGunzip } from "node:zlib";
import { type ByteSource, memorySource, VmgsError } from "vmgskit";

/** Larger than any store that is known; what a small file can be blown up to has this end. */
export const MOST_UNPACKED = 256 * 1024 * 1024;
const CHUNK = 1 << 20;

/** The source itself, or what is packed in it. Only one layer is taken off. */
export async function unpacked(source: ByteSource, signal: AbortSignal): Promise<ByteSource> {
  const magic = new Uint8Array(Math.min(4, source.byteLength));
  await source.read(0, magic, { signal });
  const [a, b, c, d] = magic;
  if (a === 0x1f && b === 0x8b) return packedIn(source, "gzip", await gunzip(source, signal));
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) {
    return packedIn(source, "zstd", await unzstd(source, signal));
  }
  return source;
}

const packedIn = ({ wrapping = [] }: ByteSource, name: string, bytes: Uint8Array): ByteSource => ({
  ...memorySource(bytes),
  wrapping: [...wrapping, name],
});

/** What is unpacked so far, with its limit. */
class Unpacked {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > MOST_UNPACKED) throw tooLarge();
    this.#parts.push(part);
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length);
  }
}

export const tooLarge = () =>
  new VmgsError("VMGS_INPUT_TOO_LARGE", `the store would take more than ${MOST_UNPACKED} bytes of memory`, {
    limit: MOST_UNPACKED,
  });

const broken = (name: string) =>
  new VmgsError("VMGS_OTHER_DISK_FORMAT", `the ${name} around the file is damaged or was cut`, { offset: 0 });

async function* chunksOf(source: ByteSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.byteLength; at += CHUNK) {
    const chunk = new Uint8Array(Math.min(CHUNK, source.byteLength - at));
    await source.read(at, chunk, { signal });
    yield chunk;
  }
}

async function gunzip(source: ByteSource, signal: AbortSignal): Promise<Uint8Array> {
  const { pipeline } = await import("node:stream/promises");
  const unpacking = new Unpacked();
  try {
    await pipeline(
      chunksOf(source, signal),
      createGunzip(),
      async (parts: AsyncIterable<Uint8Array>) => {
        for await (const part of parts) unpacking.add(part);
      },
      { signal },
    );
  } catch (error) {
    const { code = "" } = error as { code?: string };
    throw code.startsWith("Z_") || code === "ERR_TRAILING_JUNK_AFTER_STREAM_END" ? broken("gzip") : error;
  }
  return unpacking.bytes();
}

async function unzstd(source: ByteSource, signal: AbortSignal): Promise<Uint8Array> {
  const { Decompress } = await import("fzstd");
  const unpacking = new Unpacked();
  let isWhole = false;
  await checkWindow(source, signal);
  const stream = new Decompress((part, isLast) => {
    unpacking.add(part);
    isWhole ||= isLast === true;
  });
  try {
    let at = 0;
    for await (const chunk of chunksOf(source, signal)) {
      at += chunk.length;
      stream.push(chunk, at === source.byteLength);
    }
  } catch (error) {
    if (error instanceof VmgsError || signal.aborted) throw error;
    throw broken("zstd");
  }
  if (!isWhole) throw broken("zstd");
  return unpacking.bytes();
}

/** The window is taken before a byte is unpacked, and a frame may ask for any size (RFC 8878, 3.1.1.1). */
async function checkWindow(source: ByteSource, signal: AbortSignal): Promise<void> {
  const head = new Uint8Array(14);
  await source.read(0, head.subarray(0, Math.min(14, source.byteLength)), { signal });
  const [, , , , descriptor = 0, window = 0] = head;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const view = new DataView(head.buffer);
  const size = isSingleSegment
    ? ([
        () => view.getUint8(5),
        () => view.getUint16(5, true) + 256,
        () => view.getUint32(5, true),
        () => Number(view.getBigUint64(5, true)),
      ][descriptor >>> 6]?.() ?? 0)
    : 2 ** (10 + (window >>> 3)) * (1 + (window & 7) / 8);
  if (size > MOST_UNPACKED) throw tooLarge();
}
