import { type InspectedMarker, type MarkerLocation, markerReport, TPMA_NV } from "vmgskit";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  OUTPUT_OPTION,
  storesArgument,
} from "../declaration/index.ts";
import { NotFoundError, UsageError } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { printJson, say } from "../messages.ts";
import { writeBytes } from "../output-file.ts";
import { withStore } from "../stores.ts";
import { escapeText, formatSize } from "../terminal/index.ts";

export const marker: CommandDeclaration = {
  name: "marker",
  summary: "show who made a store, why, and with which vTPM parameters",
  description:
    "The marker is for diagnosis only: nothing depends on it, and anybody who can write the file can write anything " +
    "into it. A store without a marker gives exit code 5.",
  args: [storesArgument],
  options: [
    JSON_OPTION,
    { flags: "--raw", meaning: "the exact bytes of the marker" },
    OUTPUT_OPTION,
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
    return forEachFile(context, files, async (file) => {
      const found = await withStore(context, file, options, ({ store }) => store.readMarker());
      if (context.json) await printJson(context, "vmgs.marker/1", document(file, found));
      if (found === null) throw new NotFoundError("the store has no provisioning marker");
      if (raw) await writeBytes(context, options, found.bytes);
      else if (!context.json) await show(context, file, found);
    });
  },
};

function document(file: string, found: MarkerLocation | null): object {
  if (found === null) return { file, marker: null, fields: null };
  return { file, marker: markerReport(found), fields: Object.fromEntries(found.marker.fields) };
}

async function show(context: CommandContext, file: string, found: MarkerLocation): Promise<void> {
  const { bold, dim } = context.colors;
  await say(context, bold(escapeText(file)));
  for (const [name, value] of markerLines(markerReport(found), found.marker.akcertAttributes)) {
    await say(context, `  ${dim(name.padEnd(16))} ${value}`);
  }
  for (const name of found.marker.unknownFields) {
    const value = found.marker.fields.find(([field]) => field === name)?.[1];
    await say(
      context,
      `  ${dim(escapeText(name).padEnd(16))} ${escapeText(JSON.stringify(value))} ${dim("(unknown field)")}`,
    );
  }
  for (const problem of found.marker.problems)
    await say(context, `  ${context.colors.yellow("note:")} ${escapeText(problem)}`);
}

const REASONS: Readonly<Record<string, string>> = {
  empty: "the disk was blank",
  failure: "the store could not be opened, and the policy allowed formatting",
  request: "the host asked for it",
};

/** A marker as name and value, safe for a terminal. */
export function markerLines(
  report: InspectedMarker,
  attributes: number | null,
): [name: string, value: string][] {
  const text = (value: string | null) => (value === null ? "-" : escapeText(value));
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
