/** Every source of the same bytes reads alike, and none reads past its end. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { toHex } from "../layout/index.ts";
import { peek, read, run, type Steps } from "../steps/index.ts";
import {
  type ByteSource,
  blobSource,
  cachedSource,
  memorySource,
  overlaySource,
  windowSource,
} from "./index.ts";

const bytes = Uint8Array.from({ length: 20_481 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const padded = new Uint8Array(bytes.length + 700);
padded.set(bytes, 300);

const sources: Readonly<Record<string, () => ByteSource>> = {
  memory: () => memorySource(bytes),
  blob: () => blobSource(new Blob([bytes])),
  cached: () => cachedSource(memorySource(bytes)),
  "cached in small pages": () => cachedSource(memorySource(bytes), { pageBytes: 100, maxBytes: 1000 }),
  window: () => windowSource(memorySource(padded), 300, bytes.length),
  "window over a cache": () => windowSource(cachedSource(memorySource(padded)), 300, bytes.length),
  overlay: () => overlaid(),
};

function overlaid(): ByteSource {
  const overlay = overlaySource(memorySource(new Uint8Array(20_000)), bytes.length);
  for (let at = 0; at < bytes.length; at += 512) overlay.keep(at, bytes.subarray(at, at + 512));
  return overlay;
}

const ranges = fc.array(fc.tuple(fc.nat(bytes.length), fc.nat(9000)), { minLength: 1, maxLength: 12 });

test.each(Object.entries(sources))("%s gives the bytes of the file", async (_, make) => {
  await fc.assert(
    fc.asyncProperty(ranges, async (all) => {
      const source = make();
      for (const [offset, wanted] of all) {
        const into = new Uint8Array(Math.min(wanted, bytes.length - offset));
        await source.read(offset, into);
        const expected = bytes.subarray(offset, offset + into.length);
        expect(toHex(into)).toBe(toHex(expected));
        const held = source.bytesAtHand?.(offset, into.length);
        if (held !== undefined) expect(toHex(held)).toBe(toHex(expected));
      }
    }),
    { numRuns: 40 },
  );
});

test.each(Object.entries(sources))("%s refuses what lies past the end", async (_, make) => {
  const source = make();
  expect(source.byteLength).toBe(bytes.length);
  for (const [offset, length] of [
    [bytes.length, 1],
    [bytes.length - 1, 2],
    [-1, 1],
    [0.5, 1],
  ] as const) {
    expect(await codeOf(() => source.read(offset, new Uint8Array(length)))).toBe("VMGS_DISK_RANGE");
  }
});

test("a window does not reach out of its source", async () => {
  expect(await codeOf(() => windowSource(memorySource(bytes), 1, bytes.length))).toBe("VMGS_DISK_RANGE");
});

/** A source that counts what it is asked for. */
function counting(readAhead?: number): ByteSource & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    byteLength: bytes.length,
    ...(readAhead !== undefined && { readAhead }),
    async read(offset, into) {
      reads.push(`${offset}+${into.length}`);
      await memorySource(bytes).read(offset, into);
    },
  };
}

describe("a cache", () => {
  test("asks for nothing twice, and for neighbours in one request", async () => {
    const source = counting();
    const cached = cachedSource(source, { pageBytes: 4096 });
    await cached.read(4000, new Uint8Array(200));
    await cached.read(0, new Uint8Array(8192));
    await cached.read(8000, new Uint8Array(5000));
    expect(source.reads).toEqual(["0+8192", "8192+8192"]);
  });

  test("forgets what was used least lately", async () => {
    const source = counting();
    const cached = cachedSource(source, { pageBytes: 1024, maxBytes: 2048 });
    for (const offset of [0, 1024, 0, 2048, 0, 1024]) await cached.read(offset, new Uint8Array(10));
    expect(source.reads).toEqual(["0+1024", "1024+1024", "2048+1024", "1024+1024"]);
  });

  test("gives the right bytes to reads that wait at the same time, whatever they push out of it", async () => {
    const range = fc.record({ offset: fc.nat(19_000), length: fc.nat(400), wait: fc.nat(5) });
    const property = fc.asyncProperty(fc.array(range, { minLength: 2, maxLength: 30 }), async (ranges) => {
      const slow: ByteSource = {
        byteLength: bytes.length,
        async read(offset, into) {
          for (let turns = offset % 7; turns > 0; turns--) await undefined;
          into.set(bytes.subarray(offset, offset + into.length));
        },
      };
      const cached = cachedSource(slow, { pageBytes: 100, maxBytes: 1600 });
      const reads = ranges.map(async ({ offset, length, wait }) => {
        for (let turns = wait * 4; turns > 0; turns--) await undefined;
        const into = new Uint8Array(length);
        await cached.read(offset, into);
        return into;
      });
      const wrong = (await Promise.all(reads)).filter((into, i) => {
        const { offset = 0, length = 0 } = ranges[i] ?? {};
        return toHex(into) !== toHex(bytes.subarray(offset, offset + length));
      });
      expect(wrong).toEqual([]);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

function* headersAndTable(): Steps<string> {
  const start = toHex(yield* read(0, 16));
  return `${start} ${toHex(yield* peek(8192, 16))} ${toHex(yield* peek(20_000, 16))}`;
}

describe("reading ahead", () => {
  test("takes one request for what lies at the start", async () => {
    const plain = counting();
    const ahead = counting(16_384);
    expect(await run(headersAndTable(), ahead)).toBe(await run(headersAndTable(), plain));
    expect(plain.reads).toEqual(["0+16", "8192+16", "20000+16"]);
    expect(ahead.reads).toEqual(["0+16384", "20000+16"]);
  });

  test("is given up where more can't be read than was asked for", async () => {
    const source: ByteSource = {
      byteLength: bytes.length,
      readAhead: 16_384,
      async read(offset, into) {
        if (into.length > 16) throw new Error("a bad sector");
        await memorySource(bytes).read(offset, into);
      },
    };
    expect(await run(headersAndTable(), source)).toBe(await run(headersAndTable(), memorySource(bytes)));
  });
});

test("a signal ends a computation between its reads, and reads are reported", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const source: ByteSource = {
    byteLength: bytes.length,
    async read(offset, into, options) {
      expect(options?.signal).toBe(controller.signal);
      await memorySource(bytes).read(offset, into);
      if (offset === 8192) controller.abort(new Error("enough"));
    },
  };
  const onProgress = ({ bytesRead }: { bytesRead: number }) => seen.push(bytesRead);
  const { signal } = controller;
  const running = run(headersAndTable(), source, undefined, { signal, onProgress });
  await expect(running).rejects.toThrow("enough");
  expect(seen).toEqual([16, 32]);
});
