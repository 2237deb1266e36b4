import { datastoreKey, formatStore, type Secret, type Warning } from "vmgskit";
import { nodeCipher, openDiskFile } from "vmgskit/node";
import type { CommandContext } from "../../context.ts";
import type { CommandDeclaration, OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { createBlankFile, prepareExistingFile } from "../create-file.ts";
import { reportChange, warn } from "../messages.ts";
import { ALGORITHM_OPTION, FILE_OPTION, FORCE_CREATE_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { keyPathOf, readGivenKey } from "../stores.ts";
import { storeSizeOf, textOf } from "../values.ts";

export const create: CommandDeclaration = {
  name: "create",
  summary: "make a VMGS file and format it",
  description:
    "With a key the store is encrypted from the start; key and algorithm each need the other. A store of 4 or 5 blocks " +
    "can be made, but nothing can ever be written into it.",
  args: [],
  options: [
    FILE_OPTION,
    {
      flags: "-s, --file-size <BYTES>",
      meaning:
        "bytes of the store, without the footer: a multiple of 512, at least 16384; 4194304 unless told",
      aliases: ["--filesize"],
    },
    KEY_OPTION,
    ALGORITHM_OPTION,
    FORCE_CREATE_OPTION,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgstool create -f vm.vmgs", meaning: "a store of 4 MiB" },
    { command: "vmgstool create -f vm.vmgs -k vm.key -e AES_GCM", meaning: "an encrypted one" },
  ],
  async run(context, _args, options) {
    checkKeyOptions(context, options);
    const file = textOf(options, "filePath");
    const byteLength = storeSizeOf(options);
    context.signal.throwIfAborted();
    const isNew = await createBlankFile(file, byteLength, options.forceCreate === true);
    // As the reference, a new file stays when the key can't be read; a store that exists is lost for a good key only.
    const key = await readKey(context, options);
    if (!isNew) {
      if (key !== undefined) datastoreKey(key);
      await prepareExistingFile(file, byteLength);
    }
    context.signal.throwIfAborted();
    await using disk = await openDiskFile(file, { container: "vhd", write: true });
    const followed = context.changes.followDisk(file, disk);
    const store = await formatStore(followed, { allowTiny: true, cipher: nodeCipher });
    if (key !== undefined) await store.addKey(key);
    context.changes.done(file, store.state.header.sequence);
    const warnings = tinyWarnings(byteLength);
    await warn(context, warnings, file);
    const done = `created and formatted, ${byteLength} bytes${key === undefined ? "" : ", encrypted"}`;
    const { sequence } = store.state.header;
    await reportChange(context, { file, command: "create", done, sequence, warnings });
    return 0;
  },
};

function checkKeyOptions(context: CommandContext, options: OptionValues): void {
  const withAlgorithm = options.encryptionAlgorithm !== undefined;
  if (options.keyPath !== undefined && !withAlgorithm) {
    throw new UsageError("--key-path needs --encryption-algorithm", "add -e AES_GCM");
  }
  if (withAlgorithm && keyPathOf(context, options) === undefined) {
    throw new UsageError("--encryption-algorithm needs --key-path", "add -k FILE");
  }
}

/** A key of the environment makes no store encrypted by itself. */
async function readKey(context: CommandContext, options: OptionValues): Promise<Secret | undefined> {
  if (options.encryptionAlgorithm === undefined) return undefined;
  return (await readGivenKey(context, options))?.secret;
}

const SMALLEST_USEFUL_BYTES = 24_576;

function tinyWarnings(byteLength: number): Warning[] {
  if (byteLength >= SMALLEST_USEFUL_BYTES) return [];
  const message = `nothing can ever be written into a store of ${byteLength} bytes; ${SMALLEST_USEFUL_BYTES} are the least`;
  return [{ code: "VMGS_STORE_TOO_SMALL", message }];
}
