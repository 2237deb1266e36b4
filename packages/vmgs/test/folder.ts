/** Temporary folders. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is gone after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vmgskit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
