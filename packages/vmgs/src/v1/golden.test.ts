import { describe, expect, test } from "vitest";
import { sha256 } from "../../test/golden-data.ts";
import { goldenV1, goldenV1Image } from "../../test/golden-v1.ts";
import { openDisk, openMemoryDisk } from "../disk/index.ts";
import { blobSource } from "../source/index.ts";
import { runSync } from "../steps/index.ts";
import { openV1, openV1Sync } from "./index.ts";
import { isGptDisk, surveyV1 } from "./rooms.ts";

const WHY: Readonly<Record<string, string>> = {
  "gpt-of-another-disk": "VMGS_V1_NO_PARTITION",
  "v1-both-headers-bad": "VMGS_V1_NO_VALID_HEADER",
  "v1-data-size-too-large": "VMGS_V1_LOCATOR",
  "v1-locator-past-end": "VMGS_V1_LOCATOR",
  "v1-not-json": "VMGS_V1_JSON",
  "v1-odd-length": "VMGS_V1_DATA",
  "v1-version-2": "VMGS_VERSION_UNSUPPORTED",
};

test("there are 20 golden files", () => expect(goldenV1).toHaveLength(20));

describe.each(goldenV1)("$name", (golden) => {
  test("is a version 1 file, with the headers that it has", async () => {
    const disk = openMemoryDisk(await goldenV1Image(golden.name));
    expect(runSync(isGptDisk(disk.byteLength), disk)).toBe(true);
    const { gpt, headers, active } = runSync(surveyV1(disk.byteLength), disk);
    if (golden.partition === undefined) {
      expect(gpt.partition).toBeNull();
      return;
    }
    expect(disk.container.kind).toBe(golden.container);
    expect(gpt.partition).toMatchObject({
      firstBlock: golden.partition.firstLba,
      lastBlock: golden.partition.lastLba,
      cut: false,
    });
    for (const { slot, header, problem } of headers ?? []) {
      if (problem === null) expect(header).toMatchObject(golden.headers?.[slot] as object);
    }
    if (active !== null) expect(active.slot).toBe(golden.activeHeader);
    if (golden.gap) expect(active?.order).toBe("gap");
  });

  test("gives its expected values, or says why not", async () => {
    const image = await goldenV1Image(golden.name);
    if (!golden.opens) {
      const refused = openV1(openMemoryDisk(image)).catch((error: unknown) => error);
      expect(await refused).toMatchObject({ code: WHY[golden.name] });
      return;
    }
    // Its description gives the newer copy, which only the damaged header calls current.
    const generation = golden.name === "v1-newer-header-checksum" ? "previous" : "current";
    const file = openV1Sync(openMemoryDisk(image), { generation });
    expect(file.copy.data.byteLength).toBe(golden.dataBytes);
    expect(file.lastUpdateTime).toBe(golden.lastUpdateTime);
    expect(file.copy.data.devices.map(({ id }) => id).sort()).toEqual(golden.devices);
    expect(file.variables.problems).toEqual([]);
    if (golden.variables !== null) {
      const rows = file.variables.variables.map(async ({ vendor, name, attributes, data }) => {
        return [vendor, name, attributes, await sha256(data)];
      });
      expect(await Promise.all(rows)).toEqual(golden.variables);
    }
    const fromBlob = await openV1(await openDisk(blobSource(new Blob([image]))), { generation });
    expect(fromBlob.copy.data.text).toBe(file.copy.data.text);
  });

  test("gives the other copy when it is asked for the previous generation", async () => {
    const disk = openMemoryDisk(await goldenV1Image(golden.name));
    if (golden.opens || golden.fallsBack) {
      const previous = openV1Sync(disk, { generation: "previous" });
      expect(previous.variables.variables.length).toBeGreaterThan(0);
      if (golden.opens) expect(previous.copy.index).not.toBe(openV1Sync(disk).copy.index);
    } else {
      expect(() => openV1Sync(disk, { generation: "previous" })).toThrow(
        expect.objectContaining({ code: WHY[golden.name] }),
      );
    }
  });
});
