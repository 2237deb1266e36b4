import type { FilePlace, TableChange } from "vmgskit/comparison";
import { guestStateVersion } from "vmgskit/guest-state";
import { type HistoryEntry, readHistory, type StoreHistory } from "vmgskit/recovery";
import { type CommandContext, widthOf } from "../context.ts";
import { type CommandDeclaration, DISK_OPTIONS, JSON_OPTION, storeArgument } from "../declaration/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { describeError, print, printJson, reportWarnings } from "../messages.ts";
import { containerDocument, containerWarnings, openBroken } from "../recovery-disks.ts";
import { escapeText, formatCount, formatSize, loadTable } from "../terminal/index.ts";
import { printWrapped } from "../wrapped.ts";

export const history: CommandDeclaration = {
  name: "history",
  summary: "show the generations of a store, and what happened between them",
  description:
    "The two headers lead to the current and the previous generation. Older file tables are found in free blocks, as " +
    "long as nothing was written over them; the disk does not tell their order, so each is followed by the one that " +
    "differs least from it. Works on stores that can't be opened; the exit code is then 3.",
  args: [storeArgument],
  options: [
    { flags: "--files", meaning: "list the files of every generation" },
    JSON_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs history vm.vmgs", meaning: "what the last changes did" },
    { command: "vmgs history vm.vmgs --files", meaning: "with all files, and what became of them" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    await using disk = await openBroken(context, file, options);
    const warnings = containerWarnings(disk);
    if ((await guestStateVersion(disk)) === 1) {
      const { historyV1 } = await import("./v1/history.ts");
      return await historyV1(context, file, disk, warnings);
    }
    const found = await readHistory(disk);
    if (context.json) {
      const { openError, entries, ...rest } = found;
      await printJson(context, "vmgs.history/1", {
        file,
        container: containerDocument(disk),
        openError: openError === null ? null : describeError(openError),
        generations: entries,
        ...rest,
        warnings,
      });
    } else {
      await reportWarnings(context, warnings, file);
      await show(context, file, found, options.files === true);
    }
    return found.openError === null && disk.containerProblem === null ? ExitCode.done : ExitCode.foundBad;
  },
};

async function show(
  context: CommandContext,
  file: string,
  { openError, entries, strayHeaders, truncated }: StoreHistory,
  withFiles: boolean,
): Promise<void> {
  const { bold, red, yellow } = context.colors;
  await print(context, `${bold(escapeText(file))}: ${formatCount(entries.length, "generation")} found`);
  if (openError !== null) await printWrapped(context, "  ", escapeText(openError.message), red);
  for (const entry of entries) {
    await print(context, "");
    await printWrapped(context, `${entry.label}: `, whence(entry), bold);
    if (withFiles) await printFiles(context, entry);
    await printChanges(context, entry);
    for (const problem of entry.problems) await printWrapped(context, "  ", escapeText(problem), yellow);
  }
  for (const { offset, sequence } of strayHeaders) {
    await print(context, "");
    const words = `a valid header lies at byte ${offset}, where none belongs (sequence ${sequence})`;
    await printWrapped(context, "  ", words, yellow);
  }
  if (truncated) await printWrapped(context, "  ", "there is more than is shown", yellow);
}

function whence({ kind, slot, sequence, tableBlock, wiped }: HistoryEntry): string {
  const table = `file table at block ${tableBlock}`;
  if (kind === "older") return `${table}, in a free block`;
  const damaged = kind === "lost" ? "damaged " : "";
  return `${damaged}header ${slot}, sequence ${sequence}, ${table}${wiped ? "; wiped: nothing of it is left" : ""}`;
}

const FATES = { current: "in use now", free: "blocks free", overwritten: "overwritten" } as const;

async function printFiles(context: CommandContext, { files }: HistoryEntry): Promise<void> {
  const { formatTable } = await loadTable();
  const rows = files.map((file) => [
    String(file.id),
    file.name ?? "",
    String(file.block),
    String(file.blocks),
    String(file.bytes),
    file.encrypted ? "encrypted" : "plain",
    FATES[file.fate],
  ]);
  const columns = [
    { title: "ID", align: "right" as const },
    { title: "name" },
    { title: "block", align: "right" as const },
    { title: "blocks", align: "right" as const },
    { title: "bytes", align: "right" as const },
    { title: "stored" },
    { title: "now" },
  ];
  await context.stdout.write(
    formatTable(columns, rows, { colors: context.colors, width: widthOf(context.stdout) }),
  );
}

async function printChanges(context: CommandContext, { changes, since }: HistoryEntry): Promise<void> {
  if (changes === null) return;
  if (changes.length === 0) {
    await print(context, `  since ${since}: no file changed`);
    return;
  }
  await print(context, `  since ${since}:`);
  for (const change of changes) {
    await printWrapped(context, "    ", changeWords(change));
  }
}

function changeWords({ kind, before, after }: TableChange): string {
  if (before === null) return `came     ${fileWords(after as FilePlace)}`;
  if (after === null) return `went     ${fileWords(before)}`;
  if (kind === "moved") return `moved    ${nameWords(before)} to ${nameWords(after)}`;
  const sizes = before.bytes === after.bytes ? formatSize(after.bytes) : sizesWords(before, after);
  const places =
    before.block === after.block ? `block ${after.block}` : `block ${before.block} -> block ${after.block}`;
  const stored =
    before.encrypted === after.encrypted ? "" : after.encrypted ? ", now encrypted" : ", now plain";
  return `changed  ${nameWords(after)}: ${sizes}, ${places}${stored}`;
}

const sizesWords = (before: FilePlace, after: FilePlace) =>
  `${formatSize(before.bytes)} -> ${formatSize(after.bytes)}`;

const nameWords = ({ id, name }: FilePlace) => (name === null ? `file ${id}` : `${name} (${id})`);

const fileWords = (place: FilePlace) =>
  `${nameWords(place)}: ${formatSize(place.bytes)}, block ${place.block}${place.encrypted ? ", encrypted" : ""}`;
