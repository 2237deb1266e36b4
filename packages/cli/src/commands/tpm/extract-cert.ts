import { findAkCertificate, readTpmState } from "vmgskit/tpm";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  KEY_OPTION,
  OUTPUT_OPTION,
} from "../../declaration/index.ts";
import { NotFoundError } from "../../exit-codes.ts";
import { writeBytes } from "../../output-file.ts";
import { readKey } from "../../stores.ts";
import { certificatePlaceProblem } from "./document.ts";
import { pemOf } from "./pem.ts";
import { readState, STATE_FILE_OPTION, stateArgument } from "./state-source.ts";

export const extractCert: CommandDeclaration = {
  name: "tpm extract-cert",
  summary: "take the AK certificate out of a vTPM's state",
  description:
    "Writes the certificate in the index 0x01c101d0 in DER, without the padding behind it, or as PEM. Nothing of it is " +
    "verified. Exit code 5 when there is none.",
  args: [stateArgument],
  options: [
    OUTPUT_OPTION,
    { flags: "--pem", meaning: "as text: base64 between BEGIN and END lines" },
    STATE_FILE_OPTION,
    KEY_OPTION,
    GENERATION_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs tpm extract-cert vm.vmgs -o ak.der", meaning: "save it" },
    { command: "vmgs tpm extract-cert vm.vmgs --pem | openssl x509 -text", meaning: "look at it closely" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const { bytes } = await readState(context, file, options, await readKey(context, options));
    const der = await certificateIn(bytes);
    const content = options.pem === true ? new TextEncoder().encode(pemOf(der)) : der;
    await writeBytes(context, options, file, content);
    return 0;
  },
};

async function certificateIn(bytes: Uint8Array): Promise<Uint8Array> {
  const found = findAkCertificate(await readTpmState(bytes));
  if (found?.der) return found.der;
  const why = found === null ? "there is no index 0x01c101d0" : certificatePlaceProblem(found);
  throw new NotFoundError(
    `the state holds no AK certificate: ${why}`,
    "`vmgs tpm inspect FILE` shows what the state holds",
  );
}
