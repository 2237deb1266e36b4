/** Opens what FILE names, as one source, whatever lies between it and the bytes. */

import { type ByteSource, httpSource, memorySource } from "vmgskit";
import { openFileSource } from "vmgskit/node";
import { UsageError } from "../exit-codes.ts";
import { azureSource } from "./azure.ts";
import { placeKind } from "./place-name.ts";
import { checkedUrl, type PlaceContext, type PlaceOptions } from "./reaching.ts";
import { s3Source } from "./s3.ts";
import { openMember } from "./tar.ts";
import { MOST_UNPACKED, tooLarge, unpacked } from "./unpack.ts";

/**
 * Opens a place; gzip and zstd are unpacked, `ARCHIVE#MEMBER` is a member of a tar archive. Null for a local file that is
 * neither packed nor a member: it is opened as a file.
 *
 * @throws VmgsError as `httpSource`, `openFileSource`; VMGS_INPUT_TOO_LARGE, VMGS_OTHER_DISK_FORMAT; UsageError
 */
export async function openPlace(
  context: PlaceContext,
  text: string,
  options: PlaceOptions,
): Promise<ByteSource | null> {
  const hash = text.lastIndexOf("#");
  const [outer, member] = hash < 0 ? [text, null] : [text.slice(0, hash), text.slice(hash + 1)];
  const { signal } = context;
  if (placeKind(text) !== "file") return inside(await remote(context, outer, options), member, signal);
  await using file = await openFileSource(outer);
  const source = await inside(file, member, signal);
  return source.wrapping === undefined ? null : inMemory(source, signal);
}

async function inside(source: ByteSource, member: string | null, signal: AbortSignal): Promise<ByteSource> {
  const plain = await unpacked(source, signal);
  return member === null ? plain : unpacked(await openMember(plain, member, signal), signal);
}

/** The file that it lies in is closed then. */
async function inMemory(source: ByteSource, signal: AbortSignal): Promise<ByteSource> {
  const { wrapping = [] } = source;
  return { ...memorySource(await wholeOf(source, signal)), wrapping };
}

/** All bytes of a source that fits into memory. @throws VmgsError VMGS_INPUT_TOO_LARGE */
export async function wholeOf(source: ByteSource, signal: AbortSignal): Promise<Uint8Array> {
  if (source.byteLength > MOST_UNPACKED) throw tooLarge();
  const bytes = new Uint8Array(source.byteLength);
  await source.read(0, bytes, { signal });
  return bytes;
}

async function remote(context: PlaceContext, text: string, options: PlaceOptions): Promise<ByteSource> {
  const kind = placeKind(text);
  if (kind === "stdin") return stdinSource(context);
  if (kind === "azure") return azureSource(text, context, options);
  if (kind === "s3") return s3Source(text, context, options);
  return httpSource(checkedUrl(text, options), { signal: context.signal });
}

async function stdinSource({ readStdin, stdinIsTerminal }: PlaceContext): Promise<ByteSource> {
  if (stdinIsTerminal) throw new UsageError("standard input is a terminal, not a store");
  const bytes = await readStdin(MOST_UNPACKED + 1);
  if (bytes.length > MOST_UNPACKED) {
    throw tooLarge();
  }
  return { ...memorySource(bytes), wrapping: ["standard input"] };
}
