/** The provisioning marker: exact writing, tolerant reading. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { sha256 } from "../../test/golden-data.ts";
import type { Json } from "../layout/index.ts";
import {
  decodeMarker,
  encodeMarker,
  isProvisioningReason,
  MAX_MARKER_SIZE,
  type ProvisioningMarker,
  provisioners,
  provisioningReasons,
} from "./index.ts";

const example: ProvisioningMarker = {
  provisioner: "openhcl",
  reason: "empty",
  tpmVersion: "1.38",
  tpmNvramSize: 32768,
  akcertSize: 4096,
  akcertAttributes: 0x42060004,
  version: "f85a038845b4fd5c74726be38f4be690c99db8c6",
};
const EXAMPLE_TEXT =
  '{"provisioner":"openhcl","reason":"empty","tpm_version":"1.38","tpm_nvram_size":32768,"akcert_size":4096,"akcert_attrs":"0x42060004","hcl_version":"f85a038845b4fd5c74726be38f4be690c99db8c6"}';

const utf8 = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const decodeText = (text: string) => decodeMarker(utf8(text));
/** The example with fields replaced, added, or (undefined) removed. */
const withFields = (fields: Readonly<Record<string, Json | undefined>>) =>
  decodeText(JSON.stringify({ ...(JSON.parse(EXAMPLE_TEXT) as object), ...fields }));

describe("a marker is written", () => {
  test("in the project's own shape: the 190 bytes of the specification", async () => {
    const bytes = encodeMarker(example);
    expect(textOf(bytes)).toBe(EXAMPLE_TEXT);
    expect(bytes.length).toBe(190);
    expect(await sha256(bytes)).toBe("eab2e8d5a7db108f74486aeffb486ffe7f58e1cad5961444a83c49897e1914ff");
  });

  test("in the merged upstream shape on request: 198 bytes, only the last key differs", () => {
    const bytes = encodeMarker(example, "provisioner_version");
    expect(bytes.length).toBe(198);
    expect(textOf(bytes)).toBe(EXAMPLE_TEXT.replace("hcl_version", "provisioner_version"));
  });

  test("with lower-case hex attributes, and text escaped as JSON asks", () => {
    const text = textOf(
      encodeMarker({ ...example, akcertAttributes: 0xabc, provisioner: 'a"b\\c\u00e9\ud800', version: "" }),
    );
    expect(text).toContain('"akcert_attrs":"0xabc"');
    expect(text).toContain('"provisioner":"a\\"b\\\\c\u00e9\\ud800"');
    expect(text.endsWith('"hcl_version":""}')).toBe(true);
  });

  test("and read back as it was, in both shapes", () => {
    const text = fc
      .string({ unit: "binary", maxLength: 40 })
      .filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
    const count = fc.integer({ min: 0, max: 0xffff_ffff });
    const markers = fc.record({
      provisioner: text,
      reason: fc.constantFrom(...provisioningReasons),
      tpmVersion: text,
      tpmNvramSize: count,
      akcertSize: count,
      akcertAttributes: count,
      version: text,
    });
    fc.assert(
      fc.property(
        markers,
        fc.constantFrom("hcl_version" as const, "provisioner_version" as const),
        (marker, shape) => {
          const reading = decodeMarker(encodeMarker(marker, shape));
          expect(reading).toMatchObject({ ...marker, shape, problems: [], unknownFields: [] });
        },
      ),
    );
  });

  test.each<[string, Partial<ProvisioningMarker>]>([
    ["a control character", { version: "a\u0007" }],
    ["an escape sequence", { provisioner: "\u001b[31m" }],
    ["a line feed", { tpmVersion: "1.38\n" }],
    ["DEL", { version: "\u007f" }],
    ["a C1 control character", { version: "\u009b31m" }],
    ["a negative size", { tpmNvramSize: -1 }],
    ["a fraction", { akcertSize: 0.5 }],
    ["a size above 32 bits", { akcertSize: 2 ** 32 }],
    ["no number", { akcertAttributes: Number.NaN }],
    ["more than can be read again", { version: "x".repeat(MAX_MARKER_SIZE) }],
  ])("never with %s", async (_, change) => {
    expect(await codeOf(() => encodeMarker({ ...example, ...change }))).toBe("VMGS_MARKER_VALUE");
  });

  test("in a refusal the value is not quoted", async () => {
    const { message } = await errorOf(() => encodeMarker({ ...example, version: "\u001bvalue" }));
    expect(message).toBe("marker: version has control characters");
  });
});

describe("a marker is read", () => {
  test("in the project's own shape", () => {
    expect(decodeText(EXAMPLE_TEXT)).toEqual({
      ...example,
      shape: "hcl_version",
      fields: Object.entries(JSON.parse(EXAMPLE_TEXT) as object),
      unknownFields: [],
      problems: [],
      byteLength: 190,
    });
  });

  test("in the merged shape", () => {
    const reading = decodeMarker(encodeMarker(example, "provisioner_version"));
    expect(reading).toMatchObject({ shape: "provisioner_version", version: example.version, problems: [] });
  });

  test("with both version names, taking the project's own, and with neither", () => {
    expect(withFields({ provisioner_version: "other" })).toMatchObject({
      shape: "both",
      version: example.version,
      unknownFields: [],
    });
    expect(withFields({ hcl_version: undefined })).toMatchObject({
      shape: "none",
      version: null,
      problems: ["hcl_version is missing"],
    });
  });

  test("with the null reason of earlier drafts, which is no problem", () => {
    expect(withFields({ reason: null })).toMatchObject({ reason: null, problems: [] });
  });

  test("with unknown provisioners and reasons, kept as text", () => {
    expect(withFields({ provisioner: "cpsvmgstooltvm", reason: "whim" })).toMatchObject({
      provisioner: "cpsvmgstooltvm",
      reason: "whim",
      problems: [],
    });
  });

  test("with unknown fields, which are kept in their order", () => {
    const reading = decodeText('{"zulu":[1,{"a":null}],"reason":"empty","alpha":true}');
    expect(reading.fields).toEqual([
      ["zulu", [1, { a: null }]],
      ["reason", "empty"],
      ["alpha", true],
    ]);
    expect(reading.unknownFields).toEqual(["zulu", "alpha"]);
  });

  test("with unknown fields that are named by numbers, also in their order", () => {
    const reading = decodeText('{"provisioner":"hcl","10":1,"a\\u0062":{"2":0,"1":"}"},"2":[],"10":3}');
    expect(reading.fields).toEqual([
      ["provisioner", "hcl"],
      ["10", 3],
      ["ab", { 1: "}", 2: 0 }],
      ["2", []],
    ]);
    expect(reading.unknownFields).toEqual(["10", "ab", "2"]);
  });

  test("with fields in any order, spaced, and behind a byte order mark", () => {
    const spaced = `\ufeff${JSON.stringify(JSON.parse(EXAMPLE_TEXT), null, 2)}\n`;
    expect(decodeText(spaced)).toMatchObject({ ...example, problems: [] });
    const entries = Object.entries(JSON.parse(EXAMPLE_TEXT) as object).reverse();
    expect(decodeText(JSON.stringify(Object.fromEntries(entries)))).toMatchObject({
      ...example,
      problems: [],
    });
  });

  test.each<[string, Record<string, Json>, Record<string, unknown>, string]>([
    ["a size as text", { tpm_nvram_size: "32768" }, { tpmNvramSize: null }, "tpm_nvram_size"],
    ["a negative size", { akcert_size: -1 }, { akcertSize: null }, "akcert_size"],
    ["a fraction", { akcert_size: 1.5 }, { akcertSize: null }, "akcert_size"],
    ["a size above 2^53", { akcert_size: 1e300 }, { akcertSize: null }, "akcert_size"],
    ["attributes as a number", { akcert_attrs: 5 }, { akcertAttributes: null }, "akcert_attrs"],
    ["attributes without 0x", { akcert_attrs: "42060004" }, { akcertAttributes: null }, "akcert_attrs"],
    ["attributes of 33 bits", { akcert_attrs: "0x142060004" }, { akcertAttributes: null }, "akcert_attrs"],
    ["a provisioner that is a list", { provisioner: ["hcl"] }, { provisioner: null }, "provisioner"],
    ["a reason that is a number", { reason: 1 }, { reason: null }, "reason"],
    ["a version that is null", { hcl_version: null }, { version: null }, "hcl_version"],
  ])("with %s, which becomes null and is told", (_, fields, expected, name) => {
    const reading = withFields(fields);
    expect(reading).toMatchObject(expected);
    expect(reading.problems).toHaveLength(1);
    expect(reading.problems[0]).toMatch(new RegExp(`^${name} is not `));
  });

  test("with upper-case attributes", () => {
    expect(withFields({ akcert_attrs: "0X4206000F" }).akcertAttributes).toBe(0x4206000f);
  });

  test("without any field, each missing one told once", () => {
    expect(decodeText("{}").problems).toEqual([
      "provisioner is missing",
      "reason is missing",
      "tpm_version is missing",
      "tpm_nvram_size is missing",
      "akcert_size is missing",
      "akcert_attrs is missing",
      "hcl_version is missing",
    ]);
  });

  test("without mistaking what every object inherits for a field", () => {
    const reading = decodeText('{"__proto__":{"reason":"empty"},"constructor":1}');
    expect(reading.reason).toBeNull();
    expect(reading.unknownFields).toEqual(["__proto__", "constructor"]);
  });
});

describe("what is no marker is refused:", () => {
  test.each([
    ["no bytes", ""],
    ["text", "marker"],
    ["half an object", EXAMPLE_TEXT.slice(0, 100)],
    ["two objects", "{}{}"],
    ["a list", "[1]"],
    ["null", "null"],
    ["a number", "18"],
    ["text in quotes", '"openhcl"'],
  ])("%s", async (_, text) => {
    expect(await codeOf(() => decodeText(text))).toBe("VMGS_MARKER_MALFORMED");
  });

  test("bytes that are not UTF-8", async () => {
    const bytes = utf8(EXAMPLE_TEXT);
    bytes[20] = 0xff;
    expect(await codeOf(() => decodeMarker(bytes))).toBe("VMGS_MARKER_MALFORMED");
  });

  test("more than 64 KiB, without reading it", async () => {
    const largest = `{"a":"${"x".repeat(MAX_MARKER_SIZE - 8)}"}`;
    expect(decodeText(largest).byteLength).toBe(65_536);
    const error = await errorOf(() => decodeMarker(new Uint8Array(MAX_MARKER_SIZE + 1)));
    expect(error.code).toBe("VMGS_MARKER_TOO_LARGE");
    expect(error.facts).toMatchObject({ bytes: 65_537, limit: 65_536 });
  });

  test("deep nesting, of lists and of objects", async () => {
    const nested = (open: string, close: string, depth: number) =>
      `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
    expect(decodeText(nested("[", "]", 60)).unknownFields).toEqual(["a"]);
    for (const depth of [64, 1000, 30_000]) {
      expect(await codeOf(() => decodeText(nested("[", "]", depth)))).toBe("VMGS_MARKER_MALFORMED");
    }
    expect(await codeOf(() => decodeText(nested('{"":', "}", 10_000)))).toBe("VMGS_MARKER_MALFORMED");
  });

  test("many brackets side by side are no nesting", () => {
    expect(decodeText(`{"a":[${"[],".repeat(200)}[]]}`).unknownFields).toEqual(["a"]);
  });
});

test("the message of a refusal quotes nothing of what was read", async () => {
  const { message } = await errorOf(() => decodeText("\u001b[31mnot JSON"));
  expect(message).toBe("the marker is not JSON in UTF-8");
});

test("any bytes are read or refused, never worse", async () => {
  const json = fc.json({ maxDepth: 6 }).map(utf8);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), json), async (bytes) => {
      expect(["done", "VMGS_MARKER_MALFORMED"]).toContain(await codeOf(() => decodeMarker(bytes)));
    }),
  );
});

test("fields stand as JSON.parse reads them, each name once, in the order of the text", () => {
  const name = fc.oneof(fc.string({ maxLength: 4 }), fc.nat(30).map(String));
  const members = fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 3 })), { maxLength: 8 });
  fc.assert(
    fc.property(members, fc.boolean(), (list, spaced) => {
      const gap = spaced ? " \n" : "";
      const text = `{${list.map(([key, value]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${JSON.stringify(value)}`).join(",")}}`;
      const { fields } = decodeText(text);
      expect(fields.map(([key]) => key)).toEqual([...new Set(list.map(([key]) => key))]);
      const parsed = JSON.parse(text) as Record<string, Json>;
      for (const [key, value] of fields) expect(value).toEqual(parsed[key]);
    }),
  );
});

test("reasons and provisioners are spelt as in the specification", () => {
  expect(provisioners).toEqual([
    "unknown",
    "hcl",
    "openhcl",
    "cpsvmgstoolcvm",
    "havmgstooltvm",
    "hclpostprovisioning",
  ]);
  expect(provisioningReasons).toEqual(["empty", "failure", "request", "unknown"]);
  expect(["empty", "whim", null, 1].map(isProvisioningReason)).toEqual([true, false, false, false]);
});
