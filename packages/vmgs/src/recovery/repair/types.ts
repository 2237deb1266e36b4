/** What a repair consists of. */

import type { OfferedAction } from "../../action/index.ts";
import type { Secret } from "../../secret/index.ts";
import type { Cipher } from "../../steps/index.ts";

/** One thing that is done, with the reasons why it is right. */
export interface RepairStep {
  readonly kind: "footer" | "header" | "generation" | "entry" | "tables" | "encryption";
  /** What is done, in words. */
  readonly title: string;
  /** Why it is right, one sentence each. */
  readonly evidence: readonly string[];
}

/** Something that a person has to decide. */
export interface RepairChoice {
  /** The decision, as the options of `planRepair` name it. */
  readonly decision: RepairDecision;
  readonly title: string;
  readonly evidence: readonly string[];
  /** True when nothing else solves it; false for another way than the steps of the plan. */
  readonly needed: boolean;
}

/** What only the owner can decide: which generation or header to follow, or which file to give up. */
export type RepairDecision =
  | { readonly kind: "generation"; readonly generation: "previous" }
  | { readonly kind: "header"; readonly slot: 0 | 1 }
  | { readonly kind: "drop"; readonly fileId: number };

/** Damage that is left, and the way on. */
export interface Unrepaired {
  readonly problem: string;
  /** What to do about it, in words. */
  readonly advice: string;
  /** What can be done about it. */
  readonly actions: readonly OfferedAction[];
}

/** Content that is lost by a repair, and is saved before. */
export interface SavedContent {
  readonly fileId: number;
  /** What it is, in words. */
  readonly title: string;
  readonly bytes: number;
  /** Reads the bytes that will be kept. */
  read(): Promise<Uint8Array>;
}

/** What repairing file tables needs to know, and what was decided. */
export interface TableDecisions {
  readonly key: Secret | undefined;
  readonly newKey: Secret | undefined;
  readonly cipher: Cipher;
  /** Entries that may be dropped where files overlap. */
  readonly drop: readonly number[];
}

/** What is written, in order. Between two writes the store opens as before or as after; a flush keeps the order. */
export type RepairWrite =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "flush" };

/** How a damaged store is repaired. Nothing of it is done yet. */
export interface RepairPlan {
  /** What is wrong, one sentence each. */
  readonly findings: readonly string[];
  readonly steps: readonly RepairStep[];
  readonly choices: readonly RepairChoice[];
  readonly unrepaired: readonly Unrepaired[];
  /** What was not looked at, and what else is worth knowing. */
  readonly notes: readonly string[];
  /** To be kept before anything is written. */
  readonly saves: readonly SavedContent[];
  /** Bytes of the file afterwards. */
  readonly fileBytes: number;
  /** The writes of all steps, in order, by bytes from the start of the file. */
  readonly writes: readonly RepairWrite[];
  /** What the plan was tried out on: whether the store opens afterwards, and with which files. */
  readonly outcome: RepairOutcome;
}

/** What a plan leads to; it was tried out. */
export interface RepairOutcome {
  readonly opens: boolean;
  /** Why it does not open. */
  readonly error: string | null;
  /** Sequence number afterwards. */
  readonly sequence: number | null;
  /** Files afterwards. */
  readonly files: readonly number[];
}

/** A plan that is being made. */
export interface DraftPlan {
  readonly findings: string[];
  readonly steps: RepairStep[];
  readonly choices: RepairChoice[];
  readonly unrepaired: Unrepaired[];
  readonly notes: string[];
  readonly saves: SavedContent[];
}

/** The decision for the generation before. */
export const GO_BACK: RepairDecision = { kind: "generation", generation: "previous" };
