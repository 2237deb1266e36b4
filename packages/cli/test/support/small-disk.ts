/** A real file system that gets full: a tmpfs of its own, where mounting one is allowed. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PAGE = 4096;

export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Leaves that many free pages of 4096 bytes. */
  leave(pages: number): void;
}

/** Why there is no small disk, or null. */
export const whyNoSmallDisk: string | null = (() => {
  if (process.platform !== "linux") return "tmpfs is of Linux";
  const folder = mkdtempSync(join(tmpdir(), "vmgs-mount-"));
  try {
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
    if (status !== 0) return "this user may not mount a tmpfs";
    execFileSync("umount", [folder]);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();

export function makeSmallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "vmgs-small-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]);
  const ballast = join(folder, "ballast");
  return {
    folder,
    leave(pages) {
      writeFileSync(ballast, "");
      truncateSync(ballast);
      writeFileSync(ballast, new Uint8Array((statfsSync(folder).bavail - pages) * PAGE));
    },
    [Symbol.dispose]() {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
