/** vmgs uefi list, show, boot, secure-boot and export: what they show of sound, damaged, locked and hostile lists. */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeVariableList, listOf, VendorGuid, zeroEfiTime } from "vmgskit/uefi";
import { escapeText } from "../src/terminal/index.ts";
import { errorsOf, vmgs, vmgsJson } from "./support/cli.ts";
import { type EncryptedStore, fingerprint, type MadeStore, makeFolder, makeStore } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import {
  encryptedStoreWithGolden,
  goldenList,
  goldenListFile,
  goldenLists,
  listOfGlobals,
  loadOption,
  storeWithGolden,
  storeWithList,
  writeBeside,
} from "./support/variables.ts";

let boots: MadeStore;
let secure: MadeStore;
let locked: EncryptedStore;

beforeAll(async () => {
  boots = await storeWithGolden("boot-entries");
  secure = await storeWithGolden("secure-boot");
  locked = await encryptedStoreWithGolden("secure-boot");
});

const u16 = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value & 0xff, value >> 8]));
const isSafe = (text: string) => text.split("\n").every((line) => escapeText(line) === line);
const document = async (argv: readonly string[]) => {
  const run = await vmgs([...argv, "--json"]);
  const parsed = JSON.parse(run.stdout) as Record<string, unknown>;
  expectValid(parsed);
  return { ...run, parsed };
};
const readers = (file: string, ...options: string[]) => [
  ["uefi", "list", file, ...options],
  ["uefi", "boot", file, ...options],
  ["uefi", "secure-boot", file, ...options],
  ["uefi", "export", file, ...options],
];

describe.each(goldenLists.filter((name) => name !== "locked-noise"))("the golden list %s", (name) => {
  const golden = goldenList(name);
  const code = golden.error === null ? 0 : 3;

  test("is listed with names, vendors and sizes, and its problem", async () => {
    const { parsed, ...run } = await document(["uefi", "list", goldenListFile(name), "--bare"]);
    expect(run.code).toBe(code);
    const unreadable = parsed.unreadable as { problem: string; name: string | null; offset: number }[];
    expect(unreadable.map(({ problem }) => problem)).toEqual(golden.error === null ? [] : [golden.error]);
    const hidden = unreadable.map((part) => part.name);
    expect(parsed).toMatchObject({
      fileId: null,
      bytes: golden.bytes,
      variables: golden.variables
        .filter((variable) => !hidden.includes(variable.name))
        .map((variable) => ({ name: variable.name, vendor: variable.vendor, bytes: variable.dataBytes })),
    });
    const shown = await vmgs(["uefi", "list", goldenListFile(name), "--bare"]);
    expect(shown.code).toBe(code);
    for (const variable of golden.variables) expect(shown.stdout).toContain(variable.name);
    for (const { offset } of unreadable) expect(shown.stdout).toMatch(new RegExp(`^ +${offset} `, "m"));
  });

  test("has valid documents of every command", async () => {
    for (const argv of readers(goldenListFile(name), "--bare")) {
      expect((await document(argv)).code, argv.join(" ")).toBe(code);
    }
    for (const variable of golden.variables) {
      const { stdout, ...run } = await vmgs([
        "uefi",
        "show",
        goldenListFile(name),
        variable.name,
        "--bare",
        "--json",
      ]);
      if (run.code === 5) expect(run.stderr).toContain("can't be read");
      else expectValid(JSON.parse(stdout));
    }
  });
});

describe("uefi list", () => {
  test("shows a table", async () => {
    const { code, stdout, stderr } = await vmgs(["uefi", "list", boots.file]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      [
        `${boots.file}: 4 variables, 724 bytes`,
        "  name       vendor               attributes  bytes  value",
        "  BootOrder  EFI_GLOBAL_VARIABLE  NV+BS+RT        6  000A, 0000, 0001",
        "  Boot0000   EFI_GLOBAL_VARIABLE  NV+BS+RT      146  UEFI fallback",
        "  Boot0001   EFI_GLOBAL_VARIABLE  NV+BS+RT       82  Network",
        "  Boot000A   EFI_GLOBAL_VARIABLE  NV+BS+RT      224  Windows Boot Manager",
        "",
      ].join("\n"),
    );
  });

  test("filters by name and by vendor", async () => {
    const names = async (...options: string[]) =>
      (await vmgsJson(["uefi", "list", secure.file, ...options])).variables as {
        name: string;
        vendor: string;
      }[];
    expect((await names("--name", "d?")).map(({ name }) => name)).toEqual(["db", "db"]);
    expect((await names("--name", "DB*")).map(({ name }) => name)).toEqual(["db", "dbx", "db"]);
    expect((await names("--name", "b")).map(({ name }) => name)).toEqual([]);
    const security = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
    for (const vendor of ["EFI_IMAGE_SECURITY_DATABASE", security, `{${security.toUpperCase()}}`]) {
      expect((await names("--vendor", vendor)).map(({ name }) => name)).toEqual(["db", "dbx"]);
    }
    expect((await vmgs(["uefi", "list", secure.file, "--name", "K*"])).stdout).toContain("1 of 6 variables");
    const wrong = await vmgs(["uefi", "list", secure.file, "--vendor", "nobody"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(
      /^vmgs: --vendor: "nobody" is neither .*\nhint: names are EFI_GLOBAL_VARIABLE, /,
    );
  });

  test("shows text from the list escaped, and not endless", async () => {
    const evil = "\u001b[2J\u202eevil\n";
    const list = listOfGlobals(
      [evil, Uint8Array.of(1)],
      ["Boot0000", loadOption(evil, "\\EFI\\\u001b]0;x\u0007.efi")],
      ["n".repeat(900), Uint8Array.of(1)],
    );
    const { file } = await storeWithList(list);
    for (const argv of [
      ["uefi", "list", file],
      ["uefi", "boot", file],
      ["uefi", "show", file, evil],
      ["uefi", "show", file, "Boot0000"],
    ]) {
      const { code, stdout } = await vmgs(argv, { terminal: "stdout", env: { NO_COLOR: "1" } });
      expect(code).toBe(0);
      expect(isSafe(stdout)).toBe(true);
      expect(stdout).toContain("\\u001b");
      for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    }
    expect((await vmgs(["uefi", "list", file])).stdout).toContain("(900 characters)");
    expect(isSafe((await vmgs(["uefi", "export", file])).stdout)).toBe(true);
  });

  test.each([50, 60, 80, 120])("fits a terminal of %i columns", async (columns) => {
    const list = listOfGlobals(
      ["BootOrder", u16(...Array.from({ length: 200 }, (_, i) => i))],
      [
        "Boot0000",
        loadOption("A description of some length", "PciRoot(0x0)/Pci(0x1,0x0)/\\EFI\\BOOT\\BOOTX64.EFI"),
      ],
      ["Lang", new TextEncoder().encode("en")],
    );
    const { file } = await storeWithList(list);
    const { file: noise } = await storeWithGolden("length-past-end");
    for (const argv of [
      ["uefi", "list", file],
      ["uefi", "show", file, "BootOrder", "--bytes"],
      ["uefi", "boot", file],
      ["uefi", "list", secure.file],
      ["uefi", "secure-boot", secure.file],
      ["uefi", "show", secure.file, "dbx"],
      ["uefi", "list", noise],
    ]) {
      const { stdout } = await vmgs(argv, { terminal: "stdout", columns, env: { NO_COLOR: "1" } });
      // The path of the store is what it is.
      const lines = stdout.split("\n").filter((line) => !line.startsWith("/"));
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  test("takes a list of the most variables there can be", async () => {
    const data = new Uint8Array(0);
    const many = Array.from({ length: 2200 }, (_, i) => ({
      vendor: VendorGuid.EFI_GLOBAL_VARIABLE,
      name: i.toString(36),
      attributes: 7,
      timestamp: zeroEfiTime,
      data,
      namePadding: data,
    }));
    const { file } = await storeWithList(encodeVariableList(listOf(many)));
    expect(((await vmgsJson(["uefi", "list", file])).variables as unknown[]).length).toBe(2200);
    const lines = (await vmgs(["uefi", "list", file])).stdout.split("\n");
    expect([lines.length, lines.at(-2)]).toEqual([1004, "  ... 1200 more variables"]);
  });
});

describe("a list that can't be read as a whole", () => {
  test("is locked without the key: exit code 4, and readable with it", async () => {
    for (const argv of [...readers(locked.file), ["uefi", "show", locked.file, "PK"]]) {
      const run = await vmgs([...argv, "--json"]);
      expect([run.code, run.stdout], argv.join(" ")).toEqual([4, ""]);
      expectValidErrors(errorsOf(run));
      expect(errorsOf(run)).toMatchObject([{ code: "VMGS_NEEDS_UNLOCK" }]);
      expect((await vmgs([...argv, "--key", locked.keyFile])).code).toBe(0);
    }
  });

  test("of ciphertext outside a store is said to need its key", async () => {
    const ciphertext = (await vmgs(["cat", locked.file, "1", "--raw"])).bytes;
    const { code, stdout, stderr } = await vmgs(["uefi", "list", "-", "--bare"], { stdin: ciphertext });
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toContain("or is an encrypted one");
  });

  test("of a store without it is not found: exit code 5", async () => {
    const { file } = await unpackGolden("provisioned-empty", await makeFolder());
    for (const argv of [...readers(file), ["uefi", "show", file, "PK"]]) {
      const { code, stderr } = await vmgs(argv);
      expect(code).toBe(5);
      expect(stderr).toContain("the store has no BIOS_NVRAM (1)\nhint: ");
    }
  });

  test("that is far too large is shown with its problems, or refused before it is read", async () => {
    const { file } = await unpackGolden("full", await makeFolder());
    const { parsed, code } = await document(["uefi", "list", file]);
    expect(code).toBe(3);
    expect(parsed.bytes).toBe(2_048_000);
    const { stderr, ...run } = await vmgs(["uefi", "list", "-", "--bare"], {
      stdin: new Uint8Array(3_000_000),
    });
    expect(run.code).toBe(1);
    expect(stderr).toContain("is not a variable list: at most 131072 are allowed");
  });

  test("tells each bad input in one line with a hint", async () => {
    const folder = await makeFolder();
    for (const [argv, code] of [
      [["uefi", "list", join(folder, "missing")], 1],
      [["uefi", "list", join(folder, "missing"), "--bare"], 1],
      [["uefi", "list", folder, "--bare"], 1],
      [["uefi", "list", goldenListFile("empty")], 1],
      [["uefi", "list", boots.file, "--bare", "--key", locked.keyFile], 2],
      [["uefi", "show", boots.file, "boot000a"], 5],
      [["uefi", "show", boots.file, "BootOrder", "--vendor", "SHIM_LOCK"], 5],
      [["uefi", "show", secure.file, "db", "--raw"], 2],
      [["uefi", "secure-boot", secure.file, "--at", "tomorrow"], 2],
      [["uefi", "secure-boot", secure.file, "--at", "2026-13-45"], 2],
      [["uefi", "boot", boots.file, "--dry-run"], 2],
      [["uefi", "boot", boots.file, "--reset", "--bare"], 2],
      [["uefi", "list", boots.file, "--file", "CUSTOM_UEFI"], 5],
      [["uefi", "list", boots.file, "--file", "3"], 2],
      [["uefi", "list", boots.file, "--file", "UEFI"], 1],
      [["uefi", "export", boots.file, "--format", "custom-uefi"], 1],
    ] as const) {
      const { stderr, stdout, ...run } = await vmgs(argv);
      expect([run.code, stdout], argv.join(" ")).toEqual([code, ""]);
      expect(stderr, argv.join(" ")).toMatch(/^vmgs: [^\n]+\n(hint: [^\n]+\n)?$/);
    }
  });

  test("is not changed by reading", async () => {
    const before = await fingerprint(secure.file);
    for (const argv of [...readers(secure.file), ["uefi", "show", secure.file, "db"]]) await vmgs(argv);
    expect(await fingerprint(secure.file)).toBe(before);
  });
});

describe("uefi show", () => {
  const shown = async (...argv: string[]) => (await vmgs(["uefi", "show", ...argv])).stdout;

  test("decodes load options, with what is on the VMBus", async () => {
    expect(await shown(boots.file, "Boot0001")).toBe(
      [
        "Boot0001",
        "  vendor           EFI_GLOBAL_VARIABLE (8be4df61-93ca-11d2-aa0d-00e098032b8c)",
        "  attributes       0x7 NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS",
        "  size             82 bytes",
        "  description      Network",
        "  option           active",
        "  path             VenHw(9B17E5A2-0891-42DD-B653-80B5C22809BA,635161F83EDFC546913FF2D2F965ED0E22221111333344445555666677778888)",
        "                   VMBus: network adapter 11112222-3333-4444-5555-666677778888",
        "  optional data    4 bytes",
        "    00000000  4eac0881                             N...",
        "",
      ].join("\n"),
    );
  });

  test("decodes orders, flags and certificates, and shows the rest as hex", async () => {
    expect(await shown(boots.file, "BootOrder")).toContain("  value            000A, 0000, 0001\n");
    expect(await shown(secure.file, "SecureBootEnable")).toContain("  value            1 (on)\n");
    const both = await shown(secure.file, "db");
    expect(both).toContain("  holds            3 certificates\n");
    expect(both).toContain("f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901");
    expect(both).toContain("written          2013-10-08T14:38:00Z");
    expect(both).toContain("    00000000  010203 ");
    expect(await shown(secure.file, "db", "--vendor", "EFI_GLOBAL_VARIABLE")).not.toContain("certificate");
    expect((await shown(secure.file, "dbx")).match(/^ {2}SHA256 [0-9a-f]{64}$/gm)).toHaveLength(431);
  });

  test("gives the exact bytes, and documents with the meaning", async () => {
    const raw = await vmgs(["uefi", "show", boots.file, "BootOrder", "--raw"]);
    expect(raw.bytes).toEqual(u16(10, 0, 1));
    const target = join(boots.folder, "order.bin");
    expect((await vmgs(["uefi", "show", boots.file, "BootOrder", "-o", target])).stdout).toBe("");
    expect(new Uint8Array(await readFile(target))).toEqual(u16(10, 0, 1));
    const { parsed } = await document(["uefi", "show", boots.file, "Boot000A"]);
    expect(parsed).toMatchObject({
      fileId: 1,
      variables: [
        {
          name: "Boot000A",
          value: { kind: "loadOption", active: true, description: "Windows Boot Manager" },
        },
      ],
    });
  });

  test("tells why a value is not what its name says, and shows its bytes", async () => {
    const { file } = await storeWithList(
      listOfGlobals(["BootOrder", Uint8Array.of(1)], ["PK", Uint8Array.of(1, 2)]),
    );
    const order = await vmgs(["uefi", "show", file, "BootOrder"]);
    expect(order.stdout).toMatch(/problem +the data is not a list of option numbers[\s\S]*00000000 {2}01/);
    expect(await shown(file, "PK")).toMatch(/problem +signatureLists\[0\][\s\S]*00000000 {2}0102/);
    const { parsed } = await document(["uefi", "show", file, "BootOrder"]);
    expect(parsed.variables).toMatchObject([{ value: null, valueError: { code: "VMGS_UEFI_VALUE" } }]);
  });

  test("has valid documents for values of every kind", async () => {
    const path = loadOption("x").subarray(8 + 2);
    const list = listOfGlobals(
      ["ConOut", path],
      ["Lang", new TextEncoder().encode("eng\0")],
      ["OsIndications", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0x80)],
      ["SignatureSupport", new Uint8Array(32)],
      ["Timeout", u16(5)],
      ["VendorKeys", Uint8Array.of(1)],
      ["Boot0000", loadOption("a", "Path(1,2,03)/Uri(http://x)", 9)],
    );
    const { file } = await storeWithList(list);
    const kinds: unknown[] = [];
    for (const name of [
      "ConOut",
      "Lang",
      "OsIndications",
      "SignatureSupport",
      "Timeout",
      "VendorKeys",
      "Boot0000",
    ]) {
      const { parsed } = await document(["uefi", "show", file, name]);
      kinds.push((parsed.variables as { value: { kind: string } }[])[0]?.value.kind);
      expect((await vmgs(["uefi", "show", file, name])).stdout).not.toContain("problem");
    }
    expect(kinds).toEqual(["devicePath", "text", "osIndications", "guids", "number", "flag", "loadOption"]);
  });
});

describe("uefi boot", () => {
  test("shows the order as firmware tries it, and marks what is special", async () => {
    const list = listOfGlobals(
      ["BootOrder", u16(1, 9, 2, 3)],
      ["BootNext", u16(2)],
      ["Timeout", u16(7)],
      ["Boot0001", loadOption("First")],
      ["Boot0002", loadOption("Second")],
      ["Boot0003", loadOption("Off", undefined, 0)],
      ["Boot0004", loadOption("Quiet", undefined, 9)],
      ["Boot0005", u16(1)],
    );
    const { file } = await storeWithList(list);
    const { code, stdout, stderr } = await vmgs(["uefi", "boot", file]);
    expect(code).toBe(3);
    const path = "      PciRoot(0x0)/Pci(0x1,0x0)";
    expect(stdout).toBe(
      [
        `${file}: timeout 7 s`,
        "   1  Boot0002  Second  (BootNext, once)",
        path,
        "   2  Boot0001  First",
        path,
        "      Boot0009  (dangling: no such variable)",
        "   3  Boot0002  Second",
        path,
        "      Boot0003  Off  (disabled)",
        path,
        "  not in the order:",
        "      Boot0004  Quiet  (hidden)",
        path,
        "      Boot0005  (can't be read)",
        "      the data is not a load option: attributes: needs 4 bytes, 2 are left",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe(`vmgs: ${file}: warning: BootOrder names Boot0009, which does not exist\n`);
    const { parsed } = await document(["uefi", "boot", file]);
    expect(parsed).toMatchObject({
      bootNext: "0002",
      bootOrder: ["0001", "0009", "0002", "0003"],
      timeout: 7,
      warnings: [{ code: "VMGS_BOOT_ORDER_DANGLING" }],
    });
  });

  test("of a machine without options says what firmware does", async () => {
    const { file } = await storeWithList(listOfGlobals());
    const { code, stdout } = await vmgs(["uefi", "boot", file]);
    expect(code).toBe(0);
    expect(stdout).toContain("no boot options: firmware looks for something to boot by itself");
  });

  test("does not drown in an order of thousands", async () => {
    const numbers = Array.from({ length: 16_000 }, (_, i) => i);
    const { file } = await storeWithList(listOfGlobals(["BootOrder", u16(...numbers)]));
    const { stdout, stderr } = await vmgs(["uefi", "boot", file]);
    expect(stdout.split("\n").length).toBeLessThan(210);
    expect(stdout).toContain("15800 more");
    expect(stderr).toMatch(/^[^\n]* BootOrder names what does not exist: Boot0000, [^\n]+ and 15994 more\n$/);
  });
});

test("mutated lists are shown or refused by every command, with valid documents and safe text", async () => {
  const golden = goldenLists
    .map((name) => readFileSync(goldenListFile(name)))
    .filter(({ length }) => length > 0);
  const mutated = fc
    .tuple(fc.constantFrom(...golden), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
    .map(([base, patches, cut]) => {
      const bytes = Uint8Array.from(base);
      for (const [at, value] of patches) bytes[at % bytes.length] = value;
      return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
    });
  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      for (const argv of [...readers("-", "--bare"), ["uefi", "show", "-", "BootOrder", "--bare"]]) {
        const shown = await vmgs(argv, { stdin: bytes });
        expect([0, 3, 4, 5], shown.stderr).toContain(shown.code);
        expect(isSafe(shown.stdout + shown.stderr)).toBe(true);
        const told = await vmgs([...argv, "--json"], { stdin: bytes });
        expect(told.code).toBe(shown.code);
        if (shown.code === 0 || shown.code === 3) expectValid(JSON.parse(told.stdout));
        else expectValidErrors(errorsOf(told));
      }
    }),
    { numRuns: 60 },
  );
});

describe("uefi secure-boot", () => {
  const at = ["--at", "2026-05-01"];

  test("shows mode, CAs, certificates and counts", async () => {
    const { code, stdout } = await vmgs(["uefi", "secure-boot", secure.file, ...at]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${secure.file}: user mode, secure boot enabled\n`);
    expect(stdout).toContain("  yes  Microsoft UEFI CA 2023 in db\n  no   Windows UEFI CA 2023 in db\n");
    expect(stdout).toContain(
      [
        "  Microsoft Corporation UEFI CA 2011",
        "    well-known     Microsoft Corporation UEFI CA 2011, signs boot loaders of others, such as Linux shim; known by its thumbprint",
        "    subject        CN=Microsoft Corporation UEFI CA 2011,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US",
        "    issuer         CN=Microsoft Corporation Third Party Marketplace Root,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US",
        "    serial         6108d3c4000000000004",
        "    valid          2011-06-27 to 2026-06-27, 57 days left",
        "    SHA-256        48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507",
        "    owner          Microsoft (77fa9abd-0359-4d32-bd60-28f4e78f784b)",
        "",
      ].join("\n"),
    );
    expect(stdout).toContain("\ndbx: 431 hashes, written 2013-10-08T14:38:00Z\n");
    expect(stdout.slice(stdout.indexOf("Warnings"))).toBe(
      [
        "Warnings",
        "  PK: Microsoft Hyper-V Firmware PK expired on 2014-04-24",
        "  KEK: Microsoft Corporation KEK CA 2011 expires on 2026-06-24, in 54 days",
        "  db: Microsoft Corporation UEFI CA 2011 expires on 2026-06-27, in 57 days",
        "",
      ].join("\n"),
    );
  });

  test("judges validity at the date that is given", async () => {
    const warnings = async (date: string) =>
      (
        (await vmgsJson(["uefi", "secure-boot", secure.file, "--at", date])).warnings as { message: string }[]
      ).map(({ message }) => message);
    expect(await warnings("2013-06-01")).toContain("db: Microsoft UEFI CA 2023 is not valid yet");
    expect(await warnings("2025-01-01T12:00:00Z")).toEqual([
      "PK: Microsoft Hyper-V Firmware PK expired on 2014-04-24",
    ]);
  });

  test("has a document with every entry", async () => {
    const { parsed } = await document(["uefi", "secure-boot", secure.file, ...at]);
    expect(parsed).toMatchObject({
      at: "2026-05-01T00:00:00.000Z",
      mode: "user",
      enabled: true,
      uefiCa2023: true,
      only2011: false,
      databases: { db: { certificates: 3, hashes: 0 }, dbx: { certificates: 0, hashes: 431 } },
    });
    expect(
      (await vmgs(["uefi", "secure-boot", secure.file, "--hashes"])).stdout.match(/SHA256/g),
    ).toHaveLength(431);
  });

  test("tells setup mode, and a database that can't be read", async () => {
    const { file } = await storeWithList(listOfGlobals(["KEK", Uint8Array.of(1)]));
    const { code, stdout } = await vmgs(["uefi", "secure-boot", file]);
    expect(code).toBe(3);
    expect(stdout).toContain("setup mode: without PK anybody can write the keys");
    expect(stdout).toContain("signatureLists[0].signatureType: needs 16 bytes, 1 are left");
    expect(stdout).toContain("PK: not stored");
  });
});

describe("CUSTOM_UEFI and bare lists", () => {
  test("are read like BIOS_NVRAM", async () => {
    const custom = (await vmgs(["uefi", "export", secure.file, "--format", "custom-uefi"])).stdout;
    const { file, folder } = await makeStore();
    const source = await writeBeside({ file, folder }, "custom.json", custom);
    expect((await vmgs(["put", file, "CUSTOM_UEFI", source])).code).toBe(0);
    const fromStore = await vmgsJson(["uefi", "secure-boot", file, "--file", "CUSTOM_UEFI"]);
    expect(fromStore).toMatchObject({ fileId: 9, mode: "user", uefiCa2023: true });
    for (const id of ["9", "0x9", "custom_uefi"]) {
      expect(await vmgsJson(["uefi", "secure-boot", file, "--file", id])).toMatchObject({ fileId: 9 });
    }
    const bare = await vmgsJson(["uefi", "list", source, "--bare", "--file", "CUSTOM_UEFI"]);
    expect((bare.variables as { name: string }[]).map(({ name }) => name)).toEqual([
      "PK",
      "KEK",
      "db",
      "dbx",
    ]);
    const wrong = await vmgs([
      "uefi",
      "list",
      goldenListFile("boot-entries"),
      "--bare",
      "--file",
      "CUSTOM_UEFI",
    ]);
    expect([wrong.code, wrong.stderr.split("\n")[0]]).toEqual([
      1,
      `vmgs: ${goldenListFile("boot-entries")}: the document is not JSON in UTF-8`,
    ]);
  });

  test("tell which signatures are the template's", async () => {
    const byDefault = { type: "Default" };
    const signatures = { PK: byDefault, KEK: [byDefault], db: [byDefault], dbx: [] };
    const uefiSettings = { signatureMode: "Replace", signatures };
    const stdin = JSON.stringify({ type: "Microsoft.Compute/disks", properties: { uefiSettings } });
    const { code, stderr } = await vmgs(["uefi", "list", "-", "--bare", "--file", "CUSTOM_UEFI"], { stdin });
    expect(code).toBe(0);
    expect(stderr).toContain("warning: PK takes the signatures of the machine's template");
  });
});
