import { hex32, noDataWords } from "vmgskit/report";
import { readTpmState } from "vmgskit/tpm";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  KEY_OPTION,
  OUTPUT_OPTIONS,
  READING_OPTIONS,
} from "../../declaration/index.ts";
import { NotFoundError } from "../../exit-codes.ts";
import { writeBytes } from "../../output-file.ts";
import { readStoreKey } from "../../stores.ts";
import { findNvIndex, indexArgument, parseNvIndex } from "./nv-index.ts";
import { readState, STATE_FILE_OPTION, stateArgument } from "./state-source.ts";

export const extract: CommandDeclaration = {
  name: "tpm extract",
  summary: "extract the data of an NV index from a vTPM's state",
  description:
    "Writes the bytes that the index holds, padding included. The guest chose them and they may be secret, so the " +
    "file gets mode 0600. Exit code 5 when there is no such index, or it was never written.",
  args: [stateArgument, indexArgument],
  options: [...OUTPUT_OPTIONS, STATE_FILE_OPTION, KEY_OPTION, GENERATION_OPTION, ...READING_OPTIONS],
  examples: [
    { command: "vmgs tpm extract vm.vmgs 0x01400001 -o report.bin", meaning: "the attestation report" },
    {
      command: "vmgs tpm extract vm.vmgs 0x01c00002 | xxd",
      meaning: "look at an EK certificate with its padding",
    },
  ],
  async run(context, args, options) {
    const [file, name] = args as [string, string];
    const handle = parseNvIndex(name);
    const { bytes } = await readState(context, file, options, await readStoreKey(context, options, file));
    const index = findNvIndex(await readTpmState(bytes), handle);
    if (index.data === null) {
      throw new NotFoundError(
        `index ${hex32(handle)} holds no data: ${noDataWords(index)}`,
        "`vmgs tpm inspect FILE` shows what the state holds",
      );
    }
    await writeBytes(context, options, index.data, { isPrivate: true });
    return 0;
  },
};
