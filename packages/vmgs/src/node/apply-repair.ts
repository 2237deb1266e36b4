/** Carrying out a repair that was planned. */

import { type FileHandle, open } from "node:fs/promises";
import type { RepairPlan } from "../recovery/index.ts";
import { inFile } from "./disk-file.ts";
import { checkPath } from "./file-errors.ts";

/**
 * Writes what a plan says, in its order. Take the lock before planning, and keep it until this returns. Interrupted at
 * any point, the store opens, or does not, as before or as after.
 *
 * @throws VmgsError VMGS_ACCESS_DENIED, VMGS_READ_ONLY_MEDIA, VMGS_DISK_FULL, VMGS_IO
 */
export async function applyRepair(path: string, { writes }: RepairPlan): Promise<void> {
  checkPath(path);
  const handle = await inFile(path, () => open(path, "r+"));
  try {
    for (const write of writes) {
      if (write.kind === "flush") await inFile(path, () => handle.sync());
      else await inFile(path, () => writeAt(handle, write.offset, write.bytes));
    }
    await inFile(path, () => handle.sync());
  } finally {
    await handle.close();
  }
}

async function writeAt(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
