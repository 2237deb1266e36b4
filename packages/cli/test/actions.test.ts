/** Every action that is offered for a store of the golden data is a command that is not refused. */

import { readdirSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type CatalogueEntry, findingCatalogue } from "vmgskit/diagnose";
import type { OfferedAction } from "vmgskit/report";
import { commandOf } from "../src/action-command.ts";
import { callsIn } from "./support/calls.ts";
import { prepare, vmgs } from "./support/cli.ts";
import { makeEncryptedStore, makeFolder, makeStore, writeImage } from "./support/folder.ts";
import { goldenStores, unpackGolden } from "./support/golden.ts";
import { testKey } from "./support/secrets.ts";

interface Diagnosed {
  readonly findings: readonly Found[];
  readonly error: { readonly code: string } | null;
}

interface Found {
  readonly id: string;
  readonly actions: readonly OfferedAction[];
}

const golden = fileURLToPath(new URL("../../vmgs/test/golden/", import.meta.url));
const packedFiles = ["cases", "vmgs-v1"].flatMap((folder) =>
  readdirSync(join(golden, folder))
    .filter((name) => name.endsWith(".vmgs.gz"))
    .map((name) => `${folder}/${name}`),
);
const guestFiles = readdirSync(join(golden, "guest-files"))
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(/\.json$/, ""));

const certificate = join(golden, "cases/lab-db.der");

/** Files that commands name without a folder. */
const LOOSE = /^([a-z0-9_]+\.(bin|der|json|key))$/;

async function diagnosed(file: string, options: readonly string[]): Promise<Diagnosed> {
  const { stdout } = await vmgs(["doctor", file, ...options, "--json"]);
  return JSON.parse(stdout) as Diagnosed;
}

/** The words of a pasted command, run in a folder of its own. */
function argvOf(line: string, folder: string): string[] {
  const [argv = []] = callsIn(line);
  return argv.map((word) => (LOOSE.test(word) ? join(folder, word) : word));
}

/** Runs the actions of each finding in their order on a fresh copy; what is refused, with the reason. */
async function refusals(file: string, options: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  const { findings, error } = await diagnosed(file, options);
  // The key of such a store is not part of the golden data.
  const noKey = !options.includes("--key") || error?.code === "VMGS_WRONG_KEY";
  for (const { id, actions } of findings) {
    if (actions.length === 0) continue;
    const folder = await makeFolder();
    const copy = join(folder, "vm.vmgs");
    await writeFile(join(folder, "new.key"), testKey(9));
    await copyFile(certificate, join(folder, "certificate.der"));
    const key = options[options.indexOf("--key") + 1];
    await (key === undefined || !options.includes("--key")
      ? writeFile(join(folder, "vm.key"), testKey(8))
      : copyFile(key, join(folder, "vm.key")));
    const { disk, sectorSize } = namedIn(options);
    for (const { words, action } of actions) {
      await copyFile(file, copy);
      if (words.endsWith("after the file was deleted")) await rm(copy);
      await rm(`${copy}.bak`, { force: true });
      const line = commandOf(action, copy, {
        ...(disk !== undefined && { disk }),
        ...(sectorSize !== undefined && { sectorSize }),
      });
      const { code, stderr } = await vmgs(argvOf(line, folder), { stdinIsTerminal: true });
      if (code === 4 && noKey) continue;
      if (code !== 0 && code !== 3) refused.push(`${id}: ${line}: ${code} ${stderr}`);
    }
  }
  return refused;
}

function namedIn(options: readonly string[]) {
  const value = (flag: string) => (options.includes(flag) ? options[options.indexOf(flag) + 1] : undefined);
  return { disk: value("--disk"), sectorSize: value("--sector-size") };
}

describe("what a diagnosis offers is not refused", () => {
  test.each(goldenStores)("$name", async ({ name }) => {
    const { file, keyOptions, diskOptions } = await unpackGolden(name, await makeFolder());
    expect(await refusals(file, [...keyOptions, ...diskOptions])).toEqual([]);
  });

  test.each(packedFiles)("%s", async (path) => {
    const file = join(await makeFolder(), "case.vmgs");
    await writeImage(file, gunzipSync(await readFile(join(golden, path))));
    expect(await refusals(file, [])).toEqual([]);
  });

  test.each(guestFiles)("a store with the guest file %s", async (name) => {
    const { fileId } = JSON.parse(await readFile(join(golden, "guest-files", `${name}.json`), "utf8"));
    const { file } = await makeStore();
    const source = join(golden, "guest-files", `${name}.bin`);
    await prepare(["put", file, String(fileId), source, "--force"]);
    expect(await refusals(file, [])).toEqual([]);
  });
});

test.each(Object.entries(findingCatalogue))("the declared actions of %s are calls", async (_, declared) => {
  const { actions = [] }: CatalogueEntry = declared;
  const { file, keyFile } = await makeEncryptedStore();
  const folder = await makeFolder();
  await copyFile(keyFile, join(folder, "vm.key"));
  await writeFile(join(folder, "new.key"), testKey(2));
  for (const { action } of actions) {
    const line = commandOf(action, file)
      .replace(/\bBLOCK\b/, "5")
      .replace(/\bID\b/, "3")
      .replace(/\bBYTES\b/, "4194304");
    const { code, stderr } = await vmgs(argvOf(line, folder), { stdinIsTerminal: true });
    expect(code, `${line}: ${stderr}`).not.toBe(2);
  }
});

test("no command stands in the words of the library", () => {
  for (const { meaning, cure } of Object.values(findingCatalogue)) {
    expect(`${meaning} ${cure}`).not.toMatch(/\bvmgs [a-z]|--[a-z]/);
  }
});
