import { expect, test } from "vitest";
import { goldenV1, goldenV1Image } from "../../test/golden-v1.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { openGuestState, readVariables } from "../guest-state/index.ts";
import { openStore } from "../store/index.ts";
import { openV1 } from "../v1/index.ts";
import { planMigration, writeMigration } from "./index.ts";

const key = new Uint8Array(32).fill(5);

test.each(goldenV1.filter(({ opens }) => opens))(
  "$name and its new store have the same variables",
  async ({ name }) => {
    const file = await openV1(openMemoryDisk(await goldenV1Image(name)));
    const disk = createMemoryDisk(4 << 20);
    await writeMigration(disk, planMigration(file));
    const marker = await (await openStore(disk)).readMarker();
    expect(marker?.marker).toMatchObject({ provisioner: "unknown", reason: "request" });
    if (file.variables.variables.length === 0) {
      expect((await openStore(disk)).files.map(({ id }) => id)).toEqual([18]);
      return;
    }
    const list = await readVariables(await openGuestState(disk));
    expect(list.variables).toEqual(file.variables.variables);
  },
);

test("what has no place is named: the time, other devices, other states", async () => {
  const file = await openV1(openMemoryDisk(await goldenV1Image("v1-sound")));
  expect(planMigration(file).notMigrated).toEqual([
    { kind: "lastUpdateTime", value: "2026-10-30T21:14:03.1234567Z" },
    { kind: "state", device: "f66c4d29-a7cb-4c9c-a55b-9c03f4b89d41", type: "Other device", state: "Any" },
  ]);
});

test("with a key the variables are encrypted, and the marker is plain", async () => {
  const file = await openV1(openMemoryDisk(await goldenV1Image("v1-sound")));
  const disk = createMemoryDisk(4 << 20);
  await writeMigration(disk, planMigration(file), { key });
  const store = await openStore(disk);
  expect(store.files.map(({ id, encrypted }) => [id, encrypted])).toEqual([
    [1, true],
    [18, false],
  ]);
  const opened = await openGuestState(disk, { key });
  expect((await readVariables(opened)).variables).toEqual(file.variables.variables);
});
