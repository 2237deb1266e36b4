/** What the doctor says of an image: nothing may be wrong with the store itself. Content is random here, and not judged. */

import { diagnose } from "../../src/diagnose/index.ts";
import { memorySource, type SectorSize } from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { hasEncryption, type Saved, slotOf } from "./model.ts";
import { KEY_NUMBERS, keyBytes } from "./operations.ts";

/** Findings about headers, tables, blocks and keys; those about guests' files are left out. */
const ABOUT_THE_STORE = /^(container|encryption|headers?|table|space|slack)-/;

/** What is true of these stores, and no fault. The generation before may be gone: a transaction that began overwrote it. */
function mayBeSaid(id: string, saved: Saved, tornHeader: boolean): boolean {
  // The proofs keep the keys themselves: no protector in the store gives one to a boot.
  if (id === "encryption-protection-unknown") return true;
  // Content that was written in plain and then encrypted lies in free blocks until it is wiped: wiping has its own proof.
  if (id === "encryption-plain-leftover") return true;
  if (tornHeader && (id === "header-active-lost" || id === "header-other-damaged")) return true;
  const behind = [...saved.files].some(([fileId, { sealed }]) => saved.keyed.has(fileId) && !sealed);
  if (behind && id === "table-attributes-differ") return true;
  return id === "encryption-stale-slot" && saved.keys.some((key) => key !== null && !key.fresh);
}

/** The first finding that should not be, or null. Hints and warnings that are no damage do not count. */
export async function findingOfDoctor(
  image: Uint8Array,
  sectorSize: SectorSize,
  saved: Saved,
  tornHeader: boolean,
): Promise<string | null> {
  const key = KEY_NUMBERS.find((number) => typeof slotOf(saved, number) === "number");
  const { findings } = await diagnose(memorySource(image), {
    container: "raw",
    sectorSize,
    cipher: nodeCipher,
    ...(hasEncryption(saved) && key !== undefined && { key: keyBytes(key) }),
  });
  const wrong = findings.find(({ id, severity }) => {
    const damage = severity === "error" || severity === "critical";
    return damage && ABOUT_THE_STORE.test(id) && !mayBeSaid(id, saved, tornHeader);
  });
  return wrong === undefined ? null : `${wrong.id}: ${wrong.message}`;
}
