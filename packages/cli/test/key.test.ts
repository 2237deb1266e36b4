/** `vmgs key`, and the options that derive a datastore key in every command. */

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Secret } from "vmgskit";
import { deriveCandidates } from "vmgskit/guest";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import {
  fingerprint,
  makeEncryptedStore,
  makeEncryptedStoreWithSource,
  makeFolder,
  makeStore,
} from "./support/folder.ts";
import { secret, testKey } from "./support/secrets.ts";

const tenant = (name: string) =>
  fileURLToPath(new URL(`../../vmgs/test/golden/tenant-key/${name}`, import.meta.url));
const TENANT_KEY = ["--tenant-key", tenant("pkcs8.pem")];

/** An encrypted store with a protector for the tenant's key; its key file is gone. */
async function makeProtectedStore() {
  const { folder, file, key, keyFile } = await makeEncryptedStore();
  await prepare(["key", "protect", file, "--key", keyFile, "--tenant-cert", tenant("certificate.pem")]);
  await rm(keyFile);
  return { folder, file, key, out: join(folder, "again.key") };
}

describe("vmgs key derive", () => {
  test("gets the key back from the protector and the private key, for its owner only", async () => {
    const { file, key, out } = await makeProtectedStore();
    const before = await fingerprint(file);
    const { code, stdout } = await vmgs(["key", "derive", file, ...TENANT_KEY, "-o", out]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/ingress entry, the tenant key: opens the store, in key slot \d/),
    ]);
    expect(new Uint8Array(readFileSync(out))).toEqual(new Uint8Array(key));
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(await fingerprint(file)).toBe(before);
    expect((await vmgs(["cat", file, "BIOS_NVRAM", "--key", out])).code).toBe(0);
  });

  test.each(["pkcs1.pem", "pkcs8.der", "pkcs1.der"])("reads the key as %s", async (name) => {
    const { file } = await makeProtectedStore();
    expect((await vmgs(["key", "derive", file, "--tenant-key", tenant(name)])).code).toBe(0);
  });

  test.each(["encrypted.pem", "encrypted.der", "traditional-aes256.pem"])(
    "reads %s with its passphrase, and says that it is needed",
    async (name) => {
      const { folder, file } = await makeProtectedStore();
      const line = join(folder, "passphrase");
      await writeFile(line, "opensesame\n");
      const argv = ["key", "derive", file, "--tenant-key", tenant(name)];
      expect((await vmgs([...argv, "--passphrase-file", line])).code).toBe(0);
      const without = await vmgs(argv);
      expect([without.code, without.stderr]).toEqual([4, expect.stringContaining("no passphrase was given")]);
    },
  );

  test("with a key that opens nothing writes nothing, says why, and ends with 4", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const { file: other, out } = await makeProtectedStore();
    // The protector of another store.
    const from = `${out}.protector`;
    await prepare(["cat", other, "KEY_PROTECTOR", "-o", from]);
    await prepare(["rekey", file, "--key", keyFile, "--new-key", await keyFileOf(testKey(77))]);
    await prepare(["put", file, "KEY_PROTECTOR", from, "--plain", "--force"]);
    const { code, stderr } = await vmgs(["key", "derive", file, ...TENANT_KEY, "-o", out]);
    expect([code, existsSync(out)]).toEqual([4, false]);
    expect(stderr).toContain(
      "no derived key opens the store: the key of ingress entry, the tenant key opens no key slot",
    );
  });

  test("never writes to a terminal, and refuses a plain store", async () => {
    const { file } = await makeProtectedStore();
    const terminal = await vmgs(["key", "derive", file, ...TENANT_KEY, "-o", "-"], { terminal: "both" });
    expect(terminal.code).toBe(2);
    const plain = (await makeStore()).file;
    expect((await vmgs(["key", "derive", plain, ...TENANT_KEY])).code).toBe(1);
    expect((await vmgs(["key", "derive", plain])).code).toBe(2);
  });

  test("opens a store that was made with a key derived by the host's scheme", async () => {
    const { folder, file } = await makeStore();
    const hostSeed = secret(new Uint8Array(randomBytes(32)));
    const vmUniqueId = Uint8Array.from({ length: 20 }, (_, i) => (i < 16 ? i + 1 : 0));
    const { candidates } = await deriveCandidates({ vmUniqueId, hostSeed: new Secret(hostSeed) });
    const derived = candidates[0]?.key.expose() ?? new Uint8Array(0);
    const keyFile = await keyFileOf(secret(derived.slice()));
    const [idFile, seedFile] = [join(folder, "id"), join(folder, "seed")];
    await writeFile(idFile, vmUniqueId);
    await writeFile(seedFile, Buffer.from(hostSeed).toString("hex"));
    await prepare(["put", file, "VM_UNIQUE_ID", idFile]);
    await prepare(["encrypt", file, "--key", keyFile]);
    await rm(keyFile);
    const document = await vmgsJson(["key", "derive", file, "--host-seed", seedFile]);
    expect(document).toMatchObject({ encrypted: true, candidates: [{ scheme: "gspById", entry: null }] });
    expect(document.opens).not.toBeNull();
    expect(
      (await vmgs(["cat", file, "TPM_NVRAM", "--host-seed", seedFile, "-o", join(folder, "tpm")])).code,
    ).toBe(0);
  });
});

describe("the options that derive a key", () => {
  test.each<[string, (file: string, folder: string) => readonly string[]]>([
    ["cat", (file, folder) => ["cat", file, "BIOS_NVRAM", "-o", join(folder, "nvram")]],
    ["show", (file) => ["show", file]],
    ["inspect", (file) => ["inspect", file, "--json"]],
    ["marker", (file) => ["marker", file]],
    ["uefi list", (file) => ["uefi", "list", file]],
    ["tpm inspect", (file) => ["tpm", "inspect", file]],
    ["hexdump", (file) => ["hexdump", file, "--file", "BIOS_NVRAM"]],
    ["key check", (file) => ["key", "check", file]],
    ["rm", (file) => ["rm", file, "BIOS_NVRAM"]],
    ["decrypt", (file) => ["decrypt", file]],
  ])("open a store for vmgs %s", async (_, argv) => {
    const { folder, file } = await makeProtectedStore();
    const opened = await vmgs([...argv(file, folder), ...TENANT_KEY]);
    expect([opened.code, opened.stderr]).toEqual([0, expect.not.stringContaining("locked")]);
  });

  test("unlock inspect and doctor as --key does", async () => {
    const { file } = await makeProtectedStore();
    const document = await vmgsJson(["inspect", file, ...TENANT_KEY]);
    expect(document).toMatchObject({ encryption: { unlocked: true, protection: "tenantKey" } });
    const doctor = await vmgs(["doctor", file, "--json", ...TENANT_KEY]);
    expect(JSON.parse(doctor.stdout)).toMatchObject({ notChecked: [] });
  });

  test("do not hinder on a plain store, and exclude --key", async () => {
    const { file } = await makeStore();
    expect((await vmgs(["cat", file, "BIOS_NVRAM", "-o", "-", ...TENANT_KEY])).code).toBe(0);
    expect((await vmgs(["show", file, "--key", "x", ...TENANT_KEY])).code).toBe(2);
    expect((await vmgs(["show", file, "--entry", "egress"])).code).toBe(2);
    expect((await vmgs(["show", file, "--tenant-key", "-"])).code).toBe(2);
  });

  test("that fit no entry end with 4, and say why", async () => {
    const { file } = await makeEncryptedStore();
    const { code, stderr } = await vmgs(["cat", file, "BIOS_NVRAM", "-o", "-", ...TENANT_KEY]);
    expect([code, stderr]).toEqual([4, expect.stringContaining("the store has no KEY_PROTECTOR (6)")]);
  });
});

describe("derived keys that open nothing", () => {
  test.each(["inspect", "boot", "doctor"])(
    "vmgs %s shows what it sees, as with a wrong --key",
    async (command) => {
      const { file } = await makeEncryptedStoreWithSource();
      const text = await vmgs([command, file, ...TENANT_KEY]);
      expect([text.code, text.stderr]).toEqual([4, expect.stringContaining("no KEY_PROTECTOR (6)")]);
      expect(text.stdout).toContain(file);
      const { code, stdout } = await vmgs([command, file, "--json", ...TENANT_KEY]);
      expect([code, JSON.parse(stdout)]).toEqual([
        4,
        expect.objectContaining({ error: expect.objectContaining({ code: "VMGS_WRONG_KEY" }) }),
      ]);
    },
  );
});

describe("what a key is derived from", () => {
  const golden = (name: string) =>
    fileURLToPath(new URL(`../../vmgs/test/golden/guest-files/${name}`, import.meta.url));

  test("a plain store is refused but with --unverified, which takes the first key", async () => {
    const { file, folder } = await makeStore();
    const protector = await makeProtectedStore();
    const [from, out] = [join(folder, "protector"), join(folder, "out.key")];
    await prepare(["cat", protector.file, "KEY_PROTECTOR", "-o", from]);
    await prepare(["put", file, "KEY_PROTECTOR", from]);
    const argv = ["key", "derive", file, ...TENANT_KEY, "-o", out];
    expect([(await vmgs(argv)).code, existsSync(out)]).toEqual([1, false]);
    expect((await vmgs([...argv, "--unverified"])).code).toBe(0);
    expect(new Uint8Array(readFileSync(out))).toEqual(new Uint8Array(protector.key));
  });

  test("--entry limits it to one entry: the other is not tried", async () => {
    const { file } = await makeProtectedStore();
    for (const [entry, code] of [
      ["ingress", 0],
      ["both", 0],
      ["egress", 4],
    ] as const) {
      expect((await vmgs(["key", "derive", file, ...TENANT_KEY, "--entry", entry])).code).toBe(code);
    }
  });

  test("--gsp-seed alone gives the key of a store that a host's service protects", async () => {
    const { file, folder } = await makeStore();
    const gspSeed = secret(new Uint8Array(randomBytes(32)));
    const keyProtector = new Uint8Array(readFileSync(golden("kp-gsp-only.bin")));
    const { candidates } = await deriveCandidates({ keyProtector, gspSeed: new Secret(gspSeed) });
    const keyFile = await keyFileOf(secret((candidates[0]?.key.expose() ?? new Uint8Array(0)).slice()));
    const seedFile = join(folder, "seed");
    await writeFile(seedFile, Buffer.from(gspSeed).toString("base64"));
    await prepare(["put", file, "KEY_PROTECTOR", golden("kp-gsp-only.bin")]);
    await prepare(["encrypt", file, "--key", keyFile]);
    await rm(keyFile);
    const document = await vmgsJson(["key", "derive", file, "--gsp-seed", seedFile]);
    expect(document.opens).not.toBeNull();
    expect((await vmgs(["show", file, "--gsp-seed", seedFile])).code).toBe(0);
  });
});

describe("vmgs key generate", () => {
  test("makes a key for its owner only, and never replaces one unasked", async () => {
    const out = join(await makeFolder(), "vm.key");
    const { code, stdout } = await vmgs(["key", "generate", "-o", out]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("key of 32 random bytes")]);
    const first = readFileSync(out);
    expect([first.length, (await stat(out)).mode & 0o777]).toEqual([32, 0o600]);
    expect((await vmgs(["key", "generate", "-o", out])).code).toBe(1);
    expect(readFileSync(out).equals(first)).toBe(true);
    expect((await vmgs(["key", "generate", "-o", out, "--force"])).code).toBe(0);
    expect(readFileSync(out).equals(first)).toBe(false);
  });
});

describe("vmgs key check", () => {
  test("names the slot that the key opens", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const { code, stdout } = await vmgs(["key", "check", file, "--key", keyFile]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/the key opens the store, in key slot 0/)]);
  });

  test("ends with 4 for another key", async () => {
    const { file } = await makeEncryptedStore();
    const { code, stdout } = await vmgs([
      "key",
      "check",
      file,
      "--key",
      await keyFileOf(testKey(78)),
      "--json",
    ]);
    expect([code, JSON.parse(stdout)]).toEqual([4, expect.objectContaining({ opens: null, stale: false })]);
  });
});

async function keyFileOf(key: Uint8Array): Promise<string> {
  const path = join(await makeFolder(), "a.key");
  await writeFile(path, key);
  return path;
}
