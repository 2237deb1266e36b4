/**
 * Mutation fuzzing of every parser, led by coverage: an input that runs code which none ran before is kept and mutated
 * further. Errors must be this library's; no input may take longer than the limit, or ask for much more memory than it
 * has bytes.
 */

import { Buffer } from "node:buffer";
import { isVmgsError } from "../../../src/index.ts";
import { Disproof } from "../history.ts";
import { type Random, seeded } from "../random.ts";
import { type Allocations, countAllocations } from "./allocations.ts";
import { type Coverage, startCoverage } from "./coverage.ts";
import { mutated } from "./mutate.ts";
import { type Target, targets } from "./targets.ts";

/** Processor time for one input, in milliseconds: the declared limit of a hang. */
export const HANG_LIMIT_MS = 1000;
/** Memory for one input: a base that any reading needs, and so many times its bytes. */
export const MEMORY_BASE = 24 * 2 ** 20;
export const MEMORY_TIMES = 64;

export interface FuzzFigures {
  inputs: number;
  accepted: number;
  refused: number;
  /** Inputs that ran new code and were kept. */
  kept: number;
  /** Blocks of code that ran. */
  blocks: number;
  /** Most processor time of an input. */
  mostMilliseconds: number;
  /** Most memory that an input asked for. */
  mostMebibytes: number;
}

/** Looks on while inputs are read. */
export interface Watch {
  /** Told before each input is read. */
  input?(target: string, bytes: Uint8Array): void;
  /** Another limit than `HANG_LIMIT_MS`. */
  readonly hangLimitMs?: number;
}

interface Fuzzing {
  readonly random: Random;
  readonly figures: FuzzFigures;
  readonly watch: Watch;
  readonly coverage: Coverage;
  readonly allocations: Allocations;
}

/** Inputs whose coverage is looked at together: asking V8 takes longer than reading an input. */
const BATCH = 8;

/** Feeds that many mutated inputs to the targets, the same number to each. */
export async function fuzz(
  seed: number,
  inputs: number,
  watch: Watch = {},
  chosen: readonly Target[] = targets,
): Promise<FuzzFigures> {
  const figures: FuzzFigures = {
    inputs: 0,
    accepted: 0,
    refused: 0,
    kept: 0,
    blocks: 0,
    mostMilliseconds: 0,
    mostMebibytes: 0,
  };
  const seeds = await Promise.all(chosen.map((target) => target.seeds()));
  const coverage = startCoverage();
  const allocations = countAllocations();
  try {
    const fuzzing: Fuzzing = { random: seeded(seed), figures, watch, coverage, allocations };
    for (const [i, target] of chosen.entries()) {
      await fuzzTarget(fuzzing, target, [...(seeds[i] ?? [])], Math.ceil(inputs / chosen.length));
    }
  } finally {
    allocations.stop();
    coverage.stop();
  }
  return figures;
}

async function fuzzTarget(
  fuzzing: Fuzzing,
  target: Target,
  corpus: Uint8Array[],
  inputs: number,
): Promise<void> {
  const { random, figures, coverage } = fuzzing;
  for (const bytes of corpus) await feed(fuzzing, target, bytes.slice());
  figures.blocks += coverage.newBlocks();
  for (let done = 0; done < inputs; done += BATCH) {
    const batch: Uint8Array[] = [];
    for (let i = 0; i < Math.min(BATCH, inputs - done); i++) {
      const bytes = mutated(random.pick(corpus), random.pick(corpus), target.maxBytes, random);
      if (!random.oneIn(4)) target.mend?.(bytes);
      batch.push(bytes);
      await feed(fuzzing, target, bytes);
    }
    const blocks = coverage.newBlocks();
    figures.blocks += blocks;
    if (blocks === 0) continue;
    // Which of them it was is not known, so all are kept.
    corpus.push(...batch);
    figures.kept += batch.length;
  }
}

async function feed(fuzzing: Fuzzing, target: Target, bytes: Uint8Array): Promise<void> {
  const { figures, watch, allocations } = fuzzing;
  watch.input?.(target.name, bytes);
  figures.inputs++;
  allocations.take();
  const before = process.cpuUsage();
  try {
    await target.read(bytes);
    figures.accepted++;
  } catch (error) {
    if (!isVmgsError(error)) throw found(target, bytes, error instanceof Error ? error.stack : error);
    figures.refused++;
  }
  const { user, system } = process.cpuUsage(before);
  const memory = allocations.take();
  const milliseconds = Math.round((user + system) / 1000);
  figures.mostMilliseconds = Math.max(figures.mostMilliseconds, milliseconds);
  figures.mostMebibytes = Math.max(figures.mostMebibytes, Math.round(memory / 2 ** 20));
  if (milliseconds > (watch.hangLimitMs ?? HANG_LIMIT_MS))
    throw found(target, bytes, `it takes ${milliseconds} ms`);
  if (memory > MEMORY_BASE + MEMORY_TIMES * bytes.length)
    throw found(target, bytes, `it takes ${memory} bytes`);
}

function found({ name }: Target, bytes: Uint8Array, what: unknown): Disproof {
  return new Disproof(
    `${name}: ${String(what)}\n  ${bytes.length} bytes: ${Buffer.from(bytes).toString("base64")}`,
  );
}
