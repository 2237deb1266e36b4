/** Files that make a process wait: every wait ends with the signal, and not more is read than asked for. */

import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readStart, writeThrough } from "../src/waiting-files.ts";
import { makeFolder } from "./support/folder.ts";

let fifo: string;
const never = new AbortController().signal;

beforeEach(async () => {
  fifo = join(await makeFolder(), "fifo");
  spawnSync("mkfifo", [fifo]);
});

/** Aborted a few turns later, when the wait has begun or is about to. */
function soon(turns: number): AbortSignal {
  const controller = new AbortController();
  const count = (left: number) => {
    if (left === 0) controller.abort();
    else setImmediate(count, left - 1);
  };
  count(turns);
  return controller.signal;
}

describe.skipIf(process.platform === "win32")("a FIFO", () => {
  test.each([0, 1, 10, 1000])(
    "without its other end is given up when aborted after %i turns",
    async (turns) => {
      await expect(readStart(fifo, 10, soon(turns))).rejects.toThrow(/abort/i);
      await expect(writeThrough(fifo, new Uint8Array(10), soon(turns))).rejects.toThrow(/abort/i);
    },
  );

  test("whose writer says nothing, or whose reader reads nothing, is given up", async () => {
    await using other = await open(fifo, constants.O_RDWR);
    await expect(readStart(fifo, 10, soon(100))).rejects.toThrow(/abort/i);
    await expect(writeThrough(fifo, new Uint8Array(1_000_000), soon(100))).rejects.toThrow(/abort/i);
    await other.stat();
  });

  test("is given up at whatever moment the signal comes", async () => {
    await using other = await open(fifo, constants.O_RDWR);
    for (let turns = 0; turns < 40; turns++)
      await expect(readStart(fifo, 10, soon(turns))).rejects.toThrow(/abort/i);
    for (let turns = 0; turns < 40; turns++)
      await expect(writeThrough(fifo, new Uint8Array(1_000_000), soon(turns))).rejects.toThrow(/abort/i);
    await other.stat();
  });

  test("gives what was written, and takes what is written", async () => {
    const content = new Uint8Array(200_000).map((_, i) => i % 251);
    const [read] = await Promise.all([readStart(fifo, 1_000_000, never), writeThrough(fifo, content, never)]);
    expect(Buffer.compare(read, content)).toBe(0);
  });

  test("is closed when it has more than is wanted", async () => {
    const [read] = await Promise.all([
      readStart(fifo, 70_000, never),
      writeThrough(fifo, new Uint8Array(1_000_000), never).catch(
        (error: NodeJS.ErrnoException) => error.code,
      ),
    ]);
    expect(read).toHaveLength(70_000);
  });
});

test("of a file, a device and a folder come bytes, bytes without end, and an error", async () => {
  const file = join(await makeFolder(), "file");
  await writeFile(file, "abc");
  expect(Buffer.from(await readStart(file, 2, never)).toString()).toBe("ab");
  expect(Buffer.from(await readStart(file, 20, never)).toString()).toBe("abc");
  expect(await readStart("/dev/zero", 100_000, never)).toHaveLength(100_000);
  await expect(readStart("/dev/zero", 2 ** 31, soon(20))).rejects.toThrow(/abort/i);
  await expect(readStart(join(file, ".."), 1, never)).rejects.toThrow("EISDIR");
  await writeThrough("/dev/null", new Uint8Array(100_000), never);
  expect(await readFile(file, "utf8")).toBe("abc");
});
