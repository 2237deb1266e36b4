/** put, rm and mv: what they change, and what they leave alone. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import {
  filesIn,
  fingerprint,
  type MadeStore,
  makeEncryptedStore,
  makeStore,
  sha256File,
} from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";

let store: MadeStore;

beforeEach(async () => {
  store = await makeStore();
});

async function contentOf(file: string, id: string, ...options: string[]): Promise<string> {
  return (await vmgs(["cat", file, id, ...options])).stdout;
}

describe("put", () => {
  test("writes from a file, from standard input, and from - as the source", async () => {
    const { folder, file } = store;
    const source = join(folder, "source.bin");
    await writeFile(source, "from a file");
    expect(await vmgs(["put", file, "TPM_PPI", source, "--force"])).toEqual({
      code: 0,
      bytes: expect.any(Uint8Array),
      stdout: `${file}: written TPM_PPI (2), 11 bytes; sequence 5\n`,
      stderr: "",
    });
    expect(await contentOf(file, "2")).toBe("from a file");
    await prepare(["put", file, "2", "--force"], { stdin: "from standard input" });
    expect(await contentOf(file, "2")).toBe("from standard input");
    await prepare(["put", file, "2", "--force", "-"], { stdin: "" });
    expect((await vmgs(["cat", file, "2"])).bytes).toHaveLength(0);
  });

  test("asks for a source when standard input is a terminal", async () => {
    const before = await fingerprint(store.file);
    const { code, stderr } = await vmgs(["put", store.file, "2", "--force"], { stdinIsTerminal: true });
    expect(code).toBe(2);
    expect(stderr).toContain("SOURCE is missing");
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("warns of a file ID without a meaning, and writes it", async () => {
    const { code, stderr } = await vmgs(["put", store.file, "40"], { stdin: "x" });
    expect(code).toBe(0);
    expect(stderr).toBe(`vmgs: ${store.file}: warning: file ID 40 has no assigned meaning\n`);
    const document = await vmgsJson(["put", store.file, "12"], { stdin: "x" });
    expectValid(document);
    expect(document.warnings).toMatchObject([{ code: "VMGS_UNASSIGNED_FILE_ID" }]);
    expect((await vmgs(["put", store.file, "12", "-q"], { stdin: "x" })).stderr).toBe("");
  });

  test("writes a new file of an encrypted store encrypted, but not what is read before it is unlocked", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const key = ["--key", keyFile];
    expect((await vmgs(["put", file, "TPM_PPI", "--force", ...key], { stdin: "new" })).stdout).toContain(
      ", encrypted; ",
    );
    expect(
      (await vmgs(["put", file, "KEY_PROTECTOR", "--force", ...key], { stdin: "new" })).stdout,
    ).not.toContain("encrypted");
    expect((await vmgs(["put", file, "6", "--force"], { stdin: "plain, without the key" })).code).toBe(0);
    expect((await vmgs(["put", file, "TPM_PPI", "--force"], { stdin: "again" })).code).toBe(4);
    expect(await contentOf(file, "2", ...key)).toBe("new");
  });

  test("keeps how a file is stored, unless it is told otherwise", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const key = ["--key", keyFile];
    expect((await vmgs(["put", file, "17", ...key], { stdin: "state" })).stdout).toContain(", encrypted; ");
    expect((await vmgs(["put", file, "17", "--force"], { stdin: "open" })).code).toBe(4);
    expect(await vmgs(["put", file, "17", "--plain"], { stdin: "open" })).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(await contentOf(file, "17")).toBe("open");
    expect((await vmgs(["put", file, "18", "--encrypt", ...key], { stdin: "{}" })).stdout).toContain(
      ", encrypted; ",
    );
    expect((await vmgs(["put", file, "18", "--encrypt", "--plain"], { stdin: "{}" })).code).toBe(2);
    expect((await vmgs(["put", store.file, "18", "--encrypt"], { stdin: "{}" })).code).toBe(1);
  });

  test("does not take content and key from one standard input", async () => {
    const { file } = await makeEncryptedStore();
    expect((await vmgs(["put", file, "3", "--key", "-"], { stdin: "x" })).code).toBe(2);
    expect((await vmgs(["put", file, "3"], { stdin: "x", env: { VMGS_KEY_FILE: "-" } })).code).toBe(2);
  });

  test("takes the old spelling of a plain write over an encrypted file, with a notice", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    await prepare(["put", file, "17", "--key", keyFile], { stdin: "state" });
    const { code, stderr } = await vmgs(["put", file, "17", "--plain", "--force"], { stdin: "open" });
    expect([code, stderr]).toEqual([0, expect.stringContaining("warning: --plain alone replaces")]);
    expect(await contentOf(file, "17")).toBe("open");
  });

  test("of nothing changes nothing, unless that is asked for", async () => {
    const { folder, file } = store;
    const empty = join(folder, "empty");
    await writeFile(empty, "");
    const before = await fingerprint(file);
    for (const source of [[], ["-"], [empty], ["/dev/null"]]) {
      const { code, stderr } = await vmgs(["put", file, "40", ...source], { stdin: "" });
      expect([code, stderr]).toEqual([1, expect.stringContaining("the source is empty")]);
    }
    expect(await fingerprint(file)).toBe(before);
    expect((await vmgs(["put", file, "3", "--allow-empty", empty])).code).toBe(0);
    expect((await vmgs(["cat", file, "3"])).bytes).toHaveLength(0);
    expect((await vmgs(["put", file, "1", "--force", empty])).code).toBe(0);
  });

  test.each([
    ["TPM_PPI", "27 bytes are not it........", "has 27 bytes, not 28; the boot fails"],
    ["RTC_SKEW", "nine byte", "has 9 bytes, not 8"],
    ["HW_KEY_PROTECTOR", "not sealed", "; the boot of some VMs fails"],
    ["PLATFORM_SEED", "not a seed", "; the boot takes the file as absent"],
    ["TPM_NVRAM", "short", "has 32768 or 16384 bytes, not 5"],
    ["TPM_NVRAM", "x".repeat(32_768), "is not the state of a vTPM"],
    ["BIOS_NVRAM", "no variables", "can't read the list of UEFI variables"],
    ["CUSTOM_UEFI", '\ufeff{"type":"x"}', "CUSTOM_UEFI can't be read"],
  ])("of %s that the next boot would refuse changes nothing without --force", async (id, stdin, why) => {
    const { file } = await makeStore();
    const before = await fingerprint(file);
    const { code, stderr } = await vmgs(["put", file, id], { stdin });
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
    expect(stderr).toContain("the next boot would refuse");
    expect(await fingerprint(file)).toBe(before);
    expect((await vmgs(["put", file, id, "--force"], { stdin })).code).toBe(0);
  });

  test("reads no more of a source than fits the store", async () => {
    const { file } = store;
    const { code, stderr } = await vmgs(["put", file, "40", "/dev/zero", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "VMGS_INPUT_TOO_LARGE" } });
  });

  test("tells what is wrong with the source", async () => {
    const { folder, file } = store;
    const before = await fingerprint(file);
    const missing = await vmgs(["put", file, "3", join(folder, "missing")]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("the source file");
    expect((await vmgs(["put", file, "3", folder])).stderr).toContain("is a directory");
    expect((await vmgs(["put", file, "3", ""])).stderr).toContain("the path of the source file is empty");
    expect(await fingerprint(file)).toBe(before);
  });
});

describe("rm", () => {
  test("deletes several files at once, or none", async () => {
    const before = await fingerprint(store.file);
    expect((await vmgs(["rm", store.file, "1", "3", "4"])).code).toBe(5);
    expect(await fingerprint(store.file)).toBe(before);
    const { stdout } = await vmgs(["rm", store.file, "bios_nvram", "0x3", "1"]);
    expect(stdout).toBe(`${store.file}: deleted BIOS_NVRAM (1), TPM_NVRAM (3); sequence 5\n`);
    expect((await vmgs(["cat", store.file, "1"])).code).toBe(5);
  });

  test("leaves old bytes behind, and none with --wipe", async () => {
    const trace = async (file: string) => (await readFile(file)).includes("a trace of a secret");
    const content = { stdin: "a trace of a secret" };
    await prepare(["put", store.file, "2", "--force"], content);
    await prepare(["rm", store.file, "2"]);
    expect(await trace(store.file)).toBe(true);
    const other = await makeStore();
    await prepare(["put", other.file, "2", "--force"], content);
    const document = await vmgsJson(["rm", other.file, "2", "--wipe"]);
    expectValid(document);
    expect(document.wiped).toBe(true);
    expect(await trace(other.file)).toBe(false);
  });

  test("works while the store is locked", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    expect((await vmgs(["rm", file, "3"])).code).toBe(0);
    expect((await vmgs(["cat", file, "1", "--key", keyFile])).code).toBe(0);
  });
});

describe("mv", () => {
  test("gives a file another ID, and replaces one only with --force", async () => {
    const before = await contentOf(store.file, "3");
    expect((await vmgs(["mv", store.file, "3", "17"])).stdout).toBe(
      `${store.file}: moved TPM_NVRAM (3) to TPM_NVRAM_BACKUP (17); sequence 5\n`,
    );
    expect(await contentOf(store.file, "17")).toBe(before);
    const refused = await vmgs(["mv", store.file, "17", "1"]);
    expect([refused.code, refused.stderr.includes("hint: add --force to replace it")]).toEqual([1, true]);
    expect((await vmgs(["mv", store.file, "17", "1", "--force"])).code).toBe(0);
    expect(await contentOf(store.file, "1")).toBe(before);
  });

  test("of a file to itself is a mistake, with --force too", async () => {
    expect((await vmgs(["mv", store.file, "3", "TPM_NVRAM"])).code).toBe(2);
    const before = await fingerprint(store.file);
    const itself = await vmgs(["mv", store.file, "3", "3", "--force"]);
    expect(itself).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to change") });
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("needs the key in an encrypted store", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    expect((await vmgs(["mv", file, "3", "17"])).code).toBe(4);
    expect((await vmgs(["mv", file, "3", "17", "--key", keyFile])).code).toBe(0);
  });
});

const CHANGES: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ["put", ["put", "FILE", "2", "CONTENT"]],
  ["rm", ["rm", "FILE", "3"]],
  ["mv", ["mv", "FILE", "3", "17"]],
  ["encrypt", ["encrypt", "FILE", "--key", "KEY"]],
];

describe.each(CHANGES)("%s", (_name, words) => {
  const argvFor = async ({ folder, file }: MadeStore) => {
    const key = join(folder, "new.key");
    await writeFile(key, "5c".repeat(32));
    const content = join(folder, "ppi.bin");
    await writeFile(content, new Uint8Array(28));
    const paths = new Map([
      ["FILE", file],
      ["KEY", key],
      ["CONTENT", content],
    ]);
    return words.map((word) => paths.get(word) ?? word);
  };

  test("with --dry-run tells the plan and touches nothing, not even a lock", async () => {
    const argv = await argvFor(store);
    const before = await fingerprint(store.file);
    const lockedByOther = `${store.file}.lock`;
    await writeFile(lockedByOther, "somebody");
    const { code, stdout } = await vmgs([...argv, "--dry-run", "--backup", join(store.folder, "copy")]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^.*: would have .*; sequence 5\n( {2}write .*\n)+ {2}commit header 0, file table at block 2\n/,
    );
    expect((await vmgs([...argv, "--dry-run", "-q"])).stdout).toBe(stdout);
    const document = await vmgsJson([...argv, "--dry-run", "--wipe"]);
    expectValid(document);
    expect(document).toMatchObject({ dryRun: true, sequence: 5, wiped: false });
    expect(await fingerprint(store.file)).toBe(before);
    expect(await filesIn(store.folder)).toEqual(["new.key", "ppi.bin", "vm.vmgs", "vm.vmgs.lock"]);
  });

  test("says in one line what it did, more with --verbose, nothing with --quiet", async () => {
    const argv = await argvFor(store);
    const said = await vmgs([...argv, "--verbose"]);
    expect(said.stdout).toMatch(/^\S+vm\.vmgs: .*; sequence 5\n$/);
    expect(said.stderr).toContain("  commit header 0, file table at block 2\n");
    const other = await makeStore();
    expect(await vmgs([...(await argvFor(other)), "--quiet"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("with --json tells what was written and freed", async () => {
    const document = await vmgsJson(await argvFor(store));
    expectValid(document);
    expect(document).toMatchObject({ file: store.file, dryRun: false, sequence: 5, slot: 0, warnings: [] });
  });

  test("with --backup copies the whole file first, and refuses when the copy exists", async () => {
    const copy = join(store.folder, "copy.vmgs");
    const before = await sha256File(store.file);
    await prepare([...(await argvFor(store)), "--backup", copy]);
    expect(await sha256File(copy)).toBe(before);
    const other = await makeStore();
    const untouched = await fingerprint(other.file);
    const refused = await vmgs([...(await argvFor(other)), "--backup", copy]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("exists already\nhint: ");
    expect(await fingerprint(other.file)).toBe(untouched);
  });

  test("leaves no lock behind, and refuses a store that another holds", async () => {
    const argv = await argvFor(store);
    const lock = `${store.file}.lock`;
    await writeFile(lock, JSON.stringify({ pid: 1, host: "elsewhere", since: "2026-01-01T00:00:00.000Z" }));
    const before = await fingerprint(store.file);
    const { code, stderr } = await vmgs(argv);
    expect(code).toBe(1);
    expect(stderr).toContain(`process 1 on elsewhere has had it open for writing since 2026-01-01`);
    expect(stderr).toContain(`delete ${lock}`);
    expect(stderr).toContain("\nhint: ");
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("that was interrupted before it began leaves the store and says so", async () => {
    const before = await fingerprint(store.file);
    const argv = await argvFor(store);
    const { code, stderr } = await vmgs(argv, { signal: AbortSignal.abort() });
    expect(code).toBe(130);
    expect(stderr).toBe(`vmgs: ${store.file}: interrupted; nothing was changed\n`);
    expect(await fingerprint(store.file)).toBe(before);
    expect(await filesIn(store.folder)).toEqual(["new.key", "ppi.bin", "vm.vmgs"]);
  });
});

test("a change that is not possible makes no backup", async () => {
  const copy = join(store.folder, "copy.vmgs");
  expect((await vmgs(["rm", store.file, "40", "--backup", copy])).code).toBe(5);
  expect(await filesIn(store.folder)).toEqual(["vm.vmgs"]);
});
