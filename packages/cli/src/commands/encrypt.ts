import {
  type Change,
  describeFileId,
  fileRole,
  isEncrypted,
  listFiles,
  parseFileId,
  type Store,
  VmgsError,
} from "vmgskit";
import { changeStore } from "../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  fileIdSuggestions,
  JSON_OPTION,
  newKeyOption,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { requireKey } from "../stores.ts";
import { withWritableStore } from "../stores-for-change.ts";

export const encrypt: CommandDeclaration = {
  name: "encrypt",
  summary: "encrypt a plain store and the files that hold secrets",
  description:
    "Adds the datastore key and rewrites files encrypted, in one transaction: UEFI variables and the state of the vTPM, " +
    "or what --file names. Files that are read before a store can be unlocked stay plain. Old plain bytes stay in free " +
    "blocks unless --wipe is given.",
  args: [storeArgument],
  options: [
    newKeyOption("the new key"),
    {
      flags: "--file <ID>",
      meaning: "encrypt this file instead; may be repeated",
      many: true,
      complete: fileIdSuggestions,
    },
    { flags: "--only-key", meaning: "only add the key: files that exist stay plain" },
    ...CHANGE_OPTIONS,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "head -c 32 /dev/urandom > vm.key", meaning: "make a key" },
    {
      command: "vmgs encrypt vm.vmgs --key vm.key --wipe",
      meaning: "encrypt, and overwrite all plain bytes",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    if (options.onlyKey === true && options.file !== undefined) {
      throw new UsageError("--only-key and --file exclude each other");
    }
    const key = await requireKey(context, options);
    // The key is for the store as it will be: a plain store is not unlocked with it.
    await withWritableStore(
      { ...context, env: {} },
      file,
      { ...options, key: undefined },
      async (store, warnings) => {
        if (isEncrypted(store.state)) {
          throw new VmgsError("VMGS_KEYS_FULL", "the store is encrypted already");
        }
        const { changes, ids } = await rewrites(store, options);
        const files =
          ids.length === 0
            ? "no file rewritten"
            : `${ids.map(describeFileId).join(", ")} rewritten encrypted`;
        await changeStore(context, store, {
          file,
          options,
          changes: [{ kind: "addKey", key }, ...changes],
          done: `encrypted with AES-256-GCM, ${files}`,
          warnings,
        });
      },
    );
    return 0;
  },
};

async function rewrites(store: Store, options: OptionValues): Promise<{ changes: Change[]; ids: number[] }> {
  const named = options.file as readonly string[] | undefined;
  const asked = named && [...new Set(named.map(parseFileId))];
  const confidential = listFiles(store.state).filter(
    ({ id, name }) => name !== null && fileRole(id).confidential,
  );
  const ids = options.onlyKey === true ? [] : (asked ?? confidential.map(({ id }) => id));
  const changes: Change[] = [];
  for (const fileId of ids) {
    changes.push({ kind: "write", fileId, content: await store.readFile(fileId), encrypt: true });
  }
  return { changes, ids };
}
