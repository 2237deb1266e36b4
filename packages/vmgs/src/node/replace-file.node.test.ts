/** Files appear whole or not at all, and what is replaced keeps all but its content. */

import fs from "node:fs";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { openMemoryDisk } from "../index.ts";
import { planConversion } from "../recovery/index.ts";
import {
  copyDiskFile,
  createDiskFile,
  leftoversBeside,
  makeFile,
  type NewFile,
  openDiskFile,
  replaceFile,
  writeConversion,
} from "./index.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmgskit-replace-"));
  path = join(folder, "a");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const writing = (text: string) => (file: NewFile) => file.write(0, bytes(text));
const isRoot = process.getuid?.() === 0;

describe("a new file", () => {
  test("has no name before it is whole", async () => {
    await makeFile(path, async (file) => {
      await file.write(0, bytes("half"));
      expect(fs.existsSync(path)).toBe(false);
      await file.write(4, bytes(" whole"));
    });
    expect(await readFile(path, "utf8")).toBe("half whole");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("of several makers one succeeds, and none removes it", async () => {
    const names = ["1", "2", "3", "4", "5"];
    const results = await Promise.allSettled(names.map((name) => makeFile(path, writing(name))));
    const winners = results.flatMap(({ status }, i) => (status === "fulfilled" ? [names[i]] : []));
    expect(winners).toHaveLength(1);
    expect(await readFile(path, "utf8")).toBe(winners[0]);
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("also where the file system has no hard links", async () => {
    const { linkSync } = fs;
    fs.linkSync = () => {
      throw Object.assign(new Error("no links here"), { code: "EPERM" });
    };
    syncBuiltinESMExports();
    try {
      await makeFile(path, writing("new"));
      expect(await codeOf(() => makeFile(path, writing("newer")))).toBe("VMGS_FILE_EXISTS");
    } finally {
      fs.linkSync = linkSync;
      syncBuiltinESMExports();
    }
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("is not made when its content can't be, and what another process made meanwhile stays", async () => {
    const failing = async () => {
      await writeFile(path, "of another");
      throw new Error("no content");
    };
    await expect(makeFile(path, failing)).rejects.toThrow("no content");
    expect(await codeOf(() => makeFile(join(folder, "none", "a"), writing("x")))).toBe("VMGS_FILE_NOT_FOUND");
    expect(await readFile(path, "utf8")).toBe("of another");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("does not take the place of a link that leads nowhere", async () => {
    await symlink("nowhere", path);
    expect(await codeOf(() => makeFile(path, writing("x")))).toBe("VMGS_FILE_EXISTS");
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  test("of two disks that are made at once one has its store, and the other was refused", async () => {
    const disk = (fill: number) =>
      createDiskFile(path, { prepare: (made) => made.write(8192, new Uint8Array(4096).fill(fill)) });
    const results = await Promise.allSettled([disk(1), disk(2), disk(3)]);
    const winner = results.findIndex(({ status }) => status === "fulfilled");
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await readFile(path))[8192]).toBe(winner + 1);
    expect(await readdir(folder)).toEqual(["a"]);
  });
});

describe("a file that is replaced", () => {
  test("keeps permissions, owner and the links that lead to it", async () => {
    const target = join(folder, "target");
    await writeFile(target, "old");
    if (isRoot) await chown(target, 1234, 2345);
    await chmod(target, 0o6641);
    await symlink("target", path);
    await replaceFile(path, writing("new"));
    const { uid, gid, mode } = await stat(target);
    expect(mode & 0o7777).toBe(0o6641);
    if (isRoot) expect([uid, gid]).toEqual([1234, 2345]);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(target, "utf8")).toBe("new");
    expect((await readdir(folder)).sort()).toEqual(["a", "target"]);
  });

  test("is private afterwards when that is asked for", async () => {
    await writeFile(path, "old", { mode: 0o644 });
    if (isRoot) await chown(path, 1234, 2345);
    await replaceFile(path, writing("new"), { private: true });
    const { uid, mode } = await stat(path);
    expect([uid, mode & 0o777]).toEqual([process.getuid?.(), 0o600]);
  });

  test("stays as it was when its new content can't be written", async () => {
    await writeFile(path, "old");
    const failing = async (file: NewFile) => {
      await file.write(0, bytes("new"));
      throw new Error("no more");
    };
    await expect(replaceFile(path, failing)).rejects.toThrow("no more");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("is refused when other names lead to it", async () => {
    await writeFile(path, "old");
    await link(path, join(folder, "b"));
    expect(await codeOf(() => replaceFile(path, writing("new")))).toBe("VMGS_SEVERAL_LINKS");
    expect(await readFile(join(folder, "b"), "utf8")).toBe("old");
  });

  test("is not replaced when another took its place meanwhile", async () => {
    await writeFile(path, "old");
    const fill = async () => {
      await writeFile(join(folder, "b"), "of another");
      await rename(join(folder, "b"), path);
    };
    expect(await codeOf(() => replaceFile(path, fill))).toBe("VMGS_CHANGED_UNDERNEATH");
    expect(await readFile(path, "utf8")).toBe("of another");
    expect(await readdir(folder)).toEqual(["a"]);
  });
});

describe("holes", () => {
  const allocated = async (file: string) => (await stat(file)).blocks * 512;

  test("stay holes in a copy, which has the permissions and the owner of the original", async () => {
    await createDiskFile(path, { byteLength: 2 ** 24 });
    if (isRoot) await chown(path, 1234, 2345);
    await chmod(path, 0o640);
    const copy = join(folder, "copy");
    await copyDiskFile(path, copy);
    expect((await readFile(copy)).equals(await readFile(path))).toBe(true);
    expect(await allocated(copy)).toBeLessThan(65_536);
    const [a, b] = [await stat(path), await stat(copy)];
    expect([b.mode, b.uid, b.gid]).toEqual([a.mode, a.uid, a.gid]);
    expect(await codeOf(() => copyDiskFile(path, copy))).toBe("VMGS_FILE_EXISTS");
  });

  test("stay holes in a conversion that replaces the file, link and permissions staying", async () => {
    const target = join(folder, "target");
    await createDiskFile(target, { byteLength: 2 ** 24 });
    await chmod(target, 0o640);
    await symlink("target", path);
    const image = new Uint8Array(await readFile(target));
    const disk = openMemoryDisk(image);
    const conversion = await planConversion(disk, { container: "raw" }).catch(() => null);
    if (conversion === null) throw new Error("a blank disk can be converted");
    await writeConversion(disk, conversion, path, { replace: true });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    const { size, mode } = await stat(target);
    expect([size, mode & 0o777]).toEqual([2 ** 24, 0o640]);
    expect(await allocated(target)).toBeLessThan(65_536);
  });
});

test("a killed run leaves a file that is known by its name, to nothing but its own store", async () => {
  await createDiskFile(path);
  const long = join(folder, "ö".repeat(120));
  await writeFile(long, "");
  const left: string[] = [];
  for (const file of [path, long]) {
    await replaceFile(file, async (made) => {
      await made.write(0, bytes("x"));
      left.push(...(await leftoversBeside(file)));
    });
  }
  expect(left).toHaveLength(2);
  for (const name of left) expect(name).toMatch(/\/\.(a|ö+)\.[\w-]{12}\.vmgs-tmp$/);
  expect(await leftoversBeside(path)).toEqual([]);
});

test("a store that still has the name of the run that made it says which name to delete", async () => {
  await createDiskFile(path);
  const left = join(folder, ".a.0123456789ab.vmgs-tmp");
  await link(path, left);
  const error: unknown = await openDiskFile(path, { write: true }).catch((reason: unknown) => reason);
  expect(String(error)).toContain(left);
  await rm(left);
  await using disk = await openDiskFile(path, { write: true });
  await disk.flush();
});
