import {
  type Change,
  isEncrypted,
  listFiles,
  type Secret,
  type Store,
  type StoreState,
  usedKeySlots,
  VmgsError,
} from "vmgskit";
import { changeStore } from "../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { keyPath, readStoreKey, requireKey } from "../stores.ts";
import { withWritableStore } from "../stores-for-change.ts";
import { formatCount } from "../terminal/index.ts";

export const rekey: CommandDeclaration = {
  name: "rekey",
  summary: "replace the datastore key with a new one",
  description:
    "Afterwards only the new key opens the store. The keys of the files stay the same; --rewrite also gives every " +
    "encrypted file a new key, as a store with the zero metadata key flaw needs.",
  args: [storeArgument],
  options: [
    KEY_OPTION,
    { flags: "--new-key <FILE>", meaning: "the new key, in the same forms" },
    { flags: "--rewrite", meaning: "rewrite every encrypted file under a new key of its own" },
    ...CHANGE_OPTIONS,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs rekey vm.vmgs --key old.key --new-key new.key", meaning: "roll the key" },
    {
      command: "vmgs rekey vm.vmgs --key old.key --new-key new.key --rewrite --wipe",
      meaning: "after a leak",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    if (keyPath(context, options) === "-" && options.newKey === "-") {
      throw new UsageError("both keys can't come from standard input");
    }
    const newKey = await requireKey(context, options, "newKey");
    const oldKey = await readStoreKey(context, options, file);
    if (oldKey?.equals(newKey)) throw new UsageError("the new key is the old one");
    await withWritableStore(context, file, options, async (store, warnings) => {
      const rewrites = options.rewrite === true ? await rewriteAll(store) : [];
      const files = rewrites.length === 0 ? "" : `, ${formatCount(rewrites.length, "file")} rewritten`;
      await changeStore(context, store, {
        file,
        options,
        changes: [...rewrites, ...replaceKeys(store.state, newKey)],
        done: `rekeyed${files}`,
        warnings,
      });
    });
    return 0;
  },
};

/** Replaces all keys with one, in one transaction. */
function replaceKeys(state: StoreState, key: Secret): Change[] {
  if (!isEncrypted(state)) {
    throw new VmgsError(
      "VMGS_NOT_ENCRYPTED",
      "the store is not encrypted; `vmgs encrypt` adds its first key",
    );
  }
  const active = state.unlocked?.keySlot;
  if (active === undefined)
    throw new VmgsError("VMGS_NEEDS_UNLOCK", "the store is locked; the old key is needed");
  const others = usedKeySlots(state.header).filter((slot) => slot !== active);
  return [
    ...others.map((keySlot): Change => ({ kind: "removeKey", keySlot })),
    { kind: "addKey", key },
    { kind: "removeKey", keySlot: active },
  ];
}

async function rewriteAll(store: Store): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { id, encrypted, readable } of listFiles(store.state)) {
    if (!encrypted || !readable) continue;
    changes.push({ kind: "write", fileId: id, content: await store.readFile(id), encrypt: true });
  }
  return changes;
}
