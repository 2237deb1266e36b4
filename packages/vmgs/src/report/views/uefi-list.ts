/** A list of UEFI variables, for people. */

import { LOW_LIST_BYTES, MAX_LIST_BYTES, type Variable, type VariableList } from "../../uefi/index.ts";
import type { VariablesOf } from "../documents/uefi.ts";
import { type Span, toned } from "../text.ts";
import { checkVariables, checkVariablesOf } from "../uefi-checks.ts";
import { type Column, list, section, type TableBlock, type View } from "../view.ts";
import { formatCount, formatSize } from "../words/sizes.ts";
import { shortAttributes, shortText, summarise, vendorWord } from "../words/uefi-values.ts";
import { listProblems } from "./uefi-problems.ts";

/** Firmware's limit allows for twice as many; a list with more is made to be long. */
export const MOST_VARIABLES = 1000;

/** Variables with their values in a few words; `shown` are those that were asked for. */
export function uefiListView(of: VariablesOf, shown: readonly Variable[]): View {
  checkVariablesOf(of, "of");
  checkVariables(shown, "shown");
  const { file, list: all } = of;
  const count = formatCount(all.variables.length, "variable");
  const some = shown.length === all.variables.length ? count : `${shown.length} of ${count}`;
  const more = shown.length - MOST_VARIABLES;
  return {
    place: file,
    headline: [`${some}, ${formatSize(all.byteLength)}`, ...spaceWords(all)],
    sections: [
      ...section(
        null,
        variablesTable(shown.slice(0, MOST_VARIABLES)),
        list(more > 0 ? [`... ${formatCount(more, "more variable")}`] : []),
      ),
      ...listProblems(all),
    ],
  };
}

function spaceWords({ byteLength }: VariableList): (string | Span)[] {
  if (byteLength > MAX_LIST_BYTES)
    return [", ", toned("bad", `too large: at most ${MAX_LIST_BYTES} are allowed`)];
  const left = MAX_LIST_BYTES - byteLength;
  return left < LOW_LIST_BYTES ? [", ", toned("warning", `${left} of ${MAX_LIST_BYTES} bytes left`)] : [];
}

const columns: readonly Column[] = [
  { title: "name", align: "left" },
  { title: "vendor", align: "left" },
  { title: "attributes", align: "left", detail: true },
  { title: "bytes", align: "right", detail: true },
  { title: "value", align: "left" },
];

function variablesTable(shown: readonly Variable[]): TableBlock {
  const rows = shown.map((variable) => [
    shortText(variable.name),
    vendorWord(variable.vendor),
    shortAttributes(variable.attributes),
    String(variable.data.length),
    summarise(variable),
  ]);
  return { kind: "table", columns, rows };
}
