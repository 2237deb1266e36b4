/** Cases of the specification's last section that no golden state has; the others are tests of the forecast. */

import { describe, expect, test } from "vitest";
import { goldenFile, unpack } from "../../../test/golden-data.ts";
import {
  describeStartFailure,
  foretellTpmStart,
  prepareTpmState,
  readTpmState,
  repairTpmState,
} from "./index.ts";
import { describeOrderlyState, shutdownType } from "./state-layout.ts";

const firstBoot = (name: string) => unpack(`tpm-engine/first-boot/${name}.bin.gz`);
const u16 = (bytes: Uint8Array, at: number, value: number) =>
  new DataView(bytes.buffer).setUint16(at, value, true);
const u32 = (bytes: Uint8Array, at: number, value: number) =>
  new DataView(bytes.buffer).setUint32(at, value, true);

/** Where the entry lies that is broken in most of these states. */
const BROKEN = 7156;

describe("a list of 32 KiB", () => {
  test.each([1, 3, 4, 7])("with an entry of %i bytes ends the start", async (size) => {
    const state = await firstBoot("32k-size3");
    u32(state, BROKEN, size);
    expect(foretellTpmStart(state).failure).toMatchObject({ kind: "entry-too-small", offset: BROKEN });
  });

  test("that leads back onto a zero word ends there, for the engine; for everybody else it is broken", async () => {
    const state = await firstBoot("32k-self-loop");
    expect(foretellTpmStart(state).failure).toMatchObject({ kind: "list-loops", offset: BROKEN });
    u32(state, BROKEN, 0xffff_fff0);
    expect(foretellTpmStart(state)).toMatchObject({ failure: null, cutAt: null, entries: 3 });
    expect((await readTpmState(state)).corruption).toMatchObject({ kind: "entry-past-end", offset: BROKEN });
  });

  test("must end at or before 32755, which is told by what reads a state, too", async () => {
    const [late, early] = [await firstBoot("32k-leave11"), await firstBoot("32k-leave13")];
    expect(foretellTpmStart(late).failure).toMatchObject({ kind: "list-end", offset: 32_757 });
    expect((await readTpmState(late)).problems.map(({ message }) => message)).toContain(
      "the list of entries ends 11 bytes before the end of the state; the engine needs more than 12",
    );
    expect(foretellTpmStart(early).failure).toBeNull();
    expect((await readTpmState(early)).problems).toEqual([]);
  });
});

describe("a list of 16 KiB with an entry of", () => {
  test.each([
    [1, null],
    [3, BROKEN + 3],
    [4, BROKEN + 4],
    [7, null],
  ])("%i bytes is cut by the boot at %j, and by a repair at the entry", async (size, cutAt) => {
    const state = await firstBoot("16k-size4");
    u32(state, BROKEN, size);
    expect(foretellTpmStart(state)).toMatchObject({ failure: null, cutAt });
    const repaired = repairTpmState(state);
    expect(repaired.cut?.offset).toBe(BROKEN);
    expect(foretellTpmStart(repaired.bytes)).toMatchObject({ failure: null, cutAt: null, entries: 2 });
  });
});

describe("lengths and counts", () => {
  test("an owner authorization above its buffer ends the start of 32 KiB, and of 16 KiB where it is used", async () => {
    const state = await goldenFile("tpm-nvram/provisioned-32k.bin");
    u16(state, 160, 200);
    const { failure } = foretellTpmStart(state);
    expect(failure && describeStartFailure(failure)).toBe(
      "at 0xa0: ownerAuth has a length of 200, but a buffer of 48 bytes",
    );
    const small = await firstBoot("16k-first-past-end");
    u16(small, 160, 200);
    expect(foretellTpmStart(small).failure?.kind).toBe("authorization-length");
  });

  test.each(["32k-orderly-ram-small", "16k-orderly-ram-past-end"])(
    "the RAM copy of %s decides",
    async (name) => {
      const state = await firstBoot(name);
      u32(state, 2996, 512);
      expect(foretellTpmStart(state).failure).toBeNull();
      u32(state, 2996, 513);
      expect(foretellTpmStart(state).failure).toMatchObject({ kind: "orderly-ram", offset: 2996 });
    },
  );

  test("an AK of 1024 bits ends the start of 16 KiB only", async () => {
    const state = await firstBoot("32-rsa1024");
    expect(foretellTpmStart(state)).toMatchObject({ failure: null, ak: { fate: "remade" } });
    expect(foretellTpmStart(state.slice(0, 16_384)).failure?.kind).toBe("ak-type");
  });
});

test("bytes of any other length are not a state, and none throws", () => {
  for (let length = 0; length <= 4096; length++) {
    expect(foretellTpmStart(new Uint8Array(length).fill(0xff)).failure?.kind).toBe("state-size");
  }
});

test("a prepared state starts, with and without a certificate", async () => {
  for (const nvramSize of [16_384, 32_768] as const) {
    expect(foretellTpmStart(await prepareTpmState({ nvramSize, mitigationMarker: true }))).toMatchObject({
      failure: null,
      cutAt: null,
      ak: { canRenew: true },
    });
  }
});

test("how a TPM was left is told in words, with the flags of its start", () => {
  const told = [0, 1, 0x8001, 0x4001, 0xc001, 0xffff].map(describeOrderlyState);
  expect(told).toEqual([
    "shut down, CLEAR",
    "shut down, STATE",
    "shut down, STATE, H-CRTM before the start",
    "shut down, STATE, started from locality 3",
    "shut down, STATE, H-CRTM before the start, started from locality 3",
    "running, or not shut down in order",
  ]);
  expect(describeOrderlyState(0xfffe)).toContain("the next start counts a failed try");
  expect(describeOrderlyState(0x1234)).toBe("0x1234");
  expect([1, 0x8001, 0xfffe, 0xffff, 2].map(shutdownType)).toEqual(["STATE", "STATE", null, null, null]);
});
