import { VmgsError } from "vmgskit";
import {
  isTpmDamaged,
  tpmInspectDocument,
  tpmInspectView,
  tpmOverview,
  unreadableTpmDocument,
} from "vmgskit/report";
import type { CommandContext } from "../../context.ts";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
} from "../../declaration/index.ts";
import { ExitCode } from "../../exit-codes.ts";
import { forEachFile } from "../../many-files.ts";
import { describeError } from "../../messages.ts";
import { printDocument, showReport } from "../../show.ts";
import { generationOf, type StoreKeys, storeKeys } from "../../stores.ts";
import { readState, STATE_FILE_OPTION, stateArgument } from "./state-source.ts";

export const inspect: CommandDeclaration = {
  name: "tpm inspect",
  summary: "show what a vTPM's state holds: keys, indices, the AK certificate, damage; no secrets",
  description:
    "Reads the state of a vTPM of revision 1.38 (file 3 of a store) and never writes. A file of 16384 or 32768 bytes " +
    "without a VMGS header is taken for a bare state, - for one on standard input. Seeds, private keys and " +
    "authorization values are never shown. Damage gives exit code 3.",
  args: [{ ...stateArgument, many: true }],
  options: [STATE_FILE_OPTION, JSON_OPTION, KEY_OPTION, GENERATION_OPTION, ...READING_OPTIONS],
  examples: [
    { command: "vmgs tpm inspect vm.vmgs --key vm.key", meaning: "for people" },
    { command: "vmgs tpm inspect vm.vmgs --file TPM_NVRAM_BACKUP", meaning: "the backup of the state" },
    { command: "vmgs cat vm.vmgs 3 | vmgs tpm inspect - --json", meaning: "a bare state, for scripts" },
  ],
  async run(context, args, options) {
    const files = args[0] as readonly string[];
    const keyOf = storeKeys(context, options);
    let damaged = false;
    const code = await forEachFile(context, files, async (file) => {
      damaged = (await inspectOne(context, file, options, keyOf)) || damaged;
    });
    return code === ExitCode.done && damaged ? ExitCode.foundBad : code;
  },
};

/** Shows one state; returns whether it is damaged. */
async function inspectOne(
  context: CommandContext,
  file: string,
  options: OptionValues,
  keyOf: StoreKeys,
): Promise<boolean> {
  const generation = generationOf(options);
  try {
    const { bytes, ...found } = await readState(context, file, options, await keyOf(file));
    const overview = await tpmOverview(bytes);
    const of = { file, generation, ...found };
    await showReport(context, tpmInspectDocument(of, overview), () => tpmInspectView(of, overview));
    return isTpmDamaged(overview);
  } catch (error) {
    if (context.json && error instanceof VmgsError) {
      await printDocument(context, unreadableTpmDocument(file, generation, describeError(error)));
    }
    throw error;
  }
}
