/** vmgs uefi set, unset, reset-boot and import: what they change, what they keep, and when they write nothing. */

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  encodeVariableList,
  getVariable,
  listOf,
  readVariableList,
  type Variable,
  VendorGuid,
  zeroEfiTime,
} from "vmgskit/uefi";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { fingerprint, type MadeStore, makeEncryptedStore, makeFolder, sha256File } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValid } from "./support/schemas.ts";
import {
  encryptedStoreWithGolden,
  goldenListFile,
  listOfGlobals,
  loadOption,
  storeWithGolden,
  storeWithList,
  writeBeside,
} from "./support/variables.ts";

const global = VendorGuid.EFI_GLOBAL_VARIABLE;
let store: MadeStore;

beforeEach(async () => {
  store = await storeWithGolden("boot-entries");
});

const stored = async (file: string, ...options: string[]) =>
  readVariableList((await vmgs(["cat", file, "BIOS_NVRAM", ...options])).bytes);
const names = async (file: string) => (await stored(file)).variables.map(({ name }) => name);
const dataOf = async (file: string, name: string, vendor: string = global) =>
  Buffer.from(getVariable(await stored(file), { vendor, name })?.data ?? []).toString("hex");
const sequenceOf = async (file: string) =>
  ((await vmgsJson(["inspect", file])) as { headers: { sequence: number }[]; active: number }).headers.reduce(
    (most, { sequence }) => Math.max(most, sequence),
    0,
  );

describe("uefi set", () => {
  test("takes bytes, hex and what the variable means, and says what it did", async () => {
    const { file } = store;
    const sequence = await sequenceOf(file);
    expect((await vmgs(["uefi", "set", file, "BootNext", "--value", "0x1"])).stdout).toBe(
      `${file}: set BootNext of EFI_GLOBAL_VARIABLE: 0001; sequence ${sequence + 1}\n`,
    );
    expect(await dataOf(file, "BootNext")).toBe("0100");
    for (const [typed, data] of [
      ["0010", "1000"],
      ["boot000A", "0a00"],
      ["9", "0900"],
      ["0x10", "1000"],
    ] as const) {
      await prepare(["uefi", "set", file, "BootNext", "--value", typed]);
      expect(await dataOf(file, "BootNext"), typed).toBe(data);
    }
    await prepare(["uefi", "set", file, "BootOrder", "--value", "0001, boot000a"]);
    expect(await dataOf(file, "BootOrder")).toBe("01000a00");
    await prepare(["uefi", "set", file, "SecureBootEnable", "--value", "off", "--attributes", "NV+BS"]);
    expect(await dataOf(file, "SecureBootEnable", VendorGuid.SECURE_BOOT_ENABLE)).toBe("00");
    await prepare(["uefi", "set", file, "PlatformLang", "--value", "en"]);
    expect(await dataOf(file, "PlatformLang")).toBe("656e00");
    await prepare(["uefi", "set", file, "OsIndications", "--value", "1"]);
    expect(await dataOf(file, "OsIndications")).toBe("0100000000000000");
    await prepare(["uefi", "set", file, "ConOut", "--value", "Pci(0x1,0x0)"]);
    expect(await dataOf(file, "ConOut")).toBe("0101060000017fff0400");
    await prepare(["uefi", "set", file, "Boot0000", "--hex", "01:02 03", "--force"]);
    expect(await dataOf(file, "Boot0000")).toBe("010203");
    await prepare(["uefi", "set", file, "Mine", "-", "--vendor", "SHIM_LOCK"], { stdin: "abc" });
    expect(await dataOf(file, "Mine", VendorGuid.SHIM_LOCK)).toBe("616263");
    const source = await writeBeside(store, "value.bin", Uint8Array.of(9));
    await prepare(["uefi", "set", file, "Mine", source, "--append"]);
    expect(await dataOf(file, "Mine", VendorGuid.SHIM_LOCK)).toBe("61626309");
    expect(await names(file)).toEqual([
      ...["BootOrder", "Boot0000", "Boot0001", "Boot000A", "BootNext", "SecureBootEnable", "PlatformLang"],
      ...["OsIndications", "ConOut", "Mine"],
    ]);
  });

  test("makes a boot option of a description and a device path", async () => {
    const { file } = store;
    const path = "PciRoot(0x0)/Pci(0x2,0x0)/\\EFI\\a.efi";
    await prepare(["uefi", "set", file, "Boot0005", "--description", "Mine", "--path", path]);
    expect(await dataOf(file, "Boot0005")).toBe(Buffer.from(loadOption("Mine", path)).toString("hex"));
    expect((await vmgs(["uefi", "boot", file])).stdout).toContain(`Boot0005  Mine\n      ${path}\n`);
  });

  test("keeps attributes and time of what is there, and gives a database those of secure boot", async () => {
    const { file } = await storeWithGolden("secure-boot");
    const before = getVariable(await stored(file), { vendor: global, name: "PK" });
    await prepare(["uefi", "set", file, "PK", "--hex", "00", "--force"]);
    const after = getVariable(await stored(file), { vendor: global, name: "PK" });
    expect(after).toEqual({ ...before, data: Uint8Array.of(0) });
    await prepare(["uefi", "set", file, "PK", "--hex", "00", "--attributes", "7", "--force"]);
    expect(getVariable(await stored(file), { vendor: global, name: "PK" })?.attributes).toBe(7);
    await prepare(["uefi", "set", store.file, "dbt", "--hex", "00", "--force"]);
    const security = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
    expect(getVariable(await stored(store.file), { vendor: security, name: "dbt" })?.attributes).toBe(0x27);
  });

  test("writes nothing when nothing changes", async () => {
    const { file } = store;
    const before = await sha256File(file);
    const run = await vmgs([
      "uefi",
      "set",
      file,
      "BootOrder",
      "--value",
      "000A,0000,0001",
      "--backup",
      `${file}.old`,
    ]);
    expect([run.code, run.stdout]).toEqual([
      0,
      `${file}: nothing to change; sequence ${await sequenceOf(file)}\n`,
    ]);
    const document = await vmgsJson(["uefi", "set", file, "BootOrder", "--value", "000A,0000,0001"]);
    expectValid(document);
    expect(document).toMatchObject({ done: "nothing to change", written: [] });
    expect(await sha256File(file)).toBe(before);
    expect(existsSync(`${file}.old`)).toBe(false);
  });

  test("refuses what can't be meant, in one line, and writes nothing", async () => {
    const { file } = store;
    const before = await fingerprint(file);
    const { file: twice } = await storeWithGolden("secure-boot");
    for (const [argv, code, words] of [
      [[file, "BootNext"], 2, "the value is missing"],
      [[file, "BootNext", "--value", "1", "--hex", "00"], 2, "more than once"],
      [[file, "BootNext", "--value", "0x10000"], 2, "does not fit 16 bits"],
      [[file, "BootNext", "--value", "one"], 2, "is not the number of a boot option"],
      [[file, "BootNext", "--value", "10"], 2, "four hex digits"],
      [[file, "BootOrder", "--value", "1,2"], 2, "four hex digits"],
      [[file, "VendorKeys", "--value", "constructor"], 2, "neither on nor off"],
      [[file, "PlatformLang", "--value", "é"], 2, "ASCII"],
      [[file, "PK", "--value", "x"], 2, "can't be typed"],
      [[file, "ConOut", "--value", "Pci(1"], 2, "not closed"],
      [[file, "Unknown", "--hex", "00"], 2, "which vendor"],
      [[file, "BootNext", "--hex", "0"], 2, "even number"],
      [[file, "BootNext", "--hex", ""], 1, "the data is empty"],
      [[file, "BootNext", "--hex", "0000", "--attributes", "6"], 1, "NON_VOLATILE"],
      [[file, "BootNext", "--hex", "00", "--attributes", "NV+XX"], 2, '"XX" is not an attribute'],
      [[file, "BootNext", "--hex", "0000", "--append"], 5, "no variable"],
      [[file, "BootOrder", "--hex", "00", "--append", "--attributes", "7"], 2, "--append keeps"],
      [[file, "BootNext", "--description", "x"], 2, "is not one"],
      [[file, "Boot0009", "--description", "x"], 2, "both"],
      [[file, "BootNext", "-", "--key", "-"], 2, "standard input"],
      [[file, "BootNext", join(store.folder, "missing")], 1, "does not exist"],
      [[twice, "db", "--hex", "00"], 2, "several vendors"],
    ] as const) {
      const { stderr, ...run } = await vmgs(["uefi", "set", ...argv]);
      expect([run.code, run.stdout], argv.join(" ")).toEqual([code, ""]);
      expect(stderr, argv.join(" ")).toContain(words);
      expect(stderr, argv.join(" ")).toMatch(/^vmgs: [^\n]+\n(hint: [^\n]+\n)?$/);
    }
    expect(await fingerprint(file)).toBe(before);
  });

  test("is out of space where firmware would be", async () => {
    const { file } = store;
    const large = await writeBeside(store, "large.bin", new Uint8Array(32_768));
    for (const name of ["A", "B", "C"]) await prepare(["uefi", "set", file, name, large, "--vendor", global]);
    const before = await sha256File(file);
    const { code, stderr } = await vmgs(["uefi", "set", file, "D", large, "--vendor", global]);
    expect([code, stderr.split("\n")[0]]).toEqual([
      1,
      `vmgs: ${file}: the variable list would have 132004 bytes, and must have fewer than 131072`,
    ]);
    expect(await sha256File(file)).toBe(before);
  });
});

describe("uefi unset", () => {
  test("removes several at once, or none", async () => {
    const { file } = store;
    const before = await fingerprint(file);
    expect((await vmgs(["uefi", "unset", file, "Boot0000", "Nothing"])).code).toBe(5);
    expect(await fingerprint(file)).toBe(before);
    const sequence = await sequenceOf(file);
    const { stdout } = await vmgs(["uefi", "unset", file, "Boot0000", "BootOrder"]);
    expect(stdout).toBe(
      `${file}: removed Boot0000 of EFI_GLOBAL_VARIABLE, BootOrder of EFI_GLOBAL_VARIABLE; sequence ${sequence + 1}\n`,
    );
    expect(await names(file)).toEqual(["Boot0001", "Boot000A"]);
  });

  test("asks which vendor is meant", async () => {
    const { file } = await storeWithGolden("secure-boot");
    const { code, stderr } = await vmgs(["uefi", "unset", file, "db"]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'vmgs: several vendors have a variable "db"\nhint: add --vendor: EFI_IMAGE_SECURITY_DATABASE, EFI_GLOBAL_VARIABLE\n',
    );
    await prepare(["uefi", "unset", file, "db", "--vendor", global]);
    expect(await names(file)).toEqual(["PK", "KEK", "db", "dbx", "SecureBootEnable"]);
  });
});

describe("messages of changes", () => {
  test("show the old and the new value", async () => {
    const { file } = await storeWithList(
      listOfGlobals(["BootNext", Uint8Array.of(1, 0)], ["Boot0000", loadOption("Old \u001b name")]),
    );
    const done = async (...argv: string[]) =>
      (await vmgsJson(["uefi", argv[0] ?? "", file, ...argv.slice(1)])).done;
    expect(await done("set", "BootNext", "--value", "000A")).toBe(
      "set BootNext of EFI_GLOBAL_VARIABLE: 0001 -> 000A",
    );
    expect(await done("set", "BootNext", "--value", "000A", "--attributes", "0x3")).toBe(
      "set BootNext of EFI_GLOBAL_VARIABLE: 000A, attributes 0x7 -> 0x3",
    );
    expect(await done("set", "Boot0000", "--description", "New")).toBe(
      'set Boot0000 of EFI_GLOBAL_VARIABLE: "Old \\u001b name" (active) -> "New" (active)',
    );
    expect(await done("unset", "BootNext")).toBe("removed BootNext of EFI_GLOBAL_VARIABLE (was 000A)");
  });
});

describe("uefi boot-order, boot-next and boot-entry", () => {
  const done = async (...argv: string[]) => (await vmgsJson(["uefi", ...argv])).done;

  test("take numbers, names and descriptions, and say what changed", async () => {
    const { file } = await storeWithGolden("boot-entries");
    const of = "of EFI_GLOBAL_VARIABLE";
    expect(await done("boot-order", file, "Boot0001", "uefi fallback")).toBe(
      `set BootOrder ${of}: 000A, 0000, 0001 -> 0001, 0000`,
    );
    expect(await done("boot-order", file, "000a", "--first")).toBe(
      `set BootOrder ${of}: 0001, 0000 -> 000A, 0001, 0000`,
    );
    expect(await done("boot-next", file, "Network")).toBe(`set BootNext ${of}: 0001`);
    expect(await done("boot-next", file, "--unset")).toBe(`removed BootNext ${of} (was 0001)`);
    expect(await done("boot-entry", file, "disable", "0001")).toBe('disabled Boot0001 "Network"');
    expect((await vmgs(["uefi", "boot", file])).stdout).toContain("Boot0001  Network  (disabled)");
    expect((await vmgs(["uefi", "boot-entry", file, "disable", "0001"])).stdout).toContain(
      "nothing to change",
    );
    expect(await done("boot-entry", file, "enable", "0001")).toBe('enabled Boot0001 "Network"');
    const added = ["--description", "Rescue", "--path", "PciRoot(0x0)/Pci(0x1,0x0)", "--first"];
    expect(await done("boot-entry", file, "add", ...added)).toBe(`set Boot0002 ${of}: "Rescue" (active)`);
    expect(await dataOf(file, "BootOrder")).toBe("02000a0001000000");
    expect(await done("boot-entry", file, "rm", "rescue", "0001")).toBe(
      `removed Boot0002 ${of}, Boot0001 ${of}`,
    );
    expect(await dataOf(file, "BootOrder")).toBe("0a000000");
  });

  test.each([
    [["boot-order", "0009"], 5],
    [["boot-next"], 2],
    [["boot-next", "0000", "--unset"], 2],
    [["boot-entry", "rm"], 2],
    [["boot-entry", "enable", "0000", "--first"], 2],
    [["boot-entry", "add", "--description", "x"], 2],
  ] as const)("refuse %j and change nothing", async ([command, ...rest], code) => {
    const { file } = await storeWithGolden("boot-entries");
    const before = await fingerprint(file);
    expect((await vmgs(["uefi", command, file, ...rest])).code).toBe(code);
    expect(await fingerprint(file)).toBe(before);
  });
});

describe("uefi reset-boot", () => {
  test("is still called by its old spelling, with a notice", async () => {
    const { file } = await storeWithGolden("boot-entries");
    const { code, stdout, stderr } = await vmgs(["uefi", "boot", file, "--reset", "--dry-run"]);
    expect([code, stderr]).toEqual([
      0,
      `vmgs: ${file}: \`vmgs uefi boot --reset\` is now \`vmgs uefi reset-boot\`\n`,
    ]);
    expect(stdout).toContain("would have removed BootOrder, Boot0000");
  });

  test("removes the order and every option, in either case, in one transaction", async () => {
    const u16 = (value: number) => Uint8Array.of(value, 0);
    const list = listOfGlobals(
      ["BootOrder", Uint8Array.of(0x0a, 0, 9, 0)],
      ["Lang", u16(1)],
      ["Boot000a", loadOption("lower")],
      ["Boot000A", loadOption("upper")],
      ["BootNext", u16(1)],
      ["Driver0001", loadOption("driver")],
      ["Boot0001", u16(1)],
    );
    const { file } = await storeWithList(list);
    const before = await fingerprint(file);
    const sequence = await sequenceOf(file);
    const removed = "removed BootOrder, Boot000a, Boot000A, BootNext, Boot0001";
    const dry = await vmgs(["uefi", "reset-boot", file, "--dry-run"]);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain(`${file}: would have ${removed}; sequence ${sequence + 1}\n`);
    expect(dry.stderr).toBe(`vmgs: ${file}: warning: BootOrder names Boot0009, which does not exist\n`);
    expect(await fingerprint(file)).toBe(before);

    const document = await vmgsJson(["uefi", "reset-boot", file, "--backup", `${file}.old`]);
    expectValid(document);
    expect(document).toMatchObject({
      done: removed,
      sequence: sequence + 1,
      written: [{ id: 0 }, { id: 1 }],
      warnings: [{ code: "VMGS_BOOT_ORDER_DANGLING" }],
    });
    expect(await names(file)).toEqual(["Lang", "Driver0001"]);
    expect(await names(`${file}.old`)).toHaveLength(7);
    expect((await vmgs(["uefi", "reset-boot", file])).stdout).toContain("nothing to change");
  });

  test("needs the key of an encrypted list, and leaves no empty encrypted file, which OpenHCL can't read", async () => {
    const { file, keyFile } = await encryptedStoreWithGolden("boot-entries");
    const before = await fingerprint(file);
    expect((await vmgs(["uefi", "reset-boot", file])).code).toBe(4);
    expect((await vmgs(["uefi", "reset-boot", file, "--dry-run"])).code).toBe(4);
    expect(await fingerprint(file)).toBe(before);
    const { stdout } = await vmgs(["uefi", "reset-boot", file, "--key", keyFile]);
    expect(stdout).toContain(
      "removed BootOrder, Boot0000, Boot0001, Boot000A, and with the last variable BIOS_NVRAM (1);",
    );
    expect((await vmgs(["cat", file, "1"])).code).toBe(5);
    await prepare(["uefi", "set", file, "BootNext", "--value", "1", "--key", keyFile]);
    expect((await vmgs(["cat", file, "1"])).code).toBe(4);
  });

  test("leaves an empty file in a plain store", async () => {
    expect((await vmgs(["uefi", "reset-boot", store.file])).code).toBe(0);
    expect((await vmgs(["cat", store.file, "1"])).bytes).toHaveLength(0);
    expect((await vmgs(["uefi", "list", store.file])).stdout).toContain("0 variables");
  });
});

describe("encryption of the file", () => {
  test("stays as it was", async () => {
    const { file, keyFile } = await encryptedStoreWithGolden("boot-entries");
    const key = ["--key", keyFile];
    const document = await vmgsJson(["uefi", "set", file, "BootNext", "--value", "1", ...key]);
    expect((document.written as { id: number }[]).find(({ id }) => id === 1)).toMatchObject({
      encrypted: true,
    });
    expect((await vmgs(["cat", file, "1"])).code).toBe(4);
    await prepare(["put", file, "1", goldenListFile("boot-entries"), "--plain", "--force", ...key]);
    await prepare(["uefi", "set", file, "BootNext", "--value", "1"]);
    expect((await vmgs(["cat", file, "1"])).code).toBe(0);
  });

  test("is that of the store for a file that is new", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    await prepare(["rm", file, "1", "--key", keyFile]);
    expect((await vmgs(["uefi", "set", file, "BootNext", "--value", "1"])).code).toBe(4);
    await prepare(["uefi", "set", file, "BootNext", "--value", "1", "--key", keyFile]);
    expect((await vmgs(["cat", file, "1"])).code).toBe(4);
    const { file: plain } = await unpackGolden("provisioned-empty", await makeFolder());
    await prepare(["uefi", "set", plain, "BootNext", "--value", "1"]);
    expect(await names(plain)).toEqual(["BootNext"]);
  });
});

describe("a damaged list", () => {
  test.each(["missing-nul", "length-past-end", "trailing-bytes"])(
    "%s is changed only when its damage may be dropped",
    async (name) => {
      const { file } = await storeWithGolden(name);
      const before = await fingerprint(file);
      for (const argv of [
        ["uefi", "set", file, "BootNext", "--value", "1"],
        ["uefi", "unset", file, "Good"],
        ["uefi", "reset-boot", file],
      ]) {
        const { code, stderr } = await vmgs(argv);
        expect(code).toBe(1);
        expect(stderr).toMatch(/the variable list can't be changed: [^\n]+\nhint: .*--drop-unreadable/);
      }
      expect(await fingerprint(file)).toBe(before);
      const { stdout } = await vmgs(["uefi", "set", file, "BootNext", "--value", "1", "--drop-unreadable"]);
      expect(stdout).toContain(": 0001, dropped 1 unreadable part; sequence");
      expect((await stored(file)).problems).toEqual([]);
      expect(await names(file)).toEqual(expect.arrayContaining(["Good", "BootNext"]));
    },
  );
});

describe("uefi import", () => {
  const documentOf = (...variables: object[]) => JSON.stringify({ schema: "vmgs.uefi/1", variables });
  const variable = (name: string, data: string) => ({ name, vendor: global, attributes: 7, data });

  test.each(["boot-entries", "secure-boot", "missing-nul", "length-past-end", "trailing-bytes", "empty"])(
    "--replace brings back %s byte for byte",
    async (name) => {
      const exported = await vmgs(["uefi", "export", goldenListFile(name), "--bare"]);
      expectValid(JSON.parse(exported.stdout));
      const argv = ["uefi", "import", store.file, "--replace", "--allow-empty"];
      await prepare(argv, { stdin: exported.stdout });
      const back = (await vmgs(["cat", store.file, "1"])).bytes;
      expect(Buffer.compare(back, await readFile(goldenListFile(name)))).toBe(0);
    },
  );

  test("of nothing but what can't be read names no variables", async () => {
    const { file } = await storeWithList(new Uint8Array(0));
    const noise = { before: 0, problem: "trailing-bytes", offset: 0, message: "", data: "0001" };
    const stdin = JSON.stringify({ schema: "vmgs.uefi/1", variables: [], unreadable: [noise] });
    const { stdout } = await vmgs(["uefi", "import", file, "--replace"], { stdin });
    expect(stdout).toContain(": imported 0 variables; sequence ");
  });

  test("sets the variables of the document, keeps the others, and tells which is which", async () => {
    const { file } = store;
    const stdin = documentOf(
      variable("New", "00"),
      variable("BootOrder", "0000"),
      variable("Boot0000", "00"),
    );
    const sequence = await sequenceOf(file);
    await prepare(["uefi", "set", file, "Boot0000", "--hex", "00", "--force"]);
    const { stdout } = await vmgs(["uefi", "import", file], { stdin });
    expect(stdout).toBe(
      `${file}: imported 5 variables: 1 added (New), 1 changed (BootOrder), 3 as before; sequence ${sequence + 2}\n`,
    );
    expect(await names(file)).toEqual(["BootOrder", "Boot0000", "Boot0001", "Boot000A", "New"]);
    const dry = await vmgs(["uefi", "import", file, "--replace", "--dry-run"], { stdin });
    expect(dry.stdout).toContain(
      "would have imported 3 variables: 2 removed (Boot0001, Boot000A), 3 as before",
    );
    expect(await names(file)).toHaveLength(5);
  });

  test("takes the export of a version 1 file", async () => {
    const Vendors = { [global]: { Variables: { Timeout: { Attributes: 7, Data: [5, 0] } } } };
    const States = { Nvram: { Vendors, LastUpdateTime: 1 } };
    const stdin = JSON.stringify({ Devices: { "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad": { States } } });
    await prepare(["uefi", "import", store.file], { stdin });
    expect(await dataOf(store.file, "Timeout")).toBe("0500");
    expect(await names(store.file)).toHaveLength(5);
  });

  test("does with a CUSTOM_UEFI document what firmware does", async () => {
    const secure = await storeWithGolden("secure-boot");
    const custom = (await vmgs(["uefi", "export", secure.file, "--format", "custom-uefi"])).stdout;
    const { file } = store;
    const template = await writeBeside(store, "template.json", custom);
    await prepare(["uefi", "import", file], { stdin: custom });
    const state = await vmgsJson(["uefi", "secure-boot", file]);
    expect(state).toMatchObject({ mode: "user", uefiCa2023: true, kekCa2023: true });
    for (const [name, vendor] of [
      ["PK", global],
      ["dbx", VendorGuid.EFI_IMAGE_SECURITY_DATABASE],
    ] as const) {
      expect(await dataOf(file, name, vendor)).toBe(await dataOf(secure.file, name, vendor));
    }
    const signatures = {
      PK: { type: "Default" },
      KEK: [{ type: "Default" }],
      db: [{ type: "Default" }],
      dbx: [],
    };
    const volatile = { guid: Buffer.alloc(16).toString("base64"), attributes: "Bg==", value: "AA==" };
    const uefiSettings = { signatureMode: "Replace", signatures, Volatile: volatile };
    const stdin = JSON.stringify({ type: "Microsoft.Compute/disks", properties: { uefiSettings } });
    const before = await fingerprint(file);
    const refused = await vmgs(["uefi", "import", file], { stdin });
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toBe(
      "vmgs: the document takes PK, KEK, db from the machine's template\nhint: give that template with --template FILE\n",
    );
    expect(await fingerprint(file)).toBe(before);
    const run = await vmgs(["uefi", "import", file, "--template", template], { stdin });
    expect(run.stdout).toContain(": 1 removed (dbx), 7 as before;");
    expect(run.stderr).toContain('warning: "Volatile" is volatile or empty, and is not stored');
  });

  test("refuses what is no document, in one line, and writes nothing", async () => {
    const { file } = store;
    const before = await fingerprint(file);
    const damaged = (await vmgs(["uefi", "export", goldenListFile("trailing-bytes"), "--bare"])).stdout;
    const custom = JSON.stringify({ type: "other" });
    const large = join(store.folder, "large.json");
    await writeFile(large, "9".repeat(1_100_000));
    for (const [stdin, options, code, words] of [
      ["", [], 1, "the document is empty"],
      [Uint8Array.of(0xff), [], 1, "not JSON"],
      ["[]", [], 1, "the document is neither"],
      ["null", [], 1, "standard input: the document is neither"],
      ['{"schema":"vmgs.uefi/9"}', [], 1, "schema is not one of vmgs.uefi/1"],
      [documentOf({}), [], 1, "variables[0].data is missing"],
      [documentOf(variable("A", "0")), [], 1, "variables[0].data is not"],
      [documentOf(variable("A", "")), [], 1, '"A": the data is empty'],
      [documentOf({ ...variable("A", "00"), attributes: 2 }), [], 1, '"A": the attributes lack NON_VOLATILE'],
      ['{"Devices":{}}', [], 1, "has no device"],
      [custom, [], 1, "type is not one of Microsoft.Compute/disks"],
      [damaged, [], 1, "only --replace can bring them back"],
      [documentOf(), ["--template", join(store.folder, "missing")], 1, "the template"],
      [documentOf(), ["--key", "-"], 2, "standard input"],
      ["9".repeat(4_200_000), [], 1, "more than 4194304 bytes"],
      [documentOf(), ["--template", large], 1, "more than 1048576 bytes"],
    ] as const) {
      const { stderr, ...run } = await vmgs(["uefi", "import", file, ...options], { stdin });
      expect([run.code, run.stdout], words).toEqual([code, ""]);
      expect(stderr).toContain(words);
      expect(stderr).toMatch(/^vmgs: [^\n]+\n(hint: [^\n]+\n)?$/);
    }
    expect((await vmgs(["uefi", "import", file], { stdinIsTerminal: true })).code).toBe(2);
    expect(await fingerprint(file)).toBe(before);
  });

  test("takes the largest list there can be", async () => {
    const data = Uint8Array.of(1);
    const nothing = new Uint8Array(0);
    const many = Array.from(
      { length: 2200 },
      (_, i): Variable => ({
        vendor: global,
        name: i.toString(36),
        attributes: 7,
        timestamp: zeroEfiTime,
        data,
        namePadding: nothing,
      }),
    );
    const bytes = encodeVariableList(listOf(many));
    const exported = await vmgs(["uefi", "export", "-", "--bare"], { stdin: bytes });
    const { file } = await storeWithList(listOfGlobals());
    expect((await vmgs(["uefi", "import", file], { stdin: exported.stdout })).stdout).toContain("2200 added");
    expect(Buffer.compare((await vmgs(["cat", file, "1"])).bytes, bytes)).toBe(0);
  });
});

describe("uefi export", () => {
  test("never writes over the store", async () => {
    const before = await fingerprint(store.file);
    expect((await vmgs(["uefi", "export", store.file, "-o", store.file])).code).toBe(2);
    expect(await fingerprint(store.file)).toBe(before);
    const target = join(store.folder, "vars.json");
    await writeFile(target, "old");
    expect((await vmgs(["uefi", "export", store.file, "-o", target])).code).toBe(1);
    await prepare(["uefi", "export", store.file, "-o", target, "--force"]);
    expectValid(JSON.parse(await readFile(target, "utf8")));
  });

  test("tells what a CUSTOM_UEFI document leaves out", async () => {
    const { file } = await storeWithGolden("secure-boot");
    const { code, stderr } = await vmgs(["uefi", "export", file, "--format", "custom-uefi"]);
    expect([code, stderr]).toEqual([
      0,
      `vmgs: ${file}: omitted 2 variables: the document holds secure boot databases only\n`,
    ]);
  });
});

test("an import of nothing changes nothing, unless that is asked for", async () => {
  const { file } = await storeWithGolden("boot-entries");
  const before = await fingerprint(file);
  expect((await vmgs(["uefi", "import", file], { stdin: "" })).stderr).toContain("the document is empty");
  const none = { stdin: JSON.stringify({ schema: "vmgs.uefi/1", variables: [] }) };
  const refused = await vmgs(["uefi", "import", file, "--replace"], none);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("would replace all")]);
  expect(await fingerprint(file)).toBe(before);
  expect((await vmgs(["uefi", "import", file, "--replace", "--allow-empty"], none)).code).toBe(0);
});
