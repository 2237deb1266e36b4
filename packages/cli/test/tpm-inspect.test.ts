/** vmgs tpm inspect and extract-cert: what they show of a vTPM's state, and that no secret is in it. */

import { createHash, X509Certificate } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorsOf, prepare, vmgs } from "./support/cli.ts";
import { fingerprint, makeFolder, makeStore } from "./support/folder.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import {
  bareState,
  encryptedStoreWith,
  goldenDescription,
  goldenState,
  goldenStates,
  storeWith,
} from "./support/tpm.ts";

interface Described {
  readonly indices: readonly Record<string, unknown>[];
  readonly objects: readonly Record<string, unknown>[];
  readonly corruptAt?: number;
}

interface InspectDocument {
  readonly state: Record<string, unknown> & {
    readonly indices: readonly Record<string, unknown>[];
    readonly objects: readonly (Record<string, unknown> & { readonly key: { readonly modulus: string } })[];
    readonly akCertificate: Record<string, unknown> | null;
  };
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function documentOf(argv: readonly string[], code: number): Promise<InspectDocument> {
  const run = await vmgs(["tpm", "inspect", ...argv, "--json"]);
  expect([run.code, run.stderr]).toEqual([code, ""]);
  const document: unknown = JSON.parse(run.stdout);
  expectValid(document);
  return document as InspectDocument;
}

describe.each(goldenStates)("golden state %s", (name) => {
  const golden = goldenDescription(name) as unknown as Described & Record<string, unknown>;
  const code = golden.corruptAt === undefined ? 0 : 3;

  test("has a valid document that tells what is in it", async () => {
    const { state } = await documentOf([await bareState(name)], code);
    expect(state).toMatchObject({
      bytes: golden.size,
      firmwareVersion: golden.firmware,
      disableClear: golden.disableClear,
      totalResetCount: String(golden.totalResetCount),
      resetCount: golden.resetCount,
      pcrBanks: golden.pcrBanks,
      listEnd: golden.listEnd,
      freeBytes: golden.freeBytes,
      maxCounter: golden.maxCounter === undefined ? null : String(golden.maxCounter),
      orderlyRam: golden.orderlyRam,
      lockout: { failedTries: golden.failedTries, maxTries: golden.maxTries, authSet: golden.lockoutAuthSet },
    });
    expect((state.corruption as { offset: number } | null)?.offset).toBe(golden.corruptAt);
    // The golden name of an orderly index is over its stored attributes, not over those that count.
    expect(
      state.indices.map(({ handle, dataSize, orderly, name: hex }) => [handle, dataSize, orderly || hex]),
    ).toEqual(
      golden.indices.map((index) => [
        index.handle,
        index.dataSize,
        index.storedDataBytes === 0 || index.name,
      ]),
    );
    expect(
      state.objects.map(({ handle, attributes, name: hex, nameMatches, key }) => ({
        handle,
        objectAttributes: attributes,
        name: hex,
        nameMatches,
        modulusSha256: sha256(Buffer.from(key.modulus, "hex")),
      })),
    ).toEqual(
      golden.objects.map(({ handle, objectAttributes, name: hex, nameMatches, modulusSha256 }) => ({
        handle,
        objectAttributes,
        name: hex,
        nameMatches,
        modulusSha256,
      })),
    );
  });

  test("is shown in lines that fit, bare or in a store, and stays as it is", async () => {
    const [bare, store] = [await bareState(name), await storeWith(name)];
    const before = [await fingerprint(bare), await fingerprint(store.file)];
    for (const columns of [60, 80, 200]) {
      for (const file of [bare, store.file]) {
        const run = await vmgs(["tpm", "inspect", file], { terminal: "stdout", columns });
        expect([run.code, run.stderr]).toEqual([code, ""]);
        const [, ...lines] = run.stdout.split("\n");
        for (const line of lines) expect(visible(line).length, line).toBeLessThanOrEqual(columns);
      }
    }
    expect([await fingerprint(bare), await fingerprint(store.file)]).toEqual(before);
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is removed
const visible = (line: string) => line.replaceAll(/\u001b\[\d+m/g, "");

describe("vmgs tpm inspect", () => {
  test("tells keys, indices, certificate and space in words", async () => {
    const { stdout } = await vmgs(["tpm", "inspect", await bareState("many-indices-32k")]);
    for (const words of [
      "revision 1.38, 32 KiB, made by HCL or OpenHCL",
      "a bare file",
      "not encrypted: whoever has the file has the seeds and private keys in it",
      "shut down, CLEAR",
      "0 of 3 failed tries",
      "SHA1 (all PCRs), SHA256 (all PCRs), SHA384 (all PCRs)",
      "0x81000003  AK    endorsement  RSA 2048, RSASSA  fixedTPM | fixedParent",
      "0x01500011                      counter       8  owner     1  ",
      "attestation report  ordinary   2900  platform  never written",
      "CN=Example AK certificate",
      "NOT that of the AK",
      "end at offset 15072, 17.3 KiB free",
    ]) {
      expect(stdout).toContain(words);
    }
  });

  test("tells where a list breaks, with exit code 3", async () => {
    const { code, stdout } = await vmgs(["tpm", "inspect", await bareState("truncated-16k")]);
    expect(code).toBe(3);
    expect(stdout).toContain("BROKEN at offset 11372: an entry of 8000 bytes is past the end (16384)");
  });

  test("tells names that are wrong as tampering, with exit code 3", async () => {
    const state = goldenState("provisioned-32k");
    const exponent = 3508 + 12 + 76;
    state[exponent] = 3;
    const file = join(await makeFolder(), "tampered.bin");
    await writeFile(file, state);
    const { code, stdout } = await vmgs(["tpm", "inspect", file]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/0x81000001 .* WRONG/);
    expect(stdout).toContain("the name is not that of the public area: damaged or tampered with");
  });

  test("needs the key of an encrypted store, and reads other files and generations", async () => {
    const { file, keyFile } = await encryptedStoreWith("truncated-16k");
    expect((await vmgs(["tpm", "inspect", file])).code).toBe(4);
    const { stdout } = await vmgs(["tpm", "inspect", file, "--key", keyFile]);
    expect(stdout).toContain("TPM_NVRAM (3), encrypted");
    expect(stdout).not.toContain("not encrypted");
    await prepare(["tpm", "repair", file, "--key", keyFile, "--backup", "17"]);
    expect((await vmgs(["tpm", "inspect", file, "--key", keyFile])).code).toBe(0);
    expect((await vmgs(["tpm", "inspect", file, "--key", keyFile, "--file", "17"])).code).toBe(3);
    const previous = await documentOf([file, "--key", keyFile, "--generation", "previous"], 3);
    expect(previous).toMatchObject({ source: "store", fileId: 3, encrypted: true, generation: "previous" });
  });

  test("reads a bare state from standard input", async () => {
    const run = await vmgs(["tpm", "inspect", "-", "--json"], { stdin: goldenState("fresh-32k") });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ file: "-", source: "blob", fileId: null });
    const short = await vmgs(["tpm", "inspect", "-"], { stdin: new Uint8Array(100) });
    expect([short.code, short.stderr]).toEqual([
      1,
      expect.stringContaining("standard input has 100 bytes; a bare state has 16384 or 32768"),
    ]);
  });

  test("takes several files; one that can't be read does not stop the rest", async () => {
    const files = [await bareState("fresh-32k"), "no-such-file", (await storeWith("provisioned-32k")).file];
    const run = await vmgs(["tpm", "inspect", ...files, "--json"]);
    expect(run.code).toBe(1);
    const documents = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const document of documents) expectValid(document);
    expect(documents.map(({ error }) => error === null)).toEqual([true, false, true]);
    expectValidErrors(errorsOf(run));
  });

  test("says that a file is neither a store nor a bare state", async () => {
    const folder = await makeFolder();
    for (const bytes of [20_000, 24_576]) {
      const file = join(folder, `${bytes}.bin`);
      await writeFile(file, new Uint8Array(bytes).fill(1));
      const { code, stderr } = await vmgs(["tpm", "inspect", file]);
      expect(code).toBe(1);
      expect(stderr).toContain(`and no bare state, which has 16384 or 32768 bytes, not ${bytes}`);
    }
  });

  test("takes a store of 16384 bytes for a store", async () => {
    const file = join(await makeFolder(), "tiny.vmgs");
    await prepare(["provision", file, "--size", "16384", "--disk", "raw", "--force"]);
    const { code, stderr } = await vmgs(["tpm", "inspect", file]);
    expect([code, stderr]).toEqual([5, expect.stringContaining("the store has no TPM_NVRAM (3)")]);
    expect((await stat(file)).size).toBe(16_384);
  });

  test("refuses what a bare state does not have, and the state of revision 1.85", async () => {
    const file = await bareState("fresh-32k");
    for (const [options, words] of [
      [["--file", "17"], "a bare state has no files"],
      [["--generation", "previous"], "a bare state has no previous generation"],
      [["--file", "19"], "revision 1.85"],
    ] as const) {
      const { code, stderr } = await vmgs(["tpm", "inspect", file, ...options]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
    }
  });

  test("is not misled by what is no state", async () => {
    const { file } = await makeStore();
    await prepare(["put", file, "3"], { stdin: new Uint8Array(32_768).fill(5) });
    const { code, stdout } = await vmgs(["tpm", "inspect", file]);
    expect(code).toBe(3);
    expect(stdout).toContain("Problems");
  });
});

describe("vmgs tpm extract-cert", () => {
  test("gives the exact certificate, as DER or as PEM, from a store, a bare state or standard input", async () => {
    const { file, keyFile, folder } = await encryptedStoreWith("provisioned-32k");
    const target = join(folder, "ak.der");
    expect(await vmgs(["tpm", "extract-cert", file, "--key", keyFile, "-o", target])).toMatchObject({
      code: 0,
    });
    const der = await readFile(target);
    const state = goldenState("provisioned-32k");
    expect(der.equals(state.subarray(7156 + 120, 7156 + 120 + 843))).toBe(true);
    expect(new X509Certificate(der).subject).toContain("CN=Example AK certificate");
    const bare = await vmgs(["tpm", "extract-cert", await bareState("provisioned-32k")]);
    expect(der.equals(bare.bytes)).toBe(true);
    const pem = await vmgs(["tpm", "extract-cert", "-", "--pem"], { stdin: state, terminal: "stdout" });
    expect(pem.code).toBe(0);
    expect(new X509Certificate(pem.stdout).raw.equals(der)).toBe(true);
  });

  test.each([
    ["fresh-32k", "there is no index 0x01c101d0"],
    ["platform-index-unwritten-32k", "its index was never written"],
  ])("of %s gives exit code 5 and says why", async (name, words) => {
    const { code, stdout, stderr } = await vmgs(["tpm", "extract-cert", await bareState(name)]);
    expect([code, stdout, stderr]).toEqual([5, "", expect.stringContaining(words)]);
  });

  test("does not give a part of a certificate that runs past its index", async () => {
    const state = goldenState("provisioned-32k");
    state.set([0x30, 0x82, 0x40, 0x00], 7156 + 120);
    const { code, stderr } = await vmgs(["tpm", "extract-cert", "-"], { stdin: state });
    expect([code, stderr]).toEqual([
      5,
      expect.stringContaining("it would have 16388 bytes, its index has 4096"),
    ]);
  });

  test("puts no binary on a terminal", async () => {
    const run = await vmgs(["tpm", "extract-cert", await bareState("provisioned-32k")], {
      terminal: "stdout",
    });
    expect([run.code, run.stdout]).toEqual([2, ""]);
  });
});
