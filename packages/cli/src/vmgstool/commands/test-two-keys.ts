import { formatStore } from "vmgskit";
import { nodeCipher, openDiskFile } from "vmgskit/node";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { createBlankFile, prepareExistingFile, refuseExistingStore } from "../create-file.ts";
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
    FILE_OPTION,
    { flags: "--first-key-path <FILE>", meaning: "where the first key goes", required: true },
    { flags: "--second-key-path <FILE>", meaning: "where the second key goes", required: true },
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
    if (paths[0] === paths[1]) throw new UsageError("both keys would be the same file");
    const force = options.forceCreate === true;
    // Everything that can be known before is, so that a refusal leaves no key behind.
    for (const path of paths) await refuseExisting(path);
    if (!force) await refuseExistingStore(file);
    const keys = [randomKey(), randomKey()] as const;
    for (const [index, path] of paths.entries())
      await makeKeyFile(context, path, keys[index] as Uint8Array, false);
    const byteLength = storeSizeOf({});
    if (!(await createBlankFile(file, byteLength, force))) await prepareExistingFile(file, byteLength);
    await using disk = await openDiskFile(file, { container: "vhd", write: true });
    const store = await formatStore(disk, { key: keys[0], cipher: nodeCipher });
    await store.addKey(keys[1]);
    const done = "created and formatted, two keys";
    const { sequence } = store.state.header;
    await reportChange(context, { file, command: "test two-keys", done, sequence, warnings: [] });
    return 0;
  },
};
