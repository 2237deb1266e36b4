/** Golden version 1 files, cut at every sector. Node only: a browser would do the same sums again. */

import { expect, test } from "vitest";
import { goldenV1, goldenV1Image } from "../../test/golden-v1.ts";
import { openMemoryDisk, type SyncDisk } from "../disk/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { runSync } from "../steps/index.ts";
import { openV1Sync } from "./index.ts";
import { checkV1Locator, surveyV1, v1CopyOffset, v1CopyPlace, v1LayoutOf } from "./survey.ts";

/** Where the current copy of the data lies when only the first bytes are left; null where they are refused by name. */
function copyIn(image: Uint8Array, byteLength: number): string | null {
  const disk = {
    byteLength,
    readSync: (offset: number, into: Uint8Array) => {
      if (offset + into.length > byteLength) throw new Error(`read past the end, at byte ${offset}`);
      into.set(image.subarray(offset, offset + into.length));
    },
  };
  try {
    const layout = v1LayoutOf(runSync(surveyV1(byteLength), disk));
    const place = v1CopyPlace(layout, "current");
    checkV1Locator(layout, place);
    return `${v1CopyOffset(layout, place.locator)}+${place.locator.dataSize}`;
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}

test.each(goldenV1)("$name is refused by name wherever it is cut, or has all its data", async (golden) => {
  const image = await goldenV1Image(golden.name);
  const whole = copyIn(image, openMemoryDisk(image).byteLength);
  const found = new Map<string, number>();
  for (let bytes = 0; bytes < image.length; bytes += 512) {
    const copy = copyIn(image, bytes);
    if (copy !== null && !found.has(copy)) found.set(copy, bytes);
  }
  expect([...found.keys()].filter((copy) => copy !== whole)).toEqual([]);
  for (const bytes of found.values()) {
    expect(read(openMemoryDisk(image.subarray(0, bytes), RAW))).toBe(read(openMemoryDisk(image)));
  }
});

function read(disk: SyncDisk): string {
  try {
    return openV1Sync(disk).copy.data.text;
  } catch (error) {
    if (isVmgsError(error)) return error.code;
    throw error;
  }
}

const RAW = { container: "raw", sectorSize: 512 } as const;
