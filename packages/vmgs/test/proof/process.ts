/** One process of `npm run proof`: does one piece of one proof, and tells the figures. */

import { Disproof } from "./history.ts";
import { proofs } from "./proofs.ts";

/** A piece of a proof: its place in `proofs`, its first seed, and how much is to be done. */
interface Piece {
  readonly proof: number;
  readonly seed: number;
  readonly size: number;
}

process.once("message", async ({ proof, seed, size }: Piece) => {
  try {
    const figures = await proofs[proof]?.run(seed, size);
    process.send?.({ figures });
  } catch (error) {
    const failure = error instanceof Disproof ? error.message : error instanceof Error ? error.stack : error;
    process.send?.({ failure: String(failure) });
  }
  process.disconnect();
});
