import { isVmgsError, listFiles, parseFileId, type Warning } from "vmgskit";
import { guestFileIds, readGuestFile } from "vmgskit/guest";
import { type FoundFile, filesDocument, filesView } from "vmgskit/report";
import {
  type CommandDeclaration,
  fileIdArgument,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  READING_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { NotFoundError } from "../exit-codes.ts";
import { describeError } from "../messages.ts";
import { namedBy } from "../named.ts";
import { printDocument, showView } from "../show.ts";
import { type OpenedStore, withStore } from "../stores.ts";

export const show: CommandDeclaration = {
  name: "show",
  summary: "show what the files of a store hold, in words",
  description:
    "Clock, watchdog, hibernation, physical presence, key protectors, provenance: what each file says, and whether it " +
    "is as expected. Seeds and keys are never shown. Encrypted files need the key. Without ID, all files.",
  args: [storeArgument, { ...fileIdArgument(), required: false, many: true }],
  options: [JSON_OPTION, KEY_OPTION, GENERATION_OPTION, ...READING_OPTIONS],
  examples: [
    { command: "vmgs show vm.vmgs", meaning: "all files" },
    { command: "vmgs show --json vm.vmgs", meaning: "the same as JSON" },
  ],
  async run(context, args, options) {
    const [file, names = []] = args as [string, (readonly string[])?];
    const ids = names.map(parseFileId);
    let warnings: readonly Warning[] = [];
    let found: readonly FoundFile[] = [];
    let error: unknown = null;
    try {
      await withStore(context, file, options, async (opened) => {
        warnings = opened.warnings;
        found = await findFiles(opened, ids);
      });
    } catch (thrown) {
      error = thrown;
    }
    if (error !== null && !context.json) throw error;
    const problem = error === null ? null : describeError(error, file);
    const document = filesDocument(file, found, { warnings, error: problem });
    if (context.json) await printDocument(context, document);
    else await showView(context, filesView(document), namedBy(context, options));
    if (error !== null) throw error;
    return 0;
  },
};

async function findFiles({ store }: OpenedStore, ids: readonly number[]): Promise<FoundFile[]> {
  const all = listFiles(store.state);
  const missing = ids.find((id) => !all.some((entry) => entry.id === id));
  if (missing !== undefined) {
    throw new NotFoundError(`the store has no file ${missing}`, "`vmgs inspect FILE` lists its files");
  }
  const chosen = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
  return Promise.all(
    chosen.map(async ({ id, bytes, encrypted }) => ({
      fileId: id,
      bytes,
      encrypted,
      reading: await readingOf(store, id),
    })),
  );
}

/** Only guest files are read; the others may be large. */
async function readingOf(store: OpenedStore["store"], id: number): Promise<FoundFile["reading"]> {
  if (!guestFileIds.includes(id)) return null;
  try {
    return await readGuestFile(id, await store.readFile(id));
  } catch (error) {
    if (isVmgsError(error, "VMGS_NEEDS_UNLOCK")) return "locked";
    throw error;
  }
}
