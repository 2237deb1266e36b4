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
import { contentRefusal } from "vmgskit/diagnose";
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
import { readInput, storeLimit } from "../inputs.ts";
import { reportWarnings } from "../messages.ts";
import { keyPath } from "../stores.ts";
import { withWritableStore } from "../stores-for-change.ts";
import { formatSize } from "../terminal/index.ts";

export const put: CommandDeclaration = {
  name: "put",
  summary: "write a file into a store",
  description:
    "In an encrypted store a file is written as it was before, a new one encrypted, except those that are read before " +
    "the store can be unlocked, such as the marker. --encrypt and --plain decide otherwise. An empty source is refused, " +
    "and content that the next boot would refuse.",
  args: [
    storeArgument,
    fileIdArgument(),
    { name: "SOURCE", meaning: "file with the new content; - = standard input (default)", required: false },
  ],
  options: [
    { flags: "--encrypt", meaning: "write it encrypted" },
    { flags: "--plain", meaning: "write it in plain, also in place of an encrypted file" },
    { flags: "--allow-empty", meaning: "accept a source that holds nothing" },
    { flags: "--force", meaning: "write an empty file, or content that the next boot would refuse" },
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
    const content = await readSource(context, file, source);
    await checkContent(id, content, options);
    const notices = [...unassigned, ...oldSpelling(options)];
    await reportWarnings(context, notices, file);
    await withWritableStore(context, file, options, async (store, warnings) => {
      const encrypt = shallEncrypt(store.state, id, options);
      await changeStore(context, store, {
        file,
        options,
        changes: [
          { kind: "write", fileId: id, content, encrypt, overwriteEncrypted: options.plain === true },
        ],
        done: `written ${describeFileId(id)}, ${formatSize(content.length)}${encrypt ? ", encrypted" : ""}`,
        warnings: [...notices, ...warnings],
      });
    });
    return 0;
  },
};

function unassignedWarnings(id: number): Warning[] {
  if (fileIdName(id) !== null) return [];
  return [{ code: "VMGS_UNASSIGNED_FILE_ID", message: `file ID ${id} has no assigned meaning` }];
}

/** `--plain --force` was needed to replace an encrypted file. */
function oldSpelling({ plain, force }: OptionValues): Warning[] {
  if (plain !== true || force !== true) return [];
  const message =
    "--plain alone replaces an encrypted file; --force also writes content that the next boot would refuse";
  return [{ code: "VMGS_OLD_SPELLING", message }];
}

async function readSource(context: CommandContext, file: string, source: string): Promise<Uint8Array> {
  if (source === "-" && context.stdinIsTerminal) {
    throw new UsageError("SOURCE is missing, and standard input is a terminal");
  }
  // What does not fit the file around the store is not read.
  return readInput(context, { path: source, role: "the source file", limit: await storeLimit(file) });
}

/** @throws VmgsError VMGS_CONTENT_EMPTY, VMGS_CONTENT_REFUSED */
async function checkContent(fileId: number, content: Uint8Array, options: OptionValues): Promise<void> {
  if (options.force === true) return;
  if (content.length === 0) {
    if (options.allowEmpty === true) return;
    throw new VmgsError("VMGS_CONTENT_EMPTY", "the source is empty", { fileId, bytes: 0 });
  }
  const why = await contentRefusal(fileId, content);
  if (why === null) return;
  throw new VmgsError("VMGS_CONTENT_REFUSED", `the next boot would refuse this content: ${why}`, {
    fileId,
    bytes: content.length,
  });
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
