import { FileId, isVmgsError, type MarkerLocation, type Secret, type Warning } from "vmgskit";
import { markerDocument, markerView } from "vmgskit/report";
import { commandOf } from "../action-command.ts";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  OUTPUT_OPTIONS,
  READING_OPTIONS,
  storesArgument,
} from "../declaration/index.ts";
import { NotFoundError, UsageError } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { describeError } from "../messages.ts";
import { writeBytes } from "../output-file.ts";
import { printDocument, showView } from "../show.ts";
import { type OpenedStore, openForReading, storeKeys } from "../stores.ts";

/** The file that the formatting program puts it into. */
const MARKER = FileId.PROVISIONING_MARKER;

export const marker: CommandDeclaration = {
  name: "marker",
  summary: "show who formatted a store, why, and with which vTPM parameters",
  description:
    "The marker is for diagnosis only: nothing depends on it, and every program that can write the file can change it. " +
    "A store without a marker gives exit code 5. The marker is also plain in encrypted stores; a key is only needed " +
    "if it was encrypted by mistake.",
  args: [storesArgument],
  options: [
    JSON_OPTION,
    { flags: "--raw", meaning: "the exact bytes of the marker" },
    ...OUTPUT_OPTIONS,
    KEY_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs marker vm.vmgs", meaning: "for people" },
    { command: "vmgs marker --json *.vmgs", meaning: "one JSON document a line" },
    { command: "vmgs marker --raw vm.vmgs -o marker.json", meaning: "the exact bytes into a file" },
  ],
  async run(context, args, options) {
    const files = args[0] as readonly string[];
    const raw = options.raw === true || options.output !== undefined;
    if (raw && files.length > 1) throw new UsageError("--raw and --output take one store");
    if (raw && context.json) throw new UsageError("--json excludes --raw and --output");
    const keyOf = storeKeys(context, options);
    return forEachFile(context, files, async (file) => {
      const readKey = () => keyOf(file);
      if (context.json) await printMarker(context, file, options, readKey);
      else if (raw) await writeRaw(context, file, options, readKey);
      else {
        using opened = await openOfMarker(context, file, options);
        const found = await findMarker(opened, file, readKey);
        await showView(context, markerView(markerDocument(file, found, { warnings: [], error: null })));
      }
    });
  },
};

/** The store; a version 1 file has no marker, which is an answer and no failure. */
async function openOfMarker(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<OpenedStore> {
  try {
    return await openForReading(context, file, options);
  } catch (error) {
    if (!isVmgsError(error, "VMGS_V1_FORMAT")) throw error;
    throw new NotFoundError(
      "a version 1 file has no provisioning marker: OpenHCL writes one when it formats a store, Windows writes none",
      `\`${commandOf({ kind: "inspect" }, file)}\` shows when its variables were last changed`,
    );
  }
}

type ReadKey = () => Promise<Secret | undefined>;

/** Runs an action that reads; when it needs a key, the store is unlocked and the action runs again. */
async function unlocking<T>(
  { store }: OpenedStore,
  readKey: ReadKey,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isVmgsError(error, "VMGS_NEEDS_UNLOCK")) throw error;
    const key = await readKey();
    if (key === undefined) throw error;
    await store.unlock(key);
    return await action();
  }
}

async function findMarker(opened: OpenedStore, file: string, readKey: ReadKey): Promise<MarkerLocation> {
  const found = await unlocking(opened, readKey, () => opened.store.readMarker());
  if (found !== null) return found;
  throw new NotFoundError(
    "the store has no provisioning marker",
    `\`${commandOf({ kind: "inspect" }, file)}\` shows what is in it, \`vmgs help marker\` who leaves a marker`,
  );
}

/** One document a store, also of one that can't be read. */
async function printMarker(
  context: CommandContext,
  file: string,
  options: OptionValues,
  readKey: ReadKey,
): Promise<void> {
  let warnings: readonly Warning[] = [];
  let found: MarkerLocation | null = null;
  let error: unknown = null;
  try {
    using opened = await openOfMarker(context, file, options);
    warnings = opened.warnings;
    found = await findMarker(opened, file, readKey);
  } catch (thrown) {
    error = thrown;
  }
  const problem = error === null ? null : describeError(error);
  await printDocument(context, markerDocument(file, found, { warnings, error: problem }));
  if (error !== null) throw error;
}

/** The exact bytes, whether they are a marker or not: to look at them, `--raw` is what is left. */
async function writeRaw(
  context: CommandContext,
  file: string,
  options: OptionValues,
  readKey: ReadKey,
): Promise<void> {
  using opened = await openOfMarker(context, file, options);
  const { store } = opened;
  const bytes = store.state.files.has(MARKER)
    ? await unlocking(opened, readKey, () => store.readFile(MARKER))
    : (await findMarker(opened, file, readKey)).bytes;
  await writeBytes(context, options, bytes);
}
