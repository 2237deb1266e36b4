import { createHash } from "node:crypto";
import { guestStateVersion } from "vmgskit/guest-state";
import { nodeCipher } from "vmgskit/node";
import { type CarvedPiece, type Carving, carveDisk } from "vmgskit/recovery";
import { type CommandContext, widthOf } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { checkHostPath } from "../host-files.ts";
import { describeError, print, printJson, reportWarnings, say } from "../messages.ts";
import {
  type ContainerDocument,
  containerDocument,
  containerWarnings,
  openBroken,
} from "../recovery-disks.ts";
import { saveTogether } from "../saved-folder.ts";
import { readStoreKey } from "../stores.ts";
import { escapeText, formatCount, formatSize, loadTable } from "../terminal/index.ts";
import { printWrapped } from "../wrapped.ts";

const MANIFEST = "manifest.json";

export const carve: CommandDeclaration = {
  name: "carve",
  summary: "save old versions of files, and what else is found in free blocks",
  description:
    "Saves every version of a file that an old file table still leads to, and markers, UEFI variable lists and TPM " +
    "states that no table leads to, pieces of them behind the ends of files, each with the evidence for what it is, in manifest.json beside them. Of a store that " +
    "can be opened the current files are left out: `vmgs cat` reads them. Works on stores that can't be opened. With " +
    "--key encrypted files are decrypted where their extended file table still opens. What is saved may hold secrets: " +
    "only you may read it. Nothing that exists is replaced.",
  args: [storeArgument],
  options: [
    { flags: "-o, --output-dir <DIR>", meaning: "folder for what is found; it is made when it is missing" },
    { flags: "--dry-run", meaning: "tell what would be saved, and do nothing else" },
    KEY_OPTION,
    JSON_OPTION,
    ...DISK_OPTIONS,
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
      throw new UsageError("-o DIR is needed", "or --dry-run, to look only");
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
    const named = nameAll(carving.pieces);
    const documentOf = (pieces: readonly SavedPiece[]): CarveDocument => ({
      file,
      container: containerDocument(disk),
      openError: carving.openError === null ? null : describeError(carving.openError),
      dryRun,
      pieces,
      truncated: carving.truncated,
      warnings,
    });
    const document = dryRun
      ? documentOf(named.map(unsaved))
      : await saveAll(context, folder as string, named, documentOf);
    if (context.json) await printJson(context, "vmgs.carve/1", document);
    else await show(context, file, carving, document, folder);
    return 0;
  },
};

interface NamedPiece {
  readonly fileName: string;
  readonly piece: CarvedPiece;
}

type SavedPiece = Omit<CarvedPiece, "read"> & {
  readonly fileName: string;
  /** SHA-256 of what was saved; null in a dry run. */
  readonly sha256: string | null;
};

interface CarveDocument {
  readonly file: string;
  readonly container: ContainerDocument;
  readonly openError: object | null;
  readonly dryRun: boolean;
  readonly pieces: readonly SavedPiece[];
  readonly truncated: boolean;
  readonly warnings: readonly object[];
}

/** A name for each piece, without anything that comes from the disk but numbers. */
function nameAll(pieces: readonly CarvedPiece[]): NamedPiece[] {
  const used = new Set<string>([MANIFEST]);
  return pieces.map((piece) => {
    const stem = stemOf(piece);
    let fileName = `${stem}${endingOf(piece)}`;
    if (used.has(fileName)) fileName = `${stem}.block-${piece.block}${endingOf(piece)}`;
    for (let i = 2; used.has(fileName); i++) fileName = `${stem}.block-${piece.block}-${i}${endingOf(piece)}`;
    used.add(fileName);
    return { fileName, piece };
  });
}

const CONTENT_NAMES = {
  marker: "marker",
  variableList: "variable-list",
  tpmState: "tpm-state",
  file: "file",
};

function stemOf({ origin, kind, generations, fileId, name, block, slackOf }: CarvedPiece): string {
  if (slackOf !== null) return `block-${block}.piece-of-${CONTENT_NAMES[kind]}`;
  if (origin === "content") return `block-${block}.${CONTENT_NAMES[kind]}`;
  const generation = (generations[0] ?? "unknown").replaceAll(" ", "-");
  return `${generation}.${fileId}${name === null ? "" : `.${name}`}`;
}

function endingOf({ form, kind, name, confidence }: CarvedPiece): string {
  if (form === "ciphertext") return ".encrypted";
  const isMarker = kind === "marker" || name === "PROVISIONING_MARKER";
  return isMarker && confidence !== "damaged" ? ".json" : ".bin";
}

function unsaved({ fileName, piece: { read: _, ...facts } }: NamedPiece): SavedPiece {
  return { fileName, ...facts, sha256: null };
}

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
      const { read: _, ...facts } = piece;
      saved.push({ fileName, ...facts, sha256: createHash("sha256").update(bytes).digest("hex") });
    }
    const whole = documentOf(saved);
    await save(MANIFEST, `${JSON.stringify({ schema: "vmgs.carve/1", ...whole }, null, 2)}\n`);
    return whole;
  });
  changes.done(folder, null);
  return document;
}

async function show(
  context: CommandContext,
  file: string,
  { openError, truncated }: Carving,
  { pieces, dryRun }: CarveDocument,
  folder: string | undefined,
): Promise<void> {
  if (openError !== null) {
    await say(context, `${escapeText(file)}: can't be opened (${escapeText(openError.message)})`);
  }
  if (pieces.length > 0) await printPieces(context, pieces);
  const count = formatCount(pieces.length, "piece");
  const done = dryRun ? "would be saved" : `saved in ${escapeText(folder ?? "")}, with ${MANIFEST}`;
  const more = truncated ? "; there is more than a disk of this size can hold" : "";
  const line = pieces.length === 0 ? "nothing old was found" : `${count} ${done}`;
  await say(context, `${escapeText(file)}: ${line}${more}`);
  if (!context.verbose) return;
  for (const { fileName, evidence } of pieces) {
    await print(context, `  ${fileName}`);
    for (const sentence of evidence) await printWrapped(context, "    - ", escapeText(sentence));
  }
}

async function printPieces(context: CommandContext, pieces: readonly SavedPiece[]): Promise<void> {
  const { formatTable } = await loadTable();
  const columns = [
    { title: "piece" },
    { title: "size", align: "right" as const },
    { title: "block", align: "right" as const },
    { title: "form" },
    { title: "sure" },
  ];
  const rows = pieces.map(({ fileName, bytes, block, form, confidence }) => [
    fileName,
    formatSize(bytes),
    String(block),
    form,
    confidence,
  ]);
  await context.stdout.write(
    formatTable(columns, rows, { colors: context.colors, width: widthOf(context.stdout) }),
  );
}
