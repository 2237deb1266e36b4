/** `vmgs inspect` of a version 1 file. */

import { describeContainer } from "vmgskit";
import { openDiskFile } from "vmgskit/node";
import { type InspectedV1Copy, type InspectedV1Header, inspectV1, type V1Inspection } from "vmgskit/v1";
import { type CommandContext, widthOf } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { describeError, print, printJson, reportWarnings } from "../../messages.ts";
import { containerOptions, generationOf } from "../../stores.ts";
import { escapeText, formatCount, formatSize, loadTable } from "../../terminal/index.ts";
import { printWrapped } from "../../wrapped.ts";

/** Shows the file; throws why the generation that is asked for can't be read. */
export async function inspectV1File(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<void> {
  await using disk = await openDiskFile(file, containerOptions(options));
  const { warnings } = disk.container;
  const inspection = await inspectV1(disk);
  const generation = generationOf(options);
  const shown = inspection.copies.find((copy) => copy.generation === generation);
  const error = shown === undefined ? inspection.error : shown.error;
  if (context.json) {
    await printJson(context, "vmgs.inspect-v1/1", {
      file,
      container: describeContainer(disk.container),
      generation,
      ...inspection,
      copies: inspection.copies.map(copyDocument),
      warnings,
      error: error === null ? null : describeError(error),
    });
  } else {
    await reportWarnings(context, warnings, file);
    const kind = disk.container.kind === "vhd" ? "fixed VHD" : "raw image";
    const title = `${kind}, ${inspection.partition === null && inspection.gpt.partitions !== null ? "GPT disk without guest state" : "version 1 file of Windows"}, ${formatSize(disk.byteLength)}`;
    await print(context, `${context.colors.bold(escapeText(file))}: ${title}`);
    await show(context, inspection, shown);
  }
  if (error !== null) throw error;
}

/** A copy of the data as documents tell it. */
export function copyDocument({ error, ...copy }: InspectedV1Copy): object {
  return { ...copy, error: error === null ? null : describeError(error) };
}

async function show(
  context: CommandContext,
  inspection: V1Inspection,
  shown: InspectedV1Copy | undefined,
): Promise<void> {
  await showPartition(context, inspection);
  if (inspection.headers !== null) await showHeaders(context, inspection, inspection.headers);
  if (inspection.copies.length > 0) await showCopies(context, inspection.copies);
  if (shown?.devices) await showDevices(context, shown);
}

const section = (context: CommandContext, title: string) => print(context, `\n${context.colors.bold(title)}`);

async function showPartition(context: CommandContext, { gpt, partition }: V1Inspection): Promise<void> {
  await section(context, "Partition");
  for (const [name, { block, problem }] of [
    ["primary GPT", gpt.primary],
    ["backup GPT", gpt.backup],
  ] as const) {
    await printWrapped(context, "  ", `${name}: sector ${block}, ${problem ?? "valid"}`);
  }
  if (gpt.differ) await printWrapped(context, "  ", "the two copies of the GPT list other partitions");
  if (partition === null) return;
  const { firstBlock, lastBlock, blocks, cut } = partition;
  const words = `guest state: sectors ${firstBlock} to ${lastBlock}, ${formatSize(512n * BigInt(blocks))}`;
  await printWrapped(context, "  ", `${words}${cut ? ", past the end of the disk" : ""}`);
}

async function showHeaders(
  context: CommandContext,
  { active, order }: V1Inspection,
  headers: readonly InspectedV1Header[],
): Promise<void> {
  const { formatTable } = await loadTable();
  await section(context, "Headers");
  const right = "right" as const;
  const columns = [
    { title: "slot" },
    { title: "state" },
    { title: "sequence", align: right },
    { title: "version" },
    { title: "checksum" },
    { title: "current copy", align: right },
  ];
  const rows = headers.map((header) => {
    const { slot, valid, error, blank, sequence, version, checksum, activeIndex } = header;
    if (blank) return [String(slot), "blank", "", "", "", ""];
    const state = valid ? (slot === active ? "active" : "valid") : `invalid: ${error}`;
    return [String(slot), state, String(sequence), version, checksum, String(activeIndex)];
  });
  const { colors, stdout } = context;
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
  if (order === "gap") await print(context, "  the sequence numbers do not follow each other");
}

async function showCopies(context: CommandContext, copies: readonly InspectedV1Copy[]): Promise<void> {
  const { formatTable } = await loadTable();
  await section(context, "Copies of the data");
  const right = "right" as const;
  const columns = [
    { title: "copy" },
    { title: "generation" },
    { title: "at byte", align: right },
    { title: "bytes", align: right },
    { title: "variables", align: right },
    { title: "last update" },
    { title: "problem" },
  ];
  const rows = copies.map((copy) => [
    String(copy.index),
    copy.generation,
    copy.offset === null ? "" : String(copy.offset),
    String(copy.bytes),
    copy.variables === null ? "" : String(copy.variables),
    escapeText(copy.lastUpdateTime ?? ""),
    copy.error?.message ?? copy.problems.map(({ message }) => message).join("; "),
  ]);
  const { colors, stdout } = context;
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
}

async function showDevices(context: CommandContext, { devices, generation }: InspectedV1Copy): Promise<void> {
  if (devices === null) return;
  const { formatTable } = await loadTable();
  await section(context, generation === "previous" ? "Devices, previous generation" : "Devices");
  const rows = devices.map(({ id, type, version, states }) => [
    escapeText(id),
    escapeText(type ?? ""),
    escapeText(version ?? ""),
    states
      .map(({ name, characters }) => `${escapeText(name)} (${formatCount(characters, "character")})`)
      .join(", "),
  ]);
  const columns = [{ title: "device" }, { title: "type" }, { title: "version" }, { title: "states" }];
  const { colors, stdout } = context;
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
}
