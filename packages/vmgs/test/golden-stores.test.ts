/** Every golden store opens, unlocks and reads exactly as the reference saw it, and as its layout says. */

import { describe, expect, test } from "vitest";
import {
  type Disk,
  listFiles,
  openMemoryDisk,
  openStore,
  type Store,
  storeWarnings,
  VmgsError,
} from "../src/index.ts";
import { fromHex } from "../src/layout/index.ts";
import { run } from "../src/steps/index.ts";
import { zeroMetadataKeySteps } from "../src/store/rooms.ts";
import { type GoldenStore, goldenImage, goldenStores, sha256 } from "./golden-data.ts";

/** Stores that the reference opens and we refuse, with the stricter rule of the specification. */
const REFUSED_BY_US: Readonly<Record<string, string>> = {
  "corrupt-entry-wrap": "VMGS_CORRUPT_FILE_TABLE",
};
/** Stores that the reference refuses and we open, with the reason. */
const OPENED_BY_US: Readonly<Record<string, string>> = {
  "corrupt-footer-missing": "a raw image with a valid header opens, with a warning",
  "corrupt-footer-cookie": "the same: a footer without its cookie is none",
};
/** Files that the reference can't read and we can: spec section 10. */
const READ_BY_US: Readonly<Record<string, readonly number[]>> = {
  "encrypted-zero-ciphertext": [4],
  "encrypted-zero-length": [3],
  "encrypted-locked-overwrite": [3],
};
/** Where the description's own reading judged without the tag: a zero nonce alone is no zero metadata key. */
const NO_ZERO_KEY = ["corrupt-algorithm-1-no-keys"];

/** Where the description follows the newer header although its version is unknown; the reference follows the older. */
const OTHER_LAYOUT = ["corrupt-version-4-newer"];

const EXPECTED_CODES: Readonly<Record<string, string>> = {
  "blank-host": "VMGS_EMPTY_STORE",
  "corrupt-511-bytes": "VMGS_DISK_SIZE",
  "corrupt-512-zeros": "VMGS_VHD_FOOTER_MISSING",
  "corrupt-algorithm-2": "VMGS_NO_VALID_HEADER",
  "corrupt-both-headers-checksum": "VMGS_NO_VALID_HEADER",
  "corrupt-entry-offset-1": "VMGS_CORRUPT_FILE_TABLE",
  "corrupt-entry-past-end": "VMGS_CORRUPT_FILE_TABLE",
  "corrupt-entry-valid-huge": "VMGS_CORRUPT_FILE_TABLE",
  "corrupt-entry-valid-too-large": "VMGS_CORRUPT_FILE_TABLE",
  "corrupt-equal-sequences": "VMGS_SEQUENCE_CONFLICT",
  "corrupt-footer-checksum": "VMGS_VHD_CHECKSUM",
  "corrupt-footer-dynamic": "VMGS_VHD_NOT_FIXED",
  "corrupt-footer-size-larger": "VMGS_VHD_SIZE",
  "corrupt-footer-size-odd": "VMGS_VHD_SIZE",
  "corrupt-footer-version": "VMGS_VHD_VERSION",
  "corrupt-header-size": "VMGS_NO_VALID_HEADER",
  "corrupt-sequence-gap": "VMGS_SEQUENCE_CONFLICT",
  "corrupt-table-offset-1": "VMGS_NO_VALID_HEADER",
  "corrupt-table-offset-past-end": "VMGS_FILE_TABLE_OUT_OF_RANGE",
  "corrupt-table-size-2": "VMGS_NO_VALID_HEADER",
  "corrupt-truncated-1-byte": "VMGS_DISK_SIZE",
  "corrupt-truncated-middle": "VMGS_VHD_SIZE",
  "corrupt-v1-gpt": "VMGS_V1_FORMAT",
  "corrupt-version-2": "VMGS_VERSION_UNSUPPORTED",
  ...REFUSED_BY_US,
};

async function diskOf(golden: GoldenStore): Promise<Disk> {
  const image = await goldenImage(golden.name);
  if (golden.container === "vhd") return openMemoryDisk(image);
  return openMemoryDisk(image, { container: "raw", sectorSize: golden.sectorSize });
}

async function failure(action: Promise<unknown>): Promise<VmgsError> {
  const error: unknown = await action.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof VmgsError) return error;
  throw error;
}

test("there are golden stores to walk", () => {
  expect(goldenStores.length).toBeGreaterThanOrEqual(91);
});

describe.each(goldenStores.map((golden) => [golden.name, golden] as const))("%s", (name, golden) => {
  const refused = name in REFUSED_BY_US || (golden.reference.open !== "ok" && !(name in OPENED_BY_US));

  if (refused) {
    test("is refused with its code, and left as it was", async () => {
      const image = await goldenImage(name);
      const error = await failure((async () => openStore(await diskOf(golden)))());
      expect(error.code).toBe(EXPECTED_CODES[name]);
      expect(error.message.length).toBeGreaterThan(10);
      expect(error.hint.length).toBeGreaterThan(10);
      expect(await sha256(image)).toBe(golden.sha256);
    });
    return;
  }

  test("opens with the layout that is described", async () => {
    const store = await openStore(await diskOf(golden));
    const { state } = store;
    const { layout, reference } = golden;
    expect(
      listFiles(state, { all: true }).map(({ id, bytes, allocatedBytes }) => [id, bytes, allocatedBytes]),
    ).toEqual(
      reference.table?.map(({ id, valid, allocated }) => [id, valid, allocated]) ?? expect.anything(),
    );
    if (layout === undefined || OTHER_LAYOUT.includes(name)) return;
    expect({
      active: state.activeSlot,
      sequence: state.header.sequence,
      fileTableBlock: state.header.fileTableOffset,
      algorithm: state.header.encryptionAlgorithm,
      reprovisioned: (state.header.markers & 1) === 1,
    }).toEqual({
      active: layout.active,
      sequence: layout.sequence,
      fileTableBlock: layout.fileTableBlock,
      algorithm: layout.algorithm,
      reprovisioned: layout.reprovisioned,
    });
    expect(
      [...state.files.values()].map(({ fileId, block, blocks, byteLength, attributes }) => [
        fileId,
        block,
        blocks,
        byteLength,
        attributes,
      ]),
    ).toEqual(
      layout.files.map(({ id, block, blocks, bytes, attributes }) => [id, block, blocks, bytes, attributes]),
    );
    const zeroKey = await run(zeroMetadataKeySteps(state), await diskOf(golden));
    expect(zeroKey).toBe(layout.zeroMetadataKey && !NO_ZERO_KEY.includes(name));
    for (const file of layout.files) {
      if (file.rawSha256 === undefined) continue;
      expect(await sha256(await store.readRaw(file.id)), `raw bytes of file ${file.id}`).toBe(file.rawSha256);
    }
  });

  test("unlocks and reads what the reference reads, and no more", async () => {
    const store = await openStore(await diskOf(golden));
    await unlockAsDescribed(store, golden);
    for (const [id, read] of Object.entries(golden.reference.reads ?? {})) {
      const fileId = Number(id);
      if (read.error === undefined) {
        const content = await store.readFile(fileId);
        expect([content.length, await sha256(content)], `content of file ${id}`).toEqual([
          read.length,
          read.sha256,
        ]);
      } else if (READ_BY_US[name]?.includes(fileId)) {
        const file = golden.layout?.files.find((candidate) => candidate.id === fileId);
        expect((await store.readFile(fileId)).length).toBe(file?.bytes);
      } else {
        const { code } = await failure(store.readFile(fileId));
        const expected = read.error.startsWith("FileInfoNotAllocated")
          ? ["VMGS_FILE_NOT_ALLOCATED"]
          : ["VMGS_NEEDS_UNLOCK", "VMGS_AUTHENTICATION_FAILED"];
        expect(expected, `file ${id}: ${read.error}`).toContain(code);
      }
    }
  });
});

async function unlockAsDescribed(store: Store, { reference, keys, name }: GoldenStore): Promise<void> {
  const { unlock } = reference;
  if (unlock === null || unlock === undefined) return;
  const slot = typeof unlock === "object" && "activeKey" in unlock ? unlock.activeKey : undefined;
  const key = fromHex(keys[0] ?? "") as Uint8Array;
  if (slot === undefined) {
    const { code } = await failure(store.unlock(key));
    expect(["VMGS_WRONG_KEY", "VMGS_EXTENDED_FILE_TABLE", "VMGS_NOT_ENCRYPTED"], name).toContain(code);
    return;
  }
  await store.unlock(key);
  expect(store.state.unlocked?.keySlot).toBe(slot);
}

test("stores that break a stricter rule are told about", async () => {
  const warned: Record<string, string> = {
    "corrupt-entry-overlap": "VMGS_ALLOCATIONS_OVERLAP",
    "corrupt-entry-overlaps-table": "VMGS_ALLOCATIONS_OVERLAP",
    "corrupt-entry-0-elsewhere": "VMGS_TABLE_ENTRY_MISMATCH",
    "corrupt-entry-0-missing": "VMGS_TABLE_ENTRY_MISMATCH",
    "corrupt-entry-63-missing": "VMGS_TABLE_ENTRY_MISMATCH",
    "corrupt-entry-attributes-plain-store": "VMGS_ENCRYPTED_IN_PLAIN_STORE",
    "corrupt-header-reserved": "VMGS_RESERVED_NOT_ZERO",
    "corrupt-stale-header-checksum": "VMGS_OTHER_HEADER_INVALID",
    "corrupt-active-header-checksum": "VMGS_ACTIVE_HEADER_LOST",
    "corrupt-algorithm-1-no-keys": "VMGS_NO_KEY_SLOT",
    "tiny-4-blocks": "VMGS_STORE_TOO_SMALL",
    "provisioned-empty": "",
  };
  for (const [name, code] of Object.entries(warned)) {
    const { state } = await openStore(openMemoryDisk(await goldenImage(name)));
    expect(
      storeWarnings(state).map((warning) => warning.code),
      name,
    ).toEqual(code === "" ? [] : expect.arrayContaining([code]));
  }
});
