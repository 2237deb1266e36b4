/** The README shows what the commands really print. */

import { readFile } from "node:fs/promises";
import { chdir, cwd } from "node:process";
import { expect, test } from "vitest";
import { vmgs } from "./support/cli.ts";
import { makeFolder } from "./support/folder.ts";

test("the terminal picture of the README is real output", async () => {
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const picture = /```console\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const before = cwd();
  chdir(await makeFolder());
  try {
    let real = "";
    for (const args of [
      ["provision", "vm.vmgs"],
      ["inspect", "vm.vmgs"],
    ]) {
      const { stdout } = await vmgs(args);
      real += `$ vmgs ${args.join(" ")}\n${stdout}\n`;
    }
    expect(picture).toBe(`${real.trimEnd()}\n`);
  } finally {
    chdir(before);
  }
});
