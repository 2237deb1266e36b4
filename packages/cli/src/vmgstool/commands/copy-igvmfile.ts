import { describeFileId, FileId, isVmgsError, VmgsError } from "vmgskit";
import { openFileSource } from "vmgskit/node";
import { readResource } from "vmgskit/pe";
import type { CommandContext } from "../../context.ts";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { InputLimit, readInput } from "../../inputs.ts";
import { formatSize } from "../../terminal/index.ts";
import { reportChange } from "../messages.ts";
import { ALLOW_OVERWRITE_OPTION, DATA_OPTION, FILE_OPTION, JSON_OPTION } from "../options.ts";
import { withWritableStore } from "../stores.ts";
import { textOf } from "../values.ts";
import { checkVacant } from "./write.ts";

/** Number of the resource for each isolation of the virtual machine. */
const RESOURCE_CODES: Readonly<Record<string, number>> = {
  NONCONFIDENTIAL: 13510,
  SNP: 13515,
  SNP_NO_HCL: 13516,
  TDX: 13520,
  TDX_NO_HCL: 13521,
};

const RESOURCE_TYPE = "VMFW";

export const copyIgvmfile: CommandDeclaration = {
  name: "copy-igvmfile",
  summary: "copy firmware from a resource DLL into GUEST_FIRMWARE (8)",
  description:
    "The DLL is a PE32+ file with a resource of type VMFW. The firmware is stored in plain, in an encrypted store too, " +
    "as it is read before the store can be unlocked.",
  args: [],
  options: [
    FILE_OPTION,
    { ...DATA_OPTION, meaning: "the DLL; - = standard input", required: true },
    {
      flags: "-r, --resource-code <CODE>",
      meaning: "which firmware",
      choices: Object.keys(RESOURCE_CODES),
      aliases: ["--resourcecode"],
      required: true,
    },
    ALLOW_OVERWRITE_OPTION,
    JSON_OPTION,
  ],
  examples: [
    {
      command: "vmgstool copy-igvmfile -f vm.vmgs -d vmfirmwarehcl.dll -r SNP",
      meaning: "firmware for SEV-SNP",
    },
  ],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    const id = RESOURCE_CODES[textOf(options, "resourceCode")] as number;
    const content = await readFirmware(context, textOf(options, "dataPath"), id);
    const fileId = FileId.GUEST_FIRMWARE;
    await withWritableStore(context, { file }, async ({ store, warnings }) => {
      if (options.allowOverwrite !== true) checkVacant(store.state, fileId);
      const change = { kind: "write", fileId, content, overwriteEncrypted: true } as const;
      const { next } = await store.commit([change], { signal: context.signal });
      const done = `written ${describeFileId(fileId)}, resource ${id}, ${formatSize(content.length)}`;
      const { sequence } = next.header;
      await reportChange(context, { file, command: "copy-igvmfile", done, sequence, warnings });
    });
    return 0;
  },
};

/** Only what is needed of the DLL is read. */
async function readFirmware(context: CommandContext, path: string, id: number): Promise<Uint8Array> {
  const key = { type: RESOURCE_TYPE, id };
  if (path === "-") {
    const bytes = await readInput(context, { path, role: "the DLL", limit: InputLimit.firmwareDll });
    const read = async (offset: number, into: Uint8Array) =>
      into.set(bytes.subarray(offset, offset + into.length));
    return aboutDll(path, () => readResource({ byteLength: bytes.length, read }, key));
  }
  return aboutDll(path, async () => {
    await using dll = await openFileSource(path);
    return await readResource(dll, key);
  });
}

/** Errors say that they are about the DLL, as the name of the store stands before them. */
async function aboutDll<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    const name = path === "-" ? "on standard input" : path;
    const facts = { ...error.facts, path };
    throw new VmgsError(error.code, `the DLL ${name}: ${error.message}`, facts, { cause: error });
  }
}
