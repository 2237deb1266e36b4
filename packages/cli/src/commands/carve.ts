import { createHash } from "node:crypto";
import { guestStateVersion } from "vmgskit/guest-state";
import { nodeCipher } from "vmgskit/node";
import { carveDisk } from "vmgskit/recovery";
import {
  type CarveDocument,
  carveDocument,
  carveView,
  MANIFEST,
  type NamedPiece,
  namePieces,
  type SavedPiece,
  savedPiece,
} from "vmgskit/report";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  JSON_OPTION,
  KEY_OPTION,
  READING_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { checkHostPath } from "../host-files.ts";
import { describeError, reportWarnings } from "../messages.ts";
import { containerDocument, containerWarnings, openBroken } from "../recovery-disks.ts";
import { saveTogether } from "../saved-folder.ts";
import { printDocument, showView } from "../show.ts";
import { readStoreKey } from "../stores.ts";

export const carve: CommandDeclaration = {
  name: "carve",
  summary: "save old versions of files, and other remains in free blocks",
  description:
    "Saves every version of a file that an old file table still leads to, and markers, UEFI variable lists and TPM " +
    "states that no table leads to, pieces of them after the ends of files, each with the evidence for what it is, in manifest.json beside them. Of a store that " +
    "can be opened the current files are omitted: `vmgs cat` reads them. Works on stores that can't be opened. With " +
    "--key encrypted files are decrypted where their extended file table still opens. What is saved may hold secrets: " +
    "only you may read it. Nothing that exists is replaced.",
  args: [storeArgument],
  options: [
    { flags: "-o, --output-dir <DIR>", meaning: "folder for what is found; it is made when it is missing" },
    { flags: "--dry-run", meaning: "show what would be saved; write nothing" },
    KEY_OPTION,
    JSON_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs carve vm.vmgs --dry-run", meaning: "see what can be found" },
    { command: "vmgs carve vm.vmgs -o found", meaning: "save it" },
    { command: "vmgs carve vm.vmgs --key vm.key -o found", meaning: "decrypt what can be decrypted" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const dryRun = options.dryRun === true;
    const folder = options.outputDir as string | undefined;
    if (folder === undefined && !dryRun)
      throw new UsageError("-o DIR is needed", "or --dry-run, to show what would be saved");
    if (folder !== undefined) checkHostPath(folder, "the output folder");
    const key = await readStoreKey(context, options, file);
    await using disk = await openBroken(context, file, options);
    const warnings = containerWarnings(disk);
    await reportWarnings(context, warnings, file);
    if ((await guestStateVersion(disk)) === 1) {
      const { carveV1File } = await import("./v1/carve.ts");
      return await carveV1File(context, { file, disk, folder: dryRun ? null : (folder as string), warnings });
    }
    const carving = await carveDisk(disk, { cipher: nodeCipher, ...(key && { key }) });
    const named = namePieces(carving.pieces);
    const documentOf = (pieces: readonly SavedPiece[]): CarveDocument =>
      carveDocument(file, carving, {
        container: containerDocument(disk),
        openError: carving.openError === null ? null : describeError(carving.openError, file),
        dryRun,
        pieces,
        warnings,
      });
    const document = dryRun
      ? documentOf(named.map((piece) => savedPiece(piece, null)))
      : await saveAll(context, folder as string, named, documentOf);
    if (context.json) await printDocument(context, document);
    else {
      const { quiet, verbose: evidence } = context;
      await showView(
        context,
        carveView(document, { folder: dryRun ? null : (folder as string), quiet, evidence }),
      );
    }
    return 0;
  },
};

/** Saves all pieces and the manifest of them, or nothing. */
async function saveAll(
  { signal, changes }: CommandContext,
  folder: string,
  named: readonly NamedPiece[],
  documentOf: (pieces: readonly SavedPiece[]) => CarveDocument,
): Promise<CarveDocument> {
  const names = [MANIFEST, ...named.map(({ fileName }) => fileName)];
  const document = await saveTogether(folder, names, signal, async (save) => {
    const saved: SavedPiece[] = [];
    for (const { fileName, piece } of named) {
      signal.throwIfAborted();
      const bytes = await piece.read();
      await save(fileName, bytes);
      saved.push(savedPiece({ fileName, piece }, createHash("sha256").update(bytes).digest("hex")));
    }
    const whole = documentOf(saved);
    await save(MANIFEST, `${JSON.stringify(whole, null, 2)}\n`);
    return whole;
  });
  changes.done(folder, null);
  return document;
}
