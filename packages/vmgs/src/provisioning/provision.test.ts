/** The boot table carried out: what is on the disk afterwards, and what the boot is told. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, goldenStores, patterned, sha256 } from "../../test/golden-data.ts";
import { eventText, failing, type RecordingDisk, recordingDisk } from "../../test/recording-disk.ts";
import {
  firstDifference,
  freshStore,
  headersOf,
  placesOf,
  stateOn,
  testKey,
} from "../../test/store-fixtures.ts";
import { createMemoryDisk, type MemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { decodeMarker } from "../format/index.ts";
import { formatStore, openStore, openWritableStore, saveStore } from "../store/index.ts";
import { platformAkCertAttributes } from "../tpm/index.ts";
import {
  examineDisk,
  type GuestStateLifetime,
  guestStateLifetimes,
  provisionDisk,
  provisioningMarker,
  wasProvisionedThisBoot,
  writerVersion,
} from "./index.ts";

const BYTES = 64 * 4096;
const key = testKey(1);
const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array(0));

type Kind = "valid" | "reprovisioned" | "empty" | "garbage" | "corrupt" | "v1" | "unreadable";

async function diskOf(kind: Kind): Promise<RecordingDisk & { readonly memory: MemoryDisk }> {
  const memory = createMemoryDisk(BYTES);
  if (kind === "garbage") memory.image.fill(0x55);
  if (kind === "v1") memory.image.set(new TextEncoder().encode("EFI PART"), 512);
  if (kind === "valid" || kind === "reprovisioned" || kind === "corrupt") {
    const store = await formatStore(memory);
    await store.write(3, patterned(5000, 3));
    await store.commit([{ kind: "markReprovisioned", value: kind === "reprovisioned" }]);
    // Two valid headers with the same sequence number.
    if (kind === "corrupt") memory.image.copyWithin(512, 0, 512);
  }
  const disk = recordingDisk(memory);
  if (kind === "unreadable") {
    let reads = 0;
    disk.before = failing(
      (event) => event.kind === "read" && reads++ === 0,
      () => new VmgsError("VMGS_IO", "unreadable"),
    );
  }
  return Object.assign(disk, { memory });
}

const EVENTS: Readonly<Partial<Record<Kind, string>>> = {
  garbage: "InvalidFormat",
  v1: "InvalidFormat",
  corrupt: "CorruptFormat",
  unreadable: "InitFailed",
};

interface Row {
  readonly lifetime: GuestStateLifetime;
  readonly found: readonly Kind[];
  readonly action: "open" | "format" | "fail" | "ignore";
  readonly reason?: string;
  /** `reprovisioned` in the header afterwards. */
  readonly marked?: boolean;
}

const bad = ["garbage", "corrupt", "v1", "unreadable"] as const;
const table: readonly Row[] = [
  { lifetime: "default", found: ["valid", "reprovisioned"], action: "open", marked: false },
  { lifetime: "default", found: ["empty"], action: "format", reason: "empty", marked: false },
  { lifetime: "default", found: bad, action: "fail" },
  { lifetime: "reprovision-on-failure", found: ["valid", "reprovisioned"], action: "open", marked: false },
  { lifetime: "reprovision-on-failure", found: ["empty"], action: "format", reason: "empty", marked: false },
  { lifetime: "reprovision-on-failure", found: bad, action: "format", reason: "failure", marked: false },
  { lifetime: "reprovision", found: ["reprovisioned"], action: "open", marked: true },
  {
    lifetime: "reprovision",
    found: ["valid", "empty", ...bad],
    action: "format",
    reason: "request",
    marked: true,
  },
  { lifetime: "ephemeral", found: ["valid", "reprovisioned", "empty", ...bad], action: "ignore" },
];
const cells = table.flatMap((row) => row.found.map((kind) => [row.lifetime, kind, row.action, row] as const));

describe("a boot with lifetime", () => {
  test.each(cells)("%s on a disk that is %s: %s", async (lifetime, kind, action, row) => {
    const disk = await diskOf(kind);
    const before = disk.image.slice();
    if (action === "fail") {
      const error = await errorOf(() => provisionDisk(disk, { lifetime }));
      expect(error.code).toBe("VMGS_LIFETIME_REFUSED");
      expect(error.message).toContain(`the boot fails (${EVENTS[kind]})`);
      expect(error.cause).toBeInstanceOf(VmgsError);
      expect(disk.events.filter((event) => event.kind !== "read")).toEqual([]);
      expect(firstDifference(disk.image, before)).toBeNull();
      return;
    }
    const { decision, store, marker, warnings } = await provisionDisk(disk, { lifetime });
    expect(decision.action).toBe(action);
    expect(warnings).toEqual([]);
    if (action === "ignore") {
      expect([store, marker]).toEqual([null, null]);
      expect(disk.events).toEqual([]);
      return;
    }
    const state = stateOn(disk.memory);
    expect(state.header.markers === 1).toBe(row.marked);
    if (action === "open") {
      expect(marker).toBeNull();
      expect(store?.provisioningReason).toBeNull();
      expect(placesOf(state)).toContain("3 at 5+2");
      expect(state.files.has(18)).toBe(false);
      return;
    }
    expect(decision).toMatchObject({ reason: row.reason });
    expect(store?.provisioningReason).toBe(row.reason);
    const found = await (await openStore(disk)).readMarker();
    expect(found?.bytes).toEqual(marker);
    expect(found?.marker).toMatchObject({ provisioner: "openhcl", reason: row.reason });
    expect([...state.files.keys()]).toEqual([0, 18, 63]);
  });

  test.each(guestStateLifetimes)("%s that restores saved state resumes without I/O", async (lifetime) => {
    const disk = await diskOf("valid");
    const savedState = saveStore(await openWritableStore(disk));
    disk.events.length = 0;
    const { decision, store, marker, warnings } = await provisionDisk(disk, { lifetime, savedState });
    expect(decision).toEqual({ action: "resume" });
    expect(disk.events).toEqual([]);
    expect([marker, warnings, store?.provisioningReason]).toEqual([null, [], null]);
    expect(await store?.readFile(3)).toEqual(patterned(5000, 3));
  });
});

test("a disk that became empty is not formatted when the boot resumes, and the first change is refused", async () => {
  const disk = await diskOf("valid");
  const savedState = saveStore(await openWritableStore(disk));
  disk.image.fill(0);
  const { store } = await provisionDisk(disk, { savedState });
  expect(disk.image.every((byte) => byte === 0)).toBe(true);
  expect(await codeOf(() => store?.write(1, patterned(1, 1)))).toBe("VMGS_CHANGED_UNDERNEATH");
});

test("a valid store that needs no clearing is not written at all", async () => {
  const disk = await diskOf("valid");
  await provisionDisk(disk);
  expect(disk.events.filter(({ kind }) => kind !== "read")).toEqual([]);
});

test("`reprovisioned` is cleared by one header write", async () => {
  const disk = await diskOf("reprovisioned");
  await provisionDisk(disk);
  expect(disk.events.filter(({ kind }) => kind !== "read").map(eventText)).toEqual([
    "flush",
    "write 512+512",
    "flush",
  ]);
});

test("reprovisioning on request sets the mark by a second header write, before the marker", async () => {
  const disk = await diskOf("empty");
  const { store } = await provisionDisk(disk, { lifetime: "reprovision" });
  if (store === null) throw new Error("the store is in use");
  expect(headersOf(store.state)).toBe("slot 0, sequence 3, table 4");
  expect(store.state.headers[1].header).toMatchObject({ sequence: 2, markers: 1, fileTableOffset: 2 });
});

test("a disk is examined without writing", async () => {
  const kinds: [Kind, unknown][] = [
    ["valid", { kind: "valid", reprovisioned: false }],
    ["reprovisioned", { kind: "valid", reprovisioned: true }],
    ["empty", { kind: "empty" }],
    ["garbage", { kind: "unusable", error: expect.objectContaining({ code: "VMGS_NO_VALID_HEADER" }) }],
    ["v1", { kind: "unusable", error: expect.objectContaining({ code: "VMGS_V1_FORMAT" }) }],
    ["unreadable", { kind: "unusable", error: expect.objectContaining({ code: "VMGS_IO" }) }],
  ];
  for (const [kind, expected] of kinds) {
    const disk = await diskOf(kind);
    expect(await examineDisk(disk)).toEqual(expected);
    expect(disk.events.filter((event) => event.kind !== "read")).toEqual([]);
  }
});

test("whether a store was provisioned in this session is told by its reason alone", async () => {
  const disk = createMemoryDisk(BYTES);
  const first = await provisionDisk(disk);
  expect([first.store?.provisioningReason, first.store && wasProvisionedThisBoot(first.store)]).toEqual([
    "empty",
    true,
  ]);
  const second = await provisionDisk(disk);
  expect([second.store?.provisioningReason, second.store && wasProvisionedThisBoot(second.store)]).toEqual([
    null,
    false,
  ]);
  expect(wasProvisionedThisBoot(await formatStore(disk))).toBe(true);
  expect((await formatStore(disk)).provisioningReason).toBe("request");
  expect(wasProvisionedThisBoot(await openWritableStore(disk))).toBe(false);
});

describe("the marker", () => {
  test("of a boot is the golden one, byte for byte, and so is the store around it", async () => {
    const golden = goldenStores.find(({ name }) => name === "provisioned-empty");
    const disk = createMemoryDisk(4_194_304);
    const version = "f85a038845b4fd5c74726be38f4be690c99db8c6";
    const { marker } = await provisionDisk(disk, { marker: { version } });
    expect(await sha256(marker ?? new Uint8Array(0))).toBe(
      "eab2e8d5a7db108f74486aeffb486ffe7f58e1cad5961444a83c49897e1914ff",
    );
    expect(await sha256(disk.image)).toBe(golden?.storeSha256);
  });

  test("in the merged shape gives the golden store of the merged code", async () => {
    const merged = openMemoryDisk(await goldenImage("provisioned-empty-merged"));
    const theirs = await (await openStore(merged)).readMarker();
    const disk = createMemoryDisk(4_194_304);
    const version = theirs?.marker.version ?? "";
    const { marker } = await provisionDisk(disk, {
      marker: { version, versionKey: "provisioner_version" },
    });
    expect(text(marker)).toBe(text(theirs?.bytes ?? null));
  });

  test("says what OpenHCL would say, unless told otherwise", () => {
    expect(provisioningMarker("empty")).toEqual({
      provisioner: "openhcl",
      reason: "empty",
      tpmVersion: "1.38",
      tpmNvramSize: 32768,
      akcertSize: 4096,
      akcertAttributes: 0x42060004,
      version: writerVersion,
    });
    const given = {
      provisioner: "hcl",
      tpmVersion: "1.85",
      tpmNvramSize: 16384,
      akcertSize: 1024,
      akcertAttributes: 5,
      version: "v",
    };
    expect(provisioningMarker("failure", given)).toEqual({ ...given, reason: "failure" });
  });

  test("takes the attributes of the certificate index from their bits", () => {
    expect(platformAkCertAttributes()).toBe(0x42060004);
    expect(provisioningMarker("empty").akcertAttributes).toBe(platformAkCertAttributes());
  });

  test("is left away when it is not wanted", async () => {
    const disk = createMemoryDisk(BYTES);
    const { marker, warnings, store } = await provisionDisk(disk, { marker: false });
    expect([marker, warnings]).toEqual([null, []]);
    expect(store?.files).toEqual([]);
  });

  test("is plain in a store that is encrypted from the start", async () => {
    const disk = createMemoryDisk(BYTES);
    const { store } = await provisionDisk(disk, { key });
    expect(store?.state.unlocked).not.toBeNull();
    const locked = await openStore(disk);
    expect(locked.files.map(({ id, encrypted }) => [id, encrypted])).toEqual([[18, false]]);
    expect((await locked.readMarker())?.marker.reason).toBe("empty");
    expect(await codeOf(() => openStore(disk, { key }))).toBe("done");
  });

  test("with a value that can't be written is refused before anything is lost", async () => {
    const disk = await diskOf("valid");
    const before = disk.image.slice();
    const marker = { version: "\u001b[2J" };
    expect(await codeOf(() => provisionDisk(disk, { lifetime: "reprovision", marker }))).toBe(
      "VMGS_MARKER_VALUE",
    );
    expect(firstDifference(disk.image, before)).toBeNull();
  });

  test.each<[string, () => unknown]>([
    ["the disk is full", () => new VmgsError("VMGS_DISK_FULL", "no space left")],
    ["the disk fails with an error of its own", () => new DOMException("quota", "QuotaExceededError")],
    ["the disk throws a string", () => "broken"],
  ])("that can't be written because %s is a warning, and the boot goes on", async (_, error) => {
    const disk = recordingDisk(createMemoryDisk(BYTES));
    // The first write behind the two tables of a fresh store belongs to the marker.
    disk.before = failing((event) => event.kind === "write" && event.offset >= 4 * 4096, error);
    const { store, marker, warnings } = await provisionDisk(disk);
    expect(marker).toBeNull();
    expect(warnings).toEqual([
      { code: "VMGS_MARKER_NOT_WRITTEN", message: expect.stringMatching(/^the marker was not written: ./) },
    ]);
    disk.before = () => undefined;
    expect(store?.provisioningReason).toBe("empty");
    await store?.write(3, patterned(10, 1));
    expect((await openStore(disk)).files.map(({ id }) => id)).toEqual([3]);
  });

  test("for which there is no room is a warning, in a store too small for any file", async () => {
    const { warnings, store } = await provisionDisk(createMemoryDisk(4 * 4096), { allowTiny: true });
    expect(warnings.map(({ code }) => code)).toEqual(["VMGS_MARKER_NOT_WRITTEN"]);
    expect(warnings[0]?.message).toContain("needs 1 blocks");
    expect(store).not.toBeNull();
  });

  test("of an earlier store does not survive a format", async () => {
    const disk = await diskOf("valid");
    const { marker } = await provisionDisk(disk, { lifetime: "reprovision" });
    expect(decodeMarker(marker ?? new Uint8Array(0)).reason).toBe("request");
    const again = await provisionDisk(disk, { lifetime: "reprovision" });
    expect(again.decision.action).toBe("open");
    expect((await openStore(disk)).files.map(({ id }) => id)).toEqual([18]);
  });
});

describe("formatting that can't be done is refused and leaves the disk as it was:", () => {
  test.each<[string, Uint8Array, string]>([
    ["a key of 31 bytes", key.subarray(1), "VMGS_KEY_LENGTH"],
    ["a key of zeros", new Uint8Array(32), "VMGS_KEY_ZERO"],
  ])("%s", async (_, badKey, code) => {
    for (const kind of ["empty", "valid", "garbage"] as const) {
      const disk = await diskOf(kind);
      const before = disk.image.slice();
      expect(await codeOf(() => provisionDisk(disk, { lifetime: "reprovision", key: badKey }))).toBe(code);
      expect(firstDifference(disk.image, before)).toBeNull();
    }
  });

  test("a disk of 4 blocks, without permission", async () => {
    const disk = createMemoryDisk(4 * 4096);
    expect(await codeOf(() => provisionDisk(disk))).toBe("VMGS_DISK_TOO_SMALL");
    expect(disk.image.every((byte) => byte === 0)).toBe(true);
  });

  test("a raw image whose sector size is not known", async () => {
    const image = new Uint8Array(BYTES);
    const disk = openMemoryDisk(image, { container: "raw" });
    expect(await codeOf(() => provisionDisk(disk))).toBe("VMGS_SECTOR_SIZE_UNKNOWN");
    expect(image.every((byte) => byte === 0)).toBe(true);
  });
});

test("an existing store is not encrypted by a key that is given for new ones", async () => {
  const { disk, store } = await freshStore();
  await store.write(3, patterned(10, 1));
  const image = disk.image.slice();
  await provisionDisk(disk, { key });
  expect(firstDifference(disk.image, image)).toBeNull();
});
