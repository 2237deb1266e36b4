/** Whatever is written is read again as the same: parse(serialise(x)) = x. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, LayoutError } from "../layout/index.ts";
import {
  type DevicePath,
  type DevicePathNode,
  decodeLoadOption,
  devicePathText,
  type EfiTime,
  encodeDevicePath,
  encodeLoadOption,
  encodeSignatureLists,
  encodeVariableList,
  listOf,
  nodeKinds,
  parseDevicePath,
  readDevicePath,
  readSignatureLists,
  readVariableList,
  SignatureType,
  signatureListOf,
  type Variable,
  variableListFromJson,
  variableListToJson,
} from "./index.ts";

const bytesOf = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const u8 = fc.nat(0xff);
const guidText = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""))
  .map((hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));

/** Text of 16-bit units without a NUL; unpaired surrogates are among them. */
const ucs2 = (maxLength: number, minLength = 0) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 1, max: 0xffff })), {
      minLength,
      maxLength,
    })
    .map((units) => String.fromCharCode(...units));

const time: fc.Arbitrary<EfiTime> = fc.record({
  year: fc.nat(0xffff),
  month: u8,
  day: u8,
  hour: u8,
  minute: u8,
  second: u8,
  pad1: u8,
  nanosecond: fc.nat(0xffff_ffff),
  timeZone: fc.integer({ min: -0x8000, max: 0x7fff }),
  daylight: u8,
  pad2: u8,
});

const variable: fc.Arbitrary<Variable> = fc.record({
  vendor: guidText,
  name: ucs2(12),
  attributes: fc.nat(0xffff_ffff),
  timestamp: time,
  data: bytesOf(60),
  namePadding: bytesOf(3),
});

test("a list of any variables, in bytes and in JSON", () => {
  fc.assert(
    fc.property(fc.array(variable, { maxLength: 6 }), (variables) => {
      const list = listOf(variables);
      const again = readVariableList(encodeVariableList(list), { strict: true });
      expect(again).toEqual(list);
      expect(variableListFromJson(JSON.parse(JSON.stringify(variableListToJson(list))))).toEqual(list);
    }),
    { numRuns: 300 },
  );
});

/** Nodes of each known kind with any content: what any bytes of the right size decode to. */
const knownNode: fc.Arbitrary<DevicePathNode> = fc
  .tuple(fc.constantFrom(...Object.keys(nodeKinds)), bytesOf(80, 80))
  .map(([kind, bytes]) => {
    const declared = nodeKinds[kind as keyof typeof nodeKinds];
    const size = declared.body.size;
    // Text needs its NUL; without a size the node may hold anything up to its end.
    const content = size === undefined ? Uint8Array.from([...bytes.subarray(0, 32), 0, 0, 0, 0]) : bytes;
    try {
      return { kind, value: decode(declared.body as never, content) } as DevicePathNode;
    } catch (error) {
      if (!(error instanceof LayoutError)) throw error;
      return { kind: "pci", value: { function: 1, device: 2 } } as const;
    }
  });
const unknownNode: fc.Arbitrary<DevicePathNode> = fc.record({
  kind: fc.constant("unknown" as const),
  value: fc.record({ type: fc.integer({ min: 6, max: 0x7e }), subtype: u8, data: bytesOf(20) }),
});
const devicePath: fc.Arbitrary<DevicePath> = fc.record({
  instances: fc.array(
    fc.array(fc.oneof({ weight: 4, arbitrary: knownNode }, unknownNode), { maxLength: 4 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
});

test("a device path of nodes of any kind", () => {
  fc.assert(
    fc.property(devicePath, (path) => {
      const bytes = encodeDevicePath(path);
      expect(readDevicePath(bytes)).toEqual({ path, end: bytes.length });
    }),
    { numRuns: 1000 },
  );
});

test("the text of a node that holds no text of its own", () => {
  const withText = [
    "filePath",
    "uri",
    "wiFi",
    "expandedAcpi",
    "biosBoot",
    "iscsi",
    "usbWwid",
    "ipv4WithoutGateway",
  ];
  fc.assert(
    fc.property(
      knownNode.filter(({ kind }) => !withText.includes(kind)),
      (node) => {
        const text = devicePathText({ instances: [[node]] });
        expect(devicePathText(parseDevicePath(text))).toBe(text);
      },
    ),
    { numRuns: 1000 },
  );
});

test("a load option", () => {
  const option = fc.record({
    attributes: fc.nat(0xffff_ffff),
    description: ucs2(20),
    paths: fc.array(devicePath, { maxLength: 3 }),
    optionalData: bytesOf(20),
  });
  fc.assert(
    fc.property(option, (given) => {
      const again = decodeLoadOption(encodeLoadOption(given));
      expect(again).toEqual({ ...given, unreadPaths: new Uint8Array(0), pathProblem: null });
    }),
    { numRuns: 500 },
  );
});

test("signature lists of any types", () => {
  const typeName = fc.constantFrom(...(Object.keys(SignatureType) as (keyof typeof SignatureType)[]));
  const list = fc
    .tuple(typeName, guidText, fc.nat(40), fc.nat(4))
    .chain(([name, owner, size, count]) =>
      fc
        .array(bytesOf(size, size), { minLength: count, maxLength: count })
        .map((signatures) => signatureListOf(name, owner, signatures)),
    );
  fc.assert(
    fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
      const { lists: again, rest, problem } = readSignatureLists(encodeSignatureLists(lists));
      expect(again).toEqual(lists);
      expect([rest.length, problem]).toEqual([0, null]);
    }),
    { numRuns: 300 },
  );
});
