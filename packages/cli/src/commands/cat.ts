import { fileRole, listFiles, parseFileId } from "vmgskit";
import {
  type CommandDeclaration,
  fileIdArgument,
  GENERATION_OPTION,
  KEY_OPTION,
  OUTPUT_OPTIONS,
  READING_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { isV1File } from "../guest-states.ts";
import { writeBytes } from "../output-file.ts";
import { withStore } from "../stores.ts";

export const cat: CommandDeclaration = {
  name: "cat",
  summary: "read a file of a store",
  description:
    "Encrypted files need the key; --raw gives their stored bytes without it. Of a version 1 file of Windows, ID is " +
    "DEVICE/STATE as `vmgs inspect` lists them, and what is written is its JSON; DATA is all of it.",
  args: [storeArgument, fileIdArgument()],
  options: [
    { flags: "--raw", meaning: "the stored bytes: ciphertext of an encrypted file" },
    ...OUTPUT_OPTIONS,
    KEY_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs cat vm.vmgs PROVISIONING_MARKER", meaning: "print the marker" },
    { command: "vmgs cat vm.vmgs TPM_NVRAM -o tpm.bin", meaning: "save the state of the vTPM" },
    { command: "vmgs cat vm.vmgs 1 --key vm.key -o nvram.bin", meaning: "decrypt the UEFI variables" },
  ],
  async run(context, args, options) {
    const [file, name] = args as [string, string];
    if (await isV1File(context, file, options)) {
      const { catV1 } = await import("./v1/cat.ts");
      return catV1(context, file, name, options);
    }
    const id = parseFileId(name);
    const { content, encrypted } = await withStore(context, file, options, async ({ store }) => ({
      content: await (options.raw === true ? store.readRaw(id) : store.readFile(id)),
      encrypted: listFiles(store.state).some((entry) => entry.id === id && entry.encrypted),
    }));
    const isPrivate = fileRole(id).confidential || (encrypted && options.raw !== true);
    await writeBytes(context, options, content, { isPrivate });
    return 0;
  },
};
