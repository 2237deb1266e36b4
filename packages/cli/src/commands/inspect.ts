import { type InspectedHeader, type Inspection, inspectDisk, isVmgsError } from "vmgskit";
import { nodeCipher, openDiskFile } from "vmgskit/node";
import { type CommandContext, widthOf } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  storesArgument,
} from "../declaration/index.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print, printJson } from "../messages.ts";
import { containerOptions, generationOf, readKey } from "../stores.ts";
import { drawBlockMap, escapeText, formatSize, loadTable, wrapText } from "../terminal/index.ts";
import { printMarkerLines } from "./marker.ts";

export const inspect: CommandDeclaration = {
  name: "inspect",
  summary: "show everything about a store: headers, files, encryption, marker, block map",
  description:
    "Reads and never writes. Of a store that can't be opened it shows what can be read, and why the rest can't. With " +
    "several files an unreadable one does not stop the others; the exit code is then 1.",
  args: [storesArgument],
  options: [
    JSON_OPTION,
    { flags: "--hash", meaning: "read every file and show the SHA-256 of its content" },
    KEY_OPTION,
    GENERATION_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs inspect vm.vmgs", meaning: "for people" },
    { command: "vmgs inspect --json *.vmgs", meaning: "one JSON document a line" },
    { command: "vmgs inspect vm.vmgs --generation previous", meaning: "the store one transaction ago" },
  ],
  async run(context, args, options) {
    const key = await readKey(context, options);
    return forEachFile(context, args[0] as readonly string[], async (file) => {
      let inspection: Inspection;
      try {
        await using disk = await openDiskFile(file, containerOptions(options));
        const cipher = nodeCipher;
        const generation = generationOf(options);
        inspection = await inspectDisk(disk, {
          cipher,
          generation,
          hash: options.hash === true,
          ...(key && { key }),
        });
      } catch (error) {
        if (context.json && isVmgsError(error)) {
          await printDocument(context, file, { ...UNREADABLE, generation: generationOf(options) }, error);
        }
        throw error;
      }
      if (context.json) await printDocument(context, file, withoutBlocks(inspection), inspection.error);
      else await show(context, file, inspection, options.hash === true);
      if (inspection.error !== null) throw inspection.error;
    });
  },
};

type Report = Omit<Inspection, "blocks" | "error" | "container"> & {
  readonly container: Inspection["container"] | null;
};

const UNREADABLE: Report = {
  container: null,
  headers: null,
  active: null,
  previousUsable: false,
  generation: "current",
  encryption: null,
  files: null,
  space: null,
  marker: null,
  warnings: [],
};

/** The block map is for eyes: files and space tell the same. */
function withoutBlocks({ blocks: _blocks, error: _error, ...report }: Inspection): Report {
  return report;
}

function printDocument(context: CommandContext, file: string, report: Report, error: unknown): Promise<void> {
  return printJson(context, "vmgs.inspect/1", {
    file,
    ...report,
    error: error === null ? null : describeError(error),
  });
}

async function show(
  context: CommandContext,
  file: string,
  inspection: Inspection,
  hash: boolean,
): Promise<void> {
  const { colors } = context;
  const { container, generation, encryption, warnings } = inspection;
  const kind = container.kind === "vhd" ? "fixed VHD" : "raw image";
  const title = `${kind}, store of ${formatSize(container.storeBytes)}, ${container.sectorSize}-byte sectors`;
  await print(
    context,
    `${colors.bold(escapeText(file))}: ${title}${generation === "previous" ? ", previous generation" : ""}`,
  );
  await showHeaders(context, inspection);
  if (encryption !== null) {
    await section(context, "Encryption");
    await print(context, `  ${encryptionWords(encryption)}`);
  }
  await showFiles(context, inspection, hash);
  await showMarker(context, inspection);
  await showBlocks(context, inspection);
  if (warnings.length > 0) {
    await section(context, "Warnings");
    for (const { code, message } of warnings) {
      const lines = wrapText(`${escapeText(message)} (${code})`, widthOf(context.stdout) - 4);
      await print(context, `  ${lines.map((line) => colors.yellow(line)).join("\n    ")}`);
    }
  }
}

async function showBlocks(context: CommandContext, { blocks, space }: Inspection): Promise<void> {
  if (blocks === null || space === null) return;
  await section(context, "Blocks");
  const width = widthOf(context.stdout) - 2;
  const { rows, legend } = drawBlockMap(blocks, { colors: context.colors, width });
  const { freeBlocks, largestFreeRun } = space;
  const free = `${freeBlocks} of ${space.blocks} blocks free, the longest run has ${largestFreeRun}`;
  for (const line of [...rows, ...wrapText(legend.join(", "), width), ...wrapText(free, width)]) {
    await print(context, `  ${line}`);
  }
}

const section = (context: CommandContext, title: string) => print(context, `\n${context.colors.bold(title)}`);

function encryptionWords(encryption: NonNullable<Inspection["encryption"]>): string {
  if (encryption.algorithm === "none") return "none";
  const protections = { gspKey: "GspKey", gspById: "GspById", unknown: "unknown kind of key", none: "none" };
  return `AES-256-GCM, ${encryption.unlocked ? "unlocked" : "locked"}, protection: ${protections[encryption.protection]}`;
}

async function showHeaders(context: CommandContext, inspection: Inspection): Promise<void> {
  const { headers } = inspection;
  if (headers === null) return;
  const { formatTable } = await loadTable();
  await section(context, "Headers");
  const columns = [
    { title: "slot" },
    { title: "state" },
    { title: "sequence", align: "right" as const },
    { title: "version" },
    { title: "file table", align: "right" as const },
    { title: "checksum" },
    { title: "key slots" },
    { title: "flags" },
  ];
  const rows = headers.map((header) => headerRow(header, inspection));
  const { colors, stdout } = context;
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
}

function headerRow(header: InspectedHeader, { active, generation }: Inspection): string[] {
  const {
    slot,
    valid,
    error,
    blank,
    sequence,
    version,
    fileTableBlock,
    checksum,
    keySlotsUsed,
    reprovisioned,
  } = header;
  if (blank) return [String(slot), "blank", "", "", "", "", "", ""];
  const other = generation === "previous" ? "previous, shown" : "valid";
  const state = valid ? (slot === active ? "active" : other) : `invalid: ${escapeText(error ?? "")}`;
  return [
    String(slot),
    state,
    String(sequence),
    version,
    `block ${fileTableBlock}`,
    checksum,
    keySlotsUsed.join(", ") || "none",
    reprovisioned ? "reprovisioned" : "",
  ];
}

async function showFiles(context: CommandContext, { files }: Inspection, hash: boolean): Promise<void> {
  if (files === null) return;
  const { formatTable } = await loadTable();
  await section(context, "Files");
  const right = "right" as const;
  const columns = [
    { title: "ID", align: right },
    { title: "name" },
    { title: "block", align: right },
    { title: "blocks", align: right },
    { title: "bytes", align: right },
    { title: "stored" },
    ...(hash ? [{ title: "SHA-256 of the content" }] : []),
  ];
  const rows = files.map(({ id, name, block, blocks, bytes, encrypted, sha256 }) => [
    String(id),
    name ?? "",
    String(block),
    String(blocks),
    String(bytes),
    encrypted ? "encrypted" : "plain",
    ...(hash ? [sha256 ?? ""] : []),
  ]);
  const { colors, stdout } = context;
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
}

async function showMarker(context: CommandContext, { marker, files }: Inspection): Promise<void> {
  if (files === null) return;
  await section(context, "Provisioning marker");
  if (marker === null) {
    await print(context, "  none");
    return;
  }
  const attributes = marker.akcertAttributes === null ? null : Number(marker.akcertAttributes);
  await printMarkerLines(context, marker, attributes);
}
