/** `vmgs set`: what people need to change in the small files of a guest. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { fingerprint, makeEncryptedStore, makeStore } from "./support/folder.ts";

async function storeWith(id: string, content: Uint8Array): Promise<string> {
  const { folder, file } = await makeStore();
  const from = join(folder, "content.bin");
  await writeFile(from, content);
  await prepare(["put", file, id, from, "--force"]);
  return file;
}

async function factsOf(file: string, id: string): Promise<unknown> {
  const { files } = (await vmgsJson(["show", file, id])) as { files: { facts: unknown }[] };
  return files[0]?.facts;
}

const ppi = Uint8Array.from({ length: 28 }, (_, i) => (i === 0 ? 5 : i === 12 ? 22 : 0));

test.each<[string, Uint8Array, readonly string[], object, string]>([
  ["TPM_PPI", ppi, ["--clear"], { pending: 0, lastOperation: 22 }, "before: operation 5 is pending: clear"],
  ["TPM_PPI", ppi, ["--operation", "14"], { pending: 14, clearsTpm: true }, "before: operation 5"],
  ["TPM_PPI", ppi.subarray(1), ["--operation", "1"], { pending: 1 }, "before: TPM_PPI (2) has 27 bytes"],
  ["GUEST_WATCHDOG", Uint8Array.of(1), ["--clear"], { lastBootFailed: false }, "before: the watchdog ended"],
  [
    "HIBERNATION_TOKEN",
    new Uint8Array(8),
    ["--version", "1.9"],
    { version: "1.9" },
    "before: not hibernated",
  ],
  [
    "HIBERNATION_TOKEN",
    Uint8Array.of(9, 1, 0, 0, 0, 0, 0, 0),
    ["--clear"],
    { hibernated: false },
    "under 1.9",
  ],
  ["RTC_SKEW", new Uint8Array(8), ["--milliseconds", "3600000"], { skewMs: 3_600_000 }, "1 h ahead"],
  ["RTC_SKEW", new Uint8Array(8), ["--milliseconds=-5000"], { skewMs: -5000 }, "5 s behind"],
])("%s is changed, and the message names what it said before", async (id, content, options, facts, words) => {
  const file = await storeWith(id, content);
  const before = await fingerprint(file);
  const dry = await vmgs(["set", file, id, ...options, "--dry-run"]);
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining("would have set")]);
  expect(await fingerprint(file)).toBe(before);
  const { code, stdout } = await vmgs(["set", file, id, ...options]);
  expect([code, stdout]).toEqual([0, expect.stringContaining(words)]);
  expect(await factsOf(file, id)).toMatchObject(facts);
  const again = await vmgs(["set", file, id, ...options]);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("nothing to change")]);
});

test("a file that is absent is made, and clearing it does nothing", async () => {
  const { file } = await makeStore();
  expect((await vmgs(["set", file, "GUEST_WATCHDOG", "--clear"])).stdout).toContain("nothing to change");
  expect((await vmgs(["set", file, "HIBERNATION_TOKEN", "--version", "2.1"])).stdout).toContain(
    "before: absent",
  );
});

test("in an encrypted store the physical presence stays encrypted, and the clock plain", async () => {
  const { file, keyFile } = await makeEncryptedStore();
  expect((await vmgs(["set", file, "TPM_PPI", "--operation", "1"])).code).toBe(4);
  for (const argv of [
    ["TPM_PPI", "--operation", "1"],
    ["RTC_SKEW", "--milliseconds", "1"],
  ])
    await prepare(["set", file, ...argv, "--key", keyFile]);
  const { files } = await vmgsJson(["show", file, "TPM_PPI", "RTC_SKEW", "--key", keyFile]);
  expect(files).toMatchObject([{ encrypted: true }, { encrypted: false }]);
});

test.each([
  ["TPM_PPI"],
  ["TPM_PPI", "--version", "1.9"],
  ["TPM_PPI", "--clear", "--operation", "1"],
  ["RTC_SKEW", "--clear"],
  ["BIOS_NVRAM", "--clear"],
  ["TPM_PPI", "--operation", "x"],
  ["HIBERNATION_TOKEN", "--version", "1.256"],
])("what does not fit the file is refused: %s %s %s", async (...argv) => {
  const { file } = await makeStore();
  const { code, stderr } = await vmgs(["set", file, ...argv]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^vmgs: /)]);
});

test.each([
  ["TPM_PPI", "--operation", "12"],
  ["TPM_PPI", "--operation", "23"],
  ["HIBERNATION_TOKEN", "--version", "0.0"],
])("a value without a meaning is refused: %s %s %s", async (...argv) => {
  const { file } = await makeStore();
  expect((await vmgs(["set", file, ...argv])).code).toBe(1);
});
