import { certificatePlaceProblem, hex32 } from "vmgskit/report";
import { findCertificateIn, NvIndexHandle, readTpmState } from "vmgskit/tpm";
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
import { pemOf } from "./pem.ts";
import { readState, STATE_FILE_OPTION, stateArgument } from "./state-source.ts";

export const extractCert: CommandDeclaration = {
  name: "tpm extract-cert",
  summary: "extract the AK certificate, or another one, from a vTPM's state",
  description:
    "Writes the certificate in the index in DER, without the prefix of the TCG and the padding after it, or as PEM. " +
    "Nothing of it is verified. Exit code 5 when there is none.",
  args: [
    stateArgument,
    { ...indexArgument, meaning: `${indexArgument.meaning}; 0x01c101d0 by default`, required: false },
  ],
  options: [
    ...OUTPUT_OPTIONS,
    { flags: "--pem", meaning: "as text: base64 between BEGIN and END lines" },
    STATE_FILE_OPTION,
    KEY_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs tpm extract-cert vm.vmgs -o ak.der", meaning: "save it" },
    { command: "vmgs tpm extract-cert vm.vmgs 0x01c00002 -o ek.der", meaning: "an EK certificate" },
    { command: "vmgs tpm extract-cert vm.vmgs --pem | openssl x509 -text", meaning: "look at it closely" },
  ],
  async run(context, args, options) {
    const [file, name] = args as [string, string | undefined];
    const handle = name === undefined ? NvIndexHandle.AK_CERTIFICATE : parseNvIndex(name);
    const { bytes } = await readState(context, file, options, await readStoreKey(context, options, file));
    const der = await certificateIn(bytes, handle);
    const content = options.pem === true ? new TextEncoder().encode(pemOf(der)) : der;
    await writeBytes(context, options, content);
    return 0;
  },
};

async function certificateIn(bytes: Uint8Array, handle: number): Promise<Uint8Array> {
  const found = findCertificateIn(findNvIndex(await readTpmState(bytes), handle));
  if (found.der !== null) return found.der;
  throw new NotFoundError(
    `index ${hex32(handle)} holds no certificate: ${certificatePlaceProblem(found)}`,
    "`vmgs tpm inspect FILE` shows what the state holds",
  );
}
