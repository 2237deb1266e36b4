/** States of the reference engine with its own answers; see test/golden/README.md. Alike under Node and in a browser. */

import { unpack } from "./golden-data.ts";

/** What an engine answered about its state. */
export interface EngineAnswers {
  readonly objects: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly indices: Readonly<Record<string, EngineIndex>>;
  readonly ownerAuth: boolean;
  readonly endoAuth: boolean;
  readonly lockAuth: boolean;
  readonly disableClear: boolean;
  readonly locked: boolean;
  readonly failed: number;
  readonly maxt: number;
  readonly rec: number;
  readonly lrec: number;
  readonly fw: readonly number[];
  readonly pcrs: readonly (readonly [hash: number, select: string])[];
  readonly clock: { readonly clock: number; readonly reset: number; readonly safe: 0 | 1 };
  readonly persAvail: number;
  readonly firstCounter?: number;
}

/** What an engine answered about an NV index. */
export interface EngineIndex {
  readonly handle: string;
  readonly nameAlg: string;
  readonly attrs: number;
  readonly policy: string;
  readonly size: number;
  readonly name: string;
  /** Missing when it was not read. */
  readonly data?: string;
}

/** A policy, as algorithm and digest. */
type Policy = readonly [algorithm: number, digest: string] | null;

/** A state after a random history. */
export interface EngineHistory {
  readonly leftBy: "TPM2_Shutdown(STATE)" | "TPM2_Shutdown(CLEAR)" | "no shutdown";
  readonly totalResetCount: number;
  readonly hierarchyPolicies: Readonly<Record<"owner" | "endorsement" | "lockout" | "platform", Policy>>;
  readonly hierarchyAuthSet: Readonly<Record<"owner" | "endorsement" | "lockout" | "platform", boolean>>;
  readonly before: EngineAnswers;
  readonly afterStartupClear: EngineAnswers;
  readonly afterStartupState: EngineAnswers | null;
}

/** What the first boot did with a state. */
export interface FirstBoot {
  readonly outcome: string;
  readonly steps: readonly string[];
}

/** A state and the truth about it. */
export interface EngineState<Truth> {
  readonly name: string;
  readonly truth: Truth;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

const histories = import.meta.glob<EngineHistory>("./golden/tpm-engine/*.json", {
  eager: true,
  import: "default",
});
const firstBoots = import.meta.glob<FirstBoot>("./golden/tpm-engine/first-boot/*.json", {
  eager: true,
  import: "default",
});

function statesOf<Truth>(files: Readonly<Record<string, Truth>>): EngineState<Truth>[] {
  return Object.entries(files).map(([path, truth]) => ({
    name: path.replace(/^.*\//, "").replace(".json", ""),
    truth,
    bytes: () => unpack(path.replace("./golden/", "").replace(".json", ".bin.gz")),
  }));
}

/** States after random histories. */
export const engineHistories = statesOf(histories);
/** Broken states, and states with keys and indices that a guest might plant. */
export const engineFirstBoots = statesOf(firstBoots);
