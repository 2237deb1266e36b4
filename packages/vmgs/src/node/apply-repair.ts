/** Carrying out a repair that was planned. */

import { open } from "node:fs/promises";
import { checkObject, checkText } from "../arguments/index.ts";
import type { RepairPlan } from "../recovery/index.ts";
import { checkPath, inFile } from "./file-errors.ts";
import { checkStillThere, refuseSeveralLinks } from "./file-identity.ts";
import type { WriteLock } from "./lock.ts";
import { writeFully } from "./whole-transfers.ts";

/**
 * Writes what a plan says, in its order. Take the lock before planning, and keep it until this returns. Interrupted at
 * any point, the store opens, or does not, as before or as after.
 *
 * @param lock the lock under which the plan was made: the file must still be the one that it was taken for
 * @throws VmgsError VMGS_ACCESS_DENIED, VMGS_READ_ONLY_MEDIA, VMGS_DISK_FULL, VMGS_IO, VMGS_SEVERAL_LINKS,
 * VMGS_CHANGED_UNDERNEATH
 */
export async function applyRepair(path: string, plan: RepairPlan, lock?: WriteLock): Promise<void> {
  checkText(path, "path");
  checkObject(plan, "plan", "findings", "steps", "choices", "unrepaired");
  if (lock !== undefined) checkObject(lock, "lock", "verify", "release");
  const { writes } = plan;
  checkPath(path);
  const handle = await inFile(path, () => open(path, "r+"));
  try {
    const opened = await inFile(path, () => handle.stat({ bigint: true }));
    await refuseSeveralLinks(path, opened);
    await lock?.verify();
    await inFile(path, () => checkStillThere(path, opened));
    for (const write of writes) {
      if (write.kind === "flush") await inFile(path, () => handle.sync());
      else await writeFully(handle, path, write.offset, write.bytes);
    }
    await inFile(path, () => handle.sync());
  } finally {
    await handle.close();
  }
}
