/** The store against a plain map, in short; and the proof notices a store that differs. */

import { expect, test } from "vitest";
import { findsRoom } from "./free-space.ts";
import { proveModel } from "./model-proof.ts";

test("the store is what a plain map is, after every operation and opened anew", async () => {
  const figures = await proveModel(1, 700);
  expect(figures.refused).toBeGreaterThan(100);
  expect(figures.full).toBeGreaterThan(20);
  expect(figures.locked).toBeGreaterThan(20);
  expect(figures.previous).toBeGreaterThan(100);
  expect(figures.undone).toBeGreaterThan(30);
  expect(figures.wiped).toBeGreaterThan(50);
});

test("one wrong bit in a file is found", async () => {
  const proof = proveModel(1, 1500, (disk) => {
    const { write } = disk;
    let writes = 0;
    disk.write = async (offset, bytes) => {
      const changed = bytes.slice();
      if (++writes === 20) changed[100] = (changed[100] as number) ^ 1;
      await write(offset, changed);
    };
  });
  await expect(proof).rejects.toThrow(/seed \d+: /);
});

test("the smallest run that fits is taken, the lowest among equal ones", () => {
  const owned = [
    { block: 4, blocks: 1 },
    { block: 8, blocks: 2 },
  ];
  // Free: 2-3, 5-7, 10-11.
  expect(findsRoom(owned, 12, [3 * 4096, 2 * 4096, 2 * 4096])).toBe(true);
  expect(findsRoom(owned, 12, [1, 3 * 4096, 4096, 2 * 4096])).toBe(true);
  expect(findsRoom(owned, 12, [1, 4096 + 1, 3 * 4096, 1])).toBe(true);
  expect(findsRoom(owned, 12, [1, 2 * 4096 + 1, 4096 + 1, 4096 + 1])).toBe(false);
  expect(findsRoom(owned, 12, [4 * 4096])).toBe(false);
});
