import {
  describeFileId,
  fileIdName,
  isEncrypted,
  isLocked,
  isWrittenEncrypted,
  parseFileId,
  type StoreState,
  VmgsError,
  type Warning,
} from "vmgskit";
import { changeStore } from "../changes.ts";
import type { CommandContext } from "../context.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  fileIdArgument,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { readHostFile } from "../host-files.ts";
import { reportWarnings } from "../messages.ts";
import { keyPath, withWritableStore } from "../stores.ts";
import { formatSize } from "../terminal/index.ts";

export const put: CommandDeclaration = {
  name: "put",
  summary: "write a file into a store",
  description:
    "In an encrypted store a file is written as it was before, a new one encrypted, except those that are read before " +
    "the store can be unlocked, such as the marker. --encrypt and --plain decide otherwise.",
  args: [
    storeArgument,
    fileIdArgument(),
    { name: "SOURCE", meaning: "file with the new content; - = standard input (default)", required: false },
  ],
  options: [
    { flags: "--encrypt", meaning: "write it encrypted" },
    { flags: "--plain", meaning: "write it in plain" },
    { flags: "--force", meaning: "with --plain: replace an encrypted file" },
    ...CHANGE_OPTIONS,
    KEY_OPTION,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs put vm.vmgs BIOS_NVRAM nvram.bin", meaning: "write the UEFI variables" },
    { command: "vmgs cat a.vmgs 3 -o - | vmgs put b.vmgs 3", meaning: "copy a file from store to store" },
    { command: "vmgs put vm.vmgs 3 tpm.bin --dry-run", meaning: "see where it would go" },
  ],
  async run(context, args, options) {
    const [file, name, source = "-"] = args as [string, string, string | undefined];
    if (options.encrypt === true && options.plain === true) {
      throw new UsageError("--encrypt and --plain exclude each other");
    }
    if (source === "-" && keyPath(context, options) === "-") {
      throw new UsageError("content and key can't both come from standard input");
    }
    const id = parseFileId(name);
    const unassigned = unassignedWarnings(id);
    await reportWarnings(context, unassigned, file);
    const content = await readSource(context, source);
    await withWritableStore(context, file, options, async (store, warnings) => {
      const encrypt = shallEncrypt(store.state, id, options);
      await changeStore(context, store, {
        file,
        options,
        changes: [
          { kind: "write", fileId: id, content, encrypt, overwriteEncrypted: options.force === true },
        ],
        done: `written ${describeFileId(id)}, ${formatSize(content.length)}${encrypt ? ", encrypted" : ""}`,
        warnings: [...unassigned, ...warnings],
      });
    });
    return 0;
  },
};

function unassignedWarnings(id: number): Warning[] {
  if (fileIdName(id) !== null) return [];
  return [{ code: "VMGS_UNASSIGNED_FILE_ID", message: `file ID ${id} has no assigned meaning` }];
}

async function readSource(context: CommandContext, source: string): Promise<Uint8Array> {
  if (source === "-") {
    if (context.stdinIsTerminal) throw new UsageError("SOURCE is missing, and standard input is a terminal");
    return context.readStdin();
  }
  return readHostFile(source, "the source file");
}

function shallEncrypt(state: StoreState, id: number, options: OptionValues): boolean {
  if (options.plain === true) return false;
  if (!isEncrypted(state)) {
    if (options.encrypt === true) {
      throw new VmgsError(
        "VMGS_NOT_ENCRYPTED",
        "the store is not encrypted, so nothing can be written encrypted",
      );
    }
    return false;
  }
  const encrypt = options.encrypt === true || isWrittenEncrypted(state, id);
  if (encrypt && isLocked(state)) {
    throw new VmgsError(
      "VMGS_NEEDS_UNLOCK",
      "the store is locked; to write an encrypted file it must be unlocked",
    );
  }
  return encrypt;
}
