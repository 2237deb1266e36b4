/** The allocator: the smallest free run that fits, the lowest of equal ones, and never a block that is owned. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../test/expect-error.ts";
import { allocator, freeRuns, overlaps } from "./allocator.ts";
import type { BlockRun } from "./state.ts";

const CAPACITY = 96;
const run = (block: number, blocks: number): BlockRun => ({ block, blocks });

/** Allocations that do not overlap, in any order. */
const layouts = fc
  .array(fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 9 })), { maxLength: 14 })
  .map((gaps) => {
    const runs: BlockRun[] = [];
    let next = 2;
    for (const [gap, blocks] of gaps) {
      if (next + gap + blocks > CAPACITY) break;
      runs.push(run(next + gap, blocks));
      next += gap + blocks;
    }
    return runs;
  })
  .chain((runs) => fc.shuffledSubarray(runs, { minLength: runs.length }));

/** Allocations as a damaged store may have them: anywhere, over one another. */
const anyRuns = fc.array(
  fc
    .tuple(fc.integer({ min: 2, max: CAPACITY - 1 }), fc.integer({ min: 1, max: 20 }))
    .map(([block, blocks]) => run(block, Math.min(blocks, CAPACITY - block))),
  { maxLength: 10 },
);

/** Who owns what, block by block: the plainest model there is. */
function ownedBlocks(runs: readonly BlockRun[]): Set<number> {
  return new Set(runs.flatMap(({ block, blocks }) => Array.from({ length: blocks }, (_, i) => block + i)));
}

describe("free runs", () => {
  test("lie between the allocations, behind block 1 and before the capacity", () => {
    expect(freeRuns([], 10)).toEqual([run(2, 8)]);
    expect(freeRuns([run(5, 2), run(2, 1)], 10)).toEqual([run(3, 2), run(7, 3)]);
    expect(freeRuns([run(2, 8)], 10)).toEqual([]);
    expect(freeRuns([], 2)).toEqual([]);
  });

  test("are exactly the blocks that nobody owns, also where allocations overlap", () => {
    fc.assert(
      fc.property(anyRuns, (runs) => {
        const owned = ownedBlocks(runs);
        const free = freeRuns(runs, CAPACITY);
        const expected = Array.from({ length: CAPACITY - 2 }, (_, i) => i + 2).filter((b) => !owned.has(b));
        expect([...ownedBlocks(free)]).toEqual(expected);
        for (const [i, { block }] of free.slice(1).entries()) {
          const before = free[i] as BlockRun;
          expect(block).toBeGreaterThan(before.block + before.blocks);
        }
      }),
    );
  });
});

describe("a grant", () => {
  test("is the smallest run that fits, the lowest among equal ones", () => {
    fc.assert(
      fc.property(layouts, fc.integer({ min: 1, max: 20 }), (taken, blocks) => {
        const fitting = freeRuns(taken, CAPACITY).filter((free) => free.blocks >= blocks);
        fc.pre(fitting.length > 0);
        const smallest = Math.min(...fitting.map((free) => free.blocks));
        const expected = fitting.find((free) => free.blocks === smallest)?.block;
        expect(allocator(taken, CAPACITY).allocate(blocks, 3)).toEqual({ block: expected, blocks });
      }),
    );
  });

  test("never touches what is owned or was granted before", () => {
    const requests = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(anyRuns, requests, (taken, sizes) => {
        const owned = ownedBlocks(taken);
        const space = allocator(taken, CAPACITY);
        for (const blocks of sizes) {
          let granted: BlockRun;
          try {
            granted = space.allocate(blocks, 1);
          } catch {
            continue;
          }
          for (const block of ownedBlocks([granted])) {
            expect(owned.has(block)).toBe(false);
            expect(block).toBeGreaterThanOrEqual(2);
            expect(block).toBeLessThan(CAPACITY);
            owned.add(block);
          }
        }
      }),
    );
  });

  test("never touches what the old state owns, also when a move releases it", () => {
    const requests = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(layouts, requests, fc.infiniteStream(fc.boolean()), (taken, sizes, choice) => {
        const released = taken.filter(() => choice.next().value === true);
        const owned = ownedBlocks(taken);
        const space = allocator(taken, CAPACITY, released);
        for (const blocks of sizes) {
          try {
            const granted = [...ownedBlocks([space.allocate(blocks, 1)])];
            expect(granted.filter((block) => owned.has(block))).toEqual([]);
            for (const block of granted) owned.add(block);
          } catch (error) {
            expect(freeRuns([...[...owned].map((block) => run(block, 1))], CAPACITY)).not.toContainEqual(
              expect.objectContaining({ blocks }),
            );
            expect(error).toMatchObject({ code: "VMGS_INSUFFICIENT_SPACE" });
          }
        }
      }),
    );
  });

  test("is measured as the reference measures it when a move releases blocks", () => {
    // 4 is released: with it, 3 to 5 are one run of three, so that the single free block 8 is the smallest fit.
    const taken = [run(2, 1), run(4, 1), run(6, 2), run(9, 87)];
    expect(allocator(taken, CAPACITY, [taken[1] as BlockRun]).allocate(1, 0)).toEqual(run(8, 1));
    expect(allocator(taken, CAPACITY).allocate(1, 0)).toEqual(run(3, 1));
  });

  test("is refused with the numbers that matter", async () => {
    const taken = [run(4, 2), run(10, 84)];
    const error = await errorOf(() => allocator(taken, CAPACITY).allocate(5, 3));
    expect(error.code).toBe("VMGS_INSUFFICIENT_SPACE");
    expect(error.message).toBe(
      "TPM_NVRAM (3) needs 5 blocks in one run; the longest free run has 4, 8 are free in all",
    );
    expect(error.facts).toEqual({ fileId: 3, bytes: 5 * 4096, limit: 4 * 4096 });
  });

  test("of more blocks than any disk has is refused as well", async () => {
    const error = await errorOf(() => allocator([], CAPACITY).allocate(2 ** 32, 1));
    expect(error.code).toBe("VMGS_INSUFFICIENT_SPACE");
  });
});

test("overlapping allocations are found, and only those", () => {
  fc.assert(
    fc.property(anyRuns, (runs) => {
      const total = runs.reduce((sum, { blocks }) => sum + blocks, 0);
      const shared = ownedBlocks(runs).size < total;
      const found = overlaps(runs);
      expect(found.length > 0).toBe(shared);
      for (const [a, b] of found) {
        expect(a.block < b.block + b.blocks && b.block < a.block + a.blocks).toBe(true);
        expect(a).not.toBe(b);
      }
    }),
  );
});
