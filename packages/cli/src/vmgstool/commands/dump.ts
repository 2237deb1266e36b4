import {
  describeFileId,
  fileIdName,
  fileRole,
  listFiles,
  type SyncStore,
  VmgsError,
  type Warning,
} from "vmgskit";
import { toHex } from "vmgskit/format";
import type { CommandContext } from "../../context.ts";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { printJson } from "../../messages.ts";
import { writeWhole } from "../../output-file.ts";
import { byteListing } from "../byte-listing.ts";
import { say, warn } from "../messages.ts";
import { DATA_OPTION, FILE_OPTION, ID_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { lockedWarnings, readGivenKey, withStore } from "../stores.ts";
import { fileIdOf, textOf } from "../values.ts";

export const dump: CommandDeclaration = {
  name: "dump",
  summary: "read a file of the store",
  description:
    "Without a data path and --raw-stdout the bytes are listed as text. Without its key an encrypted file is read raw, " +
    "with a warning.",
  args: [],
  options: [
    FILE_OPTION,
    { ...DATA_OPTION, meaning: "write the bytes to a file; - = standard output", output: true },
    ID_OPTION,
    KEY_OPTION,
    { flags: "--raw-stdout", meaning: "write the bytes to standard output", aliases: ["--rawstdout"] },
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgstool dump -f vm.vmgs -i PROVISIONING_MARKER --raw-stdout", meaning: "print the marker" },
    { command: "vmgstool dump -f vm.vmgs -i 3 -k vm.key -d tpm.bin", meaning: "save the state of the vTPM" },
  ],
  async run(context, _args, options) {
    const target = options.rawStdout === true ? "-" : (options.dataPath as string | undefined);
    if (options.rawStdout === true && options.dataPath !== undefined) {
      throw new UsageError("--data-path and --raw-stdout exclude each other");
    }
    if (context.json && target !== undefined) {
      throw new UsageError("--json prints the content itself, so it excludes --data-path and --raw-stdout");
    }
    const fileId = fileIdOf(options);
    const file = textOf(options, "filePath");
    const key = await readGivenKey(context, options);
    await withStore(context, { file, key }, async ({ store, warnings }) => {
      const { content, form, found, isPrivate } = readContent(store, fileId);
      await warn(context, found, file);
      const all = [...warnings, ...found];
      if (context.json) await printContent(context, { file, fileId, content, form, warnings: all });
      else if (target === "-") await context.stdout.write(content);
      else if (target !== undefined) {
        await writeWhole(target, content, { replace: true, isPrivate, signal: context.signal });
        await say(
          context,
          `${file}: ${describeFileId(fileId)}, ${content.length} bytes, written to ${target}`,
        );
      } else for (const lines of byteListing(content)) await context.stdout.write(lines);
    });
    return 0;
  },
};

type Form = "content" | "ciphertext";

interface Content {
  readonly content: Uint8Array;
  readonly form: Form;
  readonly found: readonly Warning[];
  /** For its owner only, saved to a file. */
  readonly isPrivate: boolean;
}

function readContent(store: SyncStore, fileId: number): Content {
  const record = listFiles(store.state).find(({ id }) => id === fileId);
  if (record === undefined || record.readable) {
    const isPrivate = fileRole(fileId).confidential || record?.encrypted === true;
    return {
      content: store.readFile(fileId),
      form: "content",
      found: lockedWarnings(store.state),
      isPrivate,
    };
  }
  const message = `${describeFileId(fileId)} is encrypted and was read without its key: what follows is ciphertext`;
  return {
    content: store.readRaw(fileId),
    form: "ciphertext",
    isPrivate: fileRole(fileId).confidential,
    found: [{ code: "VMGS_CIPHERTEXT", message }],
  };
}

interface ContentDocument {
  readonly file: string;
  readonly fileId: number;
  readonly content: Uint8Array;
  readonly form: Form;
  readonly warnings: readonly Warning[];
}

/** The longest text that a runtime surely holds is far above the hex digits of this. */
const MAX_JSON_BYTES = 2 ** 26;

async function printContent(context: CommandContext, document: ContentDocument): Promise<void> {
  const { file, fileId, content, form, warnings } = document;
  if (content.length > MAX_JSON_BYTES) {
    throw new VmgsError(
      "VMGS_FILE_TOO_LARGE",
      `${describeFileId(fileId)} has ${content.length} bytes, at most ${MAX_JSON_BYTES} go into a document`,
      { fileId, bytes: content.length, limit: MAX_JSON_BYTES },
    );
  }
  const about = { file, id: fileId, name: fileIdName(fileId), bytes: content.length, form };
  await printJson(context, "vmgstool.dump/1", { ...about, data: toHex(content), warnings });
}
