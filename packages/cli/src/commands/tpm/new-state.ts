/** What `vmgs tpm prepare` will make: options and the files they name, checked and read. */

import { Secret, VmgsError } from "vmgskit";
import type { NewAkCertificate, NewTpmState } from "vmgskit/tpm";
import type { CommandContext } from "../../context.ts";
import type { OptionDeclaration, OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { InputLimit, readInput, readInputStart } from "../../inputs.ts";
import { parseCount } from "../../terminal/index.ts";
import { derIn } from "./pem.ts";

export const NEW_STATE_OPTIONS: readonly OptionDeclaration[] = [
  { flags: "--ak-cert <FILE>", meaning: "AK certificate to put into its index: DER or PEM" },
  {
    flags: "--ak-key <FILE>",
    meaning:
      "private key that the certificate is for, as the AK: RSA 2048, PKCS #8, DER or PEM; else a new one",
  },
  {
    flags: "--ak-cert-index <CREATOR>",
    meaning: "for whom the index 0x01c101d0 is made (default: platform with --ak-cert, else none)",
    choices: ["owner", "platform", "none"],
  },
  {
    flags: "--ak-cert-index-size <BYTES>",
    meaning: "bytes of the index (default: 4096; the certificate's for an owner's index with one)",
  },
  {
    flags: "--auth-value <FILE>",
    meaning:
      "authorization value of the index: the 1 to 32 bytes of this file (default: 8 random bytes; none for the owner)",
  },
  { flags: "--mitigation-marker", meaning: "add the index that records the repair of a small vTPM" },
  {
    flags: "--nvram-size <BYTES>",
    meaning: "bytes of the state",
    choices: ["16384", "32768"],
    fallback: "32768",
  },
  { flags: "--no-ak", meaning: "no attestation key" },
  { flags: "--no-srk", meaning: "no storage root key" },
];

/**
 * Reads what the options name.
 *
 * @throws UsageError for options that exclude each other
 * @throws VmgsError for files that can't be read or don't hold what they should
 */
export async function newStateOf(context: CommandContext, options: OptionValues): Promise<NewTpmState> {
  const akKey = await readAk(context, options);
  const akCertificate = await newCertificate(context, options);
  return {
    nvramSize: options.nvramSize === "16384" ? 16_384 : 32_768,
    ak: options.ak !== false,
    srk: options.srk !== false,
    mitigationMarker: options.mitigationMarker === true,
    ...(akCertificate && { akCertificate }),
    ...(akKey && { keys: { ak: akKey } }),
  };
}

async function newCertificate(
  context: CommandContext,
  options: OptionValues,
): Promise<NewAkCertificate | undefined> {
  const { akCert, akCertIndexSize, authValue } = options;
  const creator = options.akCertIndex ?? (akCert === undefined ? "none" : "platform");
  if (creator === "none") {
    if (akCert === undefined && akCertIndexSize === undefined && authValue === undefined) return undefined;
    throw new UsageError(
      "there is no AK certificate index to put this into",
      "choose one with --ak-cert-index owner or platform",
    );
  }
  return {
    creator: creator === "owner" ? "owner" : "platform",
    ...(akCert !== undefined && { der: await readCertificateFile(context, akCert as string) }),
    ...(akCertIndexSize !== undefined && {
      indexSize: parseCount(akCertIndexSize as string, "--ak-cert-index-size"),
    }),
    ...(authValue !== undefined && { authValue: await readAuthValue(context, authValue as string) }),
  };
}

async function readCertificateFile(context: CommandContext, path: string): Promise<Uint8Array> {
  const input = { path, role: "the certificate", limit: InputLimit.certificate } as const;
  return derIn(await readInput(context, input), "CERTIFICATE");
}

const MAX_AUTH_VALUE = 32;

/**
 * The bytes of a file as they are. Its length varies, so hex and raw bytes could not be distinguished as those of keys
 * are. On the command line it would show in the list of processes and in the history of the shell.
 */
async function readAuthValue(context: CommandContext, path: string): Promise<Secret> {
  const role = "the authorization value";
  const content = await readInputStart(context, { path, role, limit: MAX_AUTH_VALUE + 1 });
  const fits = content.length > 0 && content.length <= MAX_AUTH_VALUE;
  const value = new Secret(content);
  const last = content.at(-1);
  content.fill(0);
  if (fits && last !== 0) return value;
  throw new VmgsError(
    "VMGS_TPM_INPUT",
    fits
      ? "the authorization value ends with a zero byte, which a TPM does not count"
      : `the authorization value has ${value.byteLength === 0 ? "no" : "more than 32"} bytes; 1 to 32 are possible`,
  );
}

const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

async function readAk(context: CommandContext, options: OptionValues): Promise<CryptoKey | undefined> {
  if (options.akKey === undefined) return undefined;
  if (options.ak === false) throw new UsageError("--ak-key and --no-ak exclude each other");
  const input = { path: options.akKey as string, role: "the AK", limit: InputLimit.certificate } as const;
  const content = await readInput(context, input);
  const der = derIn(content, "PRIVATE KEY");
  try {
    return await crypto.subtle.importKey("pkcs8", new Uint8Array(der), rsa, true, ["sign"]);
  } catch {
    // What the system says of a key that it can't read may quote it.
    throw new VmgsError("VMGS_TPM_INPUT", "the AK is not an RSA private key in PKCS #8, DER or PEM");
  } finally {
    content.fill(0);
    der.fill(0);
  }
}
