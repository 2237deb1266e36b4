/** `vmgs carve` of a version 1 file: JSON that no header leads to. */

import { createHash } from "node:crypto";
import type { Warning } from "vmgskit";
import type { RecoveryDiskFile } from "vmgskit/node";
import { carveV1, readV1Remain } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import { ExitCode } from "../../exit-codes.ts";
import { print, printJson, say } from "../../messages.ts";
import { containerDocument } from "../../recovery-disks.ts";
import { type SaveFile, saveTogether } from "../../saved-folder.ts";
import { escapeText, formatCount, formatSize } from "../../terminal/index.ts";

const MANIFEST = "manifest.json";

interface CarveV1 {
  readonly file: string;
  readonly disk: RecoveryDiskFile;
  /** Null for a dry run. */
  readonly folder: string | null;
  readonly warnings: readonly Warning[];
}

export async function carveV1File(
  context: CommandContext,
  { file, disk, folder, warnings }: CarveV1,
): Promise<number> {
  const { remains, truncated } = await carveV1(disk);
  const named = remains.map((remain) => ({
    fileName: `byte-${remain.offset}.${remain.state}.utf16.json`,
    remain,
  }));
  const save = async (saveFile: SaveFile | null) => {
    const pieces: object[] = [];
    for (const { fileName, remain } of named) {
      context.signal.throwIfAborted();
      const bytes = saveFile === null ? null : await readV1Remain(disk, remain);
      if (bytes !== null) await saveFile?.(fileName, bytes);
      const sha256 = bytes === null ? null : createHash("sha256").update(bytes).digest("hex");
      pieces.push({ fileName, ...remain, sha256 });
    }
    const container = containerDocument(disk);
    const whole = { file, container, dryRun: folder === null, pieces, truncated, warnings };
    const text = JSON.stringify({ schema: "vmgs.carve-v1/1", ...whole }, null, 2);
    await saveFile?.(MANIFEST, `${text}\n`);
    return whole;
  };
  const names = [MANIFEST, ...named.map(({ fileName }) => fileName)];
  const document =
    folder === null ? await save(null) : await saveTogether(folder, names, context.signal, save);
  if (folder !== null) context.changes.done(folder, null);
  if (context.json) {
    await printJson(context, "vmgs.carve-v1/1", document);
    return ExitCode.done;
  }
  for (const { fileName, remain } of named) {
    const { bytes, state, variables, lastUpdateTime } = remain;
    const content = state === "cut" ? "cut" : `${formatCount(variables ?? 0, "variable")}`;
    const updated = lastUpdateTime === null ? "" : `, last update ${escapeText(lastUpdateTime)}`;
    await print(context, `${fileName}: ${formatSize(bytes)}, ${content}${updated}`);
  }
  const done = folder === null ? "would be saved" : `saved in ${escapeText(folder)}, with ${MANIFEST}`;
  const line = named.length === 0 ? "nothing old was found" : `${formatCount(named.length, "piece")} ${done}`;
  await say(context, `${escapeText(file)}: ${line}${truncated ? "; there may be more" : ""}`);
  return ExitCode.done;
}
