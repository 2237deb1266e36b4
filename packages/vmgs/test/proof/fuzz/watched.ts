/** Fuzzing in a thread of its own, so that an input that never ends is found too. */

import { Buffer } from "node:buffer";
import { Worker, workerData } from "node:worker_threads";
import { Disproof } from "../history.ts";
import { type FuzzFigures, fuzz } from "./fuzz.ts";

/** Bytes of the longest input that is passed on. */
const MAX_INPUT = 131_072;
/** Seconds without a new input after which the thread counts as hanging; the limit of fuzz.ts is processor time. */
const HANG_SECONDS = 60;

interface Task {
  readonly seed: number;
  readonly inputs: number;
  /** Count of inputs, length of the current one; then its bytes. */
  readonly shared: SharedArrayBuffer;
}

const HEAD_BYTES = 8;

/** Fuzzes in a thread. `process.argv[1]` must be the module that calls `fuzzInThread` in threads. */
export async function proveFuzz(seed: number, inputs: number): Promise<FuzzFigures> {
  const shared = new SharedArrayBuffer(HEAD_BYTES + MAX_INPUT);
  const task: Task = { seed, inputs, shared };
  const worker = new Worker(process.argv[1] as string, {
    workerData: task,
    execArgv: ["--enable-source-maps"],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  const head = new Int32Array(shared, 0, 2);
  let last = 0;
  let idle = 0;
  return new Promise<FuzzFigures>((resolve, reject) => {
    const timer = setInterval(() => {
      const count = Atomics.load(head, 0);
      idle = count === last ? idle + 1 : 0;
      last = count;
      if (idle < HANG_SECONDS) return;
      const input = Buffer.from(shared.slice(HEAD_BYTES, HEAD_BYTES + Atomics.load(head, 1)));
      reject(new Disproof(`input ${count} of seed ${seed} never ends: ${input.toString("base64")}`));
    }, 1000);
    worker.once("message", ({ figures, failure }: { figures?: FuzzFigures; failure?: string }) => {
      if (figures === undefined) reject(new Disproof(`seed ${seed}: ${failure}`));
      else resolve(figures);
    });
    worker.once("error", reject);
    worker.once("exit", () => {
      clearInterval(timer);
      reject(new Disproof(`seed ${seed}: the thread ended`));
    });
  }).finally(() => worker.terminate());
}

/** What the thread does. */
export async function fuzzInThread(answer: (message: object) => void): Promise<void> {
  const { seed, inputs, shared } = workerData as Task;
  const head = new Int32Array(shared, 0, 2);
  const bytes = new Uint8Array(shared, HEAD_BYTES);
  try {
    const input = (_: string, current: Uint8Array) => {
      bytes.set(current.subarray(0, MAX_INPUT));
      Atomics.store(head, 1, Math.min(current.length, MAX_INPUT));
      Atomics.add(head, 0, 1);
    };
    answer({ figures: await fuzz(seed, inputs, { input }) });
  } catch (error) {
    answer({
      failure: error instanceof Disproof ? error.message : error instanceof Error ? error.stack : error,
    });
  }
}
