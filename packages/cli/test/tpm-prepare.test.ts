/** vmgs tpm prepare: new states, as files and in stores. */

import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { errorsOf, vmgs, vmgsJson } from "./support/cli.ts";
import { fingerprint, makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import { secret } from "./support/secrets.ts";
import { bareState, rememberSecrets } from "./support/tpm.ts";

interface PreparedDocument {
  readonly warnings: readonly { readonly code: string }[];
  readonly state: {
    readonly objects: readonly { readonly handle: string; readonly key: { readonly modulus: string } }[];
    readonly indices: readonly Record<string, unknown>[];
    readonly akCertificate: Record<string, unknown> | null;
  };
}

let folder: string;
/** A certificate, in DER; its key is not here. */
let certificate: string;
/** An RSA 2048 key in PKCS #8, PEM. */
let akKey: string;

beforeAll(async () => {
  folder = await makeFolder();
  certificate = join(folder, "ak.der");
  await vmgs(["tpm", "extract-cert", await bareState("provisioned-32k"), "-o", certificate]);
  akKey = join(folder, "ak.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { p = "", q = "", d = "" } = privateKey.export({ format: "jwk" });
  for (const part of [p, q, d]) secret(Buffer.from(part, "base64url"));
  await writeFile(akKey, privateKey.export({ type: "pkcs8", format: "pem" }));
});

let count = 0;
const newFile = () => join(folder, `${count++}.bin`);

/** Prepares with a document, which is checked. */
async function prepared(...argv: string[]): Promise<PreparedDocument> {
  const document = await vmgsJson(["tpm", "prepare", ...argv]);
  expectValid(document);
  return document as unknown as PreparedDocument;
}

describe("a bare state", () => {
  test("is for its owner only, and sound", async () => {
    const file = newFile();
    const run = await vmgs(["tpm", "prepare", "-o", file]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toBe(`${file}: made a bare state, 32 KiB, with an SRK, an AK\n`);
    const { mode, size } = await stat(file);
    expect([size, mode & 0o777]).toEqual([32_768, 0o600]);
    rememberSecrets(await readFile(file));
    const document = await vmgsJson(["tpm", "inspect", file]);
    expect(document).toMatchObject({ state: { madeBy: "current", corruption: null, problems: [] } });
  });

  test("does not replace a file without --force, and is private then too", async () => {
    const file = newFile();
    await writeFile(file, "precious");
    await chmod(file, 0o644);
    const refused = await vmgs(["tpm", "prepare", "-o", file, "--json"]);
    expect(refused.code).toBe(1);
    expectValidErrors(errorsOf(refused));
    expect(errorsOf(refused)).toMatchObject([{ code: "VMGS_FILE_EXISTS" }]);
    expect((await vmgs(["tpm", "prepare", "-o", file, "--force", "--dry-run"])).stdout).toContain(
      "would have made",
    );
    expect(await readFile(file, "utf8")).toBe("precious");
    const run = await vmgs(["tpm", "prepare", "-o", file, "--force", "--backup", `${file}.old`]);
    expect(run.code).toBe(0);
    expect(await readFile(`${file}.old`, "utf8")).toBe("precious");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("goes to standard output when asked to, and has other keys each time", async () => {
    const [one, other] = [
      await vmgs(["tpm", "prepare", "-o", "-"]),
      await vmgs(["tpm", "prepare", "-o", "-"]),
    ];
    expect([one.bytes.length, one.stderr]).toEqual([32_768, ""]);
    for (const [offset, bytes] of [
      [312, 32],
      [414, 48],
      [3508 + 94, 256],
      [5332 + 94, 256],
    ] as const) {
      const part = (run: { bytes: Uint8Array }) => Buffer.from(run.bytes.subarray(offset, offset + bytes));
      expect(part(one).equals(part(other))).toBe(false);
      expect(new Set(part(one)).size).toBeGreaterThan(4);
    }
  });

  test("can be small, and without keys", async () => {
    const file = newFile();
    const { state } = await prepared("-o", file, "--nvram-size", "16384", "--no-ak", "--no-srk");
    expect(state).toMatchObject({ bytes: 16_384, objects: [], indices: [], akCertificate: null });
    const onlyAk = await prepared("-o", newFile(), "--no-srk");
    expect(onlyAk.state.objects.map(({ handle }) => handle)).toEqual(["0x81000003"]);
    const onlySrk = await prepared("-o", newFile(), "--no-ak");
    expect(onlySrk.state.objects.map(({ handle }) => handle)).toEqual(["0x81000001"]);
  });
});

describe("the AK certificate", () => {
  test("goes into an index of the platform, or of the owner, and comes out as it was", async () => {
    for (const [creator, attributes, bytes] of [
      ["platform", "0x62060004", 4096],
      ["owner", "0x20060006", 843],
    ] as const) {
      const file = newFile();
      const argv = ["-o", file, "--ak-cert", certificate, "--ak-cert-index", creator];
      const { state, warnings } = await prepared(...argv);
      expect(state.indices).toMatchObject([{ handle: "0x01c101d0", attributes, dataSize: bytes }]);
      expect(state.akCertificate).toMatchObject({ creator, isForAk: false, derBytes: 843 });
      expect(warnings.map(({ code }) => code)).toEqual(["VMGS_TPM_CERTIFICATE_FOREIGN"]);
      const { bytes: der } = await vmgs(["tpm", "extract-cert", file]);
      expect((await readFile(certificate)).equals(der)).toBe(true);
    }
  });

  test("may be PEM, and is for the platform when nothing else is said", async () => {
    const pem = join(folder, "ak.crt");
    await writeFile(pem, new X509Certificate(await readFile(certificate)).toString());
    const { state } = await prepared("-o", newFile(), "--ak-cert", pem, "--ak-cert-index-size", "2048");
    expect(state.indices).toMatchObject([{ creator: "platform", dataSize: 2048, authSet: true }]);
  });

  test("may be missing: the index is then never written", async () => {
    const { state } = await prepared("-o", newFile(), "--ak-cert-index", "platform", "--mitigation-marker");
    expect(state).toMatchObject({
      mitigationMarker: true,
      akCertificate: { written: false, indexBytes: 4096, problem: "its index was never written" },
    });
  });

  test("in a small state of the platform is warned about", async () => {
    const argv = ["-o", newFile(), "--nvram-size", "16384", "--ak-cert-index", "platform"];
    expect((await prepared(...argv)).warnings.map(({ code }) => code)).toEqual(["VMGS_TPM_SMALL_STATE"]);
  });

  test("can be for a key that is given", async () => {
    const { state } = await prepared("-o", newFile(), "--ak-key", akKey);
    const ak = state.objects.find(({ handle }) => handle === "0x81000003");
    const { n = "" } = createPrivateKey(await readFile(akKey)).export({ format: "jwk" });
    expect(ak?.key.modulus).toBe(Buffer.from(n, "base64url").toString("hex"));
  });

  test("has the authorization value of a file, which is shown nowhere", async () => {
    const authValue = Buffer.from(secret(Uint8Array.from({ length: 20 }, (_, i) => 7 * i + 3)));
    const path = join(folder, "auth");
    await writeFile(path, authValue);
    const file = newFile();
    for (const [value, stdin] of [
      [path, ""],
      ["-", authValue],
    ] as const) {
      const argv = [
        "tpm",
        "prepare",
        "-o",
        file,
        "--force",
        "--ak-cert-index",
        "owner",
        "--auth-value",
        value,
      ];
      expect((await vmgs([...argv, "--json"], { stdin })).code).toBe(0);
      expect((await readFile(file)).includes(authValue)).toBe(true);
      const { state } = (await vmgsJson(["tpm", "inspect", file])) as unknown as PreparedDocument;
      expect(state.indices).toMatchObject([{ authSet: true }]);
    }
  });
});

describe("in a store", () => {
  test("is file 3, with a warning that it is plain", async () => {
    const { file } = await makeStore();
    const taken = await vmgs(["tpm", "prepare", file]);
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining("add --force to replace it")]);
    const run = await vmgs(["tpm", "prepare", file, "--force"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/made TPM_NVRAM \(3\), 32 KiB, with an SRK, an AK; sequence \d+\n$/);
    expect(run.stderr).toContain("warning: the store is not encrypted");
    expect((await vmgs(["tpm", "inspect", file])).code).toBe(0);
  });

  test("is encrypted when the store is, and needs its key", async () => {
    const { file, keyFile, folder: place } = await makeEncryptedStore();
    const before = await fingerprint(file);
    expect((await vmgs(["tpm", "prepare", file, "--force"])).code).toBe(4);
    expect((await vmgs(["tpm", "prepare", file, "--key", keyFile])).code).toBe(1);
    await prepared(file, "--key", keyFile, "--force", "--dry-run");
    expect(await fingerprint(file)).toBe(before);
    const original = await readFile(file);
    const backup = join(place, "old.vmgs");
    const document = await prepared(file, "--key", keyFile, "--force", "--backup", backup);
    expect(document).toMatchObject({ fileId: 3, encrypted: true, warnings: [] });
    expect((await readFile(backup)).equals(original)).toBe(true);
    const inspected = await vmgsJson(["tpm", "inspect", file, "--key", keyFile]);
    expect(inspected).toMatchObject({ encrypted: true, state: document.state });
  });

  test("warns when there is a state of revision 1.85 beside it", async () => {
    const { file } = await makeStore();
    await vmgs(["put", file, "19"], { stdin: "another" });
    const { warnings } = await prepared(file, "--force");
    expect(warnings.map(({ code }) => code)).toEqual(["VMGS_TPM_STATE_PLAIN", "VMGS_TPM_TWO_STATES"]);
  });
});

describe("is refused", () => {
  const refusal = async (argv: readonly string[], code: number, words: string) => {
    const run = await vmgs(["tpm", "prepare", ...argv]);
    expect([run.code, run.stdout, run.stderr]).toEqual([code, "", expect.stringContaining(words)]);
    expect(run.stderr).toContain("\nhint: ");
  };

  test("when it is not clear where to", async () => {
    await refusal([], 2, "FILE is missing");
    const [run] = [await vmgs(["tpm", "prepare", "vm.vmgs", "-o", newFile()])];
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("exclude each other")]);
    expect((await vmgs(["tpm", "prepare", "-o", "-", "--json"])).code).toBe(2);
  });

  test("when options exclude each other", async () => {
    const o = ["-o", newFile()];
    await refusal([...o, "--ak-cert", certificate, "--ak-cert-index", "none"], 2, "no AK certificate index");
    await refusal([...o, "--ak-cert-index-size", "100"], 2, "no AK certificate index");
    expect((await vmgs(["tpm", "prepare", ...o, "--no-ak", "--ak-key", akKey])).code).toBe(2);
    await refusal([...o, "--nvram-size", "8192"], 2, "argument '8192' is invalid");
  });

  test("when a file does not hold what it should, without a word of what it holds", async () => {
    const file = newFile();
    const o = ["-o", file];
    await refusal([...o, "--ak-cert", akKey], 1, "the AK certificate is not one certificate in DER");
    await refusal([...o, "--ak-key", certificate], 1, "the AK is not an RSA private key");
    await refusal([...o, "--ak-cert", join(folder, "nowhere")], 1, "does not exist");
    await refusal([...o, "--ak-cert-index", "owner", "--auth-value", akKey], 1, "more than 32 bytes");
    await refusal([...o, "--ak-cert", certificate, "--ak-cert-index-size", "800"], 1, "its index 800");
    const noCertificate = join(folder, "no.der");
    await writeFile(noCertificate, Buffer.concat([Buffer.from([0x30, 0x82, 1, 0]), Buffer.alloc(256)]));
    await refusal([...o, "--ak-cert", noCertificate], 1, "is not an X.509 certificate in DER");
    await expect(stat(file)).rejects.toThrow();
  });

  test("when it ends with what a TPM does not count", async () => {
    const path = join(folder, "zero");
    await writeFile(path, Uint8Array.of(1, 2, 0));
    await refusal(
      ["-o", newFile(), "--ak-cert-index", "owner", "--auth-value", path],
      1,
      "ends with a zero byte",
    );
  });
});

test("vmgs cat keeps a state for its owner only", async () => {
  const { file } = await makeStore();
  const target = newFile();
  await vmgs(["cat", file, "3", "-o", target]);
  expect((await stat(target)).mode & 0o777).toBe(0o600);
});
