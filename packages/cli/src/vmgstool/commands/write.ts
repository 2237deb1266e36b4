import {
  describeFileId,
  fileRole,
  isLocked,
  listFiles,
  type StoreState,
  VmgsError,
  type Warning,
} from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { readInput, storeLimit } from "../../inputs.ts";
import { formatSize } from "../../terminal/index.ts";
import { reportChange, warn } from "../messages.ts";
import {
  ALLOW_OVERWRITE_OPTION,
  DATA_OPTION,
  FILE_OPTION,
  ID_OPTION,
  JSON_OPTION,
  KEY_OPTION,
} from "../options.ts";
import { keyPathOf, readGivenKey, withWritableStore } from "../stores.ts";
import { fileIdOf, textOf } from "../values.ts";

export const write: CommandDeclaration = {
  name: "write",
  summary: "write a file into the store",
  description:
    "With a key it is encrypted, whatever the file. Without the key of an encrypted store it is written in plain, with a " +
    "warning; `vmgs put` refuses that.",
  args: [],
  options: [
    FILE_OPTION,
    { ...DATA_OPTION, required: true },
    ID_OPTION,
    KEY_OPTION,
    ALLOW_OVERWRITE_OPTION,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgstool write -f vm.vmgs -i BIOS_NVRAM -d nvram.bin", meaning: "write the UEFI variables" },
    {
      command: "vmgstool write -f vm.vmgs -i 3 -d tpm.bin -k vm.key --allow-overwrite",
      meaning: "replace the state of the vTPM, encrypted",
    },
  ],
  async run(context, _args, options) {
    const fileId = fileIdOf(options);
    const source = textOf(options, "dataPath");
    if (source === "-" && keyPathOf(context, options) === "-") {
      throw new UsageError("data and key can't both come from standard input");
    }
    const file = textOf(options, "filePath");
    const limit = await storeLimit(file);
    const content = await readInput(context, { path: source, role: "the source file", limit });
    const key = await readGivenKey(context, options);
    await withWritableStore(context, { file, key }, async ({ store, warnings }) => {
      if (options.allowOverwrite !== true) checkVacant(store.state, fileId);
      const encrypt = key !== undefined;
      const plain = isLocked(store.state) ? plainWarnings(store.state, fileId) : [];
      const { signal } = context;
      const change = { kind: "write", fileId, content, encrypt, overwriteEncrypted: true } as const;
      const { next, placed } = await store.commit([change], { signal });
      await warn(context, plain, file);
      const sealed = placed.some((part) => part.fileId === fileId && part.encrypted);
      const how = sealed ? ", encrypted" : "";
      await reportChange(context, {
        file,
        command: "write",
        done: `written ${describeFileId(fileId)}, ${formatSize(content.length)}${how}`,
        sequence: next.header.sequence,
        warnings: [...warnings, ...plain],
      });
    });
    return 0;
  },
};

/**
 * Refuses to replace a file that holds something. Tables of the store are refused as what they are when it is written:
 * no option allows to replace them.
 *
 * @throws VmgsError VMGS_FILE_ALLOCATED
 */
export function checkVacant(state: StoreState, fileId: number): void {
  if (fileRole(fileId).own) return;
  if ((state.files.get(fileId)?.byteLength ?? 0) === 0) return;
  throw new VmgsError("VMGS_FILE_ALLOCATED", `the store has ${describeFileId(fileId)} already`, { fileId });
}

/** What the reference does silently. */
function plainWarnings(state: StoreState, fileId: number): Warning[] {
  const replaced = listFiles(state).some(({ id, encrypted }) => id === fileId && encrypted);
  const what = replaced ? "was encrypted, and is now plain" : "is plain";
  const message = `${describeFileId(fileId)} ${what}: everyone who has the store can read it`;
  return [{ code: "VMGS_WRITTEN_PLAIN", message }];
}
