/** I/O errors at every call, in short; and the proofs notice what does not cope with them. */

import { open } from "node:fs/promises";
import { expect, test } from "vitest";
import { proveDiskFaults } from "./disk-faults.ts";
import { proveFileFaults, watchFileHandles } from "./file-faults.ts";

test("after an I/O error at any call a store is as before or as after, or uncertain until it is opened again", async () => {
  const figures = await proveDiskFaults(1, 300);
  for (const count of [figures.reads, figures.writes, figures.flushes, figures.before, figures.after]) {
    expect(count).toBeGreaterThan(10);
  }
  expect(figures.uncertain).toBeGreaterThan(10);
  expect(figures.retried).toBeGreaterThan(50);
});

test("after an error of the operating system at any call a file is as before or as after, and nothing is left", async () => {
  const { unnoticed, refused, before, after, creations } = await proveFileFaults(1, 300);
  for (const count of [unnoticed, refused, before, after, creations]) expect(count).toBeGreaterThan(20);
});

test("faults strike the calls of real file handles, once", async () => {
  const faults = watchFileHandles();
  try {
    faults.plan = { at: 1, kind: "EIO" };
    await using handle = await open(process.execPath);
    await expect(handle.stat()).rejects.toThrow("EIO");
    expect((await handle.stat()).size).toBeGreaterThan(0);
    faults.plan = { at: 3, kind: "short" };
    expect((await handle.read(new Uint8Array(300), 0, 300, 0)).bytesRead).toBe(100);
    expect(faults.calls).toEqual(["open", "stat", "stat", "read"]);
  } finally {
    faults.end();
  }
});
