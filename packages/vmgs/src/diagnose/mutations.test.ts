/** Whatever a file holds, the doctor and the forecast answer: they never throw, never write and tell no secret. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { createStoreImage, now } from "../../test/diagnosis-fixtures.ts";
import { goldenFile, goldenImage } from "../../test/golden-data.ts";
import { mutatedStores } from "../../test/mutated-stores.ts";
import { firstDifference, testKey } from "../../test/store-fixtures.ts";
import type { ContainerOptions } from "../disk/index.ts";
import { toHex } from "../layout/index.ts";
import { memorySource } from "../source/index.ts";
import { type Diagnosis, diagnose, findingCatalogue, forecastBoot } from "./index.ts";

interface Answers {
  readonly diagnosis: Diagnosis;
  /** Both answers as JSON. */
  readonly text: string;
}

/** Asks both; fails when the image was changed on the way, or something is told without a name. */
async function ask(
  image: Uint8Array,
  options: ContainerOptions & { readonly key?: Uint8Array } = {},
): Promise<Answers> {
  const before = image.slice();
  const diagnosis = await diagnose(memorySource(image), { ...options, now });
  const forecast = await forecastBoot(memorySource(image), options);
  expect(firstDifference(image, before)).toBeNull();
  for (const { id, severity, message, evidence } of diagnosis.findings) {
    expect(findingCatalogue[id].severity).toBe(severity);
    expect(message.length).toBeGreaterThan(0);
    expect(message + JSON.stringify(evidence)).not.toMatch(/undefined|NaN|\[object/);
  }
  const { error, verdict } = diagnosis;
  if (error !== null && error.code !== "VMGS_EMPTY_STORE") expect(["damaged", "critical"]).toContain(verdict);
  return { diagnosis, text: JSON.stringify([diagnosis, forecast]) };
}

/** Every n-th of the mutated stores is enough here: all of them are opened elsewhere. */
const STEP = 8;

test("mutated stores are diagnosed, and what the reference refuses is found bad", async () => {
  const { verdicts, imageOf, key } = await mutatedStores();
  const some = verdicts.filter((_, i) => i % STEP === 0);
  for (const verdict of some) {
    const { diagnosis, text } = await ask(imageOf(verdict), { container: "raw", sectorSize: 512, key });
    expect(text).not.toContain(toHex(key));
    const opens = verdict.open === "ok" || verdict.open === "panic";
    if (!opens) expect(diagnosis.verdict, JSON.stringify(verdict.patches)).toBe("critical");
    const broken = Object.values(verdict.reads ?? {}).some((read) => read.startsWith("Crypto"));
    if (opens && verdict.unlock === "ok" && broken) expect(diagnosis.verdict).not.toBe("sound");
  }
  expect(some.length).toBe(500);
});

const patches = fc.array(
  fc.record({
    // Headers, tables and the first files are where it matters.
    at: fc.oneof(fc.nat({ max: 1024 }), fc.nat({ max: 65_536 }), fc.nat({ max: 262_655 })),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 6 },
);

test("stores with a real TPM state and variables, changed anywhere", async () => {
  const key = testKey(8);
  const files = {
    1: await goldenFile("uefi/boot-entries.bin"),
    3: await goldenFile("tpm-nvram/provisioned-32k.bin"),
    9: "{}",
    18: '{"provisioner":"openhcl"}',
  };
  const bases = [await createStoreImage(files), await createStoreImage(files, { key, encrypt: [1, 3] })];
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1 }), patches, async (which, changes) => {
      const image = (bases[which] as Uint8Array).slice();
      for (const { at, bytes } of changes) image.set(bytes.subarray(0, image.length - at), at);
      const { text } = await ask(image, { key });
      expect(text).not.toContain(toHex(key));
    }),
    { numRuns: 150 },
  );
});

test("a TPM state and a list of variables, changed anywhere", async () => {
  const state = await goldenFile("tpm-nvram/many-indices-32k.bin");
  const list = await goldenFile("uefi/secure-boot.bin");
  const change = (bytes: Uint8Array, changes: readonly { at: number; bytes: Uint8Array }[]) => {
    const changed = bytes.slice();
    for (const { at, bytes: patch } of changes) {
      const offset = at % bytes.length;
      changed.set(patch.subarray(0, bytes.length - offset), offset);
    }
    return changed;
  };
  await fc.assert(
    fc.asyncProperty(patches, patches, async (ofState, ofList) => {
      await ask(await createStoreImage({ 1: change(list, ofList), 3: change(state, ofState) }));
    }),
    { numRuns: 100 },
  );
});

test("files that are cut anywhere, and any bytes at all", async () => {
  const image = (await goldenImage("real-vm-plain")).subarray(0, 200_000);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: image.length }), async (length) => {
      const { diagnosis } = await ask(image.subarray(0, length));
      expect(diagnosis.findings.length).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), async (bytes) => {
      expect((await ask(bytes)).diagnosis.verdict).toBe("critical");
    }),
    { numRuns: 60 },
  );
});
