/** Two ways in which a power failure once could bring back what must not come back; test/proof looks for others. */

import { expect, test } from "vitest";
import { patterned } from "../../test/golden-data.ts";
import { recordingDisk } from "../../test/recording-disk.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { formatStore, openStore, openWritableStore } from "./index.ts";

const BYTES = 40 * 4096;
const SECTOR = 512;
const HEADER_SIZE = 168;
const diskOver = (image: Uint8Array) => openMemoryDisk(image, { container: "raw", sectorSize: SECTOR });

test("a header that was torn does not become whole when the next one is torn over it", async () => {
  const disk = recordingDisk(createMemoryDisk(BYTES));
  const store = await formatStore(disk);
  await store.write(1, patterned(100, 1));
  disk.events.length = 0;
  await store.write(1, patterned(100, 2));
  // The power fails while the header is written: its end is garbage. Then another change begins.
  const offset = disk.events.findLast((event) => event.kind === "write")?.offset ?? 0;
  disk.image.fill(0xaa, offset + 100, offset + HEADER_SIZE);
  const again = await openWritableStore(disk);
  expect(await again.readFile(1)).toEqual(patterned(100, 1));
  disk.events.length = 0;
  const beforeCommit = disk.image.slice();
  await again.write(2, patterned(9000, 3));
  const writes = disk.events.filter((event) => event.kind === "write");
  const commit = writes.at(-1);
  for (const { offset: at, bytes } of writes.slice(0, -1)) beforeCommit.set(bytes, at);
  for (let from = 1; from < HEADER_SIZE; from++) {
    const image = beforeCommit.slice();
    image.set(commit?.bytes.subarray(from) ?? [], offset + from);
    const found = await openStore(diskOver(image));
    expect(await found.readFile(1)).toEqual(patterned(100, 1));
    expect(found.files).toHaveLength(1);
  }
});

test("what is torn is overwritten once, before anything else, and only then", async () => {
  const disk = recordingDisk(createMemoryDisk(BYTES));
  await (await formatStore(disk)).write(1, patterned(100, 1));
  disk.image[20] = 0xff;
  const store = await openWritableStore(disk);
  for (const discards of [true, false]) {
    disk.events.length = 0;
    await store.write(2, patterned(100, 2));
    const [first, second] = disk.events.filter(({ kind }) => kind !== "read");
    const discarded =
      first?.kind === "write" && first.offset === 0 && first.bytes.every((byte) => byte === 0xff);
    expect(discarded).toBe(discards);
    if (discards) expect(second?.kind).toBe("flush");
  }
});

test.each([0, 1])(
  "while a used disk is formatted, the generation before does not come back (%i more changes)",
  async (more) => {
    const disk = recordingDisk(createMemoryDisk(BYTES));
    const store = await formatStore(disk);
    await store.write(1, patterned(5000, 1));
    for (let i = 0; i <= more; i++) await store.write(1, patterned(5000, 2 + i), { wipe: true });
    const image = disk.image.slice();
    disk.events.length = 0;
    await formatStore(disk);
    const found: string[] = [];
    for (const event of disk.events) {
      if (event.kind !== "write" || event.offset >= 2 * SECTOR) continue;
      image.set(event.bytes, event.offset);
      try {
        const left = await openStore(diskOver(image));
        expect(await left.readFile(1)).toEqual(patterned(5000, 2 + more));
        found.push("old");
      } catch (error) {
        if (!isVmgsError(error, "VMGS_EMPTY_STORE")) throw error;
        found.push("empty");
        break;
      }
    }
    expect(found).toEqual(["old", "empty"]);
  },
);
