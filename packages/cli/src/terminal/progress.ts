/** Progress on standard error, after half a second of work, for people only. */

import { Presets, SingleBar } from "cli-progress";

const DELAY_MS = 500;

export interface Progress {
  /** One more unit is done. */
  step(): void;
  stop(): void;
}

const NO_PROGRESS: Progress = { step() {}, stop() {} };

/** Where progress is shown, and whether it is wanted. */
export interface ProgressPlace {
  readonly progress: boolean;
  readonly stderr: { readonly isTerminal: boolean };
}

/** Shows how many of `total` units are done, with rate and remaining time. */
export function startProgress(place: ProgressPlace, total: number, unit: string): Progress {
  if (!place.progress || !place.stderr.isTerminal || total < 2) return NO_PROGRESS;
  const started = performance.now();
  const format = `{bar} {value}/{total} ${unit}  {rate}/s  {eta_formatted} left`;
  const bar = new SingleBar(
    { format, stream: process.stderr, clearOnComplete: true, hideCursor: true },
    Presets.rect,
  );
  let done = 0;
  let shown = false;
  return {
    step() {
      done++;
      const elapsed = performance.now() - started;
      if (elapsed < DELAY_MS) return;
      const rate = Math.round(done / (elapsed / 1000));
      if (shown) bar.update(done, { rate });
      else bar.start(total, done, { rate });
      shown = true;
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}
