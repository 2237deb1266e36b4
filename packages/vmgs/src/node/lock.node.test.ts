/** One writer: whatever the file is called, and whatever lies where its lock would. */

import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { isVmgsError } from "../index.ts";
import { createDiskFile, lockPathOf, openDiskFile, replaceFile, takeWriteLock } from "./index.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmgskit-lock-"));
  path = join(folder, "a.vmgs");
  await createDiskFile(path, { byteLength: 65_536 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openForWriting = (file: string) => openDiskFile(file, { write: true });
const block = new Uint8Array(4096);

describe("while a writer has the file", () => {
  test("a symbolic link keeps no other writer in", async () => {
    await mkdir(join(folder, "sub"));
    const other = join(folder, "sub", "b.vmgs");
    await symlink(path, other);
    await using disk = await openForWriting(path);
    expect(await codeOf(() => openForWriting(other))).toBe("VMGS_LOCKED_BY_OTHER");
    await disk.flush();
  });

  test("a rename neither lets another writer in, nor the first one go on", async () => {
    await using disk = await openForWriting(path);
    const other = join(folder, "b.vmgs");
    await rename(path, other);
    expect(await codeOf(() => openForWriting(other))).toBe("VMGS_LOCKED_BY_OTHER");
    expect(await codeOf(() => disk.write(8192, block))).toBe("VMGS_CHANGED_UNDERNEATH");
    await disk.close();
    await using second = await openForWriting(other);
    await second.write(8192, block);
    expect((await readdir(folder)).sort()).toEqual(["b.vmgs", "b.vmgs.lock"]);
  });

  test("a hard link, in another folder as well, is refused", async () => {
    await mkdir(join(folder, "sub"));
    const other = join(folder, "sub", "b.vmgs");
    await using disk = await openForWriting(path);
    await link(path, other);
    expect(await codeOf(() => openForWriting(other))).toBe("VMGS_SEVERAL_LINKS");
    await disk.close();
    expect(await codeOf(() => openForWriting(path))).toBe("VMGS_SEVERAL_LINKS");
    await rm(other);
    await using alone = await openForWriting(path);
    await alone.flush();
  });

  test("replacing the file ends its writes: they would be lost", async () => {
    await using disk = await openForWriting(path);
    await replaceFile(path, (file) => file.write(0, block));
    expect(await codeOf(() => disk.write(8192, block))).toBe("VMGS_CHANGED_UNDERNEATH");
  });
});

test("a writer that comes while the file is replaced gets the new one", async () => {
  const lock = await takeWriteLock(path);
  const raw = { write: true, container: "raw", sectorSize: 512 } as const;
  const coming = (async () => {
    for (;;) {
      const disk = await openDiskFile(path, raw).catch((error: unknown) => {
        if (isVmgsError(error, "VMGS_LOCKED_BY_OTHER")) return null;
        throw error;
      });
      if (disk !== null) return disk;
    }
  })();
  await replaceFile(path, (file) => file.truncate(131_072));
  await lock.release();
  await using disk = await coming;
  expect(disk.byteLength).toBe(131_072);
  await disk.write(8192, block);
});

describe("what lies where the lock would", () => {
  const locked = async () => {
    const error: unknown = await openForWriting(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "VMGS_LOCKED_BY_OTHER" });
    return String(error);
  };

  test.skipIf(process.platform === "win32")("a pipe is not waited for", async () => {
    execFileSync("mkfifo", [`${path}.lock`]);
    expect(await locked()).toContain(`if none does, delete ${path}.lock`);
  });

  test.skipIf(process.platform === "win32")("a device that never ends is not read", async () => {
    await symlink("/dev/zero", `${path}.lock`);
    expect(await locked()).toContain(`if none does, delete ${path}.lock`);
  });

  test("a large file is not read", async () => {
    await writeFile(`${path}.lock`, "{");
    await truncate(`${path}.lock`, 2 ** 40);
    expect(await locked()).toContain(`if none does, delete ${path}.lock`);
  });

  test("neither keeps the writer of another file out", async () => {
    await symlink("/dev/zero", join(folder, "x.lock"));
    await writeFile(join(folder, "y.lock"), "not json");
    await mkdir(join(folder, "z.lock"));
    await using disk = await openForWriting(path);
    await disk.flush();
  });
});

test("a lock that was released twice leaves the lock of the next owner alone", async () => {
  const first = await takeWriteLock(path);
  await first.release();
  await using _second = await takeWriteLock(path);
  await first.release();
  expect(await codeOf(() => takeWriteLock(path))).toBe("VMGS_LOCKED_BY_OTHER");
});

test("the path of a lock is known before there is a file, but not without a folder", async () => {
  expect(await lockPathOf(join(folder, "new"))).toBe(join(folder, "new.lock"));
  expect(await codeOf(() => lockPathOf(join(folder, "none", "new")))).toBe("VMGS_FILE_NOT_FOUND");
  expect(await codeOf(() => takeWriteLock(join(folder, "new")))).toBe("VMGS_FILE_NOT_FOUND");
});
