import { isVmgsError, type Secret } from "vmgskit";
import { compareGuestStates } from "vmgskit/comparison";
import { type GuestState, openGuestState } from "vmgskit/guest-state";
import { nodeCipher } from "vmgskit/node";
import { type ComparedSide, diffDocument, diffView } from "vmgskit/report";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
} from "../declaration/index.ts";
import { ExitCode, exitCodeOf, UsageError } from "../exit-codes.ts";
import { reportError, reportWarnings } from "../messages.ts";
import { openDiskForReading } from "../reading.ts";
import { printDocument, showView } from "../show.ts";
import { keyPath, readKey, storeKeys, unlockIfEncrypted } from "../stores.ts";

export const diff: CommandDeclaration = {
  name: "diff",
  summary: "show what differs between two stores, or since the previous generation",
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
    ...READING_OPTIONS,
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
    const document = diffDocument(...sides, comparison);
    if (context.json) await printDocument(context, document);
    else await showView(context, diffView(document));
    return comparison.same ? ExitCode.done : ExitCode.foundBad;
  },
};

function sidesOf(
  file: string,
  other: string | undefined,
  options: OptionValues,
): readonly [ComparedSide, ComparedSide] {
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
    throw new UsageError("OTHER is missing", "name a second store, or add --previous");
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
  side: ComparedSide,
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
  { file, generation }: ComparedSide,
  options: OptionValues,
  key: Secret | undefined,
): Promise<OpenSide> {
  const disk = await openDiskForReading(context, file, options);
  try {
    await reportWarnings(context, disk.container.warnings, file);
    const state = await openGuestState(disk, { cipher: nodeCipher, generation });
    if (key !== undefined && state.version === 3) await unlockIfEncrypted(state.store, key);
    return { state, [Symbol.asyncDispose]: () => disk[Symbol.asyncDispose]() };
  } catch (error) {
    await disk[Symbol.asyncDispose]();
    throw error;
  }
}
