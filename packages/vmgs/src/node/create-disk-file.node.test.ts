/** New disk files: made at once, and put in the place of another without anybody noticing a state between. */

import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { createDiskFile, openDiskFile } from "./index.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmgskit-create-"));
  path = join(folder, "a.vmgs");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a file that exists is not touched unless that is asked for", async () => {
  await writeFile(path, "old");
  expect(await codeOf(() => createDiskFile(path))).toBe("VMGS_FILE_EXISTS");
  expect(await readFile(path, "utf8")).toBe("old");
});

describe("with overwrite", () => {
  const overwrite = { byteLength: 65_536, overwrite: true };

  test("there is a blank disk, whether there was a file or not", async () => {
    await createDiskFile(path, overwrite);
    await createDiskFile(path, overwrite);
    await using disk = await openDiskFile(path);
    expect(disk.byteLength).toBe(65_536);
    expect(await readdir(folder)).toEqual(["a.vmgs"]);
  });

  test("a new file is its owner's, unless another mode is given", async () => {
    await createDiskFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await createDiskFile(`${path}.open`, { mode: 0o640 });
    expect((await stat(`${path}.open`)).mode & 0o777).toBe(0o640 & ~process.umask());
  });

  test("a link stays a link, and permissions stay", async () => {
    const target = join(folder, "target");
    await writeFile(target, "old");
    await chmod(target, 0o604);
    await symlink(target, path);
    await createDiskFile(path, overwrite);
    const { size, mode } = await stat(target);
    expect([size, mode & 0o777]).toEqual([66_048, 0o604]);
    expect((await readdir(folder)).sort()).toEqual(["a.vmgs", "target"]);
  });

  test("a file that is open for writing is refused and left alone", async () => {
    await createDiskFile(path);
    const before = await stat(path);
    await using disk = await openDiskFile(path, { write: true });
    expect(await codeOf(() => createDiskFile(path, overwrite))).toBe("VMGS_LOCKED_BY_OTHER");
    expect((await stat(path)).ino).toBe(before.ino);
    await disk.flush();
  });

  test("a folder is refused", async () => {
    expect(await codeOf(() => createDiskFile(folder, overwrite))).toBe("VMGS_IS_DIRECTORY");
  });
});
