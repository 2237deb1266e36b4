/** A disk over a source: what is in the file around it, without the footer. */

import { optionsOf, refused } from "../arguments/index.ts";
import {
  type ByteSource,
  checkByteSource,
  checkSyncByteSource,
  refuseNotWhole,
  type SyncByteSource,
} from "../source/index.ts";
import { type RunOptions, run, runOptionChecks, runSync } from "../steps/index.ts";
import {
  type Container,
  type ContainerOptions,
  checkContainerOptions,
  containerOptionChecks,
  detectContainer,
} from "./container.ts";
import { checkReadInto, type Disk, type SyncDisk } from "./disk.ts";

const checkOpenDiskOptions = optionsOf({ ...containerOptionChecks, ...runOptionChecks });

/**
 * Takes a whole file for a disk, read-only. Only the ranges that are asked for are read.
 *
 * @throws VmgsError as `detectContainer`, and what the source throws
 */
export async function openDisk(
  source: ByteSource,
  options: ContainerOptions & RunOptions = {},
): Promise<Disk> {
  checkByteSource(source, "source");
  checkOpenDiskOptions(options, "options");
  const steps = detectContainer(source.byteLength, options);
  const container = await run(steps, source, undefined, options);
  const { wrapping } = source;
  return diskOver(source, wrapping === undefined ? container : { ...container, wrapping });
}

/**
 * The same, without waiting.
 *
 * @throws VmgsError as `openDisk`
 */
export function openDiskSync(source: SyncByteSource, options: ContainerOptions = {}): SyncDisk {
  checkSyncByteSource(source, "source");
  checkContainerOptions(options, "options");
  const container = runSync(detectContainer(source.byteLength, options), source);
  const disk: SyncDisk = {
    ...infoOf(container),
    readSync(offset, into) {
      checkReadInto(disk, offset, into);
      source.readSync(offset, into);
    },
  };
  return disk;
}

/** A disk whose container is known, over the file that it lies in. */
export function diskOver(source: ByteSource, container: Container): Disk {
  const disk: Disk = {
    ...infoOf(container),
    async read(offset, into, options) {
      checkReadInto(disk, offset, into, options);
      await source.read(offset, into, options);
    },
    ...(source.readAhead !== undefined && {
      readAhead: Math.min(source.readAhead, container.diskBytes),
    }),
    ...(source.bytesAtHand && {
      bytesAtHand: (offset: number, length: number) =>
        offset + length <= disk.byteLength ? source.bytesAtHand?.(offset, length) : undefined,
    }),
  };
  return disk;
}

const infoOf = (container: Container) => ({
  container,
  sectorSize: container.sectorSize,
  byteLength: container.diskBytes,
});

const DISK_OR_FILE =
  "a disk, such as openDiskFile and openMemoryDisk give, or a whole file, such as memorySource, blobSource, httpSource and openFileSource give";

/** The disk itself, or the one in a whole file. Options for a container are only for files: a disk has its own. */
export async function diskIn(
  source: ByteSource | Disk,
  options: ContainerOptions & RunOptions = {},
  name = "source",
): Promise<Disk> {
  if (isDisk(source, options, name, "read")) return source as Disk;
  return openDisk(source as ByteSource, options);
}

/** The same, without waiting. */
export function diskInSync(
  source: SyncByteSource | SyncDisk,
  options: ContainerOptions = {},
  name = "source",
): SyncDisk {
  if (isDisk(source, options, name, "readSync")) return source as SyncDisk;
  return openDiskSync(source as SyncByteSource, options);
}

function isDisk(
  source: unknown,
  options: ContainerOptions,
  name: string,
  reading: "read" | "readSync",
): boolean {
  refuseNotWhole(source, name, DISK_OR_FILE, reading);
  if (!("container" in (source as object))) return false;
  if (!("sectorSize" in (source as object))) throw refused(name, DISK_OR_FILE, source);
  for (const option of ["container", "sectorSize"] as const) {
    if (options[option] === undefined) continue;
    throw refused(`options.${option}`, "omitted for a disk, whose container is known", options[option]);
  }
  return true;
}

/** The same disk for one long operation: its reads end by the signal, and are reported. */
export function watchedDisk(disk: Disk, { signal, onProgress }: RunOptions): Disk {
  if (signal === undefined && onProgress === undefined) return disk;
  let bytesRead = 0;
  return {
    ...infoOf(disk.container),
    async read(offset, into, options) {
      signal?.throwIfAborted();
      await disk.read(offset, into, signal === undefined ? options : { signal });
      bytesRead += into.length;
      onProgress?.({ bytesRead });
    },
    ...(disk.readAhead !== undefined && { readAhead: disk.readAhead }),
  };
}
