/** encrypt, rekey and decrypt, and keys in all their forms. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { contents, fingerprint, makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValid } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";

async function encryptedFiles(file: string): Promise<number[]> {
  const { files } = await vmgsJson(["inspect", file]);
  return (files as { id: number; encrypted: boolean }[])
    .filter((found) => found.encrypted)
    .map(({ id }) => id);
}

describe("encrypt", () => {
  test("encrypts the files that hold secrets, in one transaction", async () => {
    const { folder, file } = await makeStore();
    const keyFile = join(folder, "vm.key");
    await writeFile(keyFile, testKey(3));
    const { stdout } = await vmgs(["encrypt", file, "--key", keyFile, "--wipe"]);
    expect(stdout).toBe(
      `${file}: encrypted with AES-256-GCM, BIOS_NVRAM (1), TPM_NVRAM (3) rewritten encrypted; sequence 5, unused space wiped\n`,
    );
    expect(await encryptedFiles(file)).toEqual([1, 3, 63]);
    const image = Buffer.from(await readFile(file)).toString("latin1");
    for (const content of Object.values(contents)) {
      expect(image.includes(Buffer.from(content.subarray(0, 4096)).toString("latin1"))).toBe(false);
    }
    expect(image.includes(Buffer.from(testKey(3)).toString("latin1"))).toBe(false);
    expect((await vmgs(["cat", file, "1", "--key", keyFile])).bytes).toEqual(contents[1]);
  });

  test("encrypts what is named, or only adds the key", async () => {
    const key = join(await makeFolder(), "vm.key");
    await writeFile(key, testKey(4));
    const named = await makeStore();
    await prepare(["encrypt", named.file, "--key", key, "--file", "18", "--file", "PROVISIONING_MARKER"]);
    expect(await encryptedFiles(named.file)).toEqual([18, 63]);
    const only = await makeStore();
    await prepare(["encrypt", only.file, "--key", key, "--only-key"]);
    expect(await encryptedFiles(only.file)).toEqual([63]);
    const both = await vmgs(["encrypt", only.file, "--key", key, "--only-key", "--file", "3"]);
    expect(both.code).toBe(2);
    const absent = await makeStore();
    expect((await vmgs(["encrypt", absent.file, "--key", key, "--file", "4"])).code).toBe(5);
  });

  test("needs a key, and a store that is not encrypted yet", async () => {
    const { file } = await makeStore();
    expect(await vmgs(["encrypt", file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--key FILE is needed"),
    });
    const encrypted = await makeEncryptedStore();
    const again = await vmgs(["encrypt", encrypted.file, "--key", encrypted.keyFile]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("hint: `vmgs rekey ");
  });
});

describe("rekey", () => {
  test("leaves only the new key", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    const newKey = join(folder, "new.key");
    await writeFile(newKey, testKey(2));
    const { stdout } = await vmgs(["rekey", file, "--key", keyFile, "--new-key", newKey]);
    expect(stdout).toMatch(/: rekeyed; sequence \d+\n$/);
    expect((await vmgs(["cat", file, "3", "--key", keyFile])).code).toBe(4);
    expect((await vmgs(["cat", file, "3", "--key", newKey])).bytes).toEqual(contents[3]);
  });

  test("with --rewrite gives every file a new key, and cures the zero metadata key", async () => {
    const folder = await makeFolder();
    const { file, keyOptions } = await unpackGolden("zero-metadata-key", folder);
    const newKey = join(folder, "new.key");
    await writeFile(newKey, testKey(2));
    const argv = ["rekey", file, ...keyOptions, "--new-key", newKey, "--rewrite", "--wipe"];
    expect((await vmgs(argv)).stdout).toMatch(
      /: rekeyed, \d+ files rewritten; sequence \d+, unused space wiped\n$/,
    );
    expect((await vmgsJson(["inspect", file])).encryption).toMatchObject({ zeroMetadataKey: false });
  });

  test("needs two different keys, and a store that is encrypted", async () => {
    const { file, keyFile, key } = await makeEncryptedStore();
    const before = await fingerprint(file);
    expect((await vmgs(["rekey", file, "--key", keyFile])).code).toBe(2);
    expect((await vmgs(["rekey", file, "--key", keyFile, "--new-key", keyFile])).code).toBe(2);
    expect((await vmgs(["rekey", file, "--key", "-", "--new-key", "-"], { stdin: key })).code).toBe(2);
    expect((await vmgs(["rekey", file, "--new-key", keyFile])).code).toBe(4);
    expect(await fingerprint(file)).toBe(before);
    const plain = await makeStore();
    expect((await vmgs(["rekey", plain.file, "--new-key", keyFile])).code).toBe(1);
  });
});

describe("decrypt", () => {
  test("rewrites everything in plain", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const { stdout } = await vmgs(["decrypt", file, "--key", keyFile]);
    expect(stdout).toMatch(/: decrypted, 2 files rewritten in plain; sequence \d+\n$/);
    expect(await encryptedFiles(file)).toEqual([]);
    expect((await vmgs(["cat", file, "3"])).bytes).toEqual(contents[3]);
    expect((await vmgsJson(["inspect", file])).encryption).toMatchObject({ algorithm: "none" });
  });

  test("needs the key, and a store that is encrypted", async () => {
    const { file } = await makeEncryptedStore();
    const before = await fingerprint(file);
    expect((await vmgs(["decrypt", file])).code).toBe(4);
    expect(await fingerprint(file)).toBe(before);
    const plain = await makeStore();
    expect((await vmgs(["decrypt", plain.file])).stderr).toContain("--wipe --backup");
  });

  test("and rekey have valid documents", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    const newKey = join(folder, "new.key");
    await writeFile(newKey, testKey(2));
    expectValid(await vmgsJson(["rekey", file, "--key", keyFile, "--new-key", newKey]));
    expectValid(await vmgsJson(["decrypt", file, "--key", newKey]));
  });
});

describe("a key", () => {
  test("is 32 raw bytes, 64 hex digits or base64, told apart by length", async () => {
    const { folder, file, key } = await makeEncryptedStore();
    const hex = Buffer.from(key).toString("hex");
    const base64 = Buffer.from(key).toString("base64");
    const forms = {
      raw: key,
      hex,
      HEX: hex.toUpperCase(),
      "hex and a line end": `${hex}\r\n`,
      base64: `${base64}\n`,
    };
    const unpadded = { ...forms, unpadded: base64.replace("=", "") };
    for (const [form, content] of Object.entries(unpadded)) {
      const path = join(folder, "form.key");
      await writeFile(path, content);
      const { code, bytes } = await vmgs(["cat", file, "3", "--key", path]);
      expect(code, form).toBe(0);
      expect(bytes, form).toEqual(contents[3]);
      expect(
        (await vmgs(["cat", file, "3", "--key", "-"], { stdin: content })).code,
        `${form} from stdin`,
      ).toBe(0);
    }
  });

  test("comes from VMGS_KEY_FILE when no option names one", async () => {
    const { folder, file, keyFile, key } = await makeEncryptedStore();
    expect((await vmgs(["cat", file, "3"], { env: { VMGS_KEY_FILE: keyFile } })).code).toBe(0);
    expect((await vmgs(["cat", file, "3"], { env: { VMGS_KEY_FILE: "-" }, stdin: key })).code).toBe(0);
    expect((await vmgs(["cat", file, "3"], { env: { VMGS_KEY_FILE: "" } })).code).toBe(4);
    const wrong = join(folder, "wrong.key");
    await writeFile(wrong, testKey(9));
    const env = { VMGS_KEY_FILE: wrong };
    expect((await vmgs(["cat", file, "3"], { env })).code).toBe(4);
    expect((await vmgs(["cat", file, "3", "--key", keyFile], { env })).code).toBe(0);
  });

  test("of a wrong form is refused by its length, with exit code 4", async () => {
    const { folder, file } = await makeEncryptedStore();
    const before = await fingerprint(file);
    const path = join(folder, "bad.key");
    const hex = Buffer.from(testKey(5)).toString("hex");
    for (const bad of [
      testKey(5).subarray(1),
      hex.slice(1),
      `${hex}0`,
      `${hex.slice(1)}x`,
      "",
      new Uint8Array(9000),
    ]) {
      await writeFile(path, bad);
      const { code, stderr } = await vmgs(["cat", file, "3", "--key", path]);
      expect(code, `${bad.length} bytes`).toBe(4);
      expect(stderr).toContain("\nhint: ");
    }
    expect(await fingerprint(file)).toBe(before);
  });

  test("that is wrong, or zero, gives exit code 4", async () => {
    const { folder, file } = await makeEncryptedStore();
    const path = join(folder, "other.key");
    await writeFile(path, testKey(6));
    expect((await vmgs(["cat", file, "3", "--key", path])).stderr).toContain("opens neither key slot");
    expect((await vmgs(["rm", file, "3", "--key", path])).code).toBe(4);
    await writeFile(path, new Uint8Array(32));
    expect((await vmgs(["cat", file, "3", "--key", path])).code).toBe(4);
    const plain = await makeStore();
    expect((await vmgs(["encrypt", plain.file, "--key", path])).code).toBe(4);
  });

  test("file that can't be read is told by its name", async () => {
    const { folder, file } = await makeEncryptedStore();
    const missing = await vmgs(["cat", file, "3", "--key", join(folder, "no.key")]);
    expect([missing.code, missing.stderr.includes("the key file")]).toEqual([1, true]);
    expect((await vmgs(["cat", file, "3", "--key", folder])).stderr).toContain("is a directory");
    expect((await vmgs(["cat", file, "3", "--key", ""])).stderr).toContain(
      "the path of the key file is empty",
    );
    expect((await vmgs(["cat", file, "3", "--key", "/dev/zero"])).code).toBe(4);
  });

  test("of a plain store is no mistake", async () => {
    const { file } = await makeStore();
    const { keyFile } = await makeEncryptedStore();
    expect((await vmgs(["cat", file, "3", "--key", keyFile])).code).toBe(0);
    expect((await vmgs(["inspect", file, "--key", keyFile])).code).toBe(0);
  });

  test("is never printed, whatever is verbose", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    const env = { VMGS_DEBUG: "1" };
    const { stderr } = await vmgs(["cat", file, "3", "--key", keyFile, "-v"], { env });
    expect(stderr).toBe("vmgs: key read as raw\n");
    for (const argv of [["inspect"], ["cat", "3"], ["hexdump", "--file", "3"], ["rm", "3"], ["decrypt"]]) {
      const [command = "", ...rest] = argv;
      const wrong = join(folder, "wrong.key");
      await writeFile(wrong, testKey(8).subarray(1));
      const run = await vmgs([command, file, ...rest, "--key", wrong, "--verbose"], { env });
      expect(run.code, command).toBe(4);
    }
  });

  test("that was typed instead of its file's name is not echoed", async () => {
    const { file, key } = await makeEncryptedStore();
    for (const typed of [Buffer.from(key).toString("hex"), Buffer.from(key).toString("base64")]) {
      const run = await vmgs(["cat", file, "3", "--key", typed], { env: { VMGS_DEBUG: "1" } });
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("--key takes the name of a file, and what was given looks like a key");
    }
  });

  test("of either slot opens a store with two", async () => {
    const folder = await makeFolder();
    const { golden, file } = await unpackGolden("encrypted-two-keys", folder);
    expect(golden.keys).toHaveLength(2);
    for (const [i, hex] of golden.keys.entries()) {
      const path = join(folder, `slot-${i}.key`);
      await writeFile(path, hex);
      expect((await vmgs(["cat", file, "3", "--key", path])).code, `key ${i}`).toBe(0);
    }
  });
});
