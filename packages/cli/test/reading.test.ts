/** marker, inspect, hexdump and cat: what they show, for people and for scripts. */

import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { errorsOf, prepare, vmgs, vmgsJson } from "./support/cli.ts";
import {
  contents,
  type EncryptedStore,
  filesIn,
  fingerprint,
  type MadeStore,
  makeEncryptedStore,
  makeFolder,
  makeStore,
} from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";

let plain: MadeStore;
let encrypted: EncryptedStore;
let golden: string;

beforeAll(async () => {
  plain = await makeStore();
  encrypted = await makeEncryptedStore();
  golden = await makeFolder();
});

/** The exact bytes of the golden stores' marker. */
const GOLDEN_MARKER =
  '{"provisioner":"openhcl","reason":"empty","tpm_version":"1.38","tpm_nvram_size":32768,"akcert_size":4096,' +
  '"akcert_attrs":"0x42060004","hcl_version":"f85a038845b4fd5c74726be38f4be690c99db8c6"}';

describe("marker", () => {
  test("shows every field in words", async () => {
    const { file } = await unpackGolden("provisioned-empty", golden);
    const { code, stdout, stderr } = await vmgs(["marker", file]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      [
        file,
        "  provisioner      openhcl",
        "  reason           empty (the disk was blank)",
        "  tpm_version      1.38",
        "  tpm_nvram_size   32768 (32 KiB)",
        "  akcert_size      4096 (4 KiB)",
        "  akcert_attrs     0x42060004 AUTHWRITE | OWNERREAD | AUTHREAD | NO_DA | PLATFORMCREATE",
        "  hcl_version      f85a038845b4fd5c74726be38f4be690c99db8c6",
        "  found in         file 18, 190 bytes",
        "",
      ].join("\n"),
    );
  });

  test("--raw gives the exact bytes, to standard output or to a file", async () => {
    const { file } = await unpackGolden("provisioned-empty", golden);
    expect((await vmgs(["marker", "--raw", file])).stdout).toBe(GOLDEN_MARKER);
    const target = join(golden, "marker.json");
    expect(await vmgs(["marker", file, "-o", target])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await readFile(target, "utf8")).toBe(GOLDEN_MARKER);
  });

  test("--json gives the marker in our terms and its fields as they stand", async () => {
    const { file } = await unpackGolden("marker-null-reason", golden);
    const document = await vmgsJson(["marker", file]);
    expectValid(document);
    expect(document).toMatchObject({ file, marker: { reason: null }, error: null });
    expect(document.fields).toHaveProperty("reason", null);
  });

  test("is found in file 17, where a development build put it", async () => {
    const { file } = await unpackGolden("marker-in-17", golden);
    expect((await vmgs(["marker", file])).stdout).toContain("file 17, where a development build put it");
    expect((await vmgsJson(["marker", file])).marker).toMatchObject({ fileId: 17, misplaced: true });
  });

  test("of another shape is read, and its unknown fields are shown", async () => {
    const merged = await unpackGolden("provisioned-empty-merged", golden);
    expect((await vmgs(["marker", merged.file])).stdout).toContain("  provisioner_version f85a0388");
    const draft = await unpackGolden("marker-null-reason", golden);
    expect((await vmgs(["marker", draft.file])).stdout).toContain("(unknown field)");
  });

  test("that is no JSON is an error, its bytes can still be had", async () => {
    const { file } = await unpackGolden("marker-malformed", golden);
    const { code, stderr } = await vmgs(["marker", file]);
    expect(code).toBe(1);
    expect(stderr).toContain(`hint: \`vmgs marker --raw ${file}\` gives its bytes as they are`);
    expect((await vmgs(["marker", "--raw", file])).bytes.length).toBeGreaterThan(0);
  });

  test("that is missing gives exit code 5 and a document that says so", async () => {
    const { file } = await unpackGolden("format-only", golden);
    expect(await vmgs(["marker", file])).toMatchObject({ code: 5, stdout: "" });
    const run = await vmgs(["marker", file, "--json"]);
    expect(run.code).toBe(5);
    expectValid(JSON.parse(run.stdout));
    expect(JSON.parse(run.stdout)).toMatchObject({ marker: null, error: { code: "VMGS_NOT_FOUND" } });
    expectValidErrors(errorsOf(run));
  });

  test("needs no key in an encrypted store, and ignores one that is for another", async () => {
    const env = { VMGS_KEY_FILE: join(golden, "no such key") };
    expect((await vmgs(["marker", encrypted.file], { env })).code).toBe(0);
  });

  test("that somebody encrypted is read with the key", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    await prepare(["put", file, "18", "--encrypt", "--key", keyFile], { stdin: GOLDEN_MARKER });
    const { code, stderr } = await vmgs(["marker", file]);
    expect(code).toBe(4);
    expect(stderr).toContain("hint: give the datastore key with --key FILE");
    expect((await vmgs(["marker", file, "--key", keyFile])).stdout).toContain("f85a0388");
    expect((await vmgs(["marker", file, "--raw"], { env: { VMGS_KEY_FILE: keyFile } })).stdout).toBe(
      GOLDEN_MARKER,
    );
    expect(await filesIn(folder)).toEqual(["vm.key", "vm.vmgs"]);
  });

  test("of the generation before is shown on request", async () => {
    const { file } = await makeStore();
    await prepare(["rm", file, "18"]);
    expect((await vmgs(["marker", file])).code).toBe(5);
    expect((await vmgs(["marker", file, "--generation", "previous"])).code).toBe(0);
  });

  test("takes one store for --raw, and no --json beside it", async () => {
    expect((await vmgs(["marker", "--raw", plain.file, plain.file])).code).toBe(2);
    expect((await vmgs(["marker", "--raw", "--json", plain.file])).code).toBe(2);
  });

  test("that is huge is clipped for people", async () => {
    const { file } = await makeStore();
    await prepare(["put", file, "18"], { stdin: JSON.stringify({ provisioner: "x".repeat(5000) }) });
    const { stdout } = await vmgs(["marker", file]);
    expect(stdout).toContain("... (5000 characters)");
    expect(stdout.length).toBeLessThan(2000);
  });
});

describe("inspect", () => {
  test("shows container, headers, encryption, files, marker and blocks", async () => {
    const { code, stdout, stderr } = await vmgs(["inspect", plain.file]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`${plain.file}: fixed VHD, store of 1 MiB, 512-byte sectors\n`);
    for (const title of ["Headers", "Encryption", "Files", "Provisioning marker", "Blocks"]) {
      expect(stdout).toContain(`\n${title}\n`);
    }
    expect(stdout).toContain("\n  1     active         4  3.0         block 4  07b24c10  none\n");
    expect(stdout).toContain("\n   3  TPM_NVRAM                8       8  32768  plain\n");
    expect(stdout).toContain("blocks free, the longest run has");
  });

  test("tells what an encrypted store tells without its key, and more with it", async () => {
    const locked = await vmgs(["inspect", encrypted.file]);
    expect(locked.code).toBe(0);
    expect(locked.stdout).toContain("AES-256-GCM, locked");
    const unlocked = await vmgsJson(["inspect", encrypted.file, "--key", encrypted.keyFile, "--hash"]);
    expect(unlocked.encryption).toMatchObject({ algorithm: "aes-256-gcm", unlocked: true });
    const files = unlocked.files as { id: number; encrypted: boolean; sha256: string | null }[];
    expect(files.filter((file) => file.encrypted).map(({ id }) => id)).toEqual([1, 3, 63]);
    expect(files.find(({ id }) => id === 1)?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("with a wrong key shows what needs none, and exits with 4", async () => {
    const wrong = join(golden, "wrong.key");
    await writeFile(wrong, "ab".repeat(32));
    const run = await vmgs(["inspect", encrypted.file, "--key", wrong, "--json"]);
    expect(run.code).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({
      error: { code: "VMGS_WRONG_KEY" },
      files: expect.any(Array),
    });
  });

  test("finds the zero metadata key without a key", async () => {
    const { file } = await unpackGolden("zero-metadata-key", golden);
    const document = await vmgsJson(["inspect", file]);
    expect(document.encryption).toMatchObject({ unlocked: false, zeroMetadataKey: true });
    expect((await vmgs(["inspect", file])).stdout).toContain("(VMGS_ZERO_METADATA_KEY)");
  });

  test("of several stores goes on behind one that can't be read, and exits with 1", async () => {
    const missing = join(golden, "missing.vmgs");
    const blank = await unpackGolden("blank-host", golden);
    const run = await vmgs(["inspect", "--json", missing, plain.file, blank.file, encrypted.file]);
    expect(run.code).toBe(1);
    const documents = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const document of documents) expectValid(document);
    expect(documents.map(({ file }) => file)).toEqual([missing, plain.file, blank.file, encrypted.file]);
    expect(documents.map(({ error }) => (error as { code: string } | null)?.code ?? null)).toEqual([
      "VMGS_FILE_NOT_FOUND",
      null,
      "VMGS_EMPTY_STORE",
      null,
    ]);
    expectValidErrors(errorsOf(run));
    expect(errorsOf(run).map(({ file }) => file)).toEqual([missing, blank.file]);
    const people = await vmgs(["inspect", missing, plain.file]);
    expect(people.code).toBe(1);
    expect(people.stdout).toContain(`${plain.file}: fixed VHD`);
    expect(people.stderr).toContain(`vmgs: ${missing}: does not exist`);
  });

  test("of the generation before tells the file table of then", async () => {
    const document = await vmgsJson(["inspect", plain.file, "--generation", "previous"]);
    expect(document.generation).toBe("previous");
    expect((document.files as { id: number }[]).map(({ id }) => id)).toEqual([0, 1, 18, 63]);
    expect((await vmgs(["inspect", plain.file, "--generation", "previous"])).stdout).toContain(
      "previous generation",
    );
  });

  test("of a damaged store shows its headers and why it can't be opened", async () => {
    const { file } = await unpackGolden("corrupt-both-headers-checksum", golden);
    const { code, stdout, stderr } = await vmgs(["inspect", file]);
    expect(code).toBe(1);
    expect(stdout).toContain("invalid: checksum is 0x9612400b");
    expect(stderr).toContain("no valid header");
  });

  test("warns where allocations overlap, and draws the shared blocks", async () => {
    const { file } = await unpackGolden("corrupt-entry-overlap", golden);
    const { code, stdout } = await vmgs(["inspect", file]);
    expect(code).toBe(0);
    expect(stdout).toContain("! two owners");
    expect(stdout).toContain("(VMGS_ALLOCATIONS_OVERLAP)");
  });

  test("draws one row of glyphs for 64 blocks, and one for many equal rows", async () => {
    const { file } = await unpackGolden("full", golden);
    const { stdout } = await vmgs(["inspect", file]);
    const rows = stdout.split("\n").filter((line) => /^ +\d+ {2}\S{64}( x\d+)?$/.test(line));
    expect(rows[0]).toBe(`     0  HHTE.${"0".repeat(59)}`);
    expect(rows[1]).toBe(`    64  ${"0".repeat(64)} x6`);
    const drawn = rows.reduce((sum, row) => sum + Number(/x(\d+)$/.exec(row)?.[1] ?? 1), 0);
    expect(drawn).toBe(16);
  });
});

describe("hexdump", () => {
  test("names every field of both headers", async () => {
    const { file } = await unpackGolden("format-only", golden);
    const { code, stdout } = await vmgs(["hexdump", file]);
    expect(code).toBe(0);
    expect(stdout).toContain("header 0\n00000000  47554553 54525453                    signature");
    expect(stdout).toContain("0000000c  28ed2e6d                             checksum");
    expect(stdout).toContain("1831791912 (0x6d2eed28)");
    expect(stdout).toContain("header 1\n00000200");
  });

  test("shows file table, footer, blocks and files", async () => {
    const json = await vmgsJson([
      "hexdump",
      plain.file,
      "--table",
      "--footer",
      "--block",
      "0",
      "--file",
      "3",
    ]);
    expectValid(json);
    const parts = json.parts as { title: string; fields: { path: string; hex: string }[] }[];
    expect(parts.map(({ title }) => title)).toEqual([
      "VHD footer",
      "file table entry 0",
      "file table entry 1",
      "file table entry 3",
      "file table entry 18",
      "file table entry 63",
      "block 0",
      "file 3",
    ]);
    expect(parts[0]?.fields.map(({ path }) => path)).toContain("diskType");
    const seed = parts[7]?.fields.find(({ path }) => path.endsWith("endorsementSeed.buffer"));
    expect(parts[7]?.fields[0]?.path).toBe("persistent.disableClear");
    expect(seed?.hex ?? null).toBeNull();
  });

  test("names the structure that lies in a block, and hides keys", async () => {
    const { stdout } = await vmgs(["hexdump", plain.file, "--block", "3"]);
    expect(stdout).toContain("block 3: extendedFileTable");
    expect(stdout).toContain("secret bytes");
    const document = await vmgsJson(["hexdump", plain.file, "--block", "3"]);
    expectValid(document);
    const [part] = document.parts as { fields: { path: string; hex: string | null }[] }[];
    const keys = part?.fields.filter(({ path }) => path.endsWith("Key") || path.endsWith("key")) ?? [];
    expect(keys.length).toBe(64);
    expect(keys.every(({ hex }) => hex === null)).toBe(true);
  });

  test("shows the headers of a store that can't be opened, and the footer of a file that is no VHD any more", async () => {
    const damaged = await unpackGolden("corrupt-both-headers-checksum", golden);
    expect((await vmgs(["hexdump", damaged.file])).code).toBe(0);
    const footer = await unpackGolden("corrupt-footer-checksum", golden);
    expect((await vmgs(["hexdump", footer.file])).code).toBe(1);
    expect((await vmgs(["hexdump", footer.file, "--footer"])).stdout).toContain("conectix");
    expect((await vmgs(["hexdump", footer.file, "--disk", "raw"])).code).toBe(0);
  });

  test("reads a key from standard input once for all its parts", async () => {
    const argv = ["hexdump", encrypted.file, "--table", "--file", "3", "--block", "2", "--key", "-"];
    expect((await vmgs(argv, { stdin: encrypted.key })).code).toBe(0);
  });

  test("refuses a block past the end before it reads anything else", async () => {
    const { code, stderr } = await vmgs(["hexdump", plain.file, "--block", "256"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--block: block 256 is past the end (256 blocks)");
    expect((await vmgs(["hexdump", plain.file, "--block", "0xff"])).code).toBe(0);
    expect((await vmgs(["hexdump", plain.file, "--block", "x"])).code).toBe(2);
  });
});

describe("cat", () => {
  test("gives exact bytes, by name in any case, decimal and hexadecimal", async () => {
    for (const id of ["TPM_NVRAM", "tpm_nvram", "3", "0x3", "0X03"]) {
      const { code, bytes } = await vmgs(["cat", plain.file, id]);
      expect(code, id).toBe(0);
      expect(bytes, id).toEqual(contents[3]);
    }
  });

  test("decrypts with the key, and gives the stored bytes with --raw", async () => {
    expect((await vmgs(["cat", encrypted.file, "3"])).code).toBe(4);
    const { bytes } = await vmgs(["cat", encrypted.file, "3", "--key", encrypted.keyFile]);
    expect(bytes).toEqual(contents[3]);
    const raw = await vmgs(["cat", encrypted.file, "3", "--raw"]);
    expect(raw.code).toBe(0);
    expect(raw.bytes).toHaveLength(contents[3].length);
    expect(raw.bytes).not.toEqual(contents[3]);
  });

  test("replaces a file with --force only, and makes it private for a secret", async () => {
    const target = join(golden, "tpm.bin");
    await writeFile(target, "old", { mode: 0o644 });
    const refused = await vmgs(["cat", plain.file, "3", "-o", target]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`the output file ${target} exists already`);
    expect(await readFile(target, "utf8")).toBe("old");
    expect((await vmgs(["cat", plain.file, "3", "-o", target, "--force"])).code).toBe(0);
    expect(new Uint8Array(await readFile(target))).toEqual(contents[3]);
    expect((await stat(target)).mode & 0o777).toBe(0o600);
  });

  test("never writes over the store it reads", async () => {
    const before = await fingerprint(plain.file);
    const { code, stderr } = await vmgs(["cat", plain.file, "3", "-o", plain.file]);
    expect(code).toBe(2);
    expect(stderr).toContain("--output names the same file as FILE, which would be lost");
    expect(await fingerprint(plain.file)).toBe(before);
  });

  test("tells what is wrong with the output file", async () => {
    const nowhere = join(golden, "nowhere", "x.bin");
    expect((await vmgs(["cat", plain.file, "3", "-o", nowhere])).stderr).toContain(
      "in a folder that does not exist",
    );
    const folder = join(golden, "a-folder");
    await mkdir(folder);
    expect((await vmgs(["cat", plain.file, "3", "-o", folder])).stderr).toContain("is a directory");
    expect((await vmgs(["cat", plain.file, "3", "-o", ""])).code).toBe(1);
    expect(await filesIn(folder)).toEqual([]);
  });

  test("sends no binary to a terminal unless it is asked to", async () => {
    const refused = await vmgs(["cat", plain.file, "3"], { terminal: "stdout" });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("hint: use -o FILE, a pipe, or -o -");
    expect(refused.bytes).toHaveLength(0);
    expect((await vmgs(["cat", plain.file, "18"], { terminal: "stdout" })).code).toBe(0);
    expect((await vmgs(["cat", plain.file, "3", "-o", "-"], { terminal: "stdout" })).bytes).toEqual(
      contents[3],
    );
  });

  test("of a file that is not there exits with 5", async () => {
    const { code, stderr } = await vmgs(["cat", plain.file, "TPM_PPI"]);
    expect(code).toBe(5);
    expect(stderr).toBe(
      `vmgs: ${plain.file}: the store has no TPM_PPI (2)\nhint: \`vmgs inspect ${plain.file}\` lists the files of the store\n`,
    );
  });
});

describe("a raw image without a footer", () => {
  test("is read with a warning, which --quiet silences and documents carry", async () => {
    const { file } = await unpackGolden("raw-512", golden);
    expect((await vmgs(["cat", file, "18"])).stderr).toContain("warning: no VHD footer at the end");
    expect((await vmgs(["cat", file, "18", "-q"])).stderr).toBe("");
    expect((await vmgs(["cat", file, "18", "--disk", "raw"])).stderr).toBe("");
    expect((await vmgsJson(["inspect", file])).warnings).toMatchObject([{ code: "VMGS_RAW_WITHOUT_FOOTER" }]);
    expect((await vmgsJson(["rm", file, "18", "--dry-run"])).warnings).toMatchObject([
      { code: "VMGS_RAW_WITHOUT_FOOTER" },
    ]);
  });

  test("can have sectors of 4096 bytes, a fixed VHD can't", async () => {
    const { file } = await unpackGolden("sector-4096-raw", golden);
    expect((await vmgs(["inspect", file, "--disk", "raw", "--sector-size", "4096"])).stdout).toContain(
      "4096-byte",
    );
    const { code, stderr } = await vmgs(["inspect", plain.file, "--sector-size", "4096"]);
    expect(code).toBe(1);
    expect(stderr).toContain("hint: only a raw image has a choice: --disk raw --sector-size 4096");
  });
});

describe("a store whose newer header is damaged", () => {
  test("is read with a warning that it is the generation before", async () => {
    const { file } = await unpackGolden("corrupt-active-header-checksum", golden);
    const { code, stderr } = await vmgs(["marker", file]);
    expect(code).toBe(0);
    expect(stderr).toContain("warning: header");
    expect(stderr).toContain("the previous generation is read");
    expect((await vmgsJson(["marker", file])).warnings).toMatchObject([{ code: "VMGS_ACTIVE_HEADER_LOST" }]);
  });
});
