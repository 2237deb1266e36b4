/** What can't be read of a list of variables, for people. */

import type { VariableList } from "../../uefi/index.ts";
import { toned } from "../text.ts";
import { type Column, list, type Section } from "../view.ts";
import { formatCount } from "../words/sizes.ts";
import { shortText } from "../words/uefi-values.ts";

/** More problems than this say no more. */
const MOST_SHOWN = 50;

const columns: readonly Column[] = [
  { title: "offset", align: "right" },
  { title: "bytes", align: "right" },
  { title: "name", align: "left" },
  { title: "problem", align: "left" },
];

/** Parts that can't be read, with their offsets; nothing when there are none. */
export function listProblems({ parts, problems }: VariableList): Section[] {
  if (problems.length === 0) return [];
  const sizes = new Map(
    parts.flatMap((part) =>
      part.kind === "unreadable" ? [[part.problem.offset, part.bytes.length] as const] : [],
    ),
  );
  const rows = problems.slice(0, MOST_SHOWN).map(({ id, offset, name, message }) => {
    const bytes = id === "file-too-large" ? "" : String(sizes.get(offset) ?? "");
    return [String(offset), bytes, shortText(name ?? ""), message];
  });
  const more = problems.length - rows.length;
  return [
    {
      title: [toned("bad", formatCount(problems.length, "problem")), " of the list"],
      blocks: [{ kind: "table", columns, rows }, ...(more > 0 ? [list([`... ${more} more`])] : [])],
    },
  ];
}
