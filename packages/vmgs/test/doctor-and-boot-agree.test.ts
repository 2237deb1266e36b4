/** The doctor and the forecast never contradict each other: what stops the default boot is an error. */

import { describe, expect, test } from "vitest";
import { diagnose, forecastBoot } from "../src/diagnose/index.ts";
import type { ContainerOptions } from "../src/disk/index.ts";
import { fromHex } from "../src/layout/index.ts";
import { memorySource } from "../src/source/index.ts";
import { now } from "./diagnosis-fixtures.ts";
import { caseImage, goldenCaseRows } from "./golden-cases.ts";
import { goldenImage, goldenStores } from "./golden-data.ts";

/** VMs that are assumed; what they read differs, and with it their sources of a key. */
const VMS = [
  { name: "the default VM", vm: {} },
  { name: "no attestation", vm: { attestation: false } },
  { name: "hardware sealing", vm: { hardwareSealing: true } },
  {
    name: "a copy with a watchdog",
    vm: { guestWatchdog: true, vmId: "00000000-1111-2222-3333-444444444444" },
  },
] as const;

interface Input {
  readonly name: string;
  readonly options: ContainerOptions;
  /** Hex. */
  readonly key: string | null;
  image(): Promise<Uint8Array>;
}

const stores: readonly Input[] = goldenStores.flatMap((golden) => {
  const { name, sectorSize, container, keys } = golden;
  const isRaw = container === "raw" && !name.startsWith("corrupt-");
  const options: ContainerOptions = isRaw ? { container: "raw", sectorSize } : {};
  const image = () => goldenImage(name);
  return [null, ...keys].map((key) => ({
    name: key === null ? name : `${name}, with key`,
    options,
    key,
    image,
  }));
});

const cases: readonly Input[] = [...goldenCaseRows].flatMap(([name, row]) =>
  row.kind === "source"
    ? []
    : [{ name: `cases/${name}`, options: {}, key: null, image: () => caseImage(name, row) }],
);

describe.each([...stores, ...cases].map((input) => [input.name, input] as const))("%s", (_, input) => {
  test.each(VMS)("a boot that fails, or loses something, is known to the doctor: $name", async ({ vm }) => {
    const image = memorySource(await input.image());
    const key = input.key === null ? undefined : fromHex(input.key);
    const options = { ...input.options, ...(key && { key }), vm };
    const { verdict, findings } = await diagnose(image, { ...options, now });
    const { lifetimes } = await forecastBoot(image, options);
    const { outcome, why } = lifetimes.find(({ lifetime }) => lifetime === "default") ?? {};
    const known = { why, findings: findings.map(({ id }) => id) };
    if (outcome === "fails") expect(verdict, JSON.stringify(known)).toMatch(/damaged|critical/);
    if (outcome === "losesData") expect(verdict, JSON.stringify(known)).not.toBe("sound");
  });
});

test("there are inputs of every outcome", () => {
  expect(cases.length).toBeGreaterThan(10);
  expect(stores.length).toBeGreaterThan(50);
});
