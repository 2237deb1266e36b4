/** Resources are found in sound files, and every unsound one is refused with its place, without much reading. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../test/expect-error.ts";
import { makePeFile, SECTION_OFFSET, SECTION_RVA, type TestPeFile } from "../../test/pe-file.ts";
import { isVmgsError } from "../errors/index.ts";
import type { SyncByteSource } from "../source/index.ts";
import { runSync } from "../steps/index.ts";
import { readResource, readResourceSync } from "./index.ts";
import { findResourceSteps } from "./resource.ts";

const key = { type: "VMFW", id: 13515 };
const content = (seed: number, length = 5005) =>
  Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 0xff);
const others = [
  { type: "VMFW", id: 13510, data: content(3, 40) },
  { type: 16, id: 1, data: content(5, 7) },
  { type: "VMFX", id: 13515, data: content(7, 8) },
  { type: "vmfw", id: 13515, data: content(9, 8) },
];
const sound = () => makePeFile([...others, { ...key, data: content(31) }]);

interface Watched extends SyncByteSource {
  /** Number of reads, and bytes asked for. */
  readonly counts: { reads: number; bytes: number };
}

/** A file that counts what is read of it, and refuses what lies outside. */
function fileOf(bytes: Uint8Array, byteLength = bytes.length): Watched {
  const counts = { reads: 0, bytes: 0 };
  return {
    byteLength,
    counts,
    readSync(offset, into) {
      if (offset < 0 || offset + into.length > byteLength)
        throw new Error(`read of ${into.length} at ${offset}`);
      counts.reads += 1;
      counts.bytes += into.length;
      into.set(bytes.subarray(offset, offset + into.length));
    },
  };
}

const readOf = (bytes: Uint8Array, wanted = key) => readResourceSync(fileOf(bytes), wanted);

describe("a resource", () => {
  test("is found by its type, exactly spelt, and its number", () => {
    const { bytes } = sound();
    expect(readOf(bytes)).toEqual(content(31));
    expect(readOf(bytes, { type: "VMFW", id: 13510 })).toEqual(content(3, 40));
    expect(readOf(bytes, { type: "vmfw", id: 13515 })).toEqual(content(9, 8));
    expect(runSync(findResourceSteps(bytes.length, key), fileOf(bytes))).toMatchObject({
      byteLength: 5005,
      language: 1033,
    });
  });

  test("is read with a few KiB beside it, wherever a large file keeps it", async () => {
    const { bytes } = makePeFile([...others, { ...key, data: content(31) }], 100_000);
    const file = fileOf(bytes, 2 ** 40);
    expect(readResourceSync(file, key)).toEqual(content(31));
    expect(file.counts.bytes).toBeLessThan(5005 + 1024);
    expect(file.counts.reads).toBeLessThan(30);
    const read = async (offset: number, into: Uint8Array) => file.readSync(offset, into);
    expect(await readResource({ byteLength: file.byteLength, read }, key)).toEqual(content(31));
  });

  test("that is not there is named", async () => {
    const { bytes } = sound();
    const messageOf = async (wanted: typeof key) => {
      const { code, message } = await errorOf(() => readOf(bytes, wanted));
      expect(code).toBe("VMGS_PE_NO_RESOURCE");
      return message;
    };
    expect(await messageOf({ type: "VMFW", id: 13521 })).toBe(
      'the file has no resource 13521 of type "VMFW"',
    );
    expect(await messageOf({ type: "Vmfw", id: 13515 })).toContain('no resource of type "Vmfw"');
    expect(await messageOf({ type: "VMF", id: 13515 })).toContain('no resource of type "VMF"');
  });

  test("in two languages is ambiguous", async () => {
    const data = content(1, 10);
    const { bytes } = makePeFile([
      { ...key, language: 1033, data },
      { ...key, language: 1031, data },
    ]);
    const { code, message } = await errorOf(() => readOf(bytes));
    expect([code, message]).toEqual([
      "VMGS_PE_NO_RESOURCE",
      'resource 13515 of type "VMFW" has 2 languages, not exactly one',
    ]);
  });

  test("without content, or with too much, is refused before it is read", async () => {
    const empty = makePeFile([{ ...key, data: new Uint8Array(0) }]);
    expect((await errorOf(() => readOf(empty.bytes))).code).toBe("VMGS_PE_RESOURCE_SIZE");
    const { bytes } = sound();
    const error = await errorOf(() => readResourceSync(fileOf(bytes), key, { maxBytes: 5004 }));
    expect([error.code, error.facts.bytes, error.facts.limit]).toEqual(["VMGS_PE_RESOURCE_SIZE", 5005, 5004]);
    expect(readResourceSync(fileOf(bytes), key, { maxBytes: 5005 })).toHaveLength(5005);
  });

  test("of more than 256 MiB is not taken, and no memory for it", async () => {
    const size = 2 ** 28 + 1;
    const file = makePeFile([{ ...key, data: content(31) }]);
    patch32(file, file.at.sections + 16, 2 ** 30);
    patch32(file, SECTION_OFFSET + findDataEntry(file) + 4, size);
    const watched = fileOf(file.bytes, 2 ** 31);
    const error = await errorOf(() => readResourceSync(watched, key));
    expect([error.code, error.facts.bytes, error.facts.limit]).toEqual([
      "VMGS_PE_RESOURCE_SIZE",
      size,
      2 ** 28,
    ]);
    expect(watched.counts.bytes).toBeLessThan(1024);
  });
});

function patch32({ bytes }: TestPeFile, at: number, value: number): void {
  new DataView(bytes.buffer).setUint32(at, value, true);
}
function patch16({ bytes }: TestPeFile, at: number, value: number): void {
  new DataView(bytes.buffer).setUint16(at, value, true);
}

/** Offset, in the tree, of the only data entry: behind three directories of one entry, and the name. */
function findDataEntry({ bytes }: TestPeFile): number {
  const view = new DataView(bytes.buffer, SECTION_OFFSET);
  let at = 0;
  for (let level = 0; level < 3; level++) at = view.getUint32(at + 16 + 4, true) & 0x7fff_ffff;
  return at;
}

describe("an unsound file", () => {
  const one = () => makePeFile([{ ...key, data: content(31) }]);
  type Damage = readonly [what: string, damage: (file: TestPeFile) => void, message: RegExp];
  const damages: readonly Damage[] = [
    ["no MZ", ({ bytes }) => bytes.fill(0, 0, 2), /DOS header: e_magic is not MZ/],
    ["PE header past the end", (file) => patch32(file, 60, 0xffff_fff0), /PE header would lie at 4294967280/],
    ["no PE signature", (file) => patch32(file, file.at.coff, 0x4550_0001), /signature is 0x45500001/],
    ["PE32", (file) => patch16(file, file.at.optional, 0x10b), /magic is PE32, not PE32\+/],
    ["a ROM image", (file) => patch16(file, file.at.optional, 0x107), /magic is 0x107/],
    [
      "a short optional header",
      (file) => patch16(file, file.at.coff + 20, 96),
      /optional header has 96 bytes/,
    ],
    ["too many sections", (file) => patch16(file, file.at.coff + 6, 97), /numberOfSections is 97/],
    ["no section", (file) => patch16(file, file.at.coff + 6, 0), /RVA 0x3000, which is in no section/],
    ["a tree in no section", (file) => patch32(file, file.at.directories + 16, 0x9000), /RVA 0x9000/],
    [
      "a section past the end",
      (file) => patch32(file, file.at.sections + 20, 0x7fff_0000),
      /resource tree would lie at 2147418112, past the end/,
    ],
    [
      "more entries than room",
      ({ bytes }) => new DataView(bytes.buffer).setUint16(SECTION_OFFSET + 14, 0xffff, true),
      /65536 entries of a resource directory at \d+ reaches past the end/,
    ],
    [
      "a name past the end",
      (file) => patch32(file, SECTION_OFFSET + 16, 0xfffffff0),
      /name of a resource type at \d+ reaches past the end/,
    ],
    [
      "a type that is no directory",
      (file) => patch32(file, SECTION_OFFSET + 20, 0x40),
      /a type of the resource tree is not a directory/,
    ],
    ["a cycle", (file) => patch32(file, SECTION_OFFSET + 20, 0x8000_0000), /the resource tree has a cycle/],
    [
      "content outside",
      (file) => patch32(file, SECTION_OFFSET + findDataEntry(file), 0x100),
      /content of the resource lies at RVA 0x100/,
    ],
    [
      "content that is longer than its section",
      (file) => patch32(file, SECTION_OFFSET + findDataEntry(file) + 4, 0xffff_ffff),
      /the resource has 4294967295 bytes, of which \d+ are in the file/,
    ],
  ];

  test.each(damages)("with %s is refused, with the place", async (_what, damage, message) => {
    const file = one();
    damage(file);
    const error = await errorOf(() => readOf(file.bytes));
    expect(error.code).toBe("VMGS_PE_FORMAT");
    expect(error.message).toMatch(message);
    expect(error.facts.offset).toBeGreaterThanOrEqual(0);
  });

  test("without a resource tree has no resources", async () => {
    const file = one();
    patch32(file, file.at.directories + 16, 0);
    const error = await errorOf(() => readOf(file.bytes));
    expect([error.code, error.message]).toEqual(["VMGS_PE_NO_RESOURCE", "the file has no resources"]);
    patch32(file, file.at.directories + 16, SECTION_RVA);
    patch32(file, file.at.directories - 4, 2);
    expect((await errorOf(() => readOf(file.bytes))).code).toBe("VMGS_PE_NO_RESOURCE");
  });

  test("that was cut at any byte is refused, or still holds the whole resource", async () => {
    const { bytes } = one();
    const end = SECTION_OFFSET + findDataEntry(one()) + 16 + 5005;
    for (let length = 0; length < bytes.length; length += length < 2000 ? 1 : 97) {
      if (length >= end) expect(readOf(bytes.subarray(0, length))).toEqual(content(31));
      else expect((await errorOf(() => readOf(bytes.subarray(0, length)))).code).toBe("VMGS_PE_FORMAT");
    }
  });
});

describe("any file", () => {
  const { bytes: base } = sound();
  const outcome = (bytes: Uint8Array): Uint8Array | string => {
    const file = fileOf(bytes);
    let found: Uint8Array | string;
    try {
      found = readResourceSync(file, key);
    } catch (error) {
      if (!isVmgsError(error, "VMGS_PE_FORMAT", "VMGS_PE_NO_RESOURCE", "VMGS_PE_RESOURCE_SIZE")) throw error;
      found = error.code;
    }
    // Three directories, ten bytes for each entry with a name, and the content: nothing is read again and again.
    expect(file.counts.bytes).toBeLessThanOrEqual(6 * bytes.length);
    return found;
  };

  test("with a few bytes changed is read or refused, never worse", () => {
    const change = fc.tuple(
      fc.oneof(
        fc.integer({ min: 0, max: 0x200 }),
        fc.integer({ min: SECTION_OFFSET, max: SECTION_OFFSET + 0x200 }),
      ),
      fc.oneof(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = base.slice();
        for (const [at, value] of changes) bytes[at] = value;
        outcome(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  test("of noise behind a sound beginning is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 1200 }), (noise) => {
        const bytes = base.slice();
        bytes.set(noise, SECTION_OFFSET);
        outcome(bytes);
        outcome(noise);
      }),
      { numRuns: 500 },
    );
  });

  test("that was made with resources gives every one of them back", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]{1,6}$/);
    const resource = fc.record({
      type: name,
      id: fc.integer({ min: 1, max: 0xffff }),
      data: fc.uint8Array({ minLength: 1, maxLength: 50 }),
    });
    const list = fc.uniqueArray(resource, { maxLength: 12, selector: ({ type, id }) => `${type} ${id}` });
    fc.assert(
      fc.property(list, (resources) => {
        const { bytes } = makePeFile(resources);
        for (const { data, ...wanted } of resources) expect(readOf(bytes, wanted)).toEqual(data);
      }),
      { numRuns: 200 },
    );
  });
});
