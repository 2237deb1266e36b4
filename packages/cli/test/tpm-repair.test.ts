/** vmgs tpm repair: cuts, backs up, and never does more. */

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorsOf, prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { filesIn, fingerprint } from "./support/folder.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import { bareState, encryptedStoreWith, goldenState, storeWith } from "./support/tpm.ts";

const broken = goldenState("truncated-16k");
const OFFSET = 11_372;

/** What the repair must make: everything from the broken entry on is zero. */
const repaired = Buffer.from(broken).fill(0, OFFSET);

let count = 0;

/** Into a file: the state is full of secrets, and what is printed is searched for them. */
async function contentOf(file: string, id: string, ...options: string[]): Promise<Buffer> {
  const target = `${file}.content-${count++}`;
  await prepare(["cat", file, id, ...options, "-o", target]);
  return readFile(target);
}

const cut = { offset: OFFSET, kind: "entry-past-end", claimedBytes: 8000, bytes: 5012 };

describe("in a store", () => {
  test("cuts in one transaction, with the old state in file 17", async () => {
    const { file } = await storeWith("truncated-16k");
    const { active, headers } = (await vmgsJson(["inspect", file])) as unknown as {
      active: number;
      headers: { sequence: number }[];
    };
    const document = await vmgsJson(["tpm", "repair", file, "--backup", "TPM_NVRAM_BACKUP"]);
    expectValid(document);
    expect(document).toMatchObject({
      source: "store",
      fileId: 3,
      encrypted: false,
      dryRun: false,
      cut,
      backupFileId: 17,
      backupFile: null,
      sequence: (headers[active]?.sequence ?? 0) + 1,
    });
    expect((await contentOf(file, "3")).equals(repaired)).toBe(true);
    expect((await contentOf(file, "17")).equals(broken)).toBe(true);
  });

  test("keeps encryption, of the backup too", async () => {
    const { file, keyFile } = await encryptedStoreWith("truncated-16k");
    expect((await vmgs(["tpm", "repair", file, "--backup", "17"])).code).toBe(4);
    const run = await vmgs(["tpm", "repair", file, "--key", keyFile, "--backup", "17"]);
    expect(run.stdout).toContain(
      "cut TPM_NVRAM (3) at offset 11372, where an entry of 8000 bytes runs past the end: 5012 bytes zeroed, " +
        "backup in TPM_NVRAM_BACKUP (17); sequence ",
    );
    const { files } = (await vmgsJson(["inspect", file])) as { files: { id: number; encrypted: boolean }[] };
    for (const id of [3, 17]) expect(files.find((one) => one.id === id)?.encrypted).toBe(true);
    expect((await contentOf(file, "3", "--key", keyFile)).equals(repaired)).toBe(true);
    expect((await contentOf(file, "17", "--key", keyFile)).equals(broken)).toBe(true);
  });

  test("with a path copies the whole file first", async () => {
    const { file, folder } = await storeWith("truncated-16k");
    const before = await readFile(file);
    const backup = join(folder, "17.vmgs");
    expectValid(await vmgsJson(["tpm", "repair", file, "--backup", backup]));
    expect((await readFile(backup)).equals(before)).toBe(true);
    expect((await vmgs(["cat", file, "17"])).code).toBe(5);
    expect((await contentOf(file, "3")).equals(repaired)).toBe(true);
  });

  test("does nothing without a backup, in a dry run, or when a backup is in file 17 already", async () => {
    const { file, folder } = await storeWith("truncated-16k");
    await prepare(["put", file, "17"], { stdin: "precious" });
    const before = await fingerprint(file);
    const files = await filesIn(folder);
    const without = await vmgs(["tpm", "repair", file]);
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("--backup TPM_NVRAM_BACKUP")]);
    const taken = await vmgs(["tpm", "repair", file, "--backup", "17", "--json"]);
    expect(taken.code).toBe(1);
    expectValidErrors(errorsOf(taken));
    expect(errorsOf(taken)).toMatchObject([{ code: "VMGS_FILE_ALLOCATED", fileId: 17 }]);
    const dry = await vmgsJson(["tpm", "repair", file, "--dry-run"]);
    expectValid(dry);
    expect(dry).toMatchObject({ dryRun: true, cut, backupFileId: null });
    expect(await fingerprint(file)).toBe(before);
    expect(await filesIn(folder)).toEqual(files);
    await prepare(["tpm", "repair", file, "--backup", "17", "--force"]);
    expect((await contentOf(file, "17")).equals(broken)).toBe(true);
  });

  test("repairs the backup when asked to, elsewhere", async () => {
    const { file, folder } = await storeWith("fresh-32k");
    await prepare(["put", file, "17"], { stdin: broken });
    expect((await vmgs(["tpm", "repair", file, "--file", "17", "--backup", "17"])).code).toBe(2);
    await prepare(["tpm", "repair", file, "--file", "17", "--backup", join(folder, "old.vmgs")]);
    expect((await contentOf(file, "17")).equals(repaired)).toBe(true);
  });
});

describe("a bare state", () => {
  test("is cut in place, keeps its mode, and is copied first", async () => {
    const file = await bareState("truncated-16k");
    const { mode } = await stat(file);
    const document = await vmgsJson(["tpm", "repair", file, "--backup", `${file}.old`]);
    expectValid(document);
    expect(document).toMatchObject({
      source: "blob",
      fileId: null,
      cut,
      sequence: null,
      backupFile: `${file}.old`,
    });
    expect((await readFile(file)).equals(repaired)).toBe(true);
    expect((await readFile(`${file}.old`)).equals(broken)).toBe(true);
    expect((await stat(file)).mode).toBe(mode);
  });

  test("is left alone without a backup, or when the backup exists", async () => {
    const file = await bareState("truncated-16k");
    const before = await fingerprint(file);
    await writeFile(`${file}.old`, "precious");
    expect((await vmgs(["tpm", "repair", file])).code).toBe(2);
    expect((await vmgs(["tpm", "repair", file, "--backup", "17"])).code).toBe(2);
    expect((await vmgs(["tpm", "repair", file, "--backup", `${file}.old`])).code).toBe(1);
    expect((await vmgs(["tpm", "repair", file, "--dry-run"])).stdout).toContain("would have cut the state");
    expect(await fingerprint(file)).toBe(before);
    expect(await readFile(`${file}.old`, "utf8")).toBe("precious");
  });
});

test("a sound state is left alone, without a backup", async () => {
  const { file, folder } = await storeWith("legacy-platform-cert-16k");
  const bare = await bareState("provisioned-32k");
  const before = [await fingerprint(file), await fingerprint(bare)];
  const backup = join(folder, "old");
  for (const one of [file, bare]) {
    const run = await vmgs(["tpm", "repair", one, "--backup", backup]);
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining("is sound, nothing to repair")]);
    const document = await vmgsJson(["tpm", "repair", one]);
    expectValid(document);
    expect(document).toMatchObject({ cut: null, backupFile: null, sequence: null });
  }
  expect([await fingerprint(file), await fingerprint(bare)]).toEqual(before);
  await expect(stat(backup)).rejects.toThrow();
});
