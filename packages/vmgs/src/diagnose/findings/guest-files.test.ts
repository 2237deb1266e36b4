/** What the doctor says of the guest's small files, and that the forecast of a boot agrees. */

import { describe, expect, test } from "vitest";
import { createStoreImage, examine } from "../../../test/diagnosis-fixtures.ts";
import { goldenFile, goldenImage, goldenStores } from "../../../test/golden-data.ts";
import { testKey } from "../../../test/store-fixtures.ts";
import { openMemoryDisk } from "../../disk/index.ts";
import { inspectDisk } from "../../inspect/index.ts";
import { memorySource } from "../../source/index.ts";
import { type AssumedVm, diagnose, forecastBoot } from "../index.ts";

const guestFile = (name: string) => goldenFile(`guest-files/${name}.bin`);
const caseFile = (name: string) => goldenFile(`cases/${name}.bin`);

type Files = Readonly<Record<number, Uint8Array | string>>;
const encrypted = { key: testKey(3) };

/** The default lifetime of the next boot. */
async function bootOf(image: Uint8Array, vm: Partial<AssumedVm> = {}) {
  const forecast = await forecastBoot(memorySource(image), { vm });
  const [first] = forecast.lifetimes;
  return { ...forecast, outcome: first?.outcome, why: first?.why.join("\n") };
}

describe("cases that people meet", () => {
  test("a hibernation token of zero: not hibernated", async () => {
    const { findings } = await examine(await createStoreImage({ 14: await caseFile("token-zero") }));
    expect(findings.filter(({ evidence }) => evidence.fileId === 14)).toEqual([]);
  });

  test("a hibernation token of 1.9: hibernated under that firmware", async () => {
    const { of } = await examine(await createStoreImage({ 14: await caseFile("token-v1_9") }));
    expect(of("guest-hibernated")).toMatchObject([
      { evidence: { fileId: 14, value: "265", version: "1.9" } },
    ]);
  });

  test("a hibernation token of another length: taken as absent", async () => {
    const { of, ids } = await examine(await createStoreImage({ 14: await guestFile("hibernation-7") }));
    expect(ids).not.toContain("guest-hibernated");
    expect(of("guest-file-not-as-expected")).toMatchObject([
      { evidence: { fileId: 14, reason: "too-short" } },
    ]);
  });

  test("a hardware key protector of version 3: protection is hardware", async () => {
    const image = await createStoreImage({ 11: await caseFile("hwkp-v3") }, encrypted);
    const { ids, encryption } = await examine(image);
    expect(encryption?.protection).toBe("hardware");
    expect(ids).not.toContain("encryption-protection-unknown");
    expect((await bootOf(image)).key.protection).toBe("hardware");
    expect((await inspectDisk(openMemoryDisk(image.slice()))).encryption?.protection).toBe("hardware");
  });

  test("a key protector of 16 bytes can't be one", async () => {
    const image = await createStoreImage({ 6: await caseFile("kp-short") }, encrypted);
    const { of, encryption } = await examine(image);
    expect(of("guest-file-stops-boot")).toMatchObject([{ evidence: { fileId: 6, reason: "too-short" } }]);
    expect(encryption?.protection).toBe("unknown");
    expect((await bootOf(image)).outcome).toBe("fails");
  });
});

describe("what protects the key is told by the content", () => {
  test.each<[string, Readonly<Record<number, string>>]>([
    ["tenantKey", { 6: "kp-tenant-key" }],
    ["tenantKey", { 6: "kp-wrapped-des-key" }],
    ["gspKey", { 6: "kp-gsp-only" }],
    ["tenantKeyAndGsp", { 6: "kp-tenant-key-gsp", 7: "id-ported" }],
    ["gspById", { 7: "id-20" }],
    ["gspById", { 6: "kp-too-short", 7: "id-16" }],
    ["hardware", { 7: "id-ported", 11: "hw-v2-mix0" }],
    ["unknown", { 7: "id-ported" }],
    ["unknown", { 11: "hw-v1-mix1" }],
    ["unknown", {}],
  ])("%s: %j", async (protection, names) => {
    const image = await createStoreImage(await filesOf(names), encrypted);
    expect((await examine(image)).encryption?.protection).toBe(protection);
    expect((await bootOf(image)).key.protection).toBe(protection);
    expect((await inspectDisk(openMemoryDisk(image.slice()))).encryption?.protection).toBe(protection);
    const plain = await createStoreImage(await filesOf(names));
    expect((await examine(plain)).encryption?.protection).toBe("none");
  });
});

async function filesOf(names: Readonly<Record<number, string>>): Promise<Files> {
  const entries = Object.entries(names).map(async ([id, name]) => [id, await guestFile(name)] as const);
  return Object.fromEntries(await Promise.all(entries)) as Files;
}

describe("files that end a boot", () => {
  test.each<[number, string]>([
    [2, "ppi-27"],
    [4, "rtc-7"],
    [5, "attest-2049"],
    [6, "kp-too-short"],
    [6, "kp-too-long"],
    [7, "id-15"],
  ])("%i: %s", async (id, name) => {
    const image = await createStoreImage(await filesOf({ [id]: name }));
    const { of, verdict } = await examine(image);
    expect(of("guest-file-stops-boot").map(({ evidence }) => evidence.fileId)).toEqual([id]);
    expect(verdict).toBe("damaged");
    const boot = await bootOf(image);
    expect(boot.outcome).toBe("fails");
    expect(boot.lifetimes.map(({ outcome }) => outcome)).toEqual(["fails", "fails", "losesData", "starts"]);
  });

  test.each(["kp-too-short", "id-15"])("%s is not read with attestation off", async (name) => {
    const image = await createStoreImage(await filesOf({ [name.startsWith("kp") ? 6 : 7]: name }));
    expect((await bootOf(image, { attestation: false })).outcome).toBe("starts");
  });

  test.each(["watchdog-2", "watchdog-empty", "watchdog-two"])(
    "%s only ends one with a guest watchdog",
    async (name) => {
      const image = await createStoreImage(await filesOf({ 10: name }));
      const { of, verdict } = await examine(image);
      expect(of("guest-file-not-as-expected")).toMatchObject([
        { evidence: { stopsBootWith: "guestWatchdog" } },
      ]);
      expect(verdict).toBe("usable");
      expect((await bootOf(image)).outcome).toBe("starts");
      expect((await bootOf(image, { guestWatchdog: true })).outcome).toBe("fails");
    },
  );
});

describe("a pending physical presence operation", () => {
  test.each(["ppi-clear-5", "ppi-clear-21"])("%s destroys the vTPM, where there is one", async (name) => {
    const state = await goldenFile("tpm-nvram/fresh-32k.bin");
    const image = await createStoreImage({ ...(await filesOf({ 2: name })), 3: state });
    expect((await bootOf(image)).outcome).toBe("losesData");
    expect((await bootOf(image)).why).toContain("BitLocker");
    expect((await examine(image)).ids).toContain("guest-clears-tpm");
    const without = await createStoreImage(await filesOf({ 2: name }));
    expect((await bootOf(without)).outcome).toBe("starts");
    expect((await examine(without)).ids).not.toContain("guest-clears-tpm");
  });

  test("that allocates banks clears nothing", async () => {
    const state = await goldenFile("tpm-nvram/fresh-32k.bin");
    const image = await createStoreImage({ ...(await filesOf({ 2: "ppi-banks" })), 3: state });
    const boot = await bootOf(image);
    expect(boot.outcome).toBe("starts");
    expect(boot.why).toContain("set PCR banks (SHA256, SHA384)");
  });
});

describe("provenance", () => {
  test("a document with its seed: signed, and the VM boots", async () => {
    const image = await createStoreImage(await filesOf({ 15: "seed", 16: "provenance" }));
    const { of, ids } = await examine(image);
    expect(of("provenance-signed")[0]?.evidence.signer).toMatch(/^did:x509:0:sha256:.*:provisioner.example$/);
    expect(ids).not.toContain("provenance-mismatch");
    expect((await bootOf(image)).outcome).toBe("starts");
  });

  test.each<[string, Readonly<Record<number, string>>, string]>([
    ["another store's document", { 15: "seed", 16: "provenance-other-id" }, "vmgsid-mismatch"],
    ["no seed", { 16: "provenance" }, "seed-missing"],
    ["an unreadable seed", { 15: "seed-two-fields", 16: "provenance" }, "seed-unreadable"],
  ])("%s ends the boot", async (_, names, reason) => {
    const image = await createStoreImage(await filesOf(names));
    expect((await examine(image)).of("provenance-mismatch")).toMatchObject([{ evidence: { reason } }]);
    expect((await bootOf(image)).outcome).toBe("fails");
  });

  test("a document that is not valid counts as absent", async () => {
    const image = await createStoreImage(await filesOf({ 16: "provenance-bad-signature" }));
    const { of } = await examine(image);
    expect(of("guest-file-not-as-expected")).toMatchObject([
      { evidence: { fileId: 16, reason: "signature" } },
    ]);
    expect((await bootOf(image)).outcome).toBe("starts");
  });
});

test("a copied VM: the vTPM's seeds are refreshed", async () => {
  const state = await goldenFile("tpm-nvram/fresh-32k.bin");
  const image = await createStoreImage({ ...(await filesOf({ 7: "id-20" })), 3: state });
  expect((await bootOf(image, { vmId: "DEFC0232-188c-4caf-a9d3-6f03f8a3e847" })).outcome).toBe("starts");
  const copied = await bootOf(image, { vmId: "00000000-188c-4caf-a9d3-6f03f8a3e847" });
  expect(copied.guest).toMatchObject([{ kind: "refreshesSeeds", reason: "vm-id-changed" }]);
});

test("key protectors: an unfinished change, an empty entry, a length above its buffer, a scheme that was left", async () => {
  const idsOf = async (names: Readonly<Record<number, string>>) =>
    (await examine(await createStoreImage(await filesOf(names), encrypted))).ids;
  expect(await idsOf({ 6: "kp-roll-interrupted" })).toContain("key-change-unfinished");
  expect(await idsOf({ 6: "kp-gsp-length-too-large" })).toContain("key-protector-damaged");
  expect(await idsOf({ 7: "id-ported" })).toContain("key-scheme-left");
  expect(await idsOf({ 6: "kp-tenant-key" })).not.toContain("key-protector-damaged");
  const empty = await createStoreImage({ 6: new Uint8Array(2060) }, encrypted);
  expect((await examine(empty)).ids).toContain("key-protector-damaged");
});

test.each(goldenStores.map(({ name }) => name))(
  "%s: doctor and boot agree on the small files",
  async (name) => {
    const image = memorySource(await goldenImage(name));
    const { findings } = await diagnose(image);
    const { guest } = await forecastBoot(image);
    const failing = guest.filter(({ kind, unless }) => kind === "fails" && unless === null);
    const stopping = findings.filter(
      ({ id }) => id === "guest-file-stops-boot" || id === "provenance-mismatch",
    );
    expect(stopping.map(({ evidence }) => evidence.fileId)).toEqual(failing.map(({ fileId }) => fileId));
  },
);
