import { isVmgsError, type Secret, type WritableStore } from "vmgskit";
import { undoDocument, undoneWords, undoView } from "vmgskit/report";
import { commandOf } from "../action-command.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  PLAN_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { say } from "../messages.ts";
import { printDocument, showView } from "../show.ts";
import { keyPath, readStoreKey, unlockIfEncrypted } from "../stores.ts";
import { makeBackup, withLockedStore } from "../stores-for-change.ts";
import { escapeText } from "../terminal/index.ts";

export const undo: CommandDeclaration = {
  name: "undo",
  summary: "go back to the previous generation of a store",
  description:
    "Takes the last change back, one header is written; a second undo goes forward again. Says first what it goes back " +
    "to. Needs the key where the change renewed the key slots, as every encrypted write does; after a rekey that is the " +
    "old key. Refused when the previous generation was wiped or is not whole. A plain file has no checksum: after a " +
    "change that was killed half way, look at --dry-run and at the files before.",
  args: [storeArgument],
  options: [...PLAN_OPTIONS, KEY_OPTION, ...DISK_OPTIONS, JSON_OPTION],
  examples: [
    { command: "vmgs undo vm.vmgs --dry-run", meaning: "see what it would go back to" },
    { command: "vmgs undo vm.vmgs", meaning: "take the last change back; once more: do it again" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const dryRun = options.dryRun === true;
    const key = await readStoreKey(context, options, file);
    await withLockedStore(context, file, options, async (store, warnings) => {
      const before = store.state;
      const after = await planUndo(store, key);
      const document = undoDocument(file, before, after, { dryRun, warnings });
      // The plan is the result of a dry run: quiet mode does not silence it.
      if (!context.json && (dryRun || !context.quiet)) await showView(context, undoView(document));
      if (!dryRun) {
        await makeBackup(file, options);
        await store.undo({ signal: context.signal, ...(key && { key }) });
      }
      if (context.json) await printDocument(context, document);
      else if (!dryRun) {
        const path = keyPath(context, options);
        const words = undoneWords(document, options.key !== undefined).map((part) =>
          typeof part === "string"
            ? part
            : `\`${commandOf(part, file, path === undefined ? {} : { key: path })}\``,
        );
        await say(context, `${escapeText(file)}: ${words.join("")}`);
      }
    });
    return 0;
  },
};

/** The key may be that of the previous generation only, as after a rekey. */
async function planUndo(store: WritableStore, key: Secret | undefined) {
  let wrong: unknown;
  if (key !== undefined) {
    await unlockIfEncrypted(store, key).catch((error: unknown) => {
      if (!isVmgsError(error, "VMGS_WRONG_KEY", "VMGS_EXTENDED_FILE_TABLE")) throw error;
      wrong = error;
    });
  }
  try {
    return (await store.planUndo(key === undefined ? {} : { key })).next;
  } catch (error) {
    throw wrong !== undefined && isVmgsError(error, "VMGS_NEEDS_UNLOCK") ? wrong : error;
  }
}
