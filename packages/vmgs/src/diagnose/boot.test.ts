/** The forecast of a boot is what the boot then does, and tells what is lost by it. */

import { describe, expect, test } from "vitest";
import { createStoreImage, placeOf } from "../../test/diagnosis-fixtures.ts";
import { codeOf } from "../../test/expect-error.ts";
import { type GoldenStore, goldenFile, goldenImage, goldenStores } from "../../test/golden-data.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { isVmgsError, type VmgsError } from "../errors/index.ts";
import { headerOffset, otherSlot } from "../format/index.ts";
import { fromHex } from "../layout/index.ts";
import { guestStateLifetimes, provisionDisk } from "../provisioning/index.ts";
import { memorySource } from "../source/index.ts";
import { listFiles, openStore } from "../store/index.ts";
import { type BootForecast, type ForecastOptions, forecastBoot } from "./index.ts";

const forecastOf = (forecast: BootForecast, lifetime: string) => {
  const found = forecast.lifetimes.find((one) => one.lifetime === lifetime);
  if (found === undefined) throw new Error(lifetime);
  return found;
};
const containerOf = ({ container, sectorSize, name }: GoldenStore): ForecastOptions =>
  container === "raw" && !name.startsWith("corrupt-") ? { container: "raw", sectorSize } : {};

describe.each(goldenStores.map((golden) => [golden.name, golden] as const))("%s", (name, golden) => {
  test("every lifetime does what was forecast", async () => {
    const image = await goldenImage(name);
    const forecast = await forecastBoot(memorySource(image), containerOf(golden));
    expect(forecast.lifetimes.map(({ lifetime }) => lifetime)).toEqual(guestStateLifetimes);
    for (const lifetime of guestStateLifetimes) {
      const { action, reason, event } = forecastOf(forecast, lifetime);
      expect({ lifetime, action, reason, event }).toEqual({
        lifetime,
        ...(await boot(image.slice(), containerOf(golden), lifetime)),
      });
    }
  });
});

/** What a boot does, in the terms of a forecast. */
async function boot(
  image: Uint8Array,
  options: ForecastOptions,
  lifetime: (typeof guestStateLifetimes)[number],
) {
  if (lifetime === "ephemeral") return { action: "ignore", reason: null, event: null };
  try {
    const disk = openMemoryDisk(image, options);
    const { decision } = await provisionDisk(disk, { lifetime, allowTiny: true });
    return {
      action: decision.action,
      reason: decision.action === "format" ? decision.reason : null,
      event: null,
    };
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    return { action: "fail", reason: null, event: eventIn(error) };
  }
}

/** An error of the container comes before any boot: no event. */
const eventIn = ({ code, message }: VmgsError) =>
  code === "VMGS_LIFETIME_REFUSED" ? (/\((\w+)\)/.exec(message)?.[1] ?? null) : null;

describe("what is lost", () => {
  test("a valid store loses all its files when the host asks for reprovisioning, once", async () => {
    const image = await goldenImage("real-vm-plain");
    const forecast = await forecastBoot(memorySource(image));
    expect(forecast.condition).toBe("valid");
    // Its TPM_PPI is a pattern of 261 bytes, which stops the boot.
    expect(forecastOf(forecast, "default")).toMatchObject({ outcome: "fails", losses: null });
    expect(forecast.guest).toMatchObject([
      { kind: "fails", fileId: 2, reason: "too-long", unless: null },
      { fileId: 4 },
    ]);
    const { losses, outcome } = forecastOf(forecast, "reprovision");
    const { files } = await openStore(openMemoryDisk(image));
    expect(outcome).toBe("losesData");
    expect(losses).toEqual({
      complete: true,
      windows: null,
      files: files.map(({ id, name, bytes, encrypted }) => ({ id, name, bytes, encrypted })),
    });
    const request = await forecastBoot(memorySource(await goldenImage("provisioned-request")));
    expect(request.reprovisioned).toBe(true);
    expect(forecastOf(request, "reprovision")).toMatchObject({ action: "open", outcome: "starts" });
    expect(forecastOf(request, "default").why).toContain(
      "`reprovisioned` is cleared, which is a header write",
    );
  });

  test("a store that does not open is listed from the tables of its headers", async () => {
    for (const name of ["corrupt-both-headers-checksum", "corrupt-equal-sequences"]) {
      const forecast = await forecastBoot(memorySource(await goldenImage(name)));
      expect(forecastOf(forecast, "default").outcome).toBe("fails");
      const { losses, outcome } = forecastOf(forecast, "reprovision-on-failure");
      expect(outcome).toBe("losesData");
      expect(losses?.complete).toBe(false);
      expect(losses?.files.map(({ id }) => id)).toEqual([1, 3, 18]);
    }
  });

  test("a wiped disk is no blank one: the default lifetime formats it all the same", async () => {
    const image = await goldenImage("real-vm-plain");
    image.fill(0, 0, 8192);
    const forecast = await forecastBoot(memorySource(image));
    const { action, reason, outcome, losses } = forecastOf(forecast, "default");
    expect([forecast.condition, action, reason, outcome]).toEqual(["empty", "format", "empty", "losesData"]);
    expect(losses?.files.map(({ id }) => id)).toEqual([1, 2, 3, 4, 18]);
    const blank = await forecastBoot(memorySource(await goldenImage("blank-host")));
    expect(forecastOf(blank, "default")).toMatchObject({
      outcome: "starts",
      losses: { files: [], complete: true },
    });
  });

  test("a damaged newer header loses the last change", async () => {
    const image = await createStoreImage({ 30: "twice", 31: "written" });
    const { activeSlot } = (await openStore(openMemoryDisk(image))).state;
    const withDamaged = async (slot: 0 | 1) => {
      const damaged = image.slice();
      damaged[headerOffset(slot, 512)] = 1;
      return forecastBoot(memorySource(damaged));
    };
    const forecast = await withDamaged(activeSlot);
    expect(forecastOf(forecast, "default")).toMatchObject({ action: "open", outcome: "losesData" });
    expect(forecastOf(forecast, "ephemeral").outcome).toBe("starts");
    expect(forecastOf(await withDamaged(otherSlot(activeSlot)), "default").outcome).toBe("starts");
  });
});

describe("the disk", () => {
  test("a file that the host can't attach fails before OpenHCL, but for an ephemeral guest state", async () => {
    const forecast = await forecastBoot(memorySource(await goldenImage("corrupt-footer-checksum")));
    expect(forecast.condition).toBe("noDisk");
    expect(forecast.lifetimes.map(({ action, event }) => [action, event])).toEqual([
      ["fail", null],
      ["fail", null],
      ["fail", null],
      ["ignore", null],
    ]);
  });

  test("a blank disk without a footer is refused as a VHD, and formatted as a raw disk", async () => {
    const image = memorySource(new Uint8Array(65_536));
    const asVhd = await forecastBoot(image);
    expect(asVhd.error?.code).toBe("VMGS_VHD_FOOTER_MISSING");
    expect(asVhd.notes).toContain("given to a host as a raw disk it is blank: look again with --disk raw");
    const asRaw = await forecastBoot(image, { container: "raw" });
    expect(forecastOf(asRaw, "default")).toMatchObject({
      action: "format",
      reason: "empty",
      outcome: "starts",
    });
  });

  test("a raw image tells what a host with the other sector size would find", async () => {
    const image = await goldenImage("sector-4096-raw");
    // The newer header at byte 4096, the older one at byte 0.
    const disk = openMemoryDisk(image.slice(), { container: "raw", sectorSize: 4096 });
    await provisionDisk(disk);
    const store = await openStore(disk);
    const right = await forecastBoot(memorySource(image), { container: "raw", sectorSize: 4096 });
    const wrong = await forecastBoot(memorySource(image), { container: "raw", sectorSize: 512 });
    expect(right.sequence).toBe(store.state.header.sequence);
    expect(wrong.notes.join()).toContain(
      "lies at byte 4096, where disks with other sectors than 512 bytes have it",
    );
    const moved = image.slice();
    moved.set(image.subarray(4096, 4096 + 168), 0);
    moved.set(image.subarray(0, 168), 4096);
    const swapped = await forecastBoot(memorySource(moved), { container: "raw", sectorSize: 4096 });
    expect(swapped.otherSectorSize).toMatchObject({ sectorSize: 512, condition: "valid" });
    expect(swapped.otherSectorSize?.sequence).not.toBe(swapped.sequence);
  });

  test("options that the file can't have are the caller's fault", async () => {
    const image = memorySource(await goldenImage("provisioned-empty"));
    expect(await codeOf(() => forecastBoot(image, { sectorSize: 4096 }))).toBe("VMGS_SECTOR_SIZE");
  });
});

describe("the key", () => {
  test.each([
    ["provisioned-empty", false, "none", 0],
    // Its key protector is a pattern of 8192 bytes.
    ["encrypted", true, "unknown", 1],
    ["encrypted-gspbyid", true, "gspById", 1],
    ["encrypted-kind-unknown", true, "unknown", 1],
    ["encrypted-two-keys", true, "unknown", 2],
  ] as const)("%s: needed %s, protection %s, %i slots", async (name, needed, protection, keySlots) => {
    const { key } = await forecastBoot(memorySource(await goldenImage(name)));
    expect(key).toMatchObject({ needed, protection, keySlots, opens: null, impossible: null });
  });

  test("one that is given is tried", async () => {
    const golden = goldenStores.find(({ name }) => name === "encrypted");
    const image = memorySource(await goldenImage("encrypted"));
    const right = await forecastBoot(image, { key: fromHex(golden?.keys[0] ?? "") as Uint8Array });
    expect(right.key.opens).toBe(true);
    expect((await forecastBoot(image, { key: testKey(9) })).key.opens).toBe(false);
  });

  test("a store that no key can open fails after it was opened", async () => {
    const forecast = await forecastBoot(memorySource(await goldenImage("corrupt-algorithm-1-no-keys")));
    expect(forecast.key.impossible).toContain("no key slot is in use");
    expect(forecastOf(forecast, "default")).toMatchObject({ action: "open", outcome: "fails", event: null });
  });
});

describe("the vTPM", () => {
  const withState = async (state: Uint8Array) =>
    forecastBoot(memorySource(await createStoreImage({ 3: state })));

  test.each([
    ["fresh-32k", "restored", "starts"],
    ["provisioned-32k", "restored", "starts"],
    ["legacy-owner-cert-16k", "restored", "starts"],
    ["truncated-16k", "repaired", "losesData"],
  ] as const)("%s is %s: %s", async (name, outcome, bootOutcome) => {
    const forecast = await withState(await goldenFile(`tpm-nvram/${name}.bin`));
    expect(forecast.tpm.outcome).toBe(outcome);
    expect(forecastOf(forecast, "default").outcome).toBe(bootOutcome);
  });

  test("a truncated state of 16 KiB is cut where its list breaks", async () => {
    const { tpm } = await withState(await goldenFile("tpm-nvram/truncated-16k.bin"));
    expect(tpm).toMatchObject({ bytes: 16_384, cutAt: 11_372 });
  });

  test("the same break in a state of 32 KiB is not repaired: the VM does not start", async () => {
    const state = await goldenFile("tpm-nvram/fresh-32k.bin");
    new DataView(state.buffer).setUint32(placeOf.firstTpmEntry, 40_000, true);
    const forecast = await withState(state);
    expect(forecast.tpm).toMatchObject({ outcome: "refused", cutAt: null });
    expect(forecastOf(forecast, "default").outcome).toBe("fails");
  });

  test("a state of another size is refused, and bytes that are none", async () => {
    const refused = await withState((await goldenFile("tpm-nvram/fresh-32k.bin")).subarray(0, 20_000));
    expect(refused.tpm.outcome).toBe("refused");
    expect(forecastOf(refused, "default")).toMatchObject({ action: "open", outcome: "fails" });
    expect(forecastOf(refused, "reprovision").action).toBe("format");
    const none = await withState(new Uint8Array(32_768).fill(1));
    expect(none.tpm.outcome).toBe("refused");
    expect(forecastOf(none, "default").outcome).toBe("fails");
  });

  test("an encrypted state is only known with the key", async () => {
    const state = await goldenFile("tpm-nvram/truncated-16k.bin");
    const key = testKey(3);
    const image = memorySource(await createStoreImage({ 3: state }, { key, encrypt: [3] }));
    expect((await forecastBoot(image)).tpm.outcome).toBe("unknown");
    expect((await forecastBoot(image, { key })).tpm.outcome).toBe("repaired");
  });
});

describe("where the reference is known to do otherwise, a note says so", () => {
  test.each([
    ["corrupt-table-offset-past-end", "may report InitFailed"],
    ["corrupt-entry-wrap", "it may open this store"],
  ])("%s", async (name, words) => {
    const { notes } = await forecastBoot(memorySource(await goldenImage(name)));
    expect(notes.join()).toContain(words);
  });
});

test("a file in the store that is not one of the known is lost, too", async () => {
  const disk = createMemoryDisk(262_144);
  const { store } = await provisionDisk(disk);
  await store?.write(40, new Uint8Array(5));
  const forecast = await forecastBoot(memorySource(disk.image), { container: "raw" });
  expect(forecastOf(forecast, "reprovision").losses?.files).toContainEqual({
    id: 40,
    name: null,
    bytes: 5,
    encrypted: false,
  });
  expect(listFiles((await openStore(disk)).state).length).toBe(2);
});
