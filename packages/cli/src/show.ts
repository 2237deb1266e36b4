/** Documents and views on standard output. */

import type { View } from "vmgskit/report";
import { commandOf, type Named } from "./action-command.ts";
import { type CommandContext, type Environment, widthOf } from "./context.ts";
import { jsonLine, loadTable, renderView } from "./terminal/index.ts";

/** Prints a view for people. */
export async function showView(
  { stdout, colors }: CommandContext,
  view: View,
  named: Named = {},
): Promise<void> {
  const hasTable = view.sections.some(({ blocks }) => blocks.some(({ kind }) => kind === "table"));
  const table = hasTable ? await loadTable() : undefined;
  await stdout.write(
    renderView(view, {
      colors,
      width: widthOf(stdout),
      commandOf: (action) => commandOf(action, view.place ?? "FILE", named),
      ...(table && { formatTable: table.formatTable }),
    }),
  );
}

/** Prints a document, or the view of it where people read. */
export async function showReport(
  context: CommandContext,
  document: { readonly schema: string },
  view: () => View,
): Promise<void> {
  if (context.json) await printDocument(context, document);
  else await showView(context, view());
}

/** Prints a document in one line of JSON. Control characters are escaped beyond what JSON asks for. */
export async function printDocument(
  { stdout }: Environment,
  document: { readonly schema: string },
): Promise<void> {
  await stdout.write(`${jsonLine(document)}\n`);
}
