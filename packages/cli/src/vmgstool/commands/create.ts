import { datastoreKey, formatStore, type Secret, type Warning, type WritableDisk } from "vmgskit";
import { createDiskFile, nodeCipher } from "vmgskit/node";
import type { CommandContext } from "../../context.ts";
import type { CommandDeclaration, OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { exists, makeStoreFile, NEW_STORE_MODE, refuseExistingStore } from "../create-file.ts";
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
    { ...FILE_OPTION, output: true },
    {
      flags: "-s, --file-size <BYTES>",
      meaning: "bytes of the store, without the footer: a multiple of 512, at least 16384; default: 4194304",
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
    const force = options.forceCreate === true;
    if (!force) await refuseExistingStore(file);
    const key = await readKey(context, options).catch(async (error: unknown) => {
      // As the reference, a blank file is left when the key can't be read; a store that exists stays.
      if (!(await exists(file))) await createDiskFile(file, { byteLength, mode: NEW_STORE_MODE });
      throw error;
    });
    const refusal = key === undefined ? null : refusalOf(key);
    // As the reference, a new store stays, without the key that can't be one.
    if (refusal !== null && (await exists(file))) throw refusal;
    context.signal.throwIfAborted();
    let sequence = 0;
    const prepare = async (disk: WritableDisk) => {
      const options = { allowTiny: true, cipher: nodeCipher };
      const store = await formatStore(context.changes.followDisk(file, disk), {
        ...options,
        ...(key && refusal === null && { key }),
      });
      sequence = store.state.header.sequence;
    };
    await makeStoreFile(file, { byteLength, force, prepare });
    context.changes.done(file, sequence);
    if (refusal !== null) throw refusal;
    const warnings = tinyWarnings(byteLength);
    await warn(context, warnings, file);
    const done = `created and formatted, ${byteLength} bytes${key === undefined ? "" : ", encrypted"}`;
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

/** Why a key can't be one, or null. */
function refusalOf(key: Secret): unknown {
  try {
    datastoreKey(key);
    return null;
  } catch (error) {
    return error;
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
