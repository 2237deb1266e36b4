/** `vmgs carve` of a version 1 file: JSON that no header leads to. */

import { createHash } from "node:crypto";
import type { Warning } from "vmgskit";
import { type CarveV1Document, carveV1View, type SavedV1Remain, type View } from "vmgskit/report";
import { carveV1, readV1Remain } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import { ExitCode } from "../../exit-codes.ts";
import { type BrokenDisk, containerDocument } from "../../recovery-disks.ts";
import { type SaveFile, saveTogether } from "../../saved-folder.ts";
import { printDocument, showView } from "../../show.ts";

const MANIFEST = "manifest.json";

interface CarveV1 {
  readonly file: string;
  readonly disk: BrokenDisk;
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
  const save = async (saveFile: SaveFile | null): Promise<CarveV1Document> => {
    const pieces: SavedV1Remain[] = [];
    for (const { fileName, remain } of named) {
      context.signal.throwIfAborted();
      const bytes = saveFile === null ? null : await readV1Remain(disk, remain);
      if (bytes !== null) await saveFile?.(fileName, bytes);
      const sha256 = bytes === null ? null : createHash("sha256").update(bytes).digest("hex");
      pieces.push({ fileName, ...remain, sha256 });
    }
    const container = containerDocument(disk);
    const facts = { file, container, dryRun: folder === null, pieces, truncated, warnings };
    const document: CarveV1Document = { schema: "vmgs.carve-v1/1", ...facts };
    await saveFile?.(MANIFEST, `${JSON.stringify(document, null, 2)}\n`);
    return document;
  };
  const names = [MANIFEST, ...named.map(({ fileName }) => fileName)];
  const document =
    folder === null ? await save(null) : await saveTogether(folder, names, context.signal, save);
  if (folder !== null) context.changes.done(folder, null);
  if (context.json) await printDocument(context, document);
  else await showView(context, quietly(context, carveV1View(document)));
  return ExitCode.done;
}

/** What was found is a result; the sum of it is a message. */
function quietly({ quiet }: CommandContext, view: View): View {
  return quiet ? { ...view, place: null, headline: null } : view;
}
