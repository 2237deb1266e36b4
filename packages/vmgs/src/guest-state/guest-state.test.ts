import { expect, test } from "vitest";
import { goldenImage } from "../../test/golden-data.ts";
import { goldenV1, goldenV1Image } from "../../test/golden-v1.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { formatStore } from "../store/index.ts";
import { encodeVariableList } from "../uefi/index.ts";
import { guestStateVersion, openGuestState, openGuestStateSync, readVariables } from "./index.ts";

test.each(goldenV1.filter(({ opens }) => opens))(
  "$name is opened as version 1",
  async ({ name, lastUpdateTime }) => {
    const disk = openMemoryDisk(await goldenV1Image(name));
    const state = await openGuestState(disk);
    expect(state).toMatchObject({ version: 1, generation: "current" });
    expect(openGuestStateSync(disk)).toEqual(state);
    if (name !== "v1-newer-header-checksum") expect(state.lastUpdateTime).toBe(lastUpdateTime);
  },
);

test("a version 3 store is opened as one, and a disk that is neither is refused as one", async () => {
  const store = openMemoryDisk(await goldenImage("real-vm-plain"));
  const state = await openGuestState(store, { generation: "previous" });
  expect(state).toMatchObject({ version: 3, generation: "previous", lastUpdateTime: null });
  expect((await readVariables(state)).problems).toEqual([]);
  await expect(openGuestState(createMemoryDisk(65_536))).rejects.toMatchObject({ code: "VMGS_EMPTY_STORE" });
});

test("variables of a version 1 file and of a store that they were written to are the same", async () => {
  const old = await openGuestState(openMemoryDisk(await goldenV1Image("v1-large")));
  const disk = createMemoryDisk(4 << 20);
  const store = await formatStore(disk);
  await store.write(1, encodeVariableList(await readVariables(old)));
  const state = await openGuestState(disk);
  expect(await guestStateVersion(disk)).toBe(3);
  expect((await readVariables(state)).variables).toEqual((await readVariables(old)).variables);
});
