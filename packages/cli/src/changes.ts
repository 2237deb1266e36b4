/** Commits changes, or shows what they would do; one line and one JSON document for every changing command. */

import { type Change, describeFileId, type Transaction, type Warning, type WritableStore } from "vmgskit";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { print, printJson, say } from "./messages.ts";
import { makeBackup } from "./stores-for-change.ts";
import { escapeText, formatSize } from "./terminal/index.ts";

export interface ChangeRequest {
  readonly file: string;
  readonly options: OptionValues;
  readonly changes: readonly Change[];
  /** What was done, in words: `written PROVISIONING_MARKER (18), 190 bytes`. */
  readonly done: string;
  readonly warnings: readonly Warning[];
}

/** Commits, or with `--dry-run` only plans, and reports. */
export async function changeStore(
  context: CommandContext,
  store: WritableStore,
  request: ChangeRequest,
): Promise<void> {
  const { file, options, done, warnings } = request;
  const transaction = await commitChanges(context, store, request);
  const dryRun = options.dryRun === true;
  await reportChange(context, { file, done, dryRun, wipe: options.wipe === true, transaction, warnings });
}

/**
 * Commits, or with `--dry-run` only plans, for commands that report more than what was written. A backup is made
 * once the change is known to be possible.
 */
export async function commitChanges(
  { signal }: CommandContext,
  store: WritableStore,
  { file, options, changes }: Pick<ChangeRequest, "file" | "options" | "changes">,
): Promise<Transaction> {
  const dryRun = options.dryRun === true;
  const wipe = options.wipe === true;
  if (!dryRun && options.backup !== undefined) {
    await store.plan(changes, { wipe });
    await makeBackup(file, options);
  }
  signal.throwIfAborted();
  return dryRun ? store.plan(changes, { wipe }) : store.commit(changes, { wipe, signal });
}

interface ChangeReport {
  readonly file: string;
  readonly done: string;
  readonly dryRun: boolean;
  readonly wipe: boolean;
  readonly transaction: Transaction;
  readonly warnings: readonly Warning[];
}

/** Reports what a transaction did or would do. */
async function reportChange(context: CommandContext, report: ChangeReport): Promise<void> {
  const { file, done, dryRun, wipe, transaction, warnings } = report;
  const { sequence } = transaction.next.header;
  if (context.json) {
    await printJson(context, "vmgs.change/1", {
      file,
      dryRun,
      done,
      sequence,
      slot: transaction.next.activeSlot,
      written: transaction.placed.map(({ fileId, block, blocks, byteLength, encrypted }) => ({
        id: fileId,
        block,
        blocks,
        bytes: byteLength,
        encrypted,
      })),
      freed: transaction.freed,
      wiped: wipe && !dryRun,
      warnings,
    });
    return;
  }
  const line = (words: string) => `${escapeText(file)}: ${words}; sequence ${sequence}`;
  if (dryRun) {
    // The plan is the result: quiet mode does not silence it.
    await print(context, line(`would have ${done}`));
    for (const words of planWords(transaction)) await print(context, words);
    return;
  }
  await say(context, line(done) + (wipe ? ", unused space wiped" : ""));
  if (!context.verbose) return;
  for (const words of planWords(transaction)) await context.stderr.write(`${words}\n`);
}

/** Reports that the store is already as it should be: nothing was written, and no backup was made. */
export async function reportNoChange(
  context: CommandContext,
  { state }: WritableStore,
  { file, options, warnings }: Pick<ChangeRequest, "file" | "options" | "warnings">,
): Promise<void> {
  const { sequence } = state.header;
  if (!context.json) {
    await say(context, `${escapeText(file)}: nothing to change; sequence ${sequence}`);
    return;
  }
  await printJson(context, "vmgs.change/1", {
    file,
    dryRun: options.dryRun === true,
    done: "nothing to change",
    sequence,
    slot: state.activeSlot,
    written: [],
    freed: [],
    wiped: false,
    warnings,
  });
}

function planWords({ placed, freed, next }: Transaction): string[] {
  const { activeSlot, header } = next;
  const writes = placed.map(({ fileId, block, blocks, byteLength, encrypted }) => {
    const how = encrypted ? ", encrypted" : "";
    return `  write  ${describeFileId(fileId)}: ${formatSize(byteLength)} to ${blockWords(block, blocks)}${how}`;
  });
  const frees = freed.map(({ block, blocks }) => `  free   ${blockWords(block, blocks)}`);
  return [
    ...writes,
    `  commit header ${activeSlot}, file table at block ${header.fileTableOffset}`,
    ...frees,
  ];
}

function blockWords(block: number, blocks: number): string {
  return blocks === 1 ? `block ${block}` : `blocks ${block} to ${block + blocks - 1}`;
}
