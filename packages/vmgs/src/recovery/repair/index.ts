/** Repair: a plan with evidence for every step, and the writes that carry it out. */
export { planRepair, type RepairOptions } from "./plan.ts";
export type {
  RepairChoice,
  RepairDecision,
  RepairOutcome,
  RepairPlan,
  RepairStep,
  RepairWrite,
  SavedContent,
  Unrepaired,
} from "./types.ts";
