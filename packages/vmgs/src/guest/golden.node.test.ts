/** Every golden guest file says what its JSON says, and derives the key that its JSON has. */

import { readdirSync, readFileSync } from "node:fs";
import { aeskwp } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileId } from "../format/index.ts";
import { encode, fromHex, toHex } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import {
  deriveCandidates,
  encodePlatformSeed,
  type GuestFileReading,
  guestFileIds,
  importTenantKey,
  type KeyScheme,
  kbkdf,
  parsePlatformSeed,
  pictureGuestFile,
  readGuestFile,
  readPlatformSeed,
  readProvenanceDoc,
  rtcSkew,
} from "./index.ts";

const folder = new URL("../../test/golden/guest-files/", import.meta.url);

interface Golden {
  readonly fileId: number;
  readonly bytes: number;
  readonly valid: boolean;
  readonly boot?: string;
  readonly privateKey?: string;
  readonly wrappedDesKey?: string;
  readonly gspSeed?: string;
  readonly hostSeed?: string;
  readonly datastoreKey?: string;
  readonly egressKey?: string;
  readonly scheme?: string;
  readonly withSeed?: Readonly<Record<string, string>>;
}

const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5));
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.bin`, folder)));
const goldenOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Golden;
const cases = names.map((name) => [name, goldenOf(name), bytesOf(name)] as const);

const hex = (text: string | undefined) => fromHex(text ?? "") as Uint8Array;
const secretOf = (text: string | undefined) => (text === undefined ? undefined : new Secret(hex(text)));

async function read(fileId: number, bytes: Uint8Array): Promise<GuestFileReading> {
  const reading = await readGuestFile(fileId, bytes);
  if (reading === null) throw new Error(`no guest file ${fileId}`);
  return reading;
}

/** What the golden files call the outcome of a boot. */
const BOOT: Readonly<Record<string, Partial<GuestFileReading["boot"]>>> = {
  fails: { outcome: "fails" },
  crashes: { outcome: "fails", when: null },
  "taken as absent": { outcome: "ignored" },
  "fails when the watchdog is configured": { outcome: "fails", when: "guestWatchdog" },
};

const SCHEMES: Readonly<Record<string, KeyScheme>> = {
  GSP: "gspKey",
  "tenant key": "tenantKey",
  "tenant key and GSP": "tenantKeyAndGsp",
  "tenant key (wrapped DES key)": "tenantKey",
};

describe.each(cases)("%s", (_, golden, bytes) => {
  test("says what it holds, and what a boot does with it", async () => {
    const { fileId, bytes: byteLength, valid, boot, ...rest } = golden;
    const {
      privateKey,
      wrappedDesKey,
      gspSeed,
      hostSeed,
      datastoreKey,
      egressKey,
      scheme,
      withSeed,
      ...facts
    } = rest;
    const reading = await read(fileId, bytes);
    expect(reading).toMatchObject({ fileId, bytes: byteLength, valid });
    if (Object.keys(facts).length > 0) expect(reading.facts).toMatchObject(facts);
    if (scheme !== undefined) expect(reading.facts).toMatchObject({ scheme: SCHEMES[scheme] });
    expect(boot === undefined ? undefined : BOOT[boot]).toEqual(
      boot === undefined ? undefined : expect.anything(),
    );
    if (boot !== undefined) expect(reading.boot).toMatchObject(BOOT[boot] ?? {});
    if (!valid) expect(reading.problems.length).toBeGreaterThan(0);
    if (valid && boot === undefined && fileId !== FileId.HW_KEY_PROTECTOR) {
      expect(["used", "limited"]).toContain(reading.boot.outcome);
    }
  });

  test("shows no secret", async () => {
    const reading = await read(golden.fileId, bytes);
    const picture = pictureGuestFile(golden.fileId, bytes);
    const shown = JSON.stringify([reading, picture]);
    const secrets = [golden.gspSeed, golden.hostSeed, golden.datastoreKey, golden.egressKey];
    for (const one of secrets) if (one !== undefined) expect(shown).not.toContain(one);
    if (golden.fileId === FileId.KEY_PROTECTOR) expect(shown).not.toContain(toHex(bytes.subarray(0, 16)));
    if (golden.fileId === FileId.PLATFORM_SEED) {
      expect(shown).not.toContain(toHex(bytes.subarray(0, 16)));
      expect(shown).not.toContain(new TextDecoder().decode(bytes.subarray(0, 8)));
    }
  });

  test("cut at any byte, or changed, it still gives a reading", async () => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      expect((await read(golden.fileId, cut)).bytes).toBe(length);
      pictureGuestFile(golden.fileId, cut);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255), async (at, value) => {
        const changed = bytes.slice();
        if (at < changed.length) changed[at] = value;
        await read(golden.fileId, changed);
        pictureGuestFile(golden.fileId, changed);
      }),
      { numRuns: 20 },
    );
  });
});

test("any bytes as any guest file give a reading", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...guestFileIds),
      fc.uint8Array({ maxLength: 2200 }),
      async (id, bytes) => {
        const reading = await read(id, bytes);
        expect(reading.bytes).toBe(bytes.length);
        pictureGuestFile(id, bytes);
      },
    ),
  );
});

test("a picture covers the whole of a file with a layout", () => {
  for (const [, { fileId, valid }, bytes] of cases) {
    const picture = pictureGuestFile(fileId, bytes);
    if (picture === null || !valid) continue;
    let end = 0;
    for (const { offset, size } of picture.rows) {
      expect(offset).toBe(end);
      end = offset + size;
    }
    expect(end).toBe(bytes.length);
  }
});

describe("a datastore key is derived", () => {
  const keyed = cases.filter(([, golden]) => golden.datastoreKey !== undefined);
  test.each(keyed)("from %s", async (_, golden, bytes) => {
    const { fileId, privateKey, gspSeed, hostSeed, wrappedDesKey, datastoreKey, egressKey } = golden;
    const seeds = { gspSeed: secretOf(gspSeed), hostSeed: secretOf(hostSeed) };
    const { candidates } = await deriveCandidates({
      ...(fileId === FileId.KEY_PROTECTOR ? { keyProtector: bytes } : { vmUniqueId: bytes }),
      ...(privateKey && { tenantKey: await importTenantKey(pkcs8(privateKey)) }),
      ...(wrappedDesKey && { wrappedDesKey: hex(wrappedDesKey) }),
      ...(seeds.gspSeed && { gspSeed: seeds.gspSeed }),
      ...(seeds.hostSeed && { hostSeed: seeds.hostSeed }),
    });
    const [first] = candidates;
    expect(toHex(first?.key.expose() ?? new Uint8Array(0))).toBe(datastoreKey);
    if (golden.scheme !== undefined) expect(first?.scheme).toBe(SCHEMES[golden.scheme]);
    if (egressKey === undefined) return;
    const egress = candidates.find(({ entry }) => entry === "egress");
    expect(toHex(egress?.key.expose() ?? new Uint8Array(0))).toBe(egressKey);
  });

  test("not without the right tenant key, and why is a value", async () => {
    const keyProtector = bytesOf("kp-tenant-key");
    const other = await importTenantKey(pkcs8(goldenOf("kp-short").privateKey ?? ""));
    const reasons = async (sources: Parameters<typeof deriveCandidates>[0]) =>
      (await deriveCandidates(sources)).missing.map(({ reason }) => reason);
    expect(await reasons({ keyProtector })).toEqual(["needsTenantKey", "entryEmpty"]);
    expect(await reasons({ keyProtector, tenantKey: other })).toEqual(["unwrapFailed", "entryEmpty"]);
    const wrapped = { keyProtector: bytesOf("kp-wrapped-des-key"), tenantKey: other };
    expect(await reasons(wrapped)).toEqual(["needsWrappedDesKey", "entryEmpty"]);
  });

  test("and no error quotes the tenant key", async () => {
    await expect(importTenantKey(new TextEncoder().encode("hunter2"))).rejects.toMatchObject({
      code: "VMGS_TENANT_KEY",
      message: expect.not.stringContaining("hunter2"),
    });
  });
});

function pkcs8(pem: string): Uint8Array {
  return new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64"));
}

test.each([
  [
    "c37b7e6492584340bed12207808941155068f738",
    "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
  ],
  ["466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"],
])("the key wrap in use agrees with RFC 5649, section 6: %s", (plain, wrapped) => {
  const kek = hex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");
  expect(toHex(aeskwp(kek).decrypt(hex(wrapped)))).toBe(plain);
});

test("KBKDF agrees with the vector of the format", async () => {
  const context = hex("2884186cfed2504110698b45d4807288df674c4826197a986988af960562f57f");
  const label = new TextEncoder().encode("VMGSKEY");
  const derived = await kbkdf(new Uint8Array(32), { label, context, bytes: 32 });
  expect(toHex(derived)).toBe("9db58bb70ca6cb6faae38174642176fa0ded28673076908383a01ad72ec3e23b");
});

describe("the platform seed", () => {
  test("gives the VMGSID of the format's vector", async () => {
    const text =
      "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F,4C6162656C5F435053,436F6E746578745F564D4753,32";
    const { facts } = await readPlatformSeed(new TextEncoder().encode(text));
    expect(facts).toEqual({ vmgsid: "b0587f2d-11e6-9f66-1af4-8b4a619147c8" });
  });

  test("is written as it is read", () => {
    const bytes = bytesOf("seed");
    const parsed = parsePlatformSeed(bytes);
    if ("code" in parsed) throw new Error(parsed.code);
    const again = parsePlatformSeed(encodePlatformSeed(parsed).expose());
    if ("code" in again) throw new Error(again.code);
    expect([again.seed.equals(parsed.seed), again.label.equals(parsed.label)]).toEqual([true, true]);
    expect(again.context.equals(parsed.context)).toBe(true);
  });

  test("decides with the document whether a boot goes on", async () => {
    for (const [, { withSeed }, bytes] of cases) {
      const { facts } = withSeed === undefined ? { facts: null } : await readProvenanceDoc(bytes);
      for (const [seed, outcome] of Object.entries(withSeed ?? {})) {
        const derived = seed === "(absent)" ? null : (await readPlatformSeed(bytesOf(seed))).facts;
        expect(derived?.vmgsid === facts?.vmgsid ? "boots" : "fails").toBe(outcome);
      }
    }
  });
});

test("a clock skew below zero is written and read", () => {
  for (const skew of [-1n, -(2n ** 63n), 2n ** 63n - 1n, -9999n]) {
    const bytes = encode(rtcSkew, { skew });
    expect(rtcSkew.toJson({ skew })).toBeDefined();
    expect(new DataView(bytes.buffer).getBigInt64(0, true)).toBe(skew);
  }
  expect(() => encode(rtcSkew, { skew: 2n ** 63n })).toThrow(/is not a i64/);
});
