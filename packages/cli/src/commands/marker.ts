import {
  FileId,
  type InspectedMarker,
  isVmgsError,
  type MarkerLocation,
  markerReport,
  TPMA_NV,
  type Warning,
} from "vmgskit";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  OUTPUT_OPTION,
  storesArgument,
} from "../declaration/index.ts";
import { NotFoundError, UsageError } from "../exit-codes.ts";
import { clip, printField } from "../field-lines.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print, printJson } from "../messages.ts";
import { writeBytes } from "../output-file.ts";
import { type OpenedStore, openForReading, readKey } from "../stores.ts";
import { escapeText, formatSize } from "../terminal/index.ts";

/** Where whoever formats a store puts it. */
const MARKER = FileId.PROVISIONING_MARKER;

export const marker: CommandDeclaration = {
  name: "marker",
  summary: "show who made a store, why, and with which vTPM parameters",
  description:
    "The marker is for diagnosis only: nothing depends on it, and anybody who can write the file can write anything " +
    "into it. A store without a marker gives exit code 5. The marker is plain in encrypted stores too; a key is only " +
    "read when somebody encrypted it.",
  args: [storesArgument],
  options: [
    JSON_OPTION,
    { flags: "--raw", meaning: "the exact bytes of the marker" },
    OUTPUT_OPTION,
    KEY_OPTION,
    GENERATION_OPTION,
    ...DISK_OPTIONS,
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
    const readKeyOnce = once(() => readKey(context, options));
    return forEachFile(context, files, async (file) => {
      if (context.json) await printDocument(context, file, options, readKeyOnce);
      else if (raw) await writeRaw(context, file, options, readKeyOnce);
      else {
        using opened = await openForReading(context, file, options);
        await show(context, file, await findMarker(opened, readKeyOnce));
      }
    });
  },
};

type ReadKey = () => ReturnType<typeof readKey>;

function once(read: ReadKey): ReadKey {
  let reading: ReturnType<ReadKey> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

/** Runs an action that reads; when it needs a key, the store is unlocked and the action runs again. */
async function unlocking<T>({ store }: OpenedStore, readKeyOnce: ReadKey, action: () => T): Promise<T> {
  try {
    return action();
  } catch (error) {
    if (!isVmgsError(error, "VMGS_NEEDS_UNLOCK")) throw error;
    const key = await readKeyOnce();
    if (key === undefined) throw error;
    store.unlock(key);
    return action();
  }
}

async function findMarker(opened: OpenedStore, readKeyOnce: ReadKey): Promise<MarkerLocation> {
  const found = await unlocking(opened, readKeyOnce, () => opened.store.readMarker());
  if (found !== null) return found;
  throw new NotFoundError(
    "the store has no provisioning marker",
    "`vmgs inspect FILE` shows what is in it, `vmgs help marker` who leaves a marker",
  );
}

/** One document a store, also of one that can't be read. */
async function printDocument(
  context: CommandContext,
  file: string,
  options: OptionValues,
  readKeyOnce: ReadKey,
): Promise<void> {
  let warnings: readonly Warning[] = [];
  try {
    using opened = await openForReading(context, file, options);
    warnings = opened.warnings;
    const found = await findMarker(opened, readKeyOnce);
    await printJson(context, "vmgs.marker/1", {
      file,
      marker: markerReport(found),
      fields: Object.fromEntries(found.marker.fields),
      warnings,
      error: null,
    });
  } catch (error) {
    const told = { file, marker: null, fields: null, warnings, error: describeError(error) };
    await printJson(context, "vmgs.marker/1", told);
    throw error;
  }
}

/** The exact bytes, whether they are a marker or not: to look at them, `--raw` is what is left. */
async function writeRaw(
  context: CommandContext,
  file: string,
  options: OptionValues,
  readKeyOnce: ReadKey,
): Promise<void> {
  using opened = await openForReading(context, file, options);
  const { store } = opened;
  const bytes = store.state.files.has(MARKER)
    ? await unlocking(opened, readKeyOnce, () => store.readFile(MARKER))
    : (await findMarker(opened, readKeyOnce)).bytes;
  await writeBytes(context, options, file, bytes);
}

async function show(context: CommandContext, file: string, found: MarkerLocation): Promise<void> {
  const { bold, yellow } = context.colors;
  await print(context, bold(escapeText(file)));
  await printMarkerLines(context, markerReport(found), found.marker.akcertAttributes);
  for (const name of found.marker.unknownFields) {
    const value = found.marker.fields.find(([field]) => field === name)?.[1];
    await printField(
      context,
      clip(escapeText(name)),
      `${clip(escapeText(JSON.stringify(value)))} (unknown field)`,
    );
  }
  for (const problem of found.marker.problems)
    await print(context, `  ${yellow("note:")} ${escapeText(problem)}`);
}

/** A marker, one field a line. */
export async function printMarkerLines(
  context: CommandContext,
  report: InspectedMarker,
  attributes: number | null,
): Promise<void> {
  for (const [name, value] of markerLines(report, attributes)) await printField(context, name, value);
}

const REASONS: Readonly<Record<string, string>> = {
  empty: "the disk was blank",
  failure: "the store could not be opened, and the policy allowed formatting",
  request: "the host asked for it",
};

/** A marker as name and value, safe for a terminal. */
function markerLines(report: InspectedMarker, attributes: number | null): [name: string, value: string][] {
  const text = (value: string | null) => (value === null ? "-" : clip(escapeText(value)));
  const size = (value: number | null) => (value === null ? "-" : `${value} (${formatSize(value)})`);
  const reason = Object.hasOwn(REASONS, report.reason ?? "")
    ? `${text(report.reason)} (${REASONS[report.reason ?? ""]})`
    : text(report.reason);
  const bits = attributes === null ? "-" : `${report.akcertAttributes} ${TPMA_NV.words(attributes)}`;
  const versionName = report.shape === "provisioner_version" ? "provisioner_version" : "hcl_version";
  const where = report.misplaced
    ? `file ${report.fileId}, where a development build put it`
    : `file ${report.fileId}`;
  return [
    ["provisioner", text(report.provisioner)],
    ["reason", reason],
    ["tpm_version", text(report.tpmVersion)],
    ["tpm_nvram_size", size(report.tpmNvramSize)],
    ["akcert_size", size(report.akcertSize)],
    ["akcert_attrs", bits],
    [versionName, text(report.version)],
    ["found in", `${where}, ${report.bytes} bytes`],
  ];
}
