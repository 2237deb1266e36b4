/** `vmgs provenance show`: who signed a store, and whether the signature is for it. */

import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { prepare, vmgs } from "./support/cli.ts";
import { makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";

const folder = fileURLToPath(new URL("../../vmgs/test/golden/guest-files/", import.meta.url));
interface Golden {
  readonly fileId: number;
  readonly valid: boolean;
  readonly withSeed?: Readonly<Record<string, string>>;
}
const goldenOf = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Golden;
const documents = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5))
  .filter((name) => goldenOf(name).fileId === 16);

async function storeOf(document: string, seed: string | null): Promise<string> {
  const { file } = await makeStore();
  await prepare(["put", file, "PROVENANCE_DOC", join(folder, `${document}.bin`), "--force"]);
  if (seed !== null) await prepare(["put", file, "PLATFORM_SEED", join(folder, `${seed}.bin`), "--force"]);
  return file;
}

describe.each(documents)("%s", (name) => {
  const { valid, withSeed = {} } = goldenOf(name);

  test("is judged as a boot judges it", async () => {
    const cases = valid ? Object.entries(withSeed) : [["seed", "ignored"] as const];
    for (const [seed, outcome] of cases) {
      const file = await storeOf(name, seed === "(absent)" ? null : seed);
      const { code, stdout } = await vmgs(["provenance", "show", file, "--json"]);
      expect([seed, code]).toEqual([seed, outcome === "boots" ? 0 : 3]);
      expect(JSON.parse(stdout)).toMatchObject({ valid, marker: { provisioner: "openhcl" } });
    }
  });
});

test("the signed word stands beside the unsigned one, with signer and chain", async () => {
  const { code, stdout } = await vmgs(["provenance", "show", await storeOf("provenance", "seed")]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("was signed for this store")]);
  for (const words of ["did:x509:0:sha256:", "VMGSID of the store", "Not signed", "openhcl", "not checked"]) {
    expect(stdout).toContain(words);
  }
});

test("the root is held against a list only when one is given", async () => {
  const file = await storeOf("provenance", "seed");
  const x5c = chainOf("provenance");
  const pem = (base64: string) => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  const [leaf = "", root = ""] = [x5c[0], x5c.at(-1)];
  const place = await makeFolder();
  for (const [name, certificate, code] of [
    ["root", root, 0],
    ["leaf", leaf, 3],
  ] as const) {
    const path = join(place, name);
    await writeFile(path, pem(certificate));
    expect((await vmgs(["provenance", "show", file, "--roots", path])).code).toBe(code);
  }
});

describe("vmgs provenance create", () => {
  const tenant = (name: string) =>
    fileURLToPath(new URL(`../../vmgs/test/golden/tenant-key/${name}`, import.meta.url));
  const signed = (file: string, ...more: readonly string[]) => [
    "provenance",
    "create",
    file,
    "--signing-key",
    tenant("pkcs8.pem"),
    "--chain",
    tenant("certificate.pem"),
    ...more,
  ];

  test("signs a document for the store that is verified, also with the seed that is there", async () => {
    const { file } = await makeStore();
    expect((await vmgs(signed(file))).code).toBe(0);
    expect((await vmgs(["provenance", "show", file])).code).toBe(0);
    expect([(await vmgs(signed(file))).code, (await vmgs(signed(file, "--force"))).code]).toEqual([1, 0]);
    expect((await vmgs(["provenance", "show", file, "--roots", tenant("certificate.pem")])).code).toBe(0);
    await prepare(["put", file, "PLATFORM_SEED", join(folder, "seed.bin"), "--force"]);
    expect((await vmgs(["provenance", "show", file])).code).toBe(3);
    expect((await vmgs(signed(file, "--force"))).code).toBe(0);
    expect((await vmgs(["provenance", "show", file])).code).toBe(0);
  });

  test("encrypts the seed of an encrypted store, and leaves the document plain", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    expect((await vmgs(signed(file, "--key", keyFile))).code).toBe(0);
    expect((await vmgs(["provenance", "show", file, "--key", keyFile])).code).toBe(0);
    expect((await vmgs(["provenance", "show", file])).code).toBe(4);
  });

  test("makes nothing that a boot would not take: a key that is not the leaf's, no key, no chain", async () => {
    const { file } = await makeStore();
    const before = readFileSync(file);
    const key = join(await makeFolder(), "other.pem");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }));
    const argv = ["provenance", "create", file, "--signing-key", key];
    const { code, stderr } = await vmgs([...argv, "--chain", tenant("certificate.pem")]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("signature that the leaf did not make")]);
    expect((await vmgs(argv)).code).toBe(2);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

test("a store without a document gives 5", async () => {
  expect((await vmgs(["provenance", "show", (await makeStore()).file])).code).toBe(5);
});

function chainOf(name: string): string[] {
  const [header = ""] = readFileSync(join(folder, `${name}.bin`), "utf8").split(".");
  return (JSON.parse(Buffer.from(header, "base64url").toString()) as { x5c: string[] }).x5c;
}
