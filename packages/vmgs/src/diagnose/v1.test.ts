/** Golden version 1 files: the doctor names what is wrong with them, and the forecast what a boot does with them. */

import { expect, test } from "vitest";
import { goldenV1, goldenV1Image } from "../../test/golden-v1.ts";
import { memorySource } from "../source/index.ts";
import { diagnose, type FindingId, forecastBoot, type Verdict } from "./index.ts";

const EXPECTED: Readonly<Record<string, readonly [FindingId, Verdict]>> = {
  "gpt-of-another-disk": ["windows-other-disk", "critical"],
  "v1-backup-gpt-lost": ["windows-gpt-copy", "usable"],
  "v1-both-headers-bad": ["windows-unreadable", "critical"],
  "v1-data-size-too-large": ["windows-fallback-copy", "damaged"],
  "v1-first-lba-34": ["windows-file", "sound"],
  "v1-header-0-newer": ["windows-file", "sound"],
  "v1-large": ["windows-file", "sound"],
  "v1-locator-past-end": ["windows-fallback-copy", "damaged"],
  "v1-newer-header-checksum": ["windows-header-damaged", "usable"],
  "v1-no-nvram": ["windows-no-variables", "sound"],
  "v1-not-json": ["windows-fallback-copy", "damaged"],
  "v1-odd-length": ["windows-fallback-copy", "damaged"],
  "v1-older-header-zero": ["windows-header-damaged", "usable"],
  "v1-primary-gpt-lost": ["windows-gpt-copy", "usable"],
  "v1-raw": ["windows-file", "usable"],
  "v1-same-locator": ["windows-file", "sound"],
  "v1-sequence-gap": ["windows-sequence-gap", "usable"],
  "v1-sequence-wrap": ["windows-file", "sound"],
  "v1-sound": ["windows-file", "sound"],
  "v1-version-2": ["windows-unreadable", "critical"],
};

test.each(goldenV1)("the doctor names what $name is", async ({ name, opens }) => {
  const { findings, verdict, error } = await diagnose(memorySource(await goldenV1Image(name)));
  const [id, expected] = EXPECTED[name] as readonly [FindingId, Verdict];
  expect(findings.map((one) => one.id)).toContain(id);
  expect([name, verdict]).toEqual([name, expected]);
  expect(findings.filter((one) => !/^(windows|container)-/.test(one.id))).toEqual([]);
  expect(error === null).toBe(opens);
});

test("what the doctor does not judge in a version 1 file is listed", async () => {
  const { notChecked } = await diagnose(memorySource(await goldenV1Image("v1-sound")));
  expect(notChecked.map(({ what }) => what)).toEqual([
    "secure boot and the boot order in the version 1 file",
  ]);
});

test("a boot of OpenHCL fails on a version 1 file, or formats it, and its losses are listed", async () => {
  const { condition, error, lifetimes } = await forecastBoot(memorySource(await goldenV1Image("v1-sound")));
  expect(condition).toBe("unusable");
  expect(error?.code).toBe("VMGS_V1_FORMAT");
  expect(lifetimes.map(({ lifetime, action, outcome }) => [lifetime, action, outcome])).toEqual([
    ["default", "fail", "fails"],
    ["reprovision-on-failure", "format", "losesData"],
    ["reprovision", "format", "losesData"],
    ["ephemeral", "ignore", "starts"],
  ]);
  const windows = {
    variables: 6,
    lastUpdateTime: "2026-10-30T21:14:03.1234567Z",
    devices: [{ id: "f66c4d29-a7cb-4c9c-a55b-9c03f4b89d41", type: "Other device", states: ["Any"] }],
  };
  expect(lifetimes.map(({ losses }) => losses)).toEqual([
    null,
    { files: [], windows, complete: true },
    { files: [], windows, complete: true },
    null,
  ]);
});

test("without its primary GPT a boot takes it for blank", async () => {
  const forecast = await forecastBoot(memorySource(await goldenV1Image("v1-primary-gpt-lost")));
  expect(forecast.condition).toBe("empty");
  expect(forecast.lifetimes[0]).toMatchObject({ action: "format", outcome: "losesData" });
  expect(forecast.lifetimes[0]?.losses).toMatchObject({ windows: { variables: 6 }, complete: true });
  expect(forecast.notes.join()).toContain("takes the disk for blank");
});

test("losses are not complete where the current copy can't be read, and a disk of something else is named", async () => {
  const damaged = await forecastBoot(memorySource(await goldenV1Image("v1-not-json")));
  expect(damaged.lifetimes[1]?.losses).toMatchObject({ windows: { variables: 6 }, complete: false });
  const other = await forecastBoot(memorySource(await goldenV1Image("gpt-of-another-disk")));
  expect(other.lifetimes[1]?.losses).toEqual({ files: [], windows: null, complete: false });
  expect(other.notes.join()).toContain("not guest state of any version");
});
