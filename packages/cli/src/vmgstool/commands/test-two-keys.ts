import { rm } from "node:fs/promises";
import { formatStore, type WritableDisk } from "vmgskit";
import { nodeCipher } from "vmgskit/node";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { makeStoreFile, refuseExistingStore } from "../create-file.ts";
import { makeKeyFile, randomKey, refuseExisting } from "../key-files.ts";
import { reportChange } from "../messages.ts";
import { FILE_OPTION, FORCE_CREATE_OPTION, JSON_OPTION } from "../options.ts";
import { storeSizeOf, textOf } from "../values.ts";

export const testTwoKeys: CommandDeclaration = {
  name: "test two-keys",
  summary: "make a store that has both key slots in use",
  description: "Both keys are made as well; a key file that exists is never replaced.",
  args: [],
  options: [
    { ...FILE_OPTION, output: true },
    { flags: "--first-key-path <FILE>", meaning: "where the first key goes", required: true, output: true },
    { flags: "--second-key-path <FILE>", meaning: "where the second key goes", required: true, output: true },
    FORCE_CREATE_OPTION,
    JSON_OPTION,
  ],
  examples: [
    {
      command: "vmgstool test two-keys -f two.vmgs --first-key-path a.key --second-key-path b.key",
      meaning: "a store that either key opens",
    },
  ],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    const paths = [textOf(options, "firstKeyPath"), textOf(options, "secondKeyPath")] as const;
    const force = options.forceCreate === true;
    // Everything that can be known before is, so that a refusal leaves no key file.
    for (const path of paths) await refuseExisting(path);
    if (!force) await refuseExistingStore(file);
    const keys = [randomKey(), randomKey()] as const;
    let sequence = 0;
    const prepare = async (disk: WritableDisk) => {
      const store = await formatStore(disk, { key: keys[0], cipher: nodeCipher });
      await store.addKey(keys[1]);
      sequence = store.state.header.sequence;
    };
    const made: string[] = [];
    try {
      for (const [index, path] of paths.entries()) {
        await makeKeyFile(context, path, keys[index] as Uint8Array, false);
        made.push(path);
      }
      await makeStoreFile(file, { byteLength: storeSizeOf({}), force, prepare });
    } catch (error) {
      // Keys of no store.
      for (const path of made) await rm(path, { force: true });
      throw error;
    }
    const done = "created and formatted, two keys";
    await reportChange(context, { file, command: "test two-keys", done, sequence, warnings: [] });
    return 0;
  },
};
