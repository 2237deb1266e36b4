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
  engineStates,
  goldenDescription,
  goldenState,
  goldenStates,
  packedState,
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
      "not encrypted: the seeds and private keys can be read by anyone who has the file",
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
    await prepare(["put", file, "3", "--force"], { stdin: new Uint8Array(32_768).fill(5) });
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

describe("other indices", () => {
  const REPORT_ENTRY = 11_372;
  const CLAIMS = '{"keys":[],"vm-configuration":{"console":"\\u001b[2J"}}';

  /** many-indices-32k with an attestation report of an AMD processor in its index. */
  function stateWithReport(): Uint8Array {
    const state = goldenState("many-indices-32k");
    const view = new DataView(state.buffer);
    expect(view.getUint32(REPORT_ENTRY + 4, true)).toBe(0x0140_0001);
    view.setUint32(REPORT_ENTRY + 12, 0x6206_0004, true);
    const report = state.subarray(REPORT_ENTRY + 120, REPORT_ENTRY + 120 + 2900);
    report.set(Buffer.from("HCLA"));
    report.set(createHash("sha256").update(CLAIMS).digest(), 32 + 0x50);
    report.fill(5, 32 + 0x90, 32 + 0xc0);
    report.set([2, 0, 0, 0, 1, 0, 0, 0, CLAIMS.length], 1224);
    report.set(Buffer.from(CLAIMS), 1236);
    return state;
  }

  test("an attestation report is told, with its claims escaped", async () => {
    const stdin = stateWithReport();
    const { stdout } = await vmgs(["tpm", "inspect", "-"], { stdin });
    expect(stdout).toContain("Attestation report");
    expect(stdout).toContain(`${"05".repeat(16)}`);
    expect(stdout).toContain("bound to it by their hash");
    expect(stdout).not.toContain("\u001b[2J");
    const run = await vmgs(["tpm", "inspect", "-", "--json"], { stdin });
    const document = JSON.parse(run.stdout) as InspectDocument;
    expectValid(document);
    expect(document.state.attestationReport).toMatchObject({
      type: "SNP",
      claimsBound: true,
      akMatches: null,
      tdx: null,
      snp: { measurement: "05".repeat(48) },
      claims: JSON.parse(CLAIMS) as object,
    });
  });

  test("extract gives the data of any index, for the owner only", async () => {
    const folder = await makeFolder();
    const state = stateWithReport();
    const file = join(folder, "state.bin");
    const target = join(folder, "report.bin");
    await writeFile(file, state);
    expect((await vmgs(["tpm", "extract", file, "0x01400001", "-o", target])).code).toBe(0);
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    const data = state.subarray(REPORT_ENTRY + 120, REPORT_ENTRY + 120 + 2900);
    expect((await readFile(target)).equals(data)).toBe(true);
    const piped = await vmgs(["tpm", "extract", file, "1400001"]);
    expect(Buffer.compare(piped.bytes, data) === 0).toBe(true);
  });

  test.each([
    ["0x01c101d2", 5, "there is no index 0x01c101d2 (mitigation marker)"],
    ["0x01400001", 5, "its index was never written"],
    ["0x81000001", 2, "is not the handle of an NV index"],
    ["AK\u001b[2J", 2, "is not the handle of an NV index"],
  ])("extract of %s ends with exit code %i and says why", async (index, exit, words) => {
    const { code, stdout, stderr } = await vmgs([
      "tpm",
      "extract",
      await bareState("many-indices-32k"),
      index,
    ]);
    expect([code, stdout, stderr]).toEqual([exit, "", expect.stringContaining(words)]);
    expect(stderr).not.toContain("\u001b[2J");
  });

  test("EK certificates have roles, and are taken out without prefix and padding", async () => {
    const state = packedState("cases/tpm-ek");
    const run = await vmgs(["tpm", "inspect", "-"], { stdin: state });
    expect(run.stdout).toContain("EK certificate, ECC P-384 (H-3)");
    const document = JSON.parse(
      (await vmgs(["tpm", "inspect", "-", "--json"], { stdin: state })).stdout,
    ) as InspectDocument;
    expectValid(document);
    const certificates = document.state.certificates as { index: string; sha256: string; derBytes: number }[];
    expect(certificates.map(({ index, derBytes }) => [index, derBytes])).toEqual([
      ["0x01c00002", 799],
      ["0x01c0000a", 799],
      ["0x01c00016", 411],
    ]);
    for (const { index, sha256: thumbprint } of certificates) {
      const { bytes, code } = await vmgs(["tpm", "extract-cert", "-", index], { stdin: state });
      expect([code, sha256(bytes)]).toEqual([0, thumbprint]);
      expect(new X509Certificate(bytes).subject).toBeDefined();
    }
    const none = await vmgs(["tpm", "extract-cert", "-"], { stdin: state });
    expect([none.code, none.stderr]).toEqual([5, expect.stringContaining("there is no index 0x01c101d0")]);
  });
});

describe.each(engineStates)("a state of the reference engine, %s", (path) => {
  test("gives a valid document and no secret, whatever is wrong with it", async () => {
    const stdin = packedState(path);
    const { stdout, code } = await vmgs(["tpm", "inspect", "-", "--json"], { stdin });
    expect([0, 3]).toContain(code);
    expectValid(JSON.parse(stdout));
    await vmgs(["tpm", "inspect", "-"], { stdin });
  });
});
