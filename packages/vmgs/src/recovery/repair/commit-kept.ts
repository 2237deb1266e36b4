/** The one transaction that writes repaired tables. */

import { FIRST_DATA_BLOCK } from "../../format/index.ts";
import { type Cipher, run } from "../../steps/index.ts";
import type { Change, StoreState } from "../../store/index.ts";
import { transactionSteps, writeCommit, writeContent } from "../../store/rooms.ts";
import { type KeptEntries, onDisk } from "./entries.ts";
import type { OverlayDisk } from "./overlay.ts";

/** Commits what is kept as one transaction, where anything has to be written. Nothing dropped is overwritten by it. */
export async function commitKept(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  changes: readonly Change[],
  cipher: Cipher,
): Promise<StoreState> {
  if (!kept.renew) return state;
  const avoid = kept.dropped.flatMap((record) => {
    const run = onDisk(record, state.geometry.blockCapacity);
    return run === null || run.block + run.blocks <= FIRST_DATA_BLOCK ? [] : [run];
  });
  const files = new Map([...kept.files].sort(([a], [b]) => a - b));
  const whole: StoreState = { ...state, files };
  const all: Change[] = [...changes, { kind: "renewTables", avoid }];
  const transaction = await run(transactionSteps(whole, all), disk, cipher);
  await writeContent(disk, transaction);
  await writeCommit(disk, transaction);
  return transaction.next;
}
