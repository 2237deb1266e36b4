/**
 * 4,000 mutated stores: wherever the reference refuses to open, unlock or read, so do we; wherever it accepts, we read
 * the same bytes. Exceptions are the stricter rules of the specification, each named here and counted.
 */

import { expect, test } from "vitest";
import { isSealed } from "../src/format/index.ts";
import { isVmgsError, listFiles, openMemoryDisk, openStore, type Store } from "../src/index.ts";
import { sha256 } from "./golden-data.ts";
import { mutatedStores, type Verdict } from "./mutated-stores.ts";

/** How often each of our stricter rules decides otherwise than the reference. */
const STRICTER_RULES: Readonly<Record<string, number>> = {
  // Section 3, step 6: the end of an allocation is computed without 32-bit wrap.
  "open: they accept, we say VMGS_CORRUPT_FILE_TABLE: file table entry N: offset N + N blocks is past the end (N blocks)": 45,
  // Section 10: the file table lacks entry 0, and `reprovisioned` is set.
  "open: we accept, they say panic": 1,
};

/** Why our verdict may differ from the reference's. */
type Exception = string;

const attempt = async <T>(
  action: () => Promise<T>,
): Promise<{ value: T } | { code: string; message: string }> => {
  try {
    return { value: await action() };
  } catch (error) {
    if (isVmgsError(error)) return { code: error.code, message: error.message };
    throw error;
  }
};

async function compare(
  verdict: Verdict,
  image: Uint8Array,
  key: Uint8Array,
  differ: (what: Exception) => void,
): Promise<void> {
  const { open: theirs } = verdict;
  const opened = await attempt(() => openStore(openMemoryDisk(image, { container: "raw", sectorSize: 512 })));
  if ("code" in opened) {
    if (theirs === "ok")
      differ(`open: they accept, we say ${opened.code}: ${opened.message.replaceAll(/\d+/g, "N")}`);
    return;
  }
  if (theirs !== "ok") {
    differ(`open: we accept, they say ${theirs}`);
    return;
  }
  const store = opened.value;
  compareTables(store, verdict, differ);
  const unlocked = await compareUnlock(store, verdict, key, differ);
  if (unlocked) await compareReads(store, verdict, differ);
}

function compareTables(store: Store, { files = {} }: Verdict, differ: (what: Exception) => void): void {
  const ours = Object.fromEntries(
    [...store.state.files.values()].map(({ fileId, blocks, byteLength, attributes }) => [
      fileId,
      [blocks * 4096, byteLength, isSealed(attributes) ? 1 : 0],
    ]),
  );
  if (JSON.stringify(ours) !== JSON.stringify(files))
    differ(`table: ${JSON.stringify(ours)} against ${JSON.stringify(files)}`);
}

/** Returns whether reading can be compared. */
async function compareUnlock(
  store: Store,
  { unlock }: Verdict,
  key: Uint8Array,
  differ: (what: Exception) => void,
): Promise<boolean> {
  if (unlock === undefined || unlock === null) return true;
  const result = await attempt(() => store.unlock(key));
  const ok = "value" in result;
  if (ok === (unlock === "ok")) return true;
  differ(ok ? `unlock: we accept, they say ${unlock}` : `unlock: they accept, we say ${result.message}`);
  return false;
}

async function compareReads(
  store: Store,
  { reads = {} }: Verdict,
  differ: (what: Exception) => void,
): Promise<void> {
  expect(listFiles(store.state).map(({ id }) => String(id))).toEqual(Object.keys(reads));
  for (const [id, theirs] of Object.entries(reads)) {
    const result = await attempt(() => store.readFile(Number(id)));
    const refused = !/^[0-9a-f]{16}$/.test(theirs);
    if ("code" in result) {
      if (!refused) differ(`read: they read, we say ${result.code}`);
    } else if (refused) differ(`read: we read, they say ${theirs}`);
    else if (!(await sha256(result.value)).startsWith(theirs)) differ("read: other bytes");
  }
}

test("the verdicts of the reference hold", async () => {
  const { key, verdicts, imageOf } = await mutatedStores();
  const exceptions: Record<string, number> = {};
  for (const verdict of verdicts) {
    await compare(verdict, imageOf(verdict), key, (what) => {
      exceptions[what] = (exceptions[what] ?? 0) + 1;
    });
  }
  expect(verdicts.length).toBe(4000);
  expect(exceptions).toEqual(STRICTER_RULES);
});
