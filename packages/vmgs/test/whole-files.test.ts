/** What looks at whole files refuses disks, which are without the footer of their container. */

import { expect, test } from "vitest";
import { diagnose, forecastBoot } from "../src/diagnose/index.ts";
import { type Disk, type ImageFile, memoryImage, openBlob, openMemoryDisk } from "../src/index.ts";
import { openForRecovery, planRepair } from "../src/recovery/index.ts";
import { errorOf } from "./expect-error.ts";
import { goldenImage } from "./golden-data.ts";

const takers: Readonly<Record<string, (image: ImageFile) => Promise<unknown>>> = {
  diagnose,
  forecastBoot,
  planRepair,
  openForRecovery,
};

test.each(Object.entries(takers))("%s refuses a disk with a sentence", async (_, take) => {
  const image = await goldenImage("provisioned-empty");
  const disks: Disk[] = [
    openMemoryDisk(image),
    await openBlob(new Blob([image])),
    await openForRecovery(memoryImage(image)),
  ];
  for (const disk of disks) {
    // @ts-expect-error a disk is not a whole file
    const error = await errorOf(() => take(disk));
    expect(error.code).toBe("VMGS_INVALID_ARGUMENT");
    expect(error.message).toBe(
      "image must be a whole file, such as memoryImage, blobImage and openImageFile give, a disk was given",
    );
  }
  await take(memoryImage(image));
});
