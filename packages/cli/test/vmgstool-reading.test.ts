/** The commands of `vmgstool` that only read: what they tell, and that they never write. */

import { chmod, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { byteListing } from "../src/vmgstool/byte-listing.ts";
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
import { goldenStores, unpackGolden } from "./support/golden.ts";
import { expectValid } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";
import { vmgstool, vmgstoolJson } from "./support/vmgstool.ts";

let store: MadeStore;
let locked: EncryptedStore;

beforeEach(async () => {
  store = await makeStore();
  locked = await makeEncryptedStore();
});

const READING: readonly (readonly string[])[] = [
  ["query-size", "-i", "3"],
  ["query-encryption"],
  ["dump-headers"],
  ["dump-file-table"],
  ["dump", "-i", "3"],
  ["uefi-nvram", "dump"],
];

describe.each(READING)("%s %s %s", (...argv) => {
  const words = argv.filter(Boolean);

  test("writes nothing, not even a lock, and never clears `reprovisioned`", async () => {
    const folder = await makeFolder();
    const { file } = await unpackGolden("provisioned-request", folder);
    await chmod(file, 0o444);
    const before = await fingerprint(file);
    const files = await filesIn(folder);
    const { code } = await vmgstool([...words, "-f", file]);
    expect(code).toBeLessThanOrEqual(4);
    expect(await fingerprint(file)).toBe(before);
    expect(await filesIn(folder)).toEqual(files);
  });

  test("gives a document that its schema describes", async () => {
    // Encrypted variables can't be shown at all.
    for (const { file } of words[0] === "uefi-nvram" ? [store] : [store, locked]) {
      const document = await vmgstoolJson([...words, "-f", file]);
      expectValid(document);
      expect(document.file).toBe(file);
    }
  });

  test("takes 0 bytes for empty, and refuses more than 4 GiB", async () => {
    const file = join(store.folder, "odd.vmgs");
    await writeFile(file, "");
    expect((await vmgstool([...words, "-f", file])).code).toBe(3);
    const footer = (await readFile(store.file)).subarray(-512);
    await truncate(file, 2 ** 32);
    await writeFile(file, footer, { flag: "a" });
    const { code, stdout, stderr } = await vmgstool([...words, "-f", file]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("the file has 4294967808 bytes, more than 4 GiB");
  });
});

test("documents say what the text says", async () => {
  const { file } = locked;
  expect(await vmgstoolJson(["query-size", "-f", file, "-i", "tpm_nvram"])).toMatchObject({
    id: 3,
    name: "TPM_NVRAM",
    bytes: 32_768,
  });
  expect(await vmgstoolJson(["query-encryption", "-f", file])).toMatchObject({
    encrypted: true,
    protection: "unknown",
  });
  expect(await vmgstoolJson(["dump-file-table", "-f", file])).toMatchObject({
    locked: true,
    warnings: [{ code: "VMGS_LOCKED" }],
  });
  const { headers, active } = await vmgstoolJson(["dump-headers", "-f", store.file]);
  expect(active).toBe(1);
  expect(headers).toMatchObject([
    { slot: 0, valid: true },
    { slot: 1, valid: true, fields: { signature: "GUESTRTS", sequence: 4, headerSize: 168 } },
  ]);
});

test("no store, however damaged, meets a fault of ours", async () => {
  const folder = await makeFolder();
  for (const { name } of goldenStores) {
    const { file } = await unpackGolden(name, folder);
    for (const words of READING) {
      const { code, stderr } = await vmgstool([...words, "-f", file]);
      expect(stderr, `${name}: ${words.join(" ")}`).not.toContain("this is a fault");
      expect([0, 1, 2, 3, 4, 5, 6, 7], `${name}: ${words.join(" ")}`).toContain(code);
    }
  }
});

describe("dump-headers", () => {
  test("shows both headers with all their fields in three columns", async () => {
    const { code, stdout } = await vmgstool(["dump-headers", "-f", locked.file]);
    expect(code).toBe(0);
    const [title, names, rule, ...rows] = stdout.split("\n");
    expect([title, names?.length, rule]).toEqual([
      "FILE HEADERS",
      165,
      `${"-".repeat(23)} ${"-".repeat(70)} ${"-".repeat(70)}`,
    ]);
    expect(rows[0]).toBe(
      `Signature:${"0x5354525453455547".padStart(84)}${"0x5354525453455547".padStart(71)}`,
    );
    expect(stdout).toContain(
      "\nVerifying header 1... [VALID]\nVerifying header 2... [VALID]\nActive header is ",
    );
  });

  test("shows the headers of stores that can't be opened", async () => {
    for (const [name, exit] of [
      ["corrupt-both-headers-checksum", 1],
      ["blank-host", 3],
      ["corrupt-v1-gpt", 5],
    ] as const) {
      const { file } = await unpackGolden(name, await makeFolder());
      const { code, stdout, stderr } = await vmgstool(["dump-headers", "-f", file]);
      expect(code).toBe(exit);
      expect(stdout).toMatch(/^FILE HEADERS\n/);
      expect(stdout).toContain("\nUnable to determine active header\n");
      expect(stderr).toMatch(/^vmgstool: .*\nhint: .*\n$/);
      expectValid(await vmgstoolJson(["dump-headers", "-f", file]));
    }
  });
});

describe("dump", () => {
  test("lists bytes as text, in parts that fit together", () => {
    expect([...byteListing(Uint8Array.of(0x1f, 0x20, 0x41, 0x7e, 0x7f))]).toEqual([
      `0x1f,0x20,0x41,0x7e,0x7f,${" ".repeat(56)}// ..A~.\n`,
    ]);
    const large = Uint8Array.from({ length: 200_003 }, (_, i) => i % 251);
    const lines = [...byteListing(large)].join("").trimEnd().split("\n");
    expect(lines).toHaveLength(Math.ceil(large.length / 16));
    const bytes = lines.flatMap((line) => line.slice(0, 80).match(/0x[0-9a-f]{2}/g) ?? []);
    expect(Uint8Array.from(bytes, Number)).toEqual(large);
    expect([...byteListing(new Uint8Array(0))]).toEqual([]);
  });

  test("gives the bytes to a file, to standard output, and in a document", async () => {
    const { file, folder } = store;
    const target = join(folder, "out");
    expect((await vmgstool(["dump", "-f", file, "-i", "1", "-d", target])).stdout).toBe("");
    expect(new Uint8Array(await readFile(target))).toEqual(contents[1]);
    for (const option of [["--raw-stdout"], ["-d", "-"]]) {
      expect((await vmgstool(["dump", "-f", file, "-i", "1", ...option])).bytes).toEqual(contents[1]);
    }
    const { data, form } = await vmgstoolJson(["dump", "-f", file, "-i", "1"]);
    expect([data, form]).toEqual([Buffer.from(contents[1]).toString("hex"), "content"]);
    expect((await vmgstool(["dump", "-f", file, "-i", "1", "--json", "-d", target])).code).toBe(2);
  });

  test("does not replace the store itself", async () => {
    const before = await fingerprint(store.file);
    const { code, stderr } = await vmgstool(["dump", "-f", store.file, "-i", "1", "-d", store.file]);
    expect(code).toBe(2);
    expect(stderr).toContain("--data-path names the same file as --file-path");
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("leaves an output file alone when it fails", async () => {
    const target = join(store.folder, "out");
    await writeFile(target, "old");
    expect((await vmgstool(["dump", "-f", store.file, "-i", "9", "-d", target])).code).toBe(4);
    expect(await readFile(target, "utf8")).toBe("old");
  });

  test("says when it gives ciphertext", async () => {
    const { stderr, bytes } = await vmgstool(["dump", "-f", locked.file, "-i", "3", "--raw-stdout"]);
    expect(stderr).toContain("warning: TPM_NVRAM (3) is encrypted and was read without its key");
    expect(bytes).not.toEqual(contents[3]);
    expect(await vmgstoolJson(["dump", "-f", locked.file, "-i", "3"])).toMatchObject({
      form: "ciphertext",
      warnings: [{ code: "VMGS_CIPHERTEXT" }],
    });
    const opened = await vmgstool(["dump", "-f", locked.file, "-i", "3", "-k", locked.keyFile, "-d", "-"]);
    expect([opened.stderr, opened.bytes]).toEqual(["", contents[3]]);
  });
});

describe("a key", () => {
  const dumped = (...options: readonly string[]) => [
    "dump",
    "-f",
    locked.file,
    "-i",
    "3",
    "-d",
    "-",
    ...options,
  ];

  test("is raw, hex or base64, and what is not raw is said", async () => {
    const key = Buffer.from(locked.key);
    const path = join(locked.folder, "text.key");
    for (const form of ["hex", "base64"] as const) {
      await writeFile(path, `${key.toString(form)}\n`);
      const { code, bytes, stderr } = await vmgstool(dumped("-k", path));
      expect([code, bytes, stderr]).toEqual([0, contents[3], `vmgstool: ${path}: read as ${form} key\n`]);
    }
    const verbose = await vmgstool(["-v", ...dumped("-k", locked.keyFile)]);
    expect(verbose.stderr).toBe(`vmgstool: ${locked.keyFile}: read as raw key\n`);
  });

  test("comes from standard input, or from a file that the environment names", async () => {
    const fromStdin = await vmgstool(dumped("-k", "-"), { stdin: locked.key });
    expect([fromStdin.code, fromStdin.bytes]).toEqual([0, contents[3]]);
    const env = { VMGS_KEY_FILE: locked.keyFile };
    expect((await vmgstool(dumped(), { env })).bytes).toEqual(contents[3]);
  });

  test("of the environment is no mistake for a plain store; one that was given is", async () => {
    const plain = ["dump", "-f", store.file, "-i", "3", "-d", "-"];
    const env = { VMGS_KEY_FILE: locked.keyFile };
    expect((await vmgstool(plain, { env })).bytes).toEqual(contents[3]);
    const refused = await vmgstool([...plain, "-k", locked.keyFile]);
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
  });

  test("is not needed, nor asked for, by what needs none", async () => {
    const env = { VMGS_KEY_FILE: join(locked.folder, "missing") };
    expect((await vmgstool(["query-size", "-f", locked.file, "-i", "3"], { env })).stdout).toBe("32768\n");
    expect((await vmgstool(["query-encryption", "-f", locked.file], { env })).code).toBe(7);
  });

  test("that is wrong, has another length, or was typed itself is refused and not shown", async () => {
    const wrong = join(locked.folder, "wrong.key");
    await writeFile(wrong, testKey(9));
    expect((await vmgstool(dumped("-k", wrong))).code).toBe(1);
    await writeFile(wrong, testKey(9).subarray(1));
    expect((await vmgstool(dumped("-k", wrong))).code).toBe(1);
    const typed = Buffer.from(locked.key).toString("hex");
    const { code, stderr } = await vmgstool(dumped("-k", typed));
    expect(code).toBe(1);
    expect(stderr).toContain("--key-path takes the name of a file, and what was given looks like a key");
  });
});

test("a store whose newer header is damaged is read, with a warning", async () => {
  const { file } = await unpackGolden("corrupt-active-header-checksum", await makeFolder());
  const { code, stdout, stderr } = await vmgstool(["query-size", "-f", file, "-i", "3"]);
  expect([code, stdout]).toEqual([0, "32768\n"]);
  expect(stderr).toContain("; the previous generation is read\n");
});

test("output has colours on a terminal only", async () => {
  const missing = ["query-size", "-f", join(store.folder, "none"), "-i", "3"];
  expect((await vmgstool(missing, { terminal: "both" })).stderr).toContain("\u001b[31m");
  expect((await vmgstool(missing, { terminal: "both", env: { NO_COLOR: "1" } })).stderr).not.toContain(
    "\u001b",
  );
  expect((await vmgstool(missing)).stderr).not.toContain("\u001b");
});

test("key files of test make-key are private, and are replaced only when that is asked for", async () => {
  const path = join(store.folder, "new.key");
  const make = (...options: readonly string[]) =>
    vmgstool(["test", "make-key", "--key-path", path, ...options]);
  expect((await make()).code).toBe(0);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const first = await readFile(path);
  expect(first).toHaveLength(32);
  expect((await make()).code).toBe(1);
  expect(await readFile(path)).toEqual(first);
  await chmod(path, 0o644);
  expect((await make("--force-create")).code).toBe(0);
  expect(await readFile(path)).not.toEqual(first);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const repeated of ["ab", "é", ""]) {
    expect((await make("--force-create", "--repeated", repeated)).code, repeated).toBe(2);
  }
});
