/** `vmgs show`: what the files of a store say. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { prepare, vmgs } from "./support/cli.ts";
import { makeEncryptedStore, makeStore } from "./support/folder.ts";

async function storeWith(id: string, content: Uint8Array): Promise<string> {
  const { folder, file } = await makeStore();
  const from = join(folder, "content.bin");
  await writeFile(from, content);
  await prepare(["put", file, id, from, "--force"]);
  return file;
}

const skew = new Uint8Array(8);
new DataView(skew.buffer).setBigInt64(0, 36_000_000_000n, true);

test.each([
  ["RTC_SKEW", skew, "guest clock 1 h ahead of the host"],
  ["HIBERNATION_TOKEN", Uint8Array.of(9, 1, 0, 0, 0, 0, 0, 0), "hibernated under 1.9"],
  ["GUEST_WATCHDOG", Uint8Array.of(1), "the watchdog ended the last boot"],
  ["TPM_PPI", Uint8Array.of(5, ...new Uint8Array(27)), "operation 5 is pending: clear; it clears the vTPM"],
  ["RTC_SKEW", skew.subarray(1), "has 7 bytes, not 8"],
])("%s is shown in words", async (id, content, words) => {
  const { code, stdout } = await vmgs(["show", await storeWith(id, content), id]);
  expect([code, stdout.replaceAll(/\s+/g, " ")]).toEqual([0, expect.stringContaining(words)]);
});

test("a platform seed is shown by its VMGSID only", async () => {
  const seed = "AB".repeat(32);
  const path = await storeWith("PLATFORM_SEED", new TextEncoder().encode(`${seed},01,02,32`));
  const shown = await vmgs(["show", path]);
  const json = await vmgs(["show", "--json", path]);
  expect(shown.stdout).toContain("VMGSID");
  expect((shown.stdout + json.stdout).toUpperCase()).not.toContain("ABABAB");
});

test("a file that the store has not gives exit code 5", async () => {
  const { code } = await vmgs(["show", (await makeStore()).file, "GUEST_WATCHDOG"]);
  expect(code).toBe(5);
});

test("the JSON has the facts by their names, and the bytes of the file", async () => {
  const { stdout } = await vmgs(["show", "--json", await storeWith("RTC_SKEW", skew), "RTC_SKEW"]);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: "vmgs.files/1",
    files: [
      { fileId: 4, name: "RTC_SKEW", bytes: 8, encrypted: false, valid: true, facts: { skewMs: 3_600_000 } },
    ],
  });
});

test("an encrypted file needs the key", async () => {
  const { file, keyFile } = await makeEncryptedStore();
  const { folder } = await makeStore();
  const from = join(folder, "content.bin");
  await writeFile(from, Uint8Array.of(1));
  await prepare(["put", file, "GUEST_WATCHDOG", from, "--encrypt", "--key", keyFile, "--force"]);
  const locked = await vmgs(["show", file, "GUEST_WATCHDOG"]);
  const opened = await vmgs(["show", file, "GUEST_WATCHDOG", "--key", keyFile]);
  expect(locked.stdout).toContain("encrypted; a key is needed");
  expect(opened.stdout).toContain("the watchdog ended the last boot");
});
