/** Opening FILE for reading, whether it names a local file or a place elsewhere. Nothing is ever written. */

import { type ByteSource, type Disk, isVmgsError, openDisk } from "vmgskit";
import { openDiskFile, openFileSource } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";
import { containerOptions } from "./open-options.ts";
import type { PlaceOptions } from "./places/index.ts";
import { placeKind } from "./places/place-name.ts";

const nothingToClose = async () => undefined;

/** Places that a command has open: standard input can be read once, and requests cost time. */
const opened = new WeakMap<CommandContext, Map<string, Promise<ByteSource | null>>>();
/** The two that a comparison needs. */
const MOST_OPENED = 2;

/**
 * The place behind FILE; null for a local file that is not packed.
 *
 * @throws VmgsError as `openPlace`; UsageError
 */
export function placeBehind(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<ByteSource | null> {
  const places = opened.get(context) ?? new Map<string, Promise<ByteSource | null>>();
  opened.set(context, places);
  const open = places.get(file) ?? openOnce(context, file, options);
  places.delete(file);
  places.set(file, open);
  for (const oldest of places.keys()) if (places.size > MOST_OPENED) places.delete(oldest);
  return open;
}

async function openOnce(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<ByteSource | null> {
  if (file === "-" && options.key === "-") {
    throw new UsageError("store and key can't both come from standard input");
  }
  const { openPlace } = await import("./places/index.ts");
  return openPlace(context, file, options as PlaceOptions);
}

/** The place behind FILE where an error says that it is not a plain local file; throws the error otherwise. */
export async function placeAfter(
  error: unknown,
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<ByteSource> {
  const isMember = isVmgsError(error, "VMGS_FILE_NOT_FOUND") && file.includes("#");
  const place =
    isMember || isVmgsError(error, "VMGS_OTHER_DISK_FORMAT")
      ? await placeBehind(context, file, options)
      : null;
  if (place === null) throw error;
  return place;
}

/** A whole file, footer included. */
export async function openSourceForReading(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<ByteSource & AsyncDisposable> {
  const placed = (source: ByteSource) => ({ ...source, [Symbol.asyncDispose]: nothingToClose });
  if (placeKind(file) !== "file") return placed((await placeBehind(context, file, options)) as ByteSource);
  try {
    const source = await openFileSource(file);
    if (!(await isPacked(source))) return source;
    await source.close();
  } catch (error) {
    return placed(await placeAfter(error, context, file, options));
  }
  return placed((await placeBehind(context, file, options)) as ByteSource);
}

/** Whether the first bytes are those of gzip or zstd. */
async function isPacked(source: ByteSource): Promise<boolean> {
  const magic = new Uint8Array(Math.min(4, source.byteLength));
  await source.read(0, magic);
  const [a, b, c, d] = magic;
  return (a === 0x1f && b === 0x8b) || (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd);
}

/** The disk in a file. */
export async function openDiskForReading(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<Disk & AsyncDisposable> {
  let place: ByteSource;
  if (placeKind(file) === "file") {
    try {
      return await openDiskFile(file, containerOptions(options));
    } catch (error) {
      place = await placeAfter(error, context, file, options);
    }
  } else place = (await placeBehind(context, file, options)) as ByteSource;
  const disk = await openDisk(place, containerOptions(options));
  return { ...disk, [Symbol.asyncDispose]: nothingToClose };
}

/** All bytes of a place. @throws VmgsError VMGS_INPUT_TOO_LARGE */
export async function bytesOfPlace(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<Uint8Array> {
  const place = (await placeBehind(context, file, options)) as ByteSource;
  const { wholeOf } = await import("./places/index.ts");
  return wholeOf(place, context.signal);
}
