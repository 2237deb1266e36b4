/** Inputs of the kind that people meet (golden/cases of the library): what the commands of `vmgs uefi` do with each. */

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import {
  decodeLoadOption,
  devicePathText,
  encodeVariableList,
  formatEfiTime,
  getVariable,
  listOf,
  readSignatureLists,
  readVariableList,
  VendorGuid,
  zeroEfiTime,
} from "vmgskit/uefi";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { type MadeStore, makeFolder, makeStore, sha256File } from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";
import { listOfGlobals, loadOption, storeWithList, writeBeside } from "./support/variables.ts";

const folder = fileURLToPath(new URL("../../vmgs/test/golden/cases/", import.meta.url));
const caseFile = (name: string) => join(folder, name);
const caseBytes = (name: string) => new Uint8Array(readFileSync(caseFile(name)));
const global = VendorGuid.EFI_GLOBAL_VARIABLE;
const security = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;

const stored = async (file: string) => readVariableList((await vmgs(["cat", file, "BIOS_NVRAM"])).bytes);
const variableOf = async (file: string, name: string, vendor: string = security) =>
  getVariable(await stored(file), { vendor, name });
const signaturesOf = async (file: string, name: string, vendor?: string) => {
  const { lists, problem } = readSignatureLists(
    (await variableOf(file, name, vendor))?.data ?? new Uint8Array(0),
  );
  expect(problem).toBeNull();
  return lists.flatMap(({ signatures }) =>
    signatures.map(({ owner, data }) => ({ owner, bytes: data.length })),
  );
};
const optionOf = async (file: string, name: string) =>
  decodeLoadOption((await variableOf(file, name, global))?.data ?? new Uint8Array(0));

describe("a signature database", () => {
  let store: MadeStore;
  beforeEach(async () => {
    store = await storeWithList(caseBytes("sb-list.bin"));
  });

  const list = caseBytes("lab-db.auth").slice(444);
  const certificate = caseBytes("lab-db.der");
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate).toString("base64")}\n-----END CERTIFICATE-----\n`;
  const copy = Uint8Array.of(0x27, 0, 0, 0, ...list);

  test.each([
    ["a signed update", caseBytes("lab-db.auth"), "without the header of the signed update"],
    ["a certificate in DER", certificate, "the certificate put into a signature list"],
    ["a certificate in PEM", pem, "the certificates in PEM put into signature lists"],
    ["a copy out of efivarfs", copy, "without the 4 bytes of attributes of efivarfs"],
    ["a signature list", list, ": 1 certificate;"],
  ])("takes %s for what it is, and says so", async (_, content, words) => {
    const source = await writeBeside(store, "source", content);
    for (const [name, vendor] of [
      ["PK", global],
      ["KEK", global],
      ["db", security],
      ["dbx", security],
    ] as const) {
      await prepare(["uefi", "unset", store.file, name]);
      const { stdout, code } = await vmgs(["uefi", "set", store.file, name, source]);
      expect([code, stdout]).toEqual([0, expect.stringContaining(words)]);
      expect(await signaturesOf(store.file, name, vendor)).toHaveLength(1);
      expect((await signaturesOf(store.file, name, vendor))[0]?.bytes).toBe(797);
    }
  });

  test("gets the time of a signed update, and the owner that is asked for", async () => {
    await prepare(["uefi", "set", store.file, "db", caseFile("lab-db.auth")]);
    const { timestamp } = (await variableOf(store.file, "db")) ?? { timestamp: zeroEfiTime };
    expect(formatEfiTime(timestamp)).toBe("2024-06-01T12:00:00Z");
    const owner = "11112222-3333-4444-5555-666677778888";
    await prepare(["uefi", "set", store.file, "db", caseFile("lab-db.der"), "--owner", owner]);
    expect(await signaturesOf(store.file, "db")).toEqual([{ owner, bytes: 797 }]);
  });

  test("refuses anything else, with the bytes as they are only by force", async () => {
    const pemInList = Uint8Array.from(caseBytes("oddcerts.bin"));
    const source = await writeBeside(store, "noise", pemInList);
    const before = await sha256File(store.file);
    for (const more of [[], ["--append"], ["--dry-run"]]) {
      const { code, stderr } = await vmgs(["uefi", "set", store.file, "db", source, ...more]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("not a signature database")]);
    }
    expect(await sha256File(store.file)).toBe(before);
    await prepare(["uefi", "set", store.file, "db", caseFile("lab-db.der"), "--force"]);
    expect((await variableOf(store.file, "db"))?.data).toEqual(certificate);
  });

  test("does not get again what it has", async () => {
    const { stdout } = await vmgs(["uefi", "set", store.file, "dbx", caseFile("dbx.esl"), "--append"]);
    expect(stdout).toContain("nothing to change");
    expect(await signaturesOf(store.file, "dbx")).toHaveLength(5);
    await prepare(["uefi", "set", store.file, "db", caseFile("lab-db.der"), "--append"]);
    const run = await vmgs(["uefi", "set", store.file, "db", caseFile("lab-db.der"), "--append"]);
    expect(run.stdout).toContain("nothing to change");
    expect(await signaturesOf(store.file, "db")).toHaveLength(2);
  });

  test("does not get again what it has from a document that appends", async () => {
    const value = (await signaturesOf(store.file, "dbx")).map((_, i) =>
      Buffer.alloc(32, i + 1).toString("base64"),
    );
    const signatures = {
      dbx: [{ type: "sha256", value: [...value, Buffer.alloc(32, 9).toString("base64")] }],
    };
    const document = {
      type: "Microsoft.Compute/disks",
      properties: { uefiSettings: { signatureMode: "Append", signatures } },
    };
    for (let i = 0; i < 2; i++) {
      await prepare(["uefi", "import", store.file], { stdin: JSON.stringify(document) });
      expect(await signaturesOf(store.file, "dbx")).toHaveLength(6);
    }
  });
});

describe("a variable whose shape is known", () => {
  test.each([
    ["BootOrder", "01", "not a list of option numbers"],
    ["Boot0000", "0102", "not a load option"],
    ["SecureBootEnable", "0101", "not a flag"],
    ["SecureBootEnable", "02", "neither 0 nor 1"],
    ["Timeout", "010203", "not a 16-bit number"],
  ])("%s does not take %s", async (name, hex, words) => {
    const { file } = await storeWithList(caseBytes("sb-list.bin"));
    const { code, stderr } = await vmgs(["uefi", "set", file, name, "--hex", hex]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
    const document = {
      version: 2,
      variables: [
        {
          name,
          guid: VendorGuid[name === "SecureBootEnable" ? "SECURE_BOOT_ENABLE" : "EFI_GLOBAL_VARIABLE"],
          attr: 7,
          data: hex,
        },
      ],
    };
    const refused = await vmgs(["uefi", "import", file], { stdin: JSON.stringify(document) });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(words)]);
    await prepare(["uefi", "import", file, "--force"], { stdin: JSON.stringify(document) });
  });

  test("loses the attributes of efivarfs, by its bytes or by the name of the file", async () => {
    const store = await storeWithList(caseBytes("boot-app.bin"));
    const name = `BootOrder-${global}`;
    const source = await writeBeside(store, name, Uint8Array.of(7, 0, 0, 0, 1, 0));
    await prepare(["uefi", "set", store.file, "BootOrder", source]);
    expect((await variableOf(store.file, "BootOrder", global))?.data).toEqual(Uint8Array.of(1, 0));
    const unnamed = await writeBeside(store, "order", Uint8Array.of(7, 0, 0, 0, 2, 0, 0, 0));
    await prepare(["uefi", "set", store.file, "BootOrder", unnamed]);
    expect((await variableOf(store.file, "BootOrder", global))?.data).toEqual(Uint8Array.of(2, 0, 0, 0));
    const option = await writeBeside(store, "option", Uint8Array.of(7, 0, 0, 0, ...loadOption("X")));
    await prepare(["uefi", "set", store.file, "Boot0005", option]);
    expect((await optionOf(store.file, "Boot0005")).description).toBe("X");
  });
});

describe("a document", () => {
  test("that replaces may have no dbx, which then stays; null is invalid", async () => {
    const { file } = await storeWithList(caseBytes("sb-list.bin"));
    await prepare(["uefi", "import", file, caseFile("replace-no-dbx.json")]);
    expect(await signaturesOf(file, "dbx")).toHaveLength(5);
    const document = JSON.parse(readFileSync(caseFile("replace-no-dbx.json"), "utf8"));
    document.properties.uefiSettings.signatures.dbx = null;
    const { code, stderr } = await vmgs(["uefi", "import", file], { stdin: JSON.stringify(document) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("dbx is null")]);
  });

  test("with a byte order mark is imported, and that is said; as CUSTOM_UEFI it stops the boot", async () => {
    const { file } = await makeStore();
    await prepare(["rm", file, "BIOS_NVRAM"]);
    await prepare(["put", file, "CUSTOM_UEFI", caseFile("custom-utf8-bom.json"), "--force"]);
    for (const command of ["doctor", "boot"]) {
      const { code, stdout } = await vmgs([command, file], { columns: 1000 });
      expect([code, stdout]).toEqual([3, expect.stringContaining("byte order mark")]);
    }
    const { code, stderr } = await vmgs(["uefi", "import", file, caseFile("custom-utf8-bom.json")]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("byte order mark")]);
    expect((await vmgs(["boot", file])).code).toBe(0);
  });

  test("of virt-fw-vars is read and written", async () => {
    const { file } = await makeStore();
    await prepare(["rm", file, "BIOS_NVRAM"]);
    await prepare(["uefi", "import", file, caseFile("qemu-uefi-vars.json")]);
    const { bytes } = await vmgs(["uefi", "export", file, "--format", "qemu"]);
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(
      JSON.parse(readFileSync(caseFile("qemu-uefi-vars.json"), "utf8")),
    );
  });

  test("of the Azure Compute Gallery adds its signatures, and names the template that it lacks", async () => {
    const { file } = await storeWithList(caseBytes("sb-list.bin"));
    const { code, stderr } = await vmgs(["uefi", "import", file, caseFile("gallery.json")]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("MicrosoftUefiCertificateAuthorityTemplate")]);
    expect(await signaturesOf(file, "KEK", global)).toHaveLength(2);
    expect(await signaturesOf(file, "db")).toHaveLength(2);
  });

  const variable = { name: "Timeout", guid: global, attr: 7, data: "0100" };
  const legacy = (variables: string) =>
    `{"Devices":{"ac6b8dc1-3257-4a70-b1b2-a9c9215659ad":{"States":{"Nvram":{"Vendors":{"${global}":{"Variables":{${variables}}}}}}}}}`;
  const one = '"Timeout":{"Attributes":7,"Data":[1,0]}';
  test.each([
    [
      "virt-fw-vars",
      JSON.stringify({ version: 2, variables: [variable, { ...variable, guid: global.toUpperCase() }] }),
    ],
    ["a version 1 file", legacy(`${one},${one}`)],
  ])("of %s with a variable twice is refused, and the variable named", async (_, document) => {
    const { file } = await storeWithList(caseBytes("sb-list.bin"));
    for (const more of [[], ["--replace"]]) {
      const { code, stderr } = await vmgs(["uefi", "import", file, ...more], { stdin: document });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/"Timeout".* twice/)]);
    }
  });
});

describe("a full list", () => {
  const full = gunzipSync(caseBytes("full.bin.gz"));

  test("says how many bytes are left", async () => {
    const { file } = await storeWithList(full);
    expect((await vmgs(["uefi", "list", file])).stdout.split("\n")[0]).toMatch(/, 792 of 131072 bytes left$/);
    const document = await vmgsJson(["uefi", "list", file]);
    expectValid(document);
    expect(document.bytesLeft).toBe(792);
  });

  test("is never written with exactly 131072 bytes, by no command", async () => {
    const { file } = await storeWithList(full);
    const fill = (bytes: number) => "00".repeat(bytes - 48 - 4);
    const set = (bytes: number) => ["uefi", "set", file, "F", "--vendor", "SHIM_LOCK", "--hex", fill(bytes)];
    const before = await sha256File(file);
    expect((await vmgs(set(792))).stderr).toContain("131072 bytes, and must have fewer");
    const data = Buffer.from(fill(792), "hex");
    const filler = {
      vendor: global,
      name: "F",
      attributes: 7,
      timestamp: zeroEfiTime,
      data,
      namePadding: new Uint8Array(0),
    };
    const exact = encodeVariableList(listOf([...readVariableList(full).variables, filler]));
    const exported = await vmgs(["uefi", "export", "-", "--bare"], { stdin: exact });
    const replaced = await vmgs(["uefi", "import", file, "--replace"], { stdin: exported.bytes });
    expect([replaced.code, replaced.stderr]).toEqual([
      1,
      expect.stringContaining("131072 bytes, and must have fewer"),
    ]);
    expect(await sha256File(file)).toBe(before);
    await prepare(set(791));
  });
});

test("a list of 2 MB is named as too large, and shown in part", async () => {
  const file = join(await makeFolder(), "vars.vmgs");
  await writeFile(file, gunzipSync(caseBytes("vars-2m.vmgs.gz")));
  const { code, stdout } = await vmgs(["uefi", "list", file]);
  const lines = stdout.split("\n");
  expect(code).toBe(3);
  expect(lines[0]).toMatch(/41943 variables.*too large: at most 131072/);
  expect(stdout).toContain("... 40943 more variables");
  expect(lines.length).toBeLessThan(1100);
  for (const command of [["uefi", "boot"], ["uefi", "secure-boot"], ["doctor"], ["boot"]]) {
    expect((await vmgs([...command, file])).code, command.join(" ")).toBe(3);
  }
});

describe("boot options of all kinds", () => {
  let file: string;
  beforeEach(async () => {
    ({ file } = await storeWithList(caseBytes("bootzoo.bin")));
  });

  test("show optional data as text where it is text", async () => {
    const shown = async (name: string) => (await vmgs(["uefi", "show", file, name], { columns: 200 })).stdout;
    expect(await shown("Boot0001")).toContain('"\\kernel.efi-6.8.0-1010-azure-fde" (UCS-2)');
    expect(await shown("Boot0002")).toContain('azure-fde" (UCS-2, without a NUL at its end)');
    expect(await shown("Boot0012")).toContain('"P1: drive" (ASCII, without a NUL at its end)');
    expect(await shown("Boot0000")).not.toContain("as text");
    const document = await vmgsJson(["uefi", "show", file, "Boot0002"]);
    expectValid(document);
    expect(document).toMatchObject({
      variables: [{ value: { optionalText: { encoding: "ucs2", terminated: false }, category: "boot" } }],
    });
  });

  test("keep optional data, attributes and further paths when a part is set", async () => {
    const before = await optionOf(file, "Boot0001");
    await prepare(["uefi", "set", file, "Boot0001", "--description", "New"]);
    expect(await optionOf(file, "Boot0001")).toEqual({ ...before, description: "New" });
    const two = await optionOf(file, "Boot0005");
    await prepare(["uefi", "set", file, "Boot0005", "--path", "PciRoot(0x0)/Pci(0x1,0x0)"]);
    const after = await optionOf(file, "Boot0005");
    expect(after.paths.map(devicePathText)[0]).toBe("PciRoot(0x0)/Pci(0x1,0x0)");
    expect(after).toEqual({ ...two, paths: [after.paths[0], two.paths[1]] });
    await prepare(["uefi", "set", file, "Boot0001", "--optional-data", "ab"]);
    expect((await optionOf(file, "Boot0001")).optionalData).toEqual(Uint8Array.of(0x61, 0, 0x62, 0, 0, 0));
    await prepare(["uefi", "set", file, "Boot0001", "--optional-data", "hex:0102"]);
    expect((await optionOf(file, "Boot0001")).optionalData).toEqual(Uint8Array.of(1, 2));
    await prepare(["uefi", "set", file, "Boot0001", "--optional-data", ""]);
    expect((await optionOf(file, "Boot0001")).optionalData).toHaveLength(0);
  });

  test("are usable with bytes after a sound first path", async () => {
    const { stdout } = await vmgs(["uefi", "boot", file]);
    expect(stdout).toMatch(/^ +7 {2}Boot0006 {2}Dell NIC {2}\(unread bytes after its path\)$/m);
    const shown = await vmgs(["uefi", "show", file, "Boot0006"], { columns: 200 });
    expect(shown.stdout).toContain("firmware uses the path before it");
  });

  test("have paths that --path takes as they are shown", async () => {
    const document = (await vmgsJson(["uefi", "show", file, "Boot0008"])) as {
      variables: { value: { paths: { text: string }[] } }[];
    };
    const text = document.variables[0]?.value.paths[0]?.text ?? "";
    expect(text).toMatch(/^HD\(.*\)\/\/EFI\/BOOT\/BOOTX64\.EFI$/);
    await prepare(["uefi", "set", file, "Boot0040", "--description", "slashes", "--path", text]);
    expect((await variableOf(file, "Boot0040", global))?.data).toEqual(
      (await variableOf(file, "Boot0008", global))?.data,
    );
  });
});

test("applications and reserved categories are in the order, and not tried", async () => {
  const { file } = await storeWithList(caseBytes("boot-app.bin"));
  const { stdout } = await vmgs(["uefi", "boot", file]);
  expect(stdout).toMatch(/^ +1 {2}Boot0001 {2}Linux$/m);
  expect(stdout).toMatch(/^ +Boot0000 {2}Memory Test {2}\(application\)$/m);
  expect(stdout).toMatch(/^ +Boot0002 {2}Reserved category {2}\(category 3\)$/m);
  const document = await vmgsJson(["uefi", "boot", file]);
  expectValid(document);
  const entries = document.entries as { category: unknown; tried: boolean }[];
  expect(entries.map(({ category, tried }) => [category, tried])).toEqual([
    ["application", false],
    ["boot", true],
    [3, false],
    ["boot", false],
  ]);
  const next = listOfGlobals(
    ["BootNext", Uint8Array.of(0, 0)],
    ["Boot0000", loadOption("App", undefined, 0x101)],
  );
  const { file: once } = await storeWithList(next);
  expect((await vmgs(["uefi", "boot", once])).stdout).toMatch(/^ +1 {2}Boot0000 {2}App/m);
});

test("secure boot says that no boot loader of Windows can start, and which entry is revoked", async () => {
  const { file } = await storeWithList(caseBytes("revoked-2011-no-2023.bin"));
  const { stdout } = await vmgs(["uefi", "secure-boot", file]);
  expect(stdout).toContain("no boot loader of Windows can start");
  expect(stdout).toMatch(/Production PCA 2011\n +revoked +dbx has it/);
  const document = await vmgsJson(["uefi", "secure-boot", file]);
  expectValid(document);
  expect(document).toMatchObject({ obstacle: "windows-revoked", revoked: [{ typeName: "X509" }] });
});
