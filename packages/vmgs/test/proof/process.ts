/** One process of `npm run proof`: does one piece of one proof and tells the figures, or fights for others of them. */

import { isMainThread, parentPort } from "node:worker_threads";
import { type Fight, fight } from "./fighter.ts";
import { fuzzInThread } from "./fuzz/watched.ts";
import { Disproof } from "./history.ts";
import { proofs } from "./proofs.ts";

/** A piece of a proof: its place in `proofs`, its first seed, and how much is to be done. */
interface Piece {
  readonly proof: number;
  readonly seed: number;
  readonly size: number;
}

async function doPiece({ proof, seed, size }: Piece): Promise<void> {
  process.send?.({ figures: await proofs[proof]?.run(seed, size) });
}

async function doTask(task: unknown): Promise<void> {
  try {
    await (process.argv[2] === "fighter" ? fight(task as Fight) : doPiece(task as Piece));
  } catch (error) {
    const failure = error instanceof Disproof ? error.message : error instanceof Error ? error.stack : error;
    process.send?.({ failure: String(failure) });
  }
  process.disconnect();
}

if (isMainThread) process.once("message", doTask);
else await fuzzInThread((message) => parentPort?.postMessage(message));
