/** Every golden store: its JSON documents are as the schemas say, and tell what the description of the store tells. */

import { readFile, rm, stat } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { errorsOf, type Run, vmgs } from "./support/cli.ts";
import { filesIn, makeFolder } from "./support/folder.ts";
import { goldenStores, type UnpackedStore, unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";

interface InspectDocument {
  readonly active: number | null;
  readonly headers: readonly { readonly sequence: number }[] | null;
  readonly files:
    | readonly { readonly id: number; readonly bytes: number; readonly sha256: string | null }[]
    | null;
  readonly error: { readonly code: string } | null;
}

/** Runs, validates all documents and error documents, and returns the run. */
async function checked(argv: readonly string[], schema: string): Promise<Run> {
  const run = await vmgs([...argv, "--json"]);
  const lines = run.stdout.split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const document: unknown = JSON.parse(line);
    expect(document).toMatchObject({ schema });
    expectValid(document);
  }
  const errors = errorsOf(run);
  expectValidErrors(errors);
  expect(errors.length > 0, `vmgs ${argv.join(" ")}`).toBe(run.code !== 0);
  for (const { hint, code } of errors) expect(hint, `a hint for ${code}`).toEqual(expect.any(String));
  return run;
}

/** A store with the signature of a GPT: it is taken for a version 1 file. */
const GPT = "corrupt-v1-gpt";

/** All that can be asked of a store without changing it. */
async function readEverything({ golden, file, diskOptions, keyOptions }: UnpackedStore): Promise<void> {
  for (const command of ["inspect", "marker"]) {
    const schema = `vmgs.${golden.name === GPT && command === "inspect" ? "inspect-v1" : command}/1`;
    const locked = await checked([command, file, ...diskOptions], schema);
    expect(locked.stdout).not.toBe("");
    await checked([command, file, ...diskOptions, ...keyOptions, "--generation", "previous"], schema);
  }
  await checked(["hexdump", file, ...diskOptions, ...keyOptions, "--header", "--table"], "vmgs.hexdump/1");
  await checked(["hexdump", file, ...diskOptions, "--footer", "--block", "0"], "vmgs.hexdump/1");
  for (const lifetime of ["default", "reprovision-on-failure", "reprovision", "ephemeral"]) {
    await checked(
      ["provision", file, ...diskOptions, "--dry-run", "--lifetime", lifetime],
      "vmgs.provision/1",
    );
  }
  await checked(["rm", file, "18", ...diskOptions, "--dry-run"], "vmgs.change/1");
  await checked(["decrypt", file, ...diskOptions, ...keyOptions, "--dry-run"], "vmgs.change/1");
}

describe.each(goldenStores)("$name", ({ name }) => {
  test("has valid documents that tell what is in it, and stays as it is", async () => {
    const folder = await makeFolder();
    const unpacked = await unpackGolden(name, folder);
    const { mtimeMs } = await stat(unpacked.file);
    const names = await filesIn(folder);
    await describesIt(unpacked);
    await readEverything(unpacked);
    expect((await readFile(unpacked.file)).equals(unpacked.image)).toBe(true);
    expect((await stat(unpacked.file)).mtimeMs).toBe(mtimeMs);
    expect(await filesIn(folder)).toEqual(names);
    await rm(folder, { recursive: true });
  });
});

/** Where the description follows the newer header although its version is unknown; the reference follows the older. */
const OTHER_LAYOUT = "corrupt-version-4-newer";

async function describesIt({ golden, file, diskOptions, keyOptions }: UnpackedStore): Promise<void> {
  const { stdout } = await vmgs(["inspect", file, "--json", "--hash", ...diskOptions, ...keyOptions]);
  const document = JSON.parse(stdout) as InspectDocument;
  expectValid(document);
  if (golden.name === GPT) return;
  const { layout, reference } = golden;
  if (document.files === null) expect(document.error).not.toBeNull();
  if (document.files === null || layout === undefined || golden.name === OTHER_LAYOUT) return;
  expect(document.active).toBe(layout.active);
  expect(document.headers?.[layout.active]?.sequence).toBe(layout.sequence);
  const sizes = document.files.map(({ id, bytes }) => [id, bytes]);
  expect(sizes).toEqual(layout.files.map(({ id, bytes }) => [id, bytes]));
  for (const { id, sha256 } of document.files) {
    const read = reference.reads?.[id]?.sha256;
    if (sha256 !== null && read !== undefined) expect(sha256, `file ${id}`).toBe(read);
  }
}
