/** `vmgs.repair/1`. */

import type { Action } from "../../action/index.ts";
import { checkCallback, checkText, having, withMembers } from "../../arguments/index.ts";
import type { RepairChoice, RepairDecision, RepairOutcome, RepairPlan } from "../../recovery/index.ts";

/** Something that a person has to decide. */
export interface OfferedChoice extends Omit<RepairChoice, "decision"> {
  /** Option of the command line that decides so. */
  readonly option: string;
  /** Plans the repair with this decision. */
  readonly action: RepairAction;
}

/** Planning or carrying out a repair. */
export type RepairAction = Extract<Action, { readonly kind: "repair" }>;

/** Content of a dropped entry. */
export interface SavedEntry {
  readonly id: number;
  /** What it is. */
  readonly title: string;
  readonly bytes: number;
  /** Where it was saved; null in a plan. */
  readonly path: string | null;
}

/** A repair, planned or done. */
export interface RepairDocument extends Pick<RepairPlan, "findings" | "steps" | "unrepaired" | "notes"> {
  readonly schema: "vmgs.repair/1";
  /** The store, as the caller named it. */
  readonly file: string;
  /** The steps were carried out. */
  readonly applied: boolean;
  /** Where the whole file was copied before. */
  readonly backup: string | null;
  readonly choices: readonly OfferedChoice[];
  readonly saves: readonly SavedEntry[];
  readonly outcome: RepairOutcome & {
    /** Bytes of the file afterwards. */
    readonly fileBytes: number;
  };
}

/** What was done with a plan. */
export interface RepairCourse {
  /** Paths of saved content when the plan was carried out; null when it was not. */
  readonly saved: readonly string[] | null;
  readonly backup: string | null;
  /** A decision as the option that makes it. */
  readonly optionOf: (decision: RepairDecision) => string;
}

const checkPlan = having("findings", "steps", "choices", "unrepaired", "saves", "outcome");
const checkCourse = withMembers({ optionOf: checkCallback });

/** What is reported of a plan. */
export function repairDocument(file: string, plan: RepairPlan, course: RepairCourse): RepairDocument {
  checkText(file, "file");
  checkPlan(plan, "plan");
  checkCourse(course, "course");
  const { findings, steps, choices, unrepaired, notes, saves, outcome, fileBytes } = plan;
  const { saved, backup, optionOf } = course;
  return {
    schema: "vmgs.repair/1",
    file,
    applied: saved !== null,
    backup: saved === null ? null : backup,
    findings,
    steps,
    choices: choices.map(({ decision, ...choice }) => ({
      option: optionOf(decision),
      action: actionOf(decision),
      ...choice,
    })),
    unrepaired,
    notes,
    saves: saves.map(({ fileId, title, bytes }, i) => ({
      id: fileId,
      title,
      bytes,
      path: saved?.[i] ?? null,
    })),
    outcome: { ...outcome, fileBytes },
  };
}

function actionOf(decision: RepairDecision): RepairAction {
  switch (decision.kind) {
    case "generation":
      return { kind: "repair", goBack: true };
    case "header":
      return { kind: "repair", chooseHeader: decision.slot };
    case "drop":
      return { kind: "repair", drop: [decision.fileId] };
  }
}
