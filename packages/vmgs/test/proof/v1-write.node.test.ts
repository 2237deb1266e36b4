/** A power failure at any moment of a change of a version 1 file: the variables are the old ones or the new ones. */

import { expect, test } from "vitest";
import { openMemoryDisk } from "../../src/index.ts";
import { getVariable, removeVariable, setVariable, type VariableList } from "../../src/uefi/index.ts";
import { openV1Sync, planV1Write, writeV1 } from "../../src/v1/index.ts";
import { goldenV1, goldenV1Image } from "../golden-v1.ts";
import { recordingDisk } from "../recording-disk.ts";
import { applySectors, cutsOf, epochsOf, withSectors } from "./power-failure.ts";
import { seeded } from "./random.ts";

const VENDOR = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

const set = (list: VariableList, data: Uint8Array) =>
  setVariable(list, { vendor: VENDOR, name: "Proof", attributes: 7, data });

const changes: [string, (list: VariableList) => VariableList][] = [
  ["a variable is added", (list) => set(list, Uint8Array.of(1, 2, 3))],
  ["a long one is added", (list) => set(list, new Uint8Array(3000).fill(255))],
  ["and removed", (list) => removeVariable(list, { vendor: VENDOR, name: "Proof" })],
];

const refused: Readonly<Record<string, string>> = { "v1-sequence-gap": "VMGS_SEQUENCE_CONFLICT" };
const files = goldenV1.filter(
  ({ opens, name }) => opens && refused[name] === undefined && name !== "v1-large",
);

test.each(files)("$name: each image after a power failure is before or after", async ({ name }) => {
  const image = await goldenV1Image(name);
  const random = seeded(12);
  for (const [what, change] of changes) {
    const before = openV1Sync(openMemoryDisk(image.slice()));
    const disk = recordingDisk(openMemoryDisk(image.slice()));
    const plan = await planV1Write(disk, before.layout, before.copy, change(before.variables));
    disk.events.length = 0;
    await writeV1(disk, plan);
    const after = openV1Sync(openMemoryDisk(disk.image.slice()));
    expect(after.copy.data.text, what).toBe(plan.data.text);
    // The copy that was current is still there, whole.
    const previous = openV1Sync(openMemoryDisk(disk.image.slice()), { generation: "previous" });
    expect(previous.copy.data.text).toBe(before.copy.data.text);
    const seen = new Set<string>();
    for (const epoch of epochsOf(disk.events, 512)) {
      for (const cut of cutsOf(epoch, image, random)) {
        withSectors(image, cut, () => seen.add(openV1Sync(openMemoryDisk(image)).copy.data.text));
      }
      applySectors(image, epoch);
    }
    expect([before, after].map(({ copy }) => copy.data.text)).toEqual(expect.arrayContaining([...seen]));
    expect(seen.has(after.copy.data.text)).toBe(true);
    expect(getVariable(after.variables, { vendor: VENDOR, name: "Proof" }) === null).toBe(
      what === "and removed",
    );
  }
});

test.each(Object.entries(refused))("%s can't be changed", async (name, code) => {
  const disk = openMemoryDisk(await goldenV1Image(name));
  const { layout, copy, variables } = openV1Sync(disk);
  await expect(planV1Write(disk, layout, copy, set(variables, Uint8Array.of(1)))).rejects.toMatchObject({
    code,
  });
});

test("nothing is written where nothing changes, and nothing that has no room", async () => {
  const disk = openMemoryDisk(await goldenV1Image("v1-sound"));
  const { layout, copy, variables } = openV1Sync(disk);
  expect(await planV1Write(disk, layout, copy, variables)).toMatchObject({ changes: false, writes: [] });
  const [first, second] = layout.headers[1].header.locators;
  const small = structuredClone(layout.headers[1].header);
  Object.assign(small, { locators: [{ ...first, blocks: 2n }, second] });
  const [slot0, slot1] = layout.headers;
  const tight = { ...layout, headers: [slot0, { ...slot1, header: small }] as const };
  await expect(planV1Write(disk, tight, copy, set(variables, Uint8Array.of(1)))).rejects.toMatchObject({
    code: "VMGS_INSUFFICIENT_SPACE",
  });
});
