import { isEncrypted, VmgsError } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { reportChange } from "../messages.ts";
import { ALGORITHM_OPTION, FILE_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { keyPathOf, readKeyFile, requireKey, withWritableStore } from "../stores.ts";
import { textOf } from "../values.ts";

export const updateKey: CommandDeclaration = {
  name: "update-key",
  summary: "replace the key of an encrypted store",
  description:
    "Afterwards only the new key opens the store. A power failure on the way leaves both keys usable.",
  args: [],
  options: [
    FILE_OPTION,
    KEY_OPTION,
    {
      flags: "-n, --new-key-path <FILE>",
      meaning: "file with the new key, in the same forms",
      aliases: ["--newkeypath"],
      required: true,
    },
    { ...ALGORITHM_OPTION, required: true },
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgstool update-key -f vm.vmgs -k old.key -n new.key -e AES_GCM", meaning: "roll the key" },
  ],
  async run(context, _args, options) {
    const newPath = textOf(options, "newKeyPath");
    if (newPath === "-" && keyPathOf(context, options) === "-") {
      throw new UsageError("both keys can't come from standard input");
    }
    const file = textOf(options, "filePath");
    const key = await requireKey(context, options);
    const newKey = await readKeyFile(context, newPath, "--new-key-path");
    await withWritableStore(context, { file, key }, async ({ store, warnings }) => {
      if (!isEncrypted(store.state)) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
      await store.updateKey(newKey);
      const { sequence } = store.state.header;
      await reportChange(context, { file, command: "update-key", done: "key replaced", sequence, warnings });
    });
    return 0;
  },
};
