/** Every golden guest file is said in one line, which shows no secret. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readGuestFile } from "../../guest/index.ts";
import { toHex } from "../../layout/index.ts";
import { filesDocument, guestFileWords } from "../index.ts";

const folder = new URL("../../../test/golden/guest-files/", import.meta.url);
const names = readdirSync(folder).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));

test.each(names)("%s", async (name) => {
  const golden = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.bin`, folder)));
  const reading = await readGuestFile(golden.fileId, bytes);
  if (reading === null) throw new Error(`no guest file ${golden.fileId}`);
  const words = guestFileWords(reading);
  expect(words).toMatch(/^\S[^\n]*[^.\n]$/);
  const found = { fileId: golden.fileId, bytes: bytes.length, encrypted: false, reading };
  const { files } = filesDocument("vm.vmgs", [found], { warnings: [], error: null });
  expect(files[0]).toMatchObject({ fileId: golden.fileId, words, valid: golden.valid });
  const shown = JSON.stringify(files).toLowerCase();
  for (const one of [golden.gspSeed, golden.hostSeed, golden.datastoreKey, golden.egressKey]) {
    if (one !== undefined) expect(shown).not.toContain(one);
  }
  if (golden.fileId === 15 || golden.fileId === 6) expect(shown).not.toContain(toHex(bytes.subarray(0, 8)));
});
