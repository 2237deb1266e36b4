/** The generations of a store, for people. */

import { checkFlag, optionsOf } from "../../arguments/index.ts";
import type { HistoryEntry } from "../../recovery/index.ts";
import { documentOf } from "../checks.ts";
import type { HistoryDocument } from "../documents/history.ts";
import { type Text, toned } from "../text.ts";
import { type Block, fields, list, section, type View } from "../view.ts";
import { changeWords, placesWords } from "../words/changes.ts";
import { formatCount } from "../words/sizes.ts";

/** What people want to see of a history. */
export interface HistoryViewOptions {
  /** All files of every generation. */
  readonly files?: boolean;
}

const checkDocument = documentOf("vmgs.history/1");
const checkOptions = optionsOf({ files: checkFlag });

/** Each generation with what happened since the one before. */
export function historyView(document: HistoryDocument, options: HistoryViewOptions = {}): View {
  checkDocument(document, "document");
  checkOptions(options, "options");
  const { file, openError, generations, strayHeaders, truncated } = document;
  const strays = strayHeaders.map(
    ({ offset, sequence }) =>
      `a valid header lies at byte ${offset}, where none belongs (sequence ${sequence})`,
  );
  const notes = [...strays, ...(truncated ? ["there is more than is shown"] : [])];
  return {
    place: file,
    headline: `${formatCount(generations.length, "generation")} found`,
    sections: [
      ...section(null, list(openError === null ? [] : [[toned("bad", openError.message)]])),
      ...generations.flatMap((entry) =>
        section(`${entry.label}: ${whence(entry)}`, ...blocksOf(entry, options)),
      ),
      ...section(
        notes.length === 0 ? null : "Notes",
        list(notes.map((note): Text => [toned("warning", note)])),
      ),
    ],
  };
}

function whence({ kind, slot, sequence, tableBlock, wiped }: HistoryEntry): string {
  const table = `file table at block ${tableBlock}`;
  if (kind === "older") return `${table}, in a free block`;
  const damaged = kind === "lost" ? "damaged " : "";
  return `${damaged}header ${slot}, sequence ${sequence}, ${table}${wiped ? "; wiped: nothing of it is left" : ""}`;
}

function blocksOf(entry: HistoryEntry, { files = false }: HistoryViewOptions): Block[] {
  const { changes, since, problems, wiped } = entry;
  const none = changes !== null && changes.length === 0;
  const blocks: Block[] = [
    ...(files ? [filesTable(entry)] : []),
    list(
      changes === null
        ? [wiped ? "it was wiped" : "the oldest that is known"]
        : [`since ${since}:${none ? " no file changed" : ""}`],
    ),
    fields((changes ?? []).map((change) => [changeWords[change.kind], placesWords(change)])),
    list(problems.map((problem): Text => [toned("warning", problem)])),
  ];
  return blocks;
}

const FATES = { current: "in use now", free: "blocks free", overwritten: "overwritten" } as const;

function filesTable({ files }: HistoryEntry): Block {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const left = (title: string) => ({ title, align: "left" }) as const;
  return {
    kind: "table",
    columns: [
      right("ID"),
      left("name"),
      right("block"),
      right("blocks"),
      right("bytes"),
      left("stored"),
      left("now"),
    ],
    rows: files.map((file) => [
      String(file.id),
      file.name ?? "",
      String(file.block),
      String(file.blocks),
      String(file.bytes),
      file.encrypted ? "encrypted" : "plain",
      FATES[file.fate],
    ]),
  };
}
