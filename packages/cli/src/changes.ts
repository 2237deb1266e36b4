/** Commits changes, or tells what they would do; one line and one JSON document for every changing command. */

import { type Change, describeFileId, type Transaction } from "vmgskit";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { printJson, say } from "./messages.ts";
import type { OpenedWritableStore } from "./stores.ts";
import { escapeText, formatSize } from "./terminal/index.ts";

export interface ChangeRequest {
  readonly file: string;
  readonly options: OptionValues;
  readonly changes: readonly Change[];
  /** What was done, in words: `wrote PROVISIONING_MARKER (18), 190 bytes`. */
  readonly done: string;
}

/** Commits, or with `--dry-run` only plans, and reports. */
export async function changeStore(
  context: CommandContext,
  { store }: OpenedWritableStore,
  { file, options, changes, done }: ChangeRequest,
): Promise<void> {
  const dryRun = options.dryRun === true;
  const wipe = options.wipe === true;
  const transaction = dryRun
    ? await store.plan(changes)
    : await store.commit(changes, { wipe, signal: context.signal });
  await reportChange(context, { file, done, dryRun, wipe, transaction });
}

export interface ChangeReport {
  readonly file: string;
  readonly done: string;
  readonly dryRun: boolean;
  readonly wipe: boolean;
  readonly transaction: Transaction;
}

/** Tells what a transaction did or would do. */
export async function reportChange(context: CommandContext, report: ChangeReport): Promise<void> {
  const { file, done, dryRun, wipe, transaction } = report;
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
    });
    return;
  }
  const would = dryRun ? "would have " : "";
  await say(
    context,
    `${escapeText(file)}: ${would}${done}; sequence ${sequence}${wipe && !dryRun ? ", freed blocks wiped" : ""}`,
  );
  if (dryRun || context.verbose) await describePlan(context, transaction);
}

async function describePlan(context: CommandContext, { placed, freed, next }: Transaction): Promise<void> {
  for (const { fileId, block, blocks, byteLength, encrypted } of placed) {
    const how = encrypted ? ", encrypted" : "";
    await say(
      context,
      `  write  ${describeFileId(fileId)}: ${formatSize(byteLength)} to ${blockWords(block, blocks)}${how}`,
    );
  }
  await say(
    context,
    `  commit header ${next.activeSlot}, file table at block ${next.header.fileTableOffset}`,
  );
  for (const { block, blocks } of freed) await say(context, `  free   ${blockWords(block, blocks)}`);
}

export function blockWords(block: number, blocks: number): string {
  return blocks === 1 ? `block ${block}` : `blocks ${block} to ${block + blocks - 1}`;
}
