/** A disk in memory that notes what is asked of it, and can be told to fail. */

import { createMemoryDisk, type MemoryDisk, type WritableDisk } from "../src/index.ts";

export type DiskEvent =
  | { readonly kind: "read"; readonly offset: number; readonly length: number }
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "flush" };

export interface RecordingDisk extends WritableDisk {
  readonly image: Uint8Array;
  /** Everything since the start, or since the array was emptied. */
  readonly events: DiskEvent[];
  /** Called before an event takes effect; what it throws is what the disk fails with. */
  before: (event: DiskEvent) => void | Promise<void>;
}

/** Records what happens to a disk in memory. */
export function recordingDisk(disk: MemoryDisk = createMemoryDisk(4_194_304)): RecordingDisk {
  const note = async (event: DiskEvent) => {
    await recording.before(event);
    recording.events.push(event);
  };
  const recording: RecordingDisk = {
    container: disk.container,
    sectorSize: disk.sectorSize,
    byteLength: disk.byteLength,
    image: disk.image,
    events: [],
    before: () => undefined,
    async read(offset, into) {
      await note({ kind: "read", offset, length: into.length });
      await disk.read(offset, into);
    },
    async write(offset, bytes) {
      await note({ kind: "write", offset, bytes: bytes.slice() });
      await disk.write(offset, bytes);
    },
    async flush() {
      await note({ kind: "flush" });
    },
  };
  return recording;
}

/** `write 8192+4096`, `flush`: events as text. */
export function eventText(event: DiskEvent): string {
  if (event.kind === "flush") return "flush";
  return `${event.kind} ${event.offset}+${event.kind === "read" ? event.length : event.bytes.length}`;
}

/** Fails every write and flush that meets the condition. */
export function failing(
  condition: (event: DiskEvent) => boolean,
  error: () => unknown,
): (event: DiskEvent) => void {
  return (event) => {
    if (condition(event)) throw error();
  };
}
