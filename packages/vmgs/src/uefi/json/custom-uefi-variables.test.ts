import { describe, expect, test } from "vitest";
import { isVmgsError } from "../../errors/index.ts";
import { encodeSignatureLists, readSignatureLists, signatureListOf } from "../signatures/index.ts";
import { VendorGuid } from "../values/index.ts";
import {
  emptyVariableList,
  getVariable,
  secureBootAttributes,
  setVariable,
  usualAttributes,
  type VariableList,
} from "../variables/index.ts";
import {
  applyCustomUefi,
  type CustomSignature,
  type CustomUefi,
  customUefiOf,
  customUefiVariables,
  encodeCustomUefi,
  readCustomUefi,
} from "./index.ts";

const x509 = (...bytes: number[]): CustomSignature => ({
  type: "x509",
  value: bytes.map((byte) => Uint8Array.of(byte, byte)),
});
const sha256 = (...bytes: number[]): CustomSignature => ({
  type: "sha256",
  value: bytes.map((byte) => new Uint8Array(32).fill(byte)),
});
const byDefault: CustomSignature = { type: "Default" };
const none = { PK: null, KEK: null, db: null, dbx: null, MokList: null, MokListX: null };
const custom = (
  signatureMode: CustomUefi["signatureMode"],
  signatures: Partial<CustomUefi["signatures"]>,
  variables: CustomUefi["variables"] = [],
): CustomUefi => ({ signatureMode, signatures: { ...none, ...signatures }, variables });

const whole = custom("Replace", {
  PK: x509(1),
  KEK: [x509(2, 3)],
  db: [x509(4), sha256(5, 6), x509(7)],
  dbx: [sha256(8)],
  MokList: [x509(9)],
});

/** The signatures of a database: type and first byte of each. */
function holds(list: VariableList, vendor: string, name: string): string[] {
  const variable = getVariable(list, { vendor, name });
  return readSignatureLists(variable?.data ?? new Uint8Array(0)).lists.flatMap(({ typeName, signatures }) =>
    signatures.map(({ data }) => `${typeName} ${data[0]}`),
  );
}
const global = VendorGuid.EFI_GLOBAL_VARIABLE;
const security = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;

describe("a document that replaces", () => {
  test("becomes the databases, with the vendors and attributes that firmware gives them", () => {
    const { list, defaults, unstored } = customUefiVariables(whole);
    expect(list.variables.map(({ name, vendor, attributes }) => [name, vendor, attributes])).toEqual([
      ["PK", global, secureBootAttributes],
      ["KEK", global, secureBootAttributes],
      ["db", security, secureBootAttributes],
      ["dbx", security, secureBootAttributes],
      ["MokList", VendorGuid.SHIM_LOCK, 3],
    ]);
    expect(holds(list, security, "db")).toEqual(["X509 4", "SHA256 5", "SHA256 6", "X509 7"]);
    expect([defaults, unstored]).toEqual([[], []]);
  });

  test("takes the place of what is there, and removes what it has nothing for", () => {
    const before = customUefiVariables(whole).list;
    const { list } = applyCustomUefi(
      before,
      custom("Replace", { PK: x509(11), KEK: [x509(12)], db: [sha256(13)], dbx: [] }),
    );
    expect(holds(list, global, "PK")).toEqual(["X509 11"]);
    expect(holds(list, security, "db")).toEqual(["SHA256 13"]);
    expect(getVariable(list, { vendor: security, name: "dbx" })).toBeNull();
    expect(holds(list, VendorGuid.SHIM_LOCK, "MokList")).toEqual(["X509 9"]);
  });

  test("takes the template's signatures for Default, or tells which it would need", () => {
    const document = custom("Replace", { PK: byDefault, KEK: [byDefault], db: [x509(20)], dbx: [byDefault] });
    const { list, defaults } = applyCustomUefi(emptyVariableList, document, whole);
    expect(defaults).toEqual([]);
    expect(holds(list, global, "KEK")).toEqual(["X509 2", "X509 3"]);
    expect(holds(list, security, "db")).toEqual(["X509 20"]);
    expect(customUefiVariables(document).defaults).toEqual(["PK", "KEK", "dbx"]);
  });

  test("is made of a list again", () => {
    const { list } = customUefiVariables(whole);
    const again = customUefiOf(list);
    expect(customUefiVariables(again).list).toEqual(list);
    expect(readCustomUefi(encodeCustomUefi(again))).toEqual(again);
  });
});

describe("a document that appends", () => {
  test("puts signatures behind those that are there, and keeps attributes and times", () => {
    const before = customUefiVariables(whole).list;
    const { list } = applyCustomUefi(before, custom("Append", { PK: x509(30), db: [x509(31)], dbx: [] }));
    expect(holds(list, security, "db")).toEqual(["X509 4", "SHA256 5", "SHA256 6", "X509 7", "X509 31"]);
    expect(holds(list, security, "dbx")).toEqual(["SHA256 8"]);
    expect(holds(list, global, "PK")).toEqual(["X509 30"]);
  });

  test("sets its variables, and tells those that are not stored", () => {
    const value = Uint8Array.of(1);
    const variable = { guid: global, attributes: usualAttributes, value };
    const { list, unstored } = customUefiVariables(
      custom("Append", {}, [
        { ...variable, name: "Kept" },
        { ...variable, name: "Volatile", attributes: 6 },
        { ...variable, name: "Empty", value: new Uint8Array(0) },
      ]),
    );
    expect(list.variables.map(({ name }) => name)).toEqual(["Kept"]);
    expect(unstored.map(({ name }) => name)).toEqual(["Volatile", "Empty"]);
  });
});

describe("no document is made", () => {
  const withData = (name: string, data: Uint8Array) =>
    setVariable(customUefiVariables(whole).list, {
      vendor: name === "PK" ? global : security,
      name,
      attributes: secureBootAttributes,
      data,
    });
  const refusal = (list: VariableList) => {
    try {
      customUefiOf(list);
    } catch (error) {
      if (isVmgsError(error, "VMGS_UEFI_JSON")) return error.message;
      throw error;
    }
    return "made";
  };

  test("without one platform key", () => {
    expect(refusal(emptyVariableList)).toMatch(/^PK is not one certificate/);
    const owner = VendorGuid.MICROSOFT_SECURE_BOOT;
    const two = encodeSignatureLists([signatureListOf("X509", owner, [Uint8Array.of(1), Uint8Array.of(2)])]);
    expect(refusal(withData("PK", two))).toMatch(/^PK is not one certificate/);
  });

  test("of signatures that it can't hold, or that can't be read", () => {
    const sha384 = signatureListOf("SHA384", VendorGuid.MICROSOFT_SECURE_BOOT, [new Uint8Array(48)]);
    expect(refusal(withData("dbx", encodeSignatureLists([sha384])))).toMatch(
      /^dbx holds signatures of type SHA384/,
    );
    expect(refusal(withData("db", Uint8Array.of(1)))).toMatch(/^db can't be read as a whole/);
  });
});
