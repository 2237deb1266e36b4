import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVmgsError } from "../../errors/index.ts";
import { encode } from "../../layout/index.ts";
import { entryHeader, terminator } from "./entry-layout.ts";
import { findAkCertificate, pictureTpmState, readTpmState, repairTpmState } from "./index.ts";
import { ENTRIES_OFFSET } from "./state-layout.ts";

/** A state of zeros with these entry headers, one after the other, and what else is given at an offset. */
function stateWith(entries: readonly { size: number; handle?: number }[], byteLength = 16_384) {
  const state = new Uint8Array(byteLength);
  let offset = ENTRIES_OFFSET;
  for (const { size, handle = 0x0150_0001 } of entries) {
    state.set(encode(entryHeader, { size, handle }), offset);
    offset += size;
  }
  return { state, end: offset };
}

describe("a repair", () => {
  test("leaves a sound state as it is, in new bytes", () => {
    const { state } = stateWith([{ size: 200 }]);
    const repaired = repairTpmState(state);
    expect(repaired).toEqual({ bytes: state, cut: null });
    expect(repaired.bytes).not.toBe(state);
  });

  test("zeroes everything from the broken entry on, and nothing else", async () => {
    const { state } = stateWith([{ size: 200 }, { size: 9_000 }, { size: 8_000 }]);
    state.fill(0xee, ENTRIES_OFFSET + 9_200 + 8);
    const before = state.slice();
    const { bytes, cut } = repairTpmState(state);
    const offset = ENTRIES_OFFSET + 9_200;
    expect(state).toEqual(before);
    expect(cut).toEqual({
      offset,
      bytes: 16_384 - offset,
      corruption: { offset, kind: "entry-past-end", claimedBytes: 8_000 },
    });
    expect(bytes.subarray(0, offset)).toEqual(before.subarray(0, offset));
    expect(bytes.subarray(offset).every((byte) => byte === 0)).toBe(true);
    expect((await readTpmState(bytes)).corruption).toBeNull();
  });

  test("cuts at an entry that is too small to be one", () => {
    const { state, end } = stateWith([{ size: 200 }]);
    state[end] = 7;
    expect(repairTpmState(state).cut?.corruption).toEqual({
      offset: end,
      kind: "entry-too-small",
      claimedBytes: 7,
    });
  });

  test.each([0, 4, 8, 11])("keeps a whole list that has %i bytes left for its end", async (left) => {
    const size = 16_384 - ENTRIES_OFFSET - 200 - left;
    const { state } = stateWith([{ size: 200 }, { size }]);
    expect(repairTpmState(state)).toEqual({ bytes: state, cut: null });
    const { corruption, maxCounter, freeBytes, problems } = await readTpmState(state);
    // The engine's memory goes on with zeros.
    expect({ corruption, maxCounter, freeBytes }).toEqual({ corruption: null, maxCounter: 0n, freeBytes: 0 });
    expect(problems.filter(({ message }) => message.startsWith("the list of entries ends"))).toEqual([]);
  });

  test.each([4, 8, 11])("keeps every whole entry when the %i bytes behind it are broken", async (left) => {
    const size = 16_384 - ENTRIES_OFFSET - 200 - left;
    const { state, end } = stateWith([{ size: 200 }, { size }]);
    state[end] = 200;
    const { bytes, cut } = repairTpmState(state);
    expect(cut).toMatchObject({ offset: end, bytes: left });
    expect(bytes.subarray(0, end)).toEqual(state.subarray(0, end));
    expect(bytes.subarray(end).every((byte) => byte === 0)).toBe(true);
    expect((await readTpmState(bytes)).corruption).toBeNull();
  });
});

test("a state of an impossible size is refused", async () => {
  for (const size of [0, 3_519, 131_073]) {
    const state = new Uint8Array(size);
    expect(() => repairTpmState(state)).toThrow(/TPM state has/);
    expect(() => pictureTpmState(state)).toThrow(/TPM state has/);
    const error: unknown = await readTpmState(state).catch((reason: unknown) => reason);
    expect(isVmgsError(error, "VMGS_TPM_STATE_SIZE")).toBe(true);
  }
});

test("a state of zeros is read, with its missing seeds as problems", async () => {
  const { problems, generation, objects } = await readTpmState(new Uint8Array(32_768));
  expect(generation).toBe("current");
  expect(objects).toEqual([]);
  expect(problems.map(({ message }) => message)).toContain("endorsementSeed has 0 bytes, not 32");
});

test("an object that is too short, and a handle of no known kind, are told as unreadable", async () => {
  const { state } = stateWith([
    { size: 1_000, handle: 0x8100_0001 },
    { size: 8, handle: 0x4000_0001 },
  ]);
  const { unreadable, problems } = await readTpmState(state);
  expect(unreadable.map(({ handle }) => handle)).toEqual([0x8100_0001, 0x4000_0001]);
  const { offset, message } = problems.at(-1) ?? {};
  expect([offset, message]).toEqual([
    ENTRIES_OFFSET,
    "2 entries are neither a whole NV index nor a whole object",
  ]);
});

test("128 KiB of the smallest entries are read", async () => {
  const state = new Uint8Array(131_072);
  const header = encode(entryHeader, { size: 8, handle: 0 });
  for (let offset = ENTRIES_OFFSET; offset + 8 <= state.length; offset += 8) state.set(header, offset);
  const { unreadable, maxCounter } = await readTpmState(state);
  expect(unreadable).toHaveLength(Math.floor((state.length - ENTRIES_OFFSET) / 8));
  expect(maxCounter).toBeNull();
});

const entries = fc.array(
  fc.record({
    size: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.constantFrom(120, 128, 1824, 0xffff_ffff)),
    handle: fc.constantFrom(0x01c1_01d0, 0x0150_0001, 0x8100_0003, 0x8100_0001, 0),
    fill: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  { maxLength: 6 },
);

test("no state makes the readers crash, and every repair is sound and final", async () => {
  const sizes = fc.constantFrom(3_520, 3_532, 4_000, 16_384, 32_768);
  const property = fc.asyncProperty(
    sizes,
    entries,
    fc.uint8Array({ maxLength: 200 }),
    async (size, list, noise) => {
      const state = new Uint8Array(size);
      for (let i = 0; noise.length > 0 && i < ENTRIES_OFFSET; i++)
        state[i] = noise[(i * 7) % noise.length] ?? 0;
      let offset = ENTRIES_OFFSET;
      for (const entry of list) {
        if (offset + 8 > size) break;
        const end = Math.min(offset + entry.size, size);
        for (let i = offset; i < end; i++) state[i] = entry.fill[(i - offset) % entry.fill.length] ?? 0;
        state.set(encode(entryHeader, entry), offset);
        offset = end;
      }
      findAkCertificate(await readTpmState(state));
      pictureTpmState(state);
      const { bytes } = repairTpmState(state);
      expect(repairTpmState(bytes).cut).toBeNull();
      expect((await readTpmState(bytes)).corruption).toBeNull();
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test("the end of a list carries the highest counter", async () => {
  const { state, end } = stateWith([{ size: 200 }]);
  state.set(encode(terminator, { size: 0, maxCounter: 77n }), end);
  expect((await readTpmState(state)).maxCounter).toBe(77n);
});
