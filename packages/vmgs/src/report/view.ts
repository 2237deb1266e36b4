/** Views: what a person should see of a document, as data. No width, no colour, no stream; no HTML, no escapes. */

import type { OfferedAction } from "../action/index.ts";
import type { OwnedRun } from "../store/index.ts";
import type { Text } from "./text.ts";

/** Everything about one document, in the order of reading. */
export interface View {
  /** The file, as the caller named it, or null when the document is about no file. */
  readonly place: string | null;
  /** The answer in one line. */
  readonly headline: Text | null;
  readonly sections: readonly Section[];
}

/** A part with a title of its own. */
export interface Section {
  /** Null for the part that belongs to the headline. */
  readonly title: Text | null;
  readonly blocks: readonly Block[];
}

/** One kind of content. */
export type Block =
  | FieldsBlock
  | TableBlock
  | ListBlock
  | OutlineBlock
  | EntryBlock
  | BlockMapBlock
  | HexBlock
  | ActionsBlock;

/** A name and what it is. */
export interface Field {
  readonly name: string;
  readonly value: Text;
}

/** Names and values, one a line. */
export interface FieldsBlock {
  readonly kind: "fields";
  readonly fields: readonly Field[];
}

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers are aligned to the right. */
  readonly align: "left" | "right";
  /** A renderer with little room omits it. */
  readonly detail?: boolean;
}

/** Rows of cells; a renderer omits columns without content. */
export interface TableBlock {
  readonly kind: "table";
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Text[])[];
}

/** Sentences or short items. */
export interface ListBlock {
  readonly kind: "list";
  readonly items: readonly Text[];
}

/** Items with details below them: boot options, certificates. */
export interface OutlineBlock {
  readonly kind: "outline";
  readonly items: readonly OutlineItem[];
}

/** An item, and what is known of it. */
export interface OutlineItem {
  /** A short mark before the title, such as a place in an order; a block whose items have none needs no room for it. */
  readonly mark?: string;
  readonly title: Text;
  /** Lines below the title. */
  readonly details: readonly Text[];
  /** Names and values below the title. */
  readonly fields: readonly Field[];
}

/** Something with a kind, a stable name, a title and details: a finding, a step of a repair. */
export interface EntryBlock {
  readonly kind: "entry";
  /** The kind in one word, in its tone: `error`. */
  readonly label: Text;
  /** Stable name that can be looked up: `table-overlap`. */
  readonly name: string;
  readonly title: string;
  readonly fields: readonly Field[];
  readonly actions: readonly OfferedAction[];
}

/** Who owns which block. */
export interface BlockMapBlock {
  readonly kind: "blockMap";
  readonly runs: readonly OwnedRun[];
}

/** Bytes as they are. */
export interface HexBlock {
  readonly kind: "hex";
  readonly bytes: Uint8Array;
  /** How many more bytes there are. */
  readonly omitted: number;
}

/** What can be done next. */
export interface ActionsBlock {
  readonly kind: "actions";
  readonly actions: readonly OfferedAction[];
}

/** Names and values. */
export function fields(entries: readonly (readonly [name: string, value: Text])[]): FieldsBlock {
  return { kind: "fields", fields: entries.map(([name, value]) => ({ name, value })) };
}

/** Sentences or short items. */
export function list(items: readonly Text[]): ListBlock {
  return { kind: "list", items };
}

/** Names and values become fields. */
export const fieldsOf = (entries: readonly (readonly [name: string, value: Text])[]): readonly Field[] =>
  fields(entries).fields;

/** Bytes, of which a view shows the beginning. */
export function hex(bytes: Uint8Array, most: number): HexBlock {
  const shown = bytes.subarray(0, most);
  return { kind: "hex", bytes: shown, omitted: bytes.length - shown.length };
}

/** A section, or nothing when it would be empty. */
export function section(title: Text | null, ...blocks: readonly Block[]): Section[] {
  const filled = blocks.filter((block) => !isEmpty(block));
  return filled.length === 0 ? [] : [{ title, blocks: filled }];
}

function isEmpty(block: Block): boolean {
  switch (block.kind) {
    case "fields":
      return block.fields.length === 0;
    case "table":
      return block.rows.length === 0;
    case "list":
      return block.items.length === 0;
    case "outline":
      return block.items.length === 0;
    case "hex":
      return block.bytes.length === 0;
    case "actions":
      return block.actions.length === 0;
    case "entry":
    case "blockMap":
      return false;
  }
}
