/** Documents about version 1 files of Windows. */

import { checkCallback, checkList, checkText, having, withMembers } from "../../arguments/index.ts";
import { compareVariables, type VariableChange } from "../../comparison/index.ts";
import type { VmgsError, Warning } from "../../errors/index.ts";
import type { InspectedContainer } from "../../inspect/index.ts";
import type { Generation } from "../../store/index.ts";
import {
  compareV1States,
  describeV1,
  type InspectedV1Copy,
  type V1Examination,
  type V1Inspection,
  type V1Remain,
  type V1StateChange,
  v1Lists,
} from "../../v1/index.ts";
import type { Problem } from "./problem.ts";

/** A copy of the data in a document. */
export interface V1CopyReport extends Omit<InspectedV1Copy, "error"> {
  /** Why it can't be read, or null. */
  readonly error: Problem | null;
}

/** Partition, headers, copies of the data and devices of a version 1 file. */
export interface InspectV1Document extends Omit<V1Inspection, "copies" | "error"> {
  readonly schema: "vmgs.inspect-v1/1";
  /** The file, as the caller named it. */
  readonly file: string;
  readonly container: InspectedContainer;
  /** The generation that was asked for; `error` is about its copy. */
  readonly generation: Generation;
  readonly copies: readonly V1CopyReport[];
  /** Notices about the container. */
  readonly warnings: readonly Warning[];
  /** Why the generation that was asked for can't be read, or null. */
  readonly error: Problem | null;
}

/** A container that may be broken. */
export interface RecoveredContainer extends InspectedContainer {
  /** What is wrong with it, or null. */
  readonly error: Problem | null;
}

/** The two copies of the data of a version 1 file, and what became of the older one. */
export interface HistoryV1Document extends Pick<V1Inspection, "gpt" | "partition" | "order"> {
  readonly schema: "vmgs.history-v1/1";
  /** The file, as the caller named it. */
  readonly file: string;
  readonly container: RecoveredContainer;
  /** The current copy, then the other; none when no header counts. */
  readonly copies: readonly V1CopyReport[];
  /** States of devices that differ; null when not both copies can be read. */
  readonly states: readonly V1StateChange[] | null;
  /** UEFI variables that differ; null when not both copies can be read. */
  readonly variables: readonly VariableChange[] | null;
  /** Notices about the container. */
  readonly warnings: readonly Warning[];
  /** Why the current copy can't be read, or null. */
  readonly error: Problem | null;
}

/** A remain with the file that it is saved as. */
export interface SavedV1Remain extends V1Remain {
  readonly fileName: string;
  /** Of its bytes; null in a dry run. */
  readonly sha256: string | null;
}

/** JSON in a version 1 file that no header leads to. */
export interface CarveV1Document {
  readonly schema: "vmgs.carve-v1/1";
  /** The file, as the caller named it. */
  readonly file: string;
  readonly container: RecoveredContainer;
  readonly dryRun: boolean;
  readonly pieces: readonly SavedV1Remain[];
  /** True when there may be more. */
  readonly truncated: boolean;
  /** Notices about the container. */
  readonly warnings: readonly Warning[];
}

/** A change of the variables of a version 1 file. */
export interface ChangeV1Document {
  readonly schema: "vmgs.change-v1/1";
  /** The file, as the caller named it. */
  readonly file: string;
  readonly dryRun: boolean;
  /** What was done, or would be, for people. */
  readonly done: string;
  /** Where it was written, or would be; null when nothing changes. */
  readonly written: {
    readonly sequence: number;
    /** Slot of the header. */
    readonly slot: 0 | 1;
    /** Copy of the data. */
    readonly copy: 0 | 1;
    /** Bytes of the data. */
    readonly bytes: number;
  } | null;
  /** Notices about the change. */
  readonly warnings: readonly Warning[];
}

/** What a document has beside what was read. */
export interface V1DocumentContext<C> {
  readonly container: C;
  readonly warnings: readonly Warning[];
}

/** An error as documents carry it. */
export type ProblemOf = (error: VmgsError) => Problem;

const checkContext = withMembers({ container: having("kind"), warnings: checkList });
const checkInspection = having("gpt", "headers", "copies");
const checkExamination = having("survey", "copies");

/** What is reported of a version 1 file. */
export function inspectV1Document(
  file: string,
  inspection: V1Inspection,
  context: V1DocumentContext<InspectedContainer> & { readonly generation: Generation },
  problemOf: ProblemOf,
): InspectV1Document {
  checkText(file, "file");
  checkInspection(inspection, "inspection");
  checkContext(context, "context");
  checkCallback(problemOf, "problemOf");
  const { container, generation, warnings } = context;
  const { copies, error: currentError, ...rest } = inspection;
  const asked = copies.find((copy) => copy.generation === generation);
  const error = asked === undefined ? currentError : asked.error;
  return {
    schema: "vmgs.inspect-v1/1",
    file,
    container,
    generation,
    ...rest,
    copies: copies.map((copy) => copyDocument(copy, problemOf)),
    warnings,
    error: error && problemOf(error),
  };
}

/** What is reported of both copies of a version 1 file. */
export function historyV1Document(
  file: string,
  examination: V1Examination,
  context: V1DocumentContext<RecoveredContainer>,
  problemOf: ProblemOf,
): HistoryV1Document {
  checkText(file, "file");
  checkExamination(examination, "examination");
  checkContext(context, "context");
  checkCallback(problemOf, "problemOf");
  const { container, warnings } = context;
  const { copies, error, order, gpt, partition } = describeV1(examination);
  const [current, previous] = examination.copies;
  const lists = v1Lists(examination);
  return {
    schema: "vmgs.history-v1/1",
    file,
    container,
    error: error && problemOf(error),
    gpt,
    partition,
    order,
    copies: copies.map((copy) => copyDocument(copy, problemOf)),
    states: current?.data && previous?.data ? compareV1States(previous.data, current.data) : null,
    variables: lists && compareVariables(...lists),
    warnings,
  };
}

function copyDocument({ error, ...copy }: InspectedV1Copy, problemOf: ProblemOf): V1CopyReport {
  return { ...copy, error: error && problemOf(error) };
}
