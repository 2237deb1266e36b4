/** Copies of the GPT that are sound, and list other partitions. */

import { expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { goldenV1Image } from "../../test/golden-v1.ts";
import { openMemoryDisk } from "../disk/index.ts";
import { crc32 } from "../format/index.ts";
import { decode } from "../layout/index.ts";
import { gptHeader, openV1, V1_BLOCK_SIZE } from "./index.ts";
import { gptChecksum } from "./rooms.ts";

type Bounds = readonly [firstBlock: bigint, lastBlock: bigint];

/** The sound golden file, whose GPT in a block gives the guest state partition other bounds, with right checksums. */
async function withBounds(blocks: readonly number[], [first, last]: Bounds): Promise<Uint8Array> {
  const image = (await goldenV1Image("v1-sound")).slice();
  const view = new DataView(image.buffer);
  for (const block of blocks) {
    const at = block * V1_BLOCK_SIZE;
    const header = image.subarray(at, at + V1_BLOCK_SIZE);
    const { entriesBlock, entryCount, headerSize } = decode(gptHeader, header);
    const entries = Number(entriesBlock) * V1_BLOCK_SIZE;
    view.setBigUint64(entries + 32, first, true);
    view.setBigUint64(entries + 40, last, true);
    const bytes = image.subarray(entries, entries + entryCount * 128);
    view.setUint32(at + gptHeader.offsets.entriesChecksum, crc32(bytes), true);
    view.setUint32(at + gptHeader.offsets.headerChecksum, gptChecksum(header, headerSize), true);
  }
  return image;
}

const PRIMARY = 1;
const BACKUP = 8191;

test.each<Bounds>([
  [5000n, 100n],
  [1n << 62n, (1n << 63n) - 1n],
])("a primary one whose guest state partition lies nowhere gives way to the backup", async (...bounds) => {
  const file = await openV1(openMemoryDisk(await withBounds([PRIMARY], bounds)));
  expect(file.variables.variables).toHaveLength(6);
});

test("without a copy that says where the partition lies, the disk is not called that of something else", async () => {
  const image = await withBounds([PRIMARY, BACKUP], [5000n, 100n]);
  expect(await codeOf(() => openV1(openMemoryDisk(image)))).toBe("VMGS_V1_NO_PARTITION");
  await expect(openV1(openMemoryDisk(image))).rejects.toThrow(/partition lies nowhere/);
});
