import { describeFileId, type Generation, isVmgsError, type Secret } from "vmgskit";
import {
  type ComparedFile,
  compareGuestStates,
  type FileChange,
  type MarkerChange,
  type StoreComparison,
  type VariableChange,
} from "vmgskit/comparison";
import { type GuestState, openGuestState } from "vmgskit/guest-state";
import { type DiskFile, nodeCipher, openDiskFile } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
} from "../declaration/index.ts";
import { ExitCode, exitCodeOf, UsageError } from "../exit-codes.ts";
import { print, printJson, reportError, reportWarnings } from "../messages.ts";
import { containerOptions, keyPath, readKey, storeKeys, unlockIfEncrypted } from "../stores.ts";
import { escapeText, formatCount, formatSize } from "../terminal/index.ts";
import { printWrapped } from "../wrapped.ts";

export const diff: CommandDeclaration = {
  name: "diff",
  summary: "show what differs between two stores, or since the generation before",
  description:
    "Compares content: files, UEFI variables, the state of the vTPM, the marker, and the headers; not where files lie. " +
    "Values of variables and of the vTPM are compared and not shown. Without the key encrypted files are compared as " +
    "they are stored. Version 1 files of Windows are compared by devices and variables, with a version 3 store by " +
    "variables. Exit code 0: no difference; 3: they differ, or a part could not be compared.",
  args: [
    { name: "FILE", meaning: "the VMGS file, or the one before", required: true },
    { name: "OTHER", meaning: "the one after", required: false },
  ],
  options: [
    { flags: "--previous", meaning: "compare the previous generation of FILE with its current one" },
    KEY_OPTION,
    { flags: "--other-key <FILE>", meaning: "datastore key of OTHER, when it is another" },
    JSON_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs diff before.vmgs after.vmgs", meaning: "what a boot changed" },
    { command: "vmgs diff vm.vmgs --previous", meaning: "what the last change did" },
    { command: "vmgs diff a.vmgs b.vmgs --key vm.key --json", meaning: "for scripts" },
  ],
  async run(context, args, options) {
    const [file, other] = args as [string, string | undefined];
    const sides = sidesOf(file, other, options);
    if (keyPath(context, options) === "-" && options.otherKey === "-") {
      throw new UsageError("both keys can't come from standard input");
    }
    const keyOf = storeKeys(context, options);
    const key = await keyOf(sides[0].file);
    const otherKey =
      options.otherKey === undefined
        ? await keyOf(sides[1].file)
        : await readKey(context, options, "otherKey");
    await using before = await openReported(context, sides[0], options, key);
    if ("code" in before) return before.code;
    await using after = await openReported(context, sides[1], options, otherKey);
    if ("code" in after) return after.code;
    const comparison = await compareGuestStates(before.state, after.state);
    if (context.json) await printDocument(context, sides, comparison);
    else await show(context, sides, comparison);
    return comparison.same ? ExitCode.done : ExitCode.foundBad;
  },
};

interface Side {
  readonly file: string;
  readonly generation: Generation;
}

function sidesOf(file: string, other: string | undefined, options: OptionValues): readonly [Side, Side] {
  const previous = options.previous === true;
  if (previous && other !== undefined) throw new UsageError("--previous takes one store");
  if (previous && options.otherKey !== undefined) throw new UsageError("--previous takes one key");
  if (previous) {
    return [
      { file, generation: "previous" },
      { file, generation: "current" },
    ];
  }
  if (other === undefined) {
    throw new UsageError("OTHER is missing", "name a second store, or say --previous");
  }
  return [
    { file, generation: "current" },
    { file: other, generation: "current" },
  ];
}

interface OpenSide extends AsyncDisposable {
  readonly state: GuestState;
}

/** Says which of the two stores it is that can't be opened. */
async function openReported(
  context: CommandContext,
  side: Side,
  options: OptionValues,
  key: Secret | undefined,
): Promise<OpenSide | (AsyncDisposable & { readonly code: number })> {
  try {
    return await open(context, side, options, key);
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    await reportError(context, error, side.file);
    return { code: exitCodeOf(error), [Symbol.asyncDispose]: async () => {} };
  }
}

async function open(
  context: CommandContext,
  { file, generation }: Side,
  options: OptionValues,
  key: Secret | undefined,
): Promise<OpenSide> {
  const disk: DiskFile = await openDiskFile(file, containerOptions(options));
  try {
    await reportWarnings(context, disk.container.warnings, file);
    const state = await openGuestState(disk, { cipher: nodeCipher, generation });
    if (key !== undefined && state.version === 3) await unlockIfEncrypted(state.store, key);
    return { state, [Symbol.asyncDispose]: () => disk.close() };
  } catch (error) {
    await disk.close();
    throw error;
  }
}

async function printDocument(
  context: CommandContext,
  [before, after]: readonly [Side, Side],
  { marker, ...comparison }: StoreComparison,
): Promise<void> {
  await printJson(context, "vmgs.diff/1", {
    before,
    after,
    ...comparison,
    marker: marker.map(({ field, before, after }) => ({
      field,
      before: before ?? null,
      after: after ?? null,
    })),
  });
}

const sideWords = ({ file, generation }: Side) =>
  generation === "previous" ? `${escapeText(file)} (previous generation)` : escapeText(file);

async function show(
  context: CommandContext,
  [before, after]: readonly [Side, Side],
  comparison: StoreComparison,
): Promise<void> {
  const { bold, yellow } = context.colors;
  const { properties, files, variables, tpm, marker, notCompared } = comparison;
  if (comparison.same) {
    await print(context, `${sideWords(before)} and ${sideWords(after)}: no difference`);
    return;
  }
  await print(context, `${bold(sideWords(before))} -> ${bold(sideWords(after))}`);
  await section(
    context,
    "Store",
    // Of version 1 files a property has the names of a device and its state, which are untrusted.
    properties.map(({ property, before, after }) => escapeText(`${property}: ${before} -> ${after}`)),
  );
  await section(context, "Files", files.map(fileWords));
  await section(context, "UEFI variables", variables.map(variableWords));
  await section(
    context,
    "vTPM",
    tpm.map(({ kind, subject, what }) => `${sign(kind)} ${subject}${list(what)}`),
  );
  await section(context, "Provisioning marker", marker.map(markerWords));
  for (const { part, reason } of notCompared) {
    const note = `note: ${part} could not be compared: ${escapeText(reason)}`;
    await printWrapped(context, "", note, yellow);
  }
}

async function section(context: CommandContext, title: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const { bold, dim } = context.colors;
  await print(context, "");
  await print(context, `${bold(title)} ${dim(`(${formatCount(lines.length, "difference")})`)}`);
  for (const line of lines) await printWrapped(context, "  ", line);
}

const SIGNS = { came: "+", went: "-", changed: "~", stored: "~", unknown: "?" } as const;
const sign = (kind: keyof typeof SIGNS) => SIGNS[kind];
const list = (what: readonly string[]) => (what.length === 0 ? "" : `: ${what.map(escapeText).join(", ")}`);

function fileWords({ kind, id, before, after }: FileChange): string {
  const name = `${sign(kind)} ${describeFileId(id)}`;
  const size = ({ bytes, encrypted }: ComparedFile) =>
    `${formatSize(bytes)}${encrypted ? ", encrypted" : ""}`;
  if (before === null || after === null) return `${name}: ${size((before ?? after) as ComparedFile)}`;
  if (kind === "stored") return `${name}: same content, ${size(before)} -> ${size(after)}`;
  if (kind === "unknown") return `${name}: stored bytes differ; the key is needed to compare the content`;
  const sizes = before.bytes === after.bytes ? size(after) : `${size(before)} -> ${size(after)}`;
  return `${name}: content differs, ${sizes}`;
}

function variableWords({ kind, vendor, name, what, bytesBefore, bytesAfter }: VariableChange): string {
  const sizes =
    bytesBefore === null || bytesAfter === null || bytesBefore === bytesAfter
      ? formatSize(bytesAfter ?? bytesBefore ?? 0)
      : `${formatSize(bytesBefore)} -> ${formatSize(bytesAfter)}`;
  return `${sign(kind)} ${escapeText(name)} (${vendor}), ${sizes}${list(what)}`;
}

function markerWords({ field, before, after }: MarkerChange): string {
  const words = (value: unknown) => (value === undefined ? "none" : escapeText(JSON.stringify(value)));
  return `${escapeText(field)}: ${words(before)} -> ${words(after)}`;
}
