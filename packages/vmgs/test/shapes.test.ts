/** Every codec has a shape, and shapes alone are enough to read what our readers read. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { fileTable, header, headerOffset, readHeader, vhdFooter } from "../src/format/index.ts";
import { type Codec, LayoutError, type Shape, Source } from "../src/layout/index.ts";
import { goldenImage, goldenStores } from "./golden-data.ts";
import { interpret, ShapeError } from "./shape-interpreter.ts";

const modules = import.meta.glob(["../src/*/**/*.ts", "!../src/**/*.test.ts", "!../src/node/**"], {
  eager: true,
});

function isCodec(value: unknown): value is Codec<unknown> {
  return (
    typeof value === "object" && value !== null && "decode" in value && "encode" in value && "toJson" in value
  );
}

/** All codecs that modules of the library export, also those in tables: kinds of nodes, commands. */
function codecsOf(name: string, value: unknown, depth = 0): [name: string, codec: Codec<unknown>][] {
  if (isCodec(value)) return [[name, value]];
  if (typeof value !== "object" || value === null || depth > 2 || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => codecsOf(`${name}.${key}`, member, depth + 1));
}

const found = Object.entries(modules).flatMap(([path, module]) =>
  codecsOf(path.replace("../src/", ""), module),
);
const codecs = [...new Map(found.map(([name, codec]) => [codec, name] as const))].map(
  ([codec, name]) => [name, codec] as const,
);

/** The value and its size, or null where the bytes do not hold one. */
function readBy<T>(reader: () => T, refusal: typeof LayoutError | typeof ShapeError): T | null {
  try {
    return reader();
  } catch (error) {
    if (error instanceof refusal) return null;
    throw error;
  }
}

function readByCodec(codec: Codec<unknown>, bytes: Uint8Array) {
  return readBy(() => {
    const source = new Source(bytes);
    return { value: codec.decode(source), size: source.offset };
  }, LayoutError);
}

const readByShape = (shape: Shape, bytes: Uint8Array) => readBy(() => interpret(shape, bytes), ShapeError);

/** Shapes in a shape, itself included. */
function shapesIn(shape: Shape): Shape[] {
  switch (shape.kind) {
    case "struct":
      return [shape, ...shape.fields.flatMap((field) => shapesIn(field.shape))];
    case "array":
      return [shape, ...shapesIn(shape.element)];
    case "sized":
    case "window":
      return [shape, ...shapesIn(shape.value)];
    case "tagged":
      return [shape, ...shape.variants.flatMap((variant) => shapesIn(variant.shape))];
    default:
      return [shape];
  }
}

test("the walk finds the codecs of every room", () => {
  const rooms = new Set(codecs.map(([name]) => name.split("/")[0]));
  for (const room of ["layout", "format", "guest", "pe", "tpm", "uefi", "v1"]) expect(rooms).toContain(room);
  expect(codecs.length).toBeGreaterThan(120);
});

test("a shape is data: it can be cloned, and read from the clone", () => {
  for (const [name, { shape }] of codecs) expect(structuredClone(shape), name).toEqual(shape);
});

test("no codec is opaque", () => {
  const opaque = codecs.filter(([, { shape }]) => shapesIn(shape).some(({ kind }) => kind === "opaque"));
  expect(opaque.map(([name]) => name)).toEqual([]);
});

test.each(codecs)("%s: its shape reads what the codec reads, and refuses the same", (_, codec) => {
  const size = codec.size ?? 120;
  const sample = fc.uint8Array({ minLength: Math.max(0, size - 2), maxLength: size + 2 });
  const small = fc
    .array(fc.constantFrom(0, 0, 0, 1, 2, 4, 8), { maxLength: 200 })
    .map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(fc.oneof(sample, small), (bytes) => {
      expect(readByShape(codec.shape, bytes)).toEqual(readByCodec(codec, bytes));
    }),
    { numRuns: 20 },
  );
});

/** Files that are too short have no headers to read. */
const readable = goldenStores.filter(({ name }) => !/^corrupt-51[12]-/.test(name));

test.each(readable)("$name: headers, file table and footer are read from shapes alone", async (golden) => {
  const image = await goldenImage(golden.name);
  const whole = (shape: Shape, at: number) => interpret(shape, image.subarray(at)).value;
  for (const slot of [0, 1] as const) {
    const at = headerOffset(slot, golden.sectorSize);
    const reading = readHeader(image, slot, at);
    expect(whole(header.shape, at)).toEqual(reading.header);
    expect({ ...reading.header }).toEqual(whole(header.shape, at));
  }
  if (golden.container === "vhd") {
    const at = image.length - 512;
    expect(whole(vhdFooter.shape, at)).toEqual(vhdFooter.at?.(image, at));
  }
  const table = whole(fileTable.shape, (golden.layout?.fileTableBlock ?? 0) * 4096) as {
    entries: { offset: number; validDataSize: bigint }[];
  };
  for (const { id, block, bytes } of golden.layout?.files ?? []) {
    expect(table.entries[id]).toMatchObject({ offset: block, validDataSize: BigInt(bytes) });
  }
});
