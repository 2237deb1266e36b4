import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../layout/index.ts";
import { devicePathText, parseDevicePath } from "../device-path/index.ts";
import { SignatureType } from "../signatures/index.ts";
import {
  decodeLoadOption,
  encodeLoadOption,
  isActive,
  isHidden,
  loadOptionAttributes,
  numberedName,
  parseNumberedName,
  VendorGuid,
  valueShape,
  variableValue,
  vendorName,
} from "./index.ts";

const bytes = (hex: string) => fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array(0);
const readValue = (name: string, hex: string, vendor: string = VendorGuid.EFI_GLOBAL_VARIABLE) =>
  variableValue({ vendor, name, data: bytes(hex) });

describe("a variable's data is read by its vendor and name:", () => {
  test("orders, numbers and flags", () => {
    expect(readValue("BootOrder", "0a00 0100")).toEqual({ kind: "optionNumbers", numbers: [10, 1] });
    expect(readValue("DriverOrder", "")).toEqual({ kind: "optionNumbers", numbers: [] });
    expect(readValue("BootNext", "0a00")).toEqual({ kind: "number", value: 10, bytes: 2 });
    expect(readValue("Timeout", "ffff")).toEqual({ kind: "number", value: 65535, bytes: 2 });
    expect(readValue("SecureBoot", "01")).toEqual({ kind: "flag", value: true });
    expect(readValue("SetupMode", "00")).toEqual({ kind: "flag", value: false });
    expect(readValue("SetupMode", "02")).toEqual({ kind: "number", value: 2, bytes: 1 });
    expect(readValue("MTC", "01020000", VendorGuid.MTC)).toEqual({ kind: "number", value: 513, bytes: 4 });
  });

  test("named bits of OsIndications", () => {
    expect(readValue("OsIndications", "4100000000000080")).toEqual({
      kind: "osIndications",
      value: 0x8000_0000_0000_0041n,
      names: ["BOOT_TO_FW_UI", "START_PLATFORM_RECOVERY"],
      unknown: 0x8000_0000_0000_0000n,
    });
  });

  test("text with and without its NUL", () => {
    expect(readValue("Lang", "656e67")).toEqual({ kind: "text", text: "eng" });
    expect(readValue("PlatformLang", "656e2d555300")).toEqual({ kind: "text", text: "en-US" });
    expect(readValue("LoaderInfo", "6100 0000", VendorGuid.SYSTEMD_BOOT)).toEqual({
      kind: "text",
      text: "a",
    });
  });

  test("device paths, GUIDs and signature databases", () => {
    const path = readValue("ConOut", "02010c00d041030a00000000 7fff0400");
    expect(path.kind === "devicePath" && devicePathText(path.path)).toBe("PciRoot(0x0)");
    expect(readValue("SignatureSupport", "2616c4c14c509240aca941f936934328")).toEqual({
      kind: "guids",
      guids: [SignatureType.SHA256],
    });
    expect(readValue("dbx", "", VendorGuid.EFI_IMAGE_SECURITY_DATABASE)).toEqual({
      kind: "signatureLists",
      lists: [],
    });
  });

  test("load options, whatever the case of their digits", () => {
    for (const name of ["Boot000a", "Boot000A", "Driver0001", "SysPrep0001", "PlatformRecovery0000"]) {
      expect(readValue(name, "01000000 0400 6100 0000 7fff0400").kind).toBe("loadOption");
    }
  });

  test("the same name of another vendor is something else", () => {
    expect(readValue("db", "010203")).toEqual({ kind: "raw", data: bytes("010203"), error: null });
    expect(readValue("Boot0001", "00", VendorGuid.SHIM_LOCK)).toMatchObject({ kind: "raw", error: null });
    expect(valueShape({ vendor: VendorGuid.EFI_GLOBAL_VARIABLE, name: "constructor" })).toBeNull();
  });

  test.each([
    ["BootOrder", "0a0001"],
    ["BootNext", "0a"],
    ["Timeout", "0a0000"],
    ["SecureBoot", ""],
    ["OsIndications", "01"],
    ["Lang", "65ff"],
    ["Lang", "65006e"],
    ["ConIn", "7fff0400 00"],
    ["ConIn", "0101"],
    ["PK", "00"],
    ["SignatureSupport", "00"],
    ["Boot0000", "01000000"],
    ["Boot0000", "01000000 0000 6100"],
    ["Boot0000", "01000000 ff00 6100 0000 7fff0400"],
  ])("%s = %s is shown raw, with the error", (name, hex) => {
    const value = readValue(name, hex);
    expect(value).toMatchObject({ kind: "raw", data: bytes(hex) });
    expect(value.kind === "raw" && value.error?.code).toBe("VMGS_UEFI_VALUE");
  });
});

describe("a load option", () => {
  const option = {
    attributes: loadOptionAttributes.of("ACTIVE", "HIDDEN"),
    description: "Disk",
    paths: [parseDevicePath("PciRoot(0x0)/Pci(0x2,0x0)"), parseDevicePath("Path(9,1,00)")],
    optionalData: bytes("4eac0881"),
  };

  test("is made of its parts and taken apart again", () => {
    const decoded = decodeLoadOption(encodeLoadOption(option));
    expect(decoded).toEqual({ ...option, unreadPaths: new Uint8Array(0), pathProblem: null });
    expect(isActive(decoded)).toBe(true);
    expect(isHidden(decoded)).toBe(true);
    expect(loadOptionAttributes.words(decoded.attributes)).toBe("ACTIVE | HIDDEN");
  });

  test("keeps a path that can't be read", () => {
    const data = bytes("01000000 0600 6100 0000 7fff0400 0101 aa");
    const decoded = decodeLoadOption(data);
    expect(decoded.paths).toHaveLength(1);
    expect(decoded.pathProblem?.message).toMatch(/devicePath/);
    expect(toHex(encodeLoadOption(decoded))).toBe(toHex(data));
  });

  test("of any bytes that can be read is written back byte for byte", () => {
    const parts = fc.tuple(
      fc.constantFrom("0000 ", "61000000", "00d80000", "6100"),
      fc.constantFrom("", "7fff0400", "01010600001f7fff0400", "0101", "7fff0500aa"),
      fc.uint8Array({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(parts, fc.nat(30), ([description, paths, rest], length) => {
        const data = bytes(
          `01000000 ${length.toString(16).padStart(2, "0")}00 ${description} ${paths} ${toHex(rest)}`,
        );
        const value = variableValue({ vendor: VendorGuid.EFI_GLOBAL_VARIABLE, name: "Boot0000", data });
        if (value.kind === "loadOption") expect(toHex(encodeLoadOption(value.option))).toBe(toHex(data));
        else expect(value.kind).toBe("raw");
      }),
      { numRuns: 500 },
    );
  });
});

test("names of load options end in four hex digits", () => {
  expect(parseNumberedName("Boot00aF")).toEqual({ group: "Boot", number: 0xaf });
  expect(parseNumberedName("PlatformRecovery0001")).toEqual({ group: "PlatformRecovery", number: 1 });
  for (const name of ["Boot", "Boot001", "Boot00001", "BootOrder", "boot0001", "Boot000G", "xBoot0001"]) {
    expect(parseNumberedName(name)).toBeNull();
  }
  expect(numberedName("Boot", 0xaf)).toBe("Boot00AF");
});

test("vendors have names", () => {
  expect(vendorName("605dab50-e046-4300-abb6-3dd810dd8b23")).toBe("SHIM_LOCK");
  expect(vendorName("00000000-0000-0000-0000-000000000000")).toBeNull();
  expect(new Set(Object.values(VendorGuid)).size).toBe(Object.keys(VendorGuid).length);
  for (const guid of Object.values(VendorGuid))
    expect(guid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});
