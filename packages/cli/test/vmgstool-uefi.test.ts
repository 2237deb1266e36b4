/** `vmgstool uefi-nvram`: shows what can be read and names the rest; removes all that is meant, or nothing. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  emptyVariableList,
  encodeLoadOption,
  encodeVariableList,
  type NewVariable,
  setVariable,
  usualAttributes,
  type VariableList,
  VendorGuid,
} from "vmgskit/uefi";
import { fingerprint, type MadeStore, makeEncryptedStore, makeStore } from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";
import { vmgstool, vmgstoolJson } from "./support/vmgstool.ts";

const golden = (name: string) => readFile(new URL(`../../vmgs/test/golden/uefi/${name}`, import.meta.url));
const global = (name: string, data: Uint8Array): NewVariable => ({
  vendor: VendorGuid.EFI_GLOBAL_VARIABLE,
  name,
  attributes: usualAttributes,
  data,
});
const option = (description: string) => encodeLoadOption({ attributes: 1, description, paths: [] });
const list = (...variables: readonly NewVariable[]): VariableList =>
  variables.reduce(setVariable, emptyVariableList);
const other = global("Lang", Buffer.from("eng\0"));

let store: MadeStore;

beforeEach(async () => {
  store = await makeStore();
});

async function put(content: Uint8Array | VariableList, file = store.file, ...options: readonly string[]) {
  const stdin = content instanceof Uint8Array ? content : encodeVariableList(content);
  const words = ["write", "-f", file, "-i", "1", "-d", "-", "--allow-overwrite", ...options];
  expect((await vmgstool(words, { stdin })).code).toBe(0);
}

const nvramOf = async (file = store.file, ...options: readonly string[]) =>
  (await vmgstool(["dump", "-f", file, "-i", "1", "-d", "-", ...options])).bytes;

const dump = (...options: readonly string[]) => ["uefi-nvram", "dump", "-f", store.file, ...options];
const reset = (...options: readonly string[]) => [
  "uefi-nvram",
  "remove-boot-entries",
  "-f",
  store.file,
  ...options,
];

describe("dump", () => {
  test("shows variables by vendor and name, with device paths as UEFI writes them", async () => {
    await put(await golden("boot-entries.bin"));
    const { code, stdout, stderr } = await vmgstool(dump("-t"));
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.match(/^Name: .*$/gm)).toEqual([
      ...['Name: "Boot0000"', 'Name: "Boot0001"', 'Name: "Boot000A"', 'Name: "BootOrder"'],
    ]);
    expect(
      stdout.startsWith(`Vendor: "8be4df61-93ca-11d2-aa0d-00e098032b8c"
Name: "Boot0000"
Attributes: 0x7
Size: 0x92
Timestamp: 0000-00-00T00:00:00Z
Load Option: attributes: 1, description: UEFI fallback
  - PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,5F0D7A3E-2C1B-4E7C-9A55-0C6A1F2B3D4E,0x800,0x32000)/\\EFI\\BOOT\\BOOTX64.EFI

`),
    ).toBe(true);
    expect(stdout).toContain("\nLoad Option: attributes: 1, description: Windows Boot Manager\n");
    expect(stdout.endsWith("Boot Order: 10 0 1\n\n")).toBe(true);
  });

  test("shows signatures, and names what only looks like a database", async () => {
    await put(await golden("secure-boot.bin"));
    const { code, stdout, stderr } = await vmgstool(dump("-t"));
    expect(code).toBe(1);
    expect(stdout.match(/ {2}- \[SHA256\] Signature Owner: \S+ Data: [0-9a-f]{6}\.\.\.$/gm)).toHaveLength(
      431,
    );
    expect(stdout.match(/ {2}- \[X509\] .* Data: 3082\w\w\.\.\.$/gm)).toHaveLength(6);
    expect(stderr).toMatch(/^vmgstool: \S+: db: named like a signature database, but is not one: .*\n$/);
    expect((await vmgstool(dump())).stdout.length).toBeGreaterThan(2 * 20_000);
  });

  test("shows what is left of a damaged list, names the rest, and fails", async () => {
    const sound = encodeVariableList(list(other));
    await put(Buffer.concat([sound, Buffer.from("00000000ff000000ff", "hex")]));
    const { code, stdout, stderr } = await vmgstool(dump());
    expect(code).toBe(1);
    expect(stdout).toContain('Name: "Lang"\n');
    expect(stderr).toContain(`variable list at ${sound.length}: the entry has 255 bytes, 9 are left\n`);
    const document = await vmgstoolJson(dump());
    expectValid(document);
    expect(document).toMatchObject({
      variables: [{ name: "Lang", data: "656e6700", lines: ["data: 656e6700"], error: null }],
      problems: [{ id: "entry-past-end", offset: sound.length }],
    });
  });

  test("shows a value that is none as raw data, with the reason", async () => {
    await put(list(global("BootOrder", Uint8Array.of(1, 0, 2)), global("Boot0001", option("one"))));
    const { code, stdout } = await vmgstool(dump());
    expect(code).toBe(1);
    expect(stdout).toContain("\ndata: 010002\nerror: the data is not a list of option numbers: ");
    expect(stdout).toContain("description: one\n");
  });

  test("escapes text of the store", async () => {
    await put(list(global("N\u001b[2J\n", Uint8Array.of(1)), global("Boot0001", option("a\u009b31m\nb"))));
    const { stdout } = await vmgstool(dump());
    expect(stdout).toContain('Name: "N\\u001b[2J\\n"\n');
    expect(stdout).toContain("description: a\\u009b31m\\nb\n");
  });

  test("writes to a file, whole, and not over the store", async () => {
    await put(list(other));
    const target = join(store.folder, "out.txt");
    const shown = await vmgstool(dump("-o", "-"));
    expect(await vmgstool(dump("-o", target))).toMatchObject({ code: 0, stdout: "" });
    expect(await readFile(target, "utf8")).toBe(shown.stdout);
    const before = await fingerprint(store.file);
    expect((await vmgstool(dump("-o", store.file))).code).toBe(2);
    expect((await vmgstool(dump("-o", target, "--json"))).code).toBe(2);
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("of a JSON export shows the same", async () => {
    await put(list(other));
    const { stdout } = await vmgstool(dump());
    const { vendor, name, attributes, data } = other;
    const nvram = {
      Vendors: { [vendor]: { Variables: { [name]: { Attributes: attributes, Data: [...data] } } } },
    };
    const device = { States: { Nvram: nvram } };
    const text = JSON.stringify({ Devices: { "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad": device } });
    const path = join(store.folder, "export.json");
    await writeFile(path, text);
    const words = ["uefi-nvram", "dump-from-json", "-f"];
    expect(await vmgstool([...words, path])).toMatchObject({ code: 0, stdout });
    expect(await vmgstool([...words, "-", "-o", "-"], { stdin: text })).toMatchObject({ code: 0, stdout });
    const target = join(store.folder, "text");
    expect((await vmgstool([...words, "-", "-o", target], { stdin: text })).code).toBe(0);
    expect(await readFile(target, "utf8")).toBe(stdout);
    expectValid(await vmgstoolJson([...words, path]));
    for (const bad of ["", "[]", "{}", "\u0000"]) {
      expect((await vmgstool([...words, "-"], { stdin: bad })).code, bad).toBe(1);
    }
  });
});

describe("remove-boot-entries", () => {
  const boot = list(
    global("BootOrder", Uint8Array.of(10, 0, 5, 0, 0, 0)),
    global("Boot0000", option("zero")),
    other,
    global("Boot000A", option("ten")),
    global("Boot000b", option("eleven")),
    global("BootNext", Uint8Array.of(0, 0)),
  );

  test("removes all of them, whatever the case, named in BootOrder or not", async () => {
    await put(boot);
    const { code, stdout, stderr } = await vmgstool(reset());
    expect(code).toBe(0);
    expect(stdout).toBe(
      '0: Boot000A: "ten"\n1: Boot0000: "zero"\n2: Boot000b: "eleven" (not in BootOrder)\n',
    );
    expect(stderr).toContain("warning: BootOrder names what does not exist: Boot0005\n");
    expect(await nvramOf()).toEqual(encodeVariableList(list(other)));
  });

  test("is one transaction: a power failure leaves all entries or none", async () => {
    await put(boot);
    const before = await readFile(store.file);
    await vmgstool(reset());
    const after = await readFile(store.file);
    // Content goes to free blocks first; then one header commits. Whatever of it arrived, the old state is there.
    const interrupted = Buffer.from(after);
    before.copy(interrupted, 0, 0, 1024);
    const headers = [0, 512].filter(
      (at) => !after.subarray(at, at + 512).equals(before.subarray(at, at + 512)),
    );
    expect(headers).toHaveLength(1);
    await writeFile(store.file, interrupted);
    expect(await nvramOf()).toEqual(encodeVariableList(boot));
    for (let block = 2; block < before.length / 4096; block += 1) {
      const half = Buffer.from(before);
      after.copy(half, 4096 * 2, 4096 * 2, 4096 * block);
      if (half.equals(before) || half.equals(interrupted)) continue;
      await writeFile(store.file, half);
      expect(await nvramOf()).toEqual(encodeVariableList(boot));
    }
  });

  test("cleans up what a removal left half done", async () => {
    await put(list(global("Boot000A", option("ten")), other));
    expect((await vmgstool(reset())).code).toBe(0);
    expect(await nvramOf()).toEqual(encodeVariableList(list(other)));
  });

  test("fails when there is nothing to remove, and writes nothing", async () => {
    await put(list(other));
    const before = await fingerprint(store.file);
    expect((await vmgstool(reset())).code).toBe(1);
    expect((await vmgstool(reset("-n"))).code).toBe(1);
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("with --dry-run shows the same, and writes nothing, not even a lock", async () => {
    await put(boot);
    const before = await fingerprint(store.file);
    await writeFile(`${store.file}.lock`, "somebody");
    const dry = await vmgstool(reset("-n"));
    expect([dry.code, dry.stdout.split("\n").length]).toEqual([0, 4]);
    expect(dry.stderr).toContain("would remove BootOrder, Boot0000, Boot000A, Boot000b, BootNext\n");
    const document = await vmgstoolJson(reset("-n"));
    expectValid(document);
    expect(document).toMatchObject({ dryRun: true, sequence: null });
    expect(document.entries).toMatchObject([
      { name: "Boot000A", source: "bootOrder" },
      { name: "Boot0000", source: "bootOrder", description: "zero", devicePath: null },
      { name: "Boot000b", source: "unlisted" },
    ]);
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("gives a document that its schema describes", async () => {
    await put(boot);
    const document = await vmgstoolJson(reset());
    expectValid(document);
    expect(document).toMatchObject({ dryRun: false, warnings: [{ code: "VMGS_BOOT_ORDER_DANGLING" }] });
    expect(document.removed).toHaveLength(5);
  });

  test("does not touch a damaged list", async () => {
    await put(Buffer.concat([encodeVariableList(boot), Buffer.from([0])]));
    const before = await fingerprint(store.file);
    expect((await vmgstool(reset())).code).toBe(1);
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("keeps entries whose name has no NUL, a known corruption", async () => {
    const unterminated = (await golden("missing-nul.bin")).subarray(0);
    await put(Buffer.concat([unterminated, encodeVariableList(list(global("Boot0000", option("zero"))))]));
    expect((await vmgstool(reset())).code).toBe(0);
    expect(Buffer.from(await nvramOf()).equals(unterminated)).toBe(true);
  });

  test("needs the key of an encrypted store, and keeps the list encrypted", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    await put(boot, file, "-k", keyFile);
    const words = ["uefi-nvram", "remove-boot-entries", "-f", file];
    const before = await fingerprint(file);
    for (const argv of [words, [...words, "-n"]]) expect((await vmgstool(argv)).code).toBe(1);
    expect(await fingerprint(file)).toBe(before);
    expect((await vmgstool([...words, "-k", keyFile])).code).toBe(0);
    const remaining = encodeVariableList(list(other));
    expect(await nvramOf(file, "-k", keyFile)).toEqual(remaining);
    expect(await nvramOf(file)).not.toEqual(remaining);
  });
});

describe("remove-entry", () => {
  const remove = (name: string, vendor: string = VendorGuid.EFI_GLOBAL_VARIABLE) => [
    ...["uefi-nvram", "remove-entry", "-f", store.file, "-n", name, "-v", vendor],
  ];

  test("removes exactly that variable, of exactly that vendor", async () => {
    const twin = { ...other, vendor: VendorGuid.SHIM_LOCK };
    await put(list(twin, other));
    const document = await vmgstoolJson(remove("Lang", VendorGuid.EFI_GLOBAL_VARIABLE.toUpperCase()));
    expectValid(document);
    expect(document.done).toBe("removed Lang");
    expect(await nvramOf()).toEqual(encodeVariableList(list(twin)));
  });

  test("of what is not there, or of a vendor that is no GUID, writes nothing", async () => {
    await put(list(other));
    const before = await fingerprint(store.file);
    for (const argv of [remove("lang"), remove("Lang", VendorGuid.SHIM_LOCK), remove("Lang", "8be4df61")]) {
      expect((await vmgstool(argv)).code).toBe(1);
    }
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("writes the others in the order of the reference: by vendor and name", async () => {
    const [a, b, c] = [
      global("A", Uint8Array.of(1)),
      global("B", Uint8Array.of(2)),
      global("C", Uint8Array.of(3)),
    ];
    const shim = { ...a, vendor: VendorGuid.SHIM_LOCK };
    await put(list(c, b, a, shim));
    await vmgstool(remove("B"));
    expect(await nvramOf()).toEqual(encodeVariableList(list(shim, a, c)));
  });
});
