/** All proofs by name: what `npm run proof` runs, and how much of each. */

import { proveCrash } from "./crash.ts";
import { proveProvisioning } from "./crash-provisioning.ts";
import { proveDiskFaults } from "./disk-faults.ts";
import { proveFight } from "./fight.ts";
import { proveFileFaults } from "./file-faults.ts";
import { proveFuzz } from "./fuzz/watched.ts";
import { proveModel } from "./model-proof.ts";

/** What a proof counted. */
export type Figures = Readonly<Record<string, number>>;

export interface Proof {
  /** The word for it on the command line; several proofs may share one. */
  readonly part: string;
  readonly name: string;
  /** What its size counts. */
  readonly unit: string;
  /** How much is done: to try it, in CI, and at night. */
  readonly sizes: { readonly quick: number; readonly ci: number; readonly nightly: number };
  /** Whether it may be split over several processes, each with seeds of its own. */
  readonly divisible: boolean;
  /** Fails with a `Disproof` that tells the seed. */
  run(seed: number, size: number): Promise<object>;
}

export const proofs: readonly Proof[] = [
  {
    part: "crash",
    name: "power failures in random histories",
    unit: "images",
    sizes: { quick: 20_000, ci: 100_000, nightly: 1_000_000 },
    divisible: true,
    run: proveCrash,
  },
  {
    part: "crash",
    name: "power failures while provisioning",
    unit: "images",
    sizes: { quick: 5_000, ci: 10_000, nightly: 200_000 },
    divisible: true,
    run: proveProvisioning,
  },
  {
    part: "model",
    name: "the store against a plain map",
    unit: "operations",
    sizes: { quick: 4_000, ci: 12_000, nightly: 400_000 },
    divisible: true,
    run: proveModel,
  },
  {
    part: "faults",
    name: "I/O errors of a disk",
    unit: "faults",
    sizes: { quick: 1_000, ci: 3_000, nightly: 100_000 },
    divisible: true,
    run: proveDiskFaults,
  },
  {
    part: "faults",
    name: "I/O errors of the operating system, on files",
    unit: "faults",
    sizes: { quick: 500, ci: 2_000, nightly: 50_000 },
    divisible: true,
    run: proveFileFaults,
  },
  {
    part: "fuzz",
    name: "mutated input for every parser",
    unit: "inputs",
    sizes: { quick: 8_000, ci: 20_000, nightly: 2_000_000 },
    divisible: true,
    run: proveFuzz,
  },
  {
    part: "fight",
    name: "processes that fight for one file, and are killed",
    unit: "rounds",
    sizes: { quick: 300, ci: 1_500, nightly: 20_000 },
    divisible: false,
    run: proveFight,
  },
];
