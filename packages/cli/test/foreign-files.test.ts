/** Files that are not stores (golden/cases): every command names them, opens none, and changes nothing in them. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { vmgs } from "./support/cli.ts";
import { filesIn, fingerprint, makeFolder, makeStore } from "./support/folder.ts";
import { vmgstool } from "./support/vmgstool.ts";

const cases = fileURLToPath(new URL("../../vmgs/test/golden/cases/", import.meta.url));

/** Stands for a file that does not exist yet, and must not afterwards. */
const BACKUP = "BACKUP";

const COMMANDS: readonly (readonly string[])[] = [
  ["inspect"],
  ["marker"],
  ["show"],
  ["hexdump"],
  ["history"],
  ["carve", "--dry-run"],
  ["repair"],
  ["convert", "--in-place", "--to", "vhd", "--backup", BACKUP],
  ["repair", "--apply", "--backup", BACKUP],
  ["wipe"],
  ["provision"],
  ["rm", "3"],
  ["put", "3", "/dev/null", "--allow-empty"],
  ["cat", "18"],
  ["uefi", "list"],
  ["uefi", "boot"],
  ["uefi", "secure-boot"],
  ["uefi", "export"],
  ["tpm", "inspect"],
];

/** The call with the file after the words of the command. */
function callOf(words: readonly string[], file: string): string[] {
  const at = words[0] === "uefi" || words[0] === "tpm" ? 2 : 1;
  return [...words.slice(0, at), file, ...words.slice(at)];
}

describe.each([
  ["tar-of-a-store.tar.gz", "a tar archive"],
  ["c-x.xz.gz", "an xz-compressed file"],
  ["c-x.7z.gz", "a 7z archive"],
  ["c-x.vdi.gz", "a VDI image"],
  ["c-git-lfs.gz", "a Git LFS pointer"],
  ["c-blob-error.xml.gz", "an XML document"],
])("%s", (name, is) => {
  test(`is ${is} to every command`, async () => {
    const folder = await makeFolder();
    const file = join(folder, "vm.vmgs");
    await writeFile(file, gunzipSync(await readFile(join(cases, name))));
    const before = [await fingerprint(file), await filesIn(folder)];
    for (const words of COMMANDS) {
      const { code, stderr } = await vmgs(
        callOf(words, file).map((word) => (word === BACKUP ? join(folder, "old") : word)),
      );
      expect([code, stderr], words.join(" ")).toEqual([1, expect.stringContaining(`the file is ${is}`)]);
    }
    for (const command of ["doctor", "boot"]) {
      const { code, stdout } = await vmgs([command, file]);
      expect([code, stdout], command).toEqual([3, expect.stringContaining(`the file is ${is}`)]);
    }
    const sound = (await makeStore()).file;
    for (const pair of [
      [file, sound],
      [sound, file],
    ]) {
      const { stderr } = await vmgs(["diff", ...pair]);
      expect(stderr).toContain(`the file is ${is}`);
    }
    for (const words of [["query-size"], ["dump"]]) {
      const { code, stderr } = await vmgstool([...words, "-f", file, "-i", "3"]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(is)]);
    }
    expect([await fingerprint(file), await filesIn(folder)]).toEqual(before);
  });
});
