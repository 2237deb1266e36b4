/** Any view as Markdown, for tickets. Untrusted text can neither format, link, mention nor bring HTML. */

import type { Action } from "../../action/index.ts";
import { checkCallback, having, withMembers } from "../../arguments/index.ts";
import { toHex } from "../../layout/index.ts";
import { plainText, type Text } from "../text.ts";
import type { Block, View } from "../view.ts";

/** How a view becomes Markdown. */
export interface MarkdownOptions {
  /** An action as a command line. */
  readonly commandOf: (action: Action) => string;
}

const checkView = having("place", "headline", "sections");
const checkOptions = withMembers({ commandOf: checkCallback });

/** A view under a heading of level 2. A block map needs a fixed width, and is omitted. */
export function viewMarkdown(view: View, options: MarkdownOptions): string {
  checkView(view, "view");
  checkOptions(options, "options");
  const lines: string[] = [];
  if (view.place !== null) lines.push(`## ${escapeMarkdown(view.place)}`, "");
  if (view.headline !== null) lines.push(`**${inline(view.headline)}**`, "");
  for (const { title, blocks } of view.sections) {
    if (title !== null) lines.push(`### ${inline(title)}`, "");
    for (const block of blocks) lines.push(...blockLines(block, options), "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function blockLines(block: Block, options: MarkdownOptions): string[] {
  switch (block.kind) {
    case "fields":
      return table(
        ["", ""],
        block.fields.map(({ name, value }) => [name, value]),
      );
    case "list":
      return block.items.map((item) => `- ${inline(item)}`);
    case "table":
      return table(
        block.columns.map(({ title }) => title),
        block.rows,
      );
    case "outline":
      return block.items.flatMap(({ mark = "", title, details, fields }) => [
        `- ${[mark === "" ? [] : escapeMarkdown(`${mark}:`), inline(title)].flat().join(" ")}`,
        ...details.map((detail) => `  - ${inline(detail)}`),
        ...fields.map(({ name, value }) => `  - *${escapeMarkdown(name)}*: ${inline(value)}`),
      ]);
    case "entry":
      return [
        `#### ${inline(block.label)} ${escapeMarkdown(block.name)}: ${escapeMarkdown(block.title)}`,
        "",
        ...block.fields.map(({ name, value }) => `- *${escapeMarkdown(name)}*: ${inline(value)}`),
        ...actionLines(block.actions, options),
      ];
    case "actions":
      return actionLines(block.actions, options);
    case "hex":
      return [code(`${toHex(block.bytes)}${block.omitted > 0 ? "..." : ""}`)];
    case "blockMap":
      return [];
  }
}

function actionLines(
  actions: readonly { readonly words: string; readonly action: Action }[],
  { commandOf }: MarkdownOptions,
): string[] {
  return actions.map(({ words, action }) => `- ${escapeMarkdown(words)}: ${code(commandOf(action))}`);
}

function table(titles: readonly string[], rows: readonly (readonly Text[])[]): string[] {
  const line = (cells: readonly Text[]) => `| ${cells.map(inline).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")).replaceAll("\\", ""), ...rows.map(line)];
}

const inline = (text: Text) => escapeMarkdown(plainText(text));

/** Text as text: every character that Markdown, HTML or a mention could begin with is escaped. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "&#64;")
    .replaceAll(/[\\`*_{}[\]()#+!|~>]/g, (character) => `\\${character}`)
    .replaceAll(/\s+/g, " ");
}

/** A code span that holds any text: its fence is longer than any run of backticks in it. */
function code(text: string): string {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  const padding = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${padding}${text}${padding}${fence}`;
}
