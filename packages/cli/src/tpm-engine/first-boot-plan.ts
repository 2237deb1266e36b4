/** The options of `vmgs tpm provision` as one checked request. */

import { type FirstBootRequest, PCR_BANK, TPM_NVRAM_SIZE, type TpmStateBlob } from "vmgskit/tpm";
import type { CommandContext } from "../context.ts";
import type { OptionValues } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { InputLimit, readInput } from "../inputs.ts";
import { parseCount } from "../terminal/index.ts";

export interface FirstBootPlan {
  readonly request: FirstBootRequest;
  readonly dryRun: boolean;
  /** Where the state goes at the end. */
  readonly saveState: string | undefined;
  /** Whether an existing file may be replaced. */
  readonly replace: boolean;
}

/** @throws UsageError; VmgsError when a file can't be read */
export async function readFirstBootPlan(
  context: CommandContext,
  options: OptionValues,
): Promise<FirstBootPlan> {
  const text = (name: string) => options[name] as string | undefined;
  const size = (name: string, flag: string) => {
    const given = text(name);
    return given === undefined ? undefined : indexSize(parseCount(given, flag), flag);
  };
  const file = async (name: string, limit: number = InputLimit.certificate) => {
    const path = text(name);
    return path === undefined
      ? undefined
      : await readInput(context, { path, role: "the source file", limit });
  };
  const dryRun = options.dryRun === true;
  const state = await file("state", InputLimit.tpmState);
  if (dryRun && state !== undefined) {
    throw new UsageError(
      "--dry-run excludes --state",
      "what would be done depends on what is in the TPM then",
    );
  }
  const saveState = text("saveState");
  const request: FirstBootRequest = {
    state: state && stateBlob(state),
    smallVtpm: options.smallVtpm === true ? true : undefined,
    refreshSeeds: options.refreshSeeds === true,
    confidential: options.confidential === true,
    physicalPresence: physicalPresence(options),
    createIndex: options.index !== false,
    indexSize: size("akcertSize", "--akcert-size"),
    preserveCertificate: options.preserve === false ? false : undefined,
    certificate: derCertificate(await file("certificate")),
    attestationReport: options.attestationReport === true ? true : undefined,
    reportSize: size("reportSize", "--report-size"),
    report: await file("report"),
    guestSecretKey: await file("guestSecretKey"),
    saveState: saveState !== undefined,
  };
  return { request, dryRun, saveState, replace: options.force === true };
}

/** NV indices have sizes of 16 bits. */
const MOST_BYTES = 0xffff;

function indexSize(bytes: number, flag: string): number {
  if (bytes >= 1 && bytes <= MOST_BYTES) return bytes;
  throw new UsageError(`${flag}: an index has 1 to ${MOST_BYTES} bytes, not ${bytes}`);
}

/** File 3 of a store has one of two sizes; what is not of these can only be swtpm's. */
function stateBlob(bytes: Uint8Array): TpmStateBlob {
  const isFile3 = bytes.length === TPM_NVRAM_SIZE.current || bytes.length === TPM_NVRAM_SIZE.legacy;
  return { format: isFile3 ? "1.38" : "swtpm", bytes };
}

const SEQUENCE = 0x30;

function derCertificate(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes[0] === SEQUENCE) return bytes;
  throw new UsageError(
    "--certificate: the file is not a certificate in DER",
    "openssl x509 -in FILE -outform der makes one",
  );
}

type Bank = Parameters<typeof PCR_BANK.of>[0];

function physicalPresence(options: OptionValues): FirstBootRequest["physicalPresence"] {
  const banks = options.pcrBanks as string | undefined;
  if (options.clear === true) {
    if (banks !== undefined)
      throw new UsageError("--clear and --pcr-banks exclude each other: one operation is pending");
    return { kind: "clear" };
  }
  if (banks === undefined) return undefined;
  const names = banks.toUpperCase().replaceAll("-", "").split(",");
  const unknown = names.find((name) => !Object.hasOwn(PCR_BANK.mask, name));
  if (unknown !== undefined) {
    const known = Object.keys(PCR_BANK.mask).join(", ");
    throw new UsageError(`--pcr-banks: ${JSON.stringify(unknown)} is not a PCR bank`, `known are ${known}`);
  }
  return { kind: "pcrBanks", wanted: PCR_BANK.of(...(names as Bank[])) };
}
