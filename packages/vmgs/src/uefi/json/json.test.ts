import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVmgsError } from "../../errors/index.ts";
import { fromHex, toHex } from "../../layout/index.ts";
import {
  encodeVariableList,
  listOf,
  readVariableList,
  type Variable,
  zeroEfiTime,
} from "../variables/index.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import {
  encodeCustomUefi,
  readCustomUefi,
  readLegacyExport,
  variableListFromJson,
  variableListToJson,
} from "./index.ts";

const vendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const variable = (change: Partial<Variable>): Variable => ({
  vendor,
  name: "A",
  attributes: 7,
  timestamp: zeroEfiTime,
  data: Uint8Array.of(1, 2),
  namePadding: new Uint8Array(0),
  ...change,
});
const through = (variables: Variable[]) =>
  variableListFromJson(JSON.parse(JSON.stringify(variableListToJson(listOf(variables))))).variables;

/** The message of the VMGS_UEFI_JSON that an action throws. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isVmgsError(error, "VMGS_UEFI_JSON")) return error.message;
    throw error;
  }
  return "accepted";
}

describe("vmgs.uefi/1", () => {
  test("is camelCase with hex", () => {
    expect(variableListToJson(listOf([variable({})]))).toEqual({
      schema: "vmgs.uefi/1",
      variables: [
        {
          name: "A",
          nameHex: null,
          vendor,
          vendorName: "EFI_GLOBAL_VARIABLE",
          attributes: 7,
          attributeNames: ["NON_VOLATILE", "BOOTSERVICE_ACCESS", "RUNTIME_ACCESS"],
          time: null,
          timestamp: null,
          data: "0102",
        },
      ],
      unreadable: [],
    });
  });

  test("keeps names that are no text, paddings, unknown bits and times", () => {
    const odd = [
      variable({ name: "\ud800\u0001" }),
      variable({ name: "", namePadding: Uint8Array.of(5) }),
      variable({ attributes: 0xffff_ffff, timestamp: { ...zeroEfiTime, year: 2026, pad2: 9 } }),
      variable({ name: "__proto__", data: new Uint8Array(0) }),
    ];
    expect(through(odd)).toEqual(odd);
  });

  test("keeps what can't be read in its place", () => {
    const [one = ""] = [toHex(encodeVariableList(listOf([variable({})])))];
    const hex = `${one}010000003100000000${"00".repeat(40)}${one}0102`;
    const list = readVariableList(fromHex(hex) ?? new Uint8Array(0));
    expect(list.problems.map(({ id }) => id)).toEqual(["unknown-header-type", "trailing-bytes"]);
    const again = variableListFromJson(variableListToJson(list));
    expect(toHex(encodeVariableList(again))).toBe(hex);
    expect(again).toEqual(list);
  });

  test("needs no more than name, vendor, attributes and data", () => {
    const document = {
      schema: "vmgs.uefi/1",
      variables: [{ name: "N", vendor: vendor.toUpperCase(), attributes: 7, data: "" }],
    };
    expect(variableListFromJson(document).variables).toEqual([
      variable({ name: "N", data: new Uint8Array(0) }),
    ]);
  });

  test.each([
    [null, "the document is not an object"],
    [{ schema: "vmgs.uefi/2", variables: [] }, "schema is not one of vmgs.uefi/1"],
    [{ schema: "vmgs.uefi/1" }, "variables is missing"],
    [{ schema: "vmgs.uefi/1", variables: {} }, "variables is not a list"],
    [{ schema: "vmgs.uefi/1", variables: [{}] }, "variables[0].data is missing"],
  ])("%j is refused", (document, message) => {
    expect(refusal(() => variableListFromJson(document))).toBe(message);
  });

  test.each([
    [{ data: "0" }, "data is not an even number of hex digits"],
    [{ data: "00".repeat(32_769) }, "data has more than 32768 bytes"],
    [{ vendor: "x" }, "vendor is not a GUID"],
    [{ attributes: -1 }, "attributes is not a whole number from 0 to 4294967295"],
    [{ attributes: "7" }, "attributes is not a whole number from 0 to 4294967295"],
    [{ name: 5 }, "name is not text"],
    [{ name: "a\0" }, "name is not a name"],
    [{ name: "n".repeat(1024) }, "name has more than 2048 bytes"],
    [{ nameHex: "4100" }, "nameHex is not a name"],
    [{ timestamp: "00" }, "timestamp is not 16 bytes in hex"],
  ])("a variable with %j is refused", (change, message) => {
    const document = {
      schema: "vmgs.uefi/1",
      variables: [{ name: "N", vendor, attributes: 7, data: "00", ...change }],
    };
    expect(refusal(() => variableListFromJson(document))).toBe(`variables[0].${message}`);
  });

  test("loses nothing of any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = JSON.stringify(variableListToJson(readVariableList(bytes)));
        expect(encodeVariableList(variableListFromJson(JSON.parse(text)))).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });
});

describe("CUSTOM_UEFI", () => {
  const x509 = { type: "x509", value: ["AQID"] };
  const sha256 = { type: "sha256", value: [toBase64(new Uint8Array(32))] };
  const byDefault = { type: "Default" };
  const lists = { KEK: [x509], db: [x509, sha256], dbx: [sha256] };
  const documentOf = (signatureMode: string, signatures: object, further: object = {}) =>
    JSON.stringify({
      type: "Microsoft.Compute/disks",
      properties: { uefiSettings: { signatureMode, signatures, ...further } },
    });
  const variableOf = { guid: "Yd/ki8qT0hGqDQDgmAMrjA==", attributes: "Jw==", value: "AQ==" };

  test("has signatures and variables", () => {
    const custom = readCustomUefi(
      documentOf("Replace", { PK: x509, ...lists, MokList: [] }, { Var: variableOf }),
    );
    expect(custom).toEqual({
      signatureMode: "Replace",
      signatures: {
        PK: { type: "x509", value: [Uint8Array.of(1, 2, 3)] },
        KEK: [{ type: "x509", value: [Uint8Array.of(1, 2, 3)] }],
        db: [
          { type: "x509", value: [Uint8Array.of(1, 2, 3)] },
          { type: "sha256", value: [new Uint8Array(32)] },
        ],
        dbx: [{ type: "sha256", value: [new Uint8Array(32)] }],
        MokList: [],
        MokListX: null,
      },
      variables: [{ name: "Var", guid: vendor, attributes: 0x27, value: Uint8Array.of(1) }],
    });
    expect(readCustomUefi(encodeCustomUefi(custom))).toEqual(custom);
  });

  test("can take the template's signatures, and add some", () => {
    const replace = documentOf("Replace", { PK: byDefault, KEK: [byDefault], db: [byDefault], dbx: [] });
    expect(readCustomUefi(replace).signatures.KEK).toEqual([{ type: "Default" }]);
    expect(readCustomUefi(documentOf("Append", { db: [x509] })).signatures.PK).toBeNull();
  });

  const refused: readonly (readonly [text: string, message: string])[] = [
    ["{", "the document is not JSON in UTF-8"],
    ["[]", "the document is not an object"],
    ['{"type":"other"}', "type is not one of Microsoft.Compute/disks"],
    [documentOf("Both", lists), "properties.uefiSettings.signatureMode is not one of Append, Replace"],
    [documentOf("Replace", lists), "properties.uefiSettings.signatures.PK is missing, and Replace needs it"],
    [documentOf("Append", { db: x509 }), "properties.uefiSettings.signatures.db is not a list"],
    [
      documentOf("Append", { db: [{ type: "sha1", value: [] }] }),
      "properties.uefiSettings.signatures.db[0].type is not one of x509, sha256, Default",
    ],
    [
      documentOf("Append", { db: [{ type: "sha256", value: ["AQID"] }] }),
      "properties.uefiSettings.signatures.db[0].value[0] has 3 bytes, a SHA-256 has 32",
    ],
    [
      documentOf("Append", { db: [{ type: "x509", value: ["?"] }] }),
      "properties.uefiSettings.signatures.db[0].value[0] is not base64",
    ],
    [
      documentOf("Append", { db: [byDefault] }),
      "properties.uefiSettings.signatures.db has Default, which Append can't have",
    ],
    [
      documentOf("Replace", { PK: x509, ...lists, db: [byDefault, x509] }),
      "properties.uefiSettings.signatures.db has Default beside others; it must stand alone",
    ],
    [
      documentOf("Append", {}, { "a b": { ...variableOf, guid: "AQ==" } }),
      'properties.uefiSettings["a b"].guid is not 16 bytes in base64',
    ],
    [
      documentOf("Append", {}, { v: { ...variableOf, attributes: "AQIDBAU=" } }),
      "properties.uefiSettings.v.attributes is not 1 to 4 bytes in base64",
    ],
  ];
  test.each(refused)("%s is refused", (text, message) => {
    expect(refusal(() => readCustomUefi(text))).toBe(message);
  });

  const refusedTemplates: readonly (readonly [text: string, message: string])[] = [
    [
      documentOf("Replace", { PK: byDefault, ...lists }),
      "properties.uefiSettings.signatures.PK is Default, which a template can't have",
    ],
    [
      documentOf("Append", {}),
      "properties.uefiSettings.signatureMode is Append, which a template can't have",
    ],
  ];
  test.each(refusedTemplates)("%s is refused as a template", (text, message) => {
    expect(refusal(() => readCustomUefi(text, { template: true }))).toBe(message);
  });

  test("is not written when it breaks the rules", () => {
    const custom = readCustomUefi(documentOf("Append", { db: [x509] }, { Var: variableOf }));
    const [first] = custom.variables;
    if (first === undefined) throw new Error("no variable");
    const named = (...names: string[]) => ({
      ...custom,
      variables: names.map((name) => ({ ...first, name })),
    });
    expect(refusal(() => encodeCustomUefi(named("signatures")))).toMatch(/comes twice/);
    expect(refusal(() => encodeCustomUefi(named("a", "a")))).toMatch(/comes twice/);
    expect(refusal(() => encodeCustomUefi({ ...custom, signatureMode: "Replace" }))).toMatch(
      /Replace needs it/,
    );
    expect(readCustomUefi(encodeCustomUefi(named("__proto__"))).variables[0]?.name).toBe("__proto__");
  });
});

describe("the legacy export", () => {
  const documentOf = (variables: object) => ({
    Devices: {
      other: {},
      "AC6B8DC1-3257-4A70-B1B2-A9C9215659AD": {
        States: { Nvram: { Vendors: { [`{${vendor}}`]: { Variables: variables } }, LastUpdateTime: "now" } },
      },
    },
  });
  const readDocument = (document: unknown) => readLegacyExport(JSON.stringify(document));

  test("gives a list of variables", () => {
    const { list, lastUpdateTime } = readDocument(documentOf({ Lang: { Attributes: 7, Data: [101, 110] } }));
    expect(list.variables).toEqual([variable({ name: "Lang", data: Uint8Array.of(101, 110) })]);
    expect(lastUpdateTime).toBe("now");
  });

  test.each([
    [{}, /^Devices is missing$/],
    [{ Devices: {} }, /has no device/],
    [documentOf({ A: { Attributes: 7, Data: [256] } }), /Data\[0\] is not a whole number from 0 to 255$/],
    [documentOf({ A: { Attributes: 7 } }), /\.A\.Data is missing$/],
    [documentOf({ ["n".repeat(1024)]: { Attributes: 7, Data: [] } }), /name/],
    [documentOf({ A: { Attributes: 7, Data: new Array(32_769).fill(0) } }), /more than 32768 bytes/],
  ])("%# is refused when it is something else", (document, message) => {
    expect(refusal(() => readDocument(document))).toMatch(message);
  });
});

test("base64 is read strictly and written with padding", () => {
  expect(toBase64(Uint8Array.of(1))).toBe("AQ==");
  for (const text of ["A", "AQ=", "A?==", "====", "AQ==AQ=="]) expect(fromBase64(text)).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
    { numRuns: 200 },
  );
});
