/** Finding the provisioning marker in a store. */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import { freshStore, testKey } from "../../test/store-fixtures.ts";
import { openMemoryDisk } from "../disk/index.ts";
import { encodeMarker, FileId } from "../format/index.ts";
import { openStore, openStoreSync, openWritableStore } from "./index.ts";

const { PROVISIONING_MARKER, TPM_NVRAM_BACKUP } = FileId;
const key = testKey(1);
const marker = encodeMarker({
  provisioner: "openhcl",
  reason: "empty",
  tpmVersion: "1.38",
  tpmNvramSize: 32768,
  akcertSize: 4096,
  akcertAttributes: 0x42060004,
  version: "1",
});

describe("the marker", () => {
  test("is file 18, read with its exact bytes, at once or later", async () => {
    const disk = openMemoryDisk(await goldenImage("provisioned-empty"));
    const found = await (await openStore(disk)).readMarker();
    expect(found).toMatchObject({ fileId: PROVISIONING_MARKER, misplaced: false });
    expect(found?.bytes.length).toBe(190);
    expect(found?.marker).toMatchObject({ provisioner: "openhcl", reason: "empty", shape: "hcl_version" });
    expect(openStoreSync(disk).readMarker()).toEqual(found);
  });

  test("is null when there is none", async () => {
    const { store } = await freshStore();
    expect(await store.readMarker()).toBeNull();
  });

  test("of a prototype is found in file 17, and said to be misplaced", async () => {
    const disk = openMemoryDisk(await goldenImage("marker-in-17"));
    expect(await (await openStore(disk)).readMarker()).toMatchObject({
      fileId: TPM_NVRAM_BACKUP,
      misplaced: true,
    });
  });

  test("in file 18 counts, whatever is in file 17", async () => {
    const { store } = await freshStore();
    await store.write(TPM_NVRAM_BACKUP, marker);
    await store.write(PROVISIONING_MARKER, marker);
    expect(await store.readMarker()).toMatchObject({ fileId: PROVISIONING_MARKER, misplaced: false });
  });

  test.each<[string, Uint8Array]>([
    ["a TPM state that belongs there", patterned(4000, 1)],
    ["a large TPM state, which is not read", new Uint8Array(32768)],
    ["other JSON", new TextEncoder().encode('{"a":1}')],
    ["nothing", new Uint8Array(0)],
  ])("is not seen in file 17 when that holds %s", async (_, content) => {
    const { store } = await freshStore();
    await store.write(TPM_NVRAM_BACKUP, content);
    expect(await store.readMarker()).toBeNull();
  });

  test("is not looked for in a file 17 that is encrypted and locked", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(TPM_NVRAM_BACKUP, marker);
    expect(await (await openStore(disk)).readMarker()).toBeNull();
    expect(await (await openStore(disk, { key })).readMarker()).toMatchObject({ misplaced: true });
  });

  test("that is malformed or too large is refused, and can still be read raw", async () => {
    const { store } = await freshStore();
    await store.write(PROVISIONING_MARKER, patterned(100, 1));
    expect(await codeOf(() => store.readMarker())).toBe("VMGS_MARKER_MALFORMED");
    expect((await store.readRaw(PROVISIONING_MARKER)).length).toBe(100);
    await store.write(PROVISIONING_MARKER, patterned(65_537, 1));
    expect(await codeOf(() => store.readMarker())).toBe("VMGS_MARKER_TOO_LARGE");
    const golden = await openStore(openMemoryDisk(await goldenImage("marker-malformed")));
    expect(await codeOf(() => golden.readMarker())).toBe("VMGS_MARKER_MALFORMED");
  });

  test("of an earlier draft is read with its null reason and its unknown field", async () => {
    const store = await openStore(openMemoryDisk(await goldenImage("marker-null-reason")));
    const found = await store.readMarker();
    expect(found?.marker.reason).toBeNull();
    expect(found?.marker.unknownFields.length).toBe(1);
    expect(found?.marker.problems).toEqual([]);
  });

  test("in an encrypted store is readable without its key", async () => {
    const { disk, store } = await freshStore({ key });
    await store.write(PROVISIONING_MARKER, marker);
    const locked = await openWritableStore(disk);
    expect((await locked.readMarker())?.marker.version).toBe("1");
  });
});
