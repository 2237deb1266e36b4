import { type Change, isEncrypted, listFiles, type Store, VmgsError } from "vmgskit";
import { changeStore } from "../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storeArgument,
} from "../declaration/index.ts";
import { withWritableStore } from "../stores-for-change.ts";
import { formatCount } from "../terminal/index.ts";

export const decrypt: CommandDeclaration = {
  name: "decrypt",
  summary: "rewrite all files in plain and remove encryption",
  description:
    "One transaction: it needs free space for all encrypted files at once. Afterwards everyone who has the file can read the secrets.",
  args: [storeArgument],
  options: [KEY_OPTION, ...CHANGE_OPTIONS, ...DISK_OPTIONS, JSON_OPTION],
  examples: [
    {
      command: "vmgs decrypt vm.vmgs --key vm.key --backup vm.encrypted",
      meaning: "decrypt, keeping the original",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    await withWritableStore(context, file, options, async (store, warnings) => {
      const { state } = store;
      if (!isEncrypted(state)) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
      if (state.unlocked === null)
        throw new VmgsError("VMGS_NEEDS_UNLOCK", "the store is locked; its key is needed");
      const rewrites = await plainRewrites(store);
      await changeStore(context, store, {
        file,
        options,
        changes: [...rewrites, { kind: "removeEncryption" }],
        done: `decrypted, ${formatCount(rewrites.length, "file")} rewritten in plain`,
        warnings,
      });
    });
    return 0;
  },
};

async function plainRewrites(store: Store): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { id, encrypted } of listFiles(store.state)) {
    if (!encrypted) continue;
    changes.push({ kind: "write", fileId: id, content: await store.readFile(id), overwriteEncrypted: true });
  }
  return changes;
}
