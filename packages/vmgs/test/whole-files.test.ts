/** What looks at whole files refuses disks, which are without the footer of their container. */

import { expect, test } from "vitest";
import { diagnose, forecastBoot } from "../src/diagnose/index.ts";
import { openGuestState } from "../src/guest-state/index.ts";
import {
  type ByteSource,
  blobSource,
  createMemoryDisk,
  type Disk,
  inspectDisk,
  memorySource,
  openDisk,
  openMemoryDisk,
  openStore,
  openStoreSync,
} from "../src/index.ts";
import { readResource } from "../src/pe/index.ts";
import { openForRecovery, planRepair } from "../src/recovery/index.ts";
import { errorOf } from "./expect-error.ts";
import { goldenImage } from "./golden-data.ts";

const takers: Readonly<Record<string, (image: ByteSource) => Promise<unknown>>> = {
  diagnose,
  forecastBoot,
  planRepair,
  openForRecovery,
  openDisk: (source) => openDisk(source),
  readResource: (source) => readResource(source, { type: "VMFW", id: 1 }),
};

test.each(Object.entries(takers))("%s refuses a disk with a sentence", async (_, take) => {
  const image = await goldenImage("provisioned-empty");
  const disks: Disk[] = [
    openMemoryDisk(image),
    await openDisk(blobSource(new Blob([image]))),
    await openForRecovery(memorySource(image)),
  ];
  for (const disk of disks) {
    // @ts-expect-error a disk is not a whole file
    const error = await errorOf(() => take(disk));
    expect(error.code).toBe("VMGS_INVALID_ARGUMENT");
    expect(error.message).toBe(
      "source must be a whole file, such as memorySource, blobSource, httpSource and openFileSource give, a disk was given",
    );
  }
});

test.each([
  ["a Uint8Array", new Uint8Array(8192)],
  ["a Blob", new Blob([])],
  ["a string", "vm.vmgs"],
  ["a Promise", Promise.resolve()],
])(
  "what opens a store takes a whole file or a disk, and refuses %s with a sentence",
  async (given, value) => {
    for (const open of [openStore, inspectDisk, openGuestState]) {
      const error = await errorOf(() => open(value as never));
      expect(error.message).toBe(
        `source must be a disk, such as openDiskFile and openMemoryDisk give, or a whole file, such as memorySource, blobSource, httpSource and openFileSource give, ${given} was given`,
      );
    }
  },
);

test("a store is opened from the whole file as from its disk, without waiting too", async () => {
  const image = await goldenImage("provisioned-empty");
  const fromDisk = await openStore(openMemoryDisk(image));
  expect((await openStore(memorySource(image))).state).toEqual(fromDisk.state);
  expect(openStoreSync(memorySource(image)).state).toEqual(fromDisk.state);
  expect((await openStore(blobSource(new Blob([image])))).state).toEqual(fromDisk.state);
});

test("options for the container are refused beside a disk, which knows its own", async () => {
  const disk = createMemoryDisk(65_536);
  const error = await errorOf(() => openStore(disk, { container: "raw" }));
  expect(error.message).toBe(
    "options.container must be omitted for a disk, whose container is known, a string was given",
  );
});
