/** Options that name a TPM engine, and opening what they name. */

import { isVmgsError } from "vmgskit";
import { parseTpmEngineAddress, TPM_ENGINE_FORMS, type TpmEngine, type TpmEngineAddress } from "vmgskit/tpm";
import type { CommandContext } from "../context.ts";
import type { OptionDeclaration, OptionValues } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";

/** Options of every command that works with a TPM engine. */
export const ENGINE_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--engine <URL>",
    meaning: "the TPM: swtpm://HOST:PORT, mssim://HOST:PORT or device:/dev/tpmrm0",
    complete: () => [
      { value: "swtpm://127.0.0.1:2321", meaning: "swtpm, its control channel on the next port" },
      { value: "mssim://127.0.0.1:2321", meaning: "the Microsoft simulator" },
      { value: "device:/dev/tpmrm0", meaning: "a TPM of this machine" },
    ],
  },
  { flags: "--timeout <SECONDS>", meaning: "how long one TPM command may take", fallback: "60" },
];

/** A machine's own TPM is not put at risk by a slip. */
export const FORCE_OPTION: OptionDeclaration = {
  flags: "--force",
  meaning:
    "work on a TPM of this machine too (device:); its keys are lost. Replace an output file that exists",
};

/** Longer makes no sense, and timers can't take more than 24 days. */
const MOST_SECONDS = 86_400;

/**
 * Opens the engine that the options name, for as long as `action` takes.
 *
 * @throws UsageError when no engine is named, or the text is not an address, or a device is named without --force
 */
export async function withEngine<T>(
  context: CommandContext,
  options: OptionValues,
  action: (engine: TpmEngine) => Promise<T>,
): Promise<T> {
  const text = options.engine as string | undefined;
  if (text === undefined)
    throw new UsageError("--engine is missing", `say where the TPM is: ${TPM_ENGINE_FORMS}`);
  const address = addressOf(text);
  const timeout = timeoutOf(options);
  if (address.kind === "device" && options.force !== true) {
    throw new UsageError(
      `${address.path} is a TPM of this machine, and its attestation key and certificate would be lost`,
      "add --force if that is meant; swtpm gives a TPM to try things on",
    );
  }
  const { openTpmEngine } = await import("vmgskit/node/tpm");
  await using engine = await openTpmEngine(address, { signal: context.signal, timeout });
  return await action(engine);
}

function addressOf(text: string): TpmEngineAddress {
  try {
    return parseTpmEngineAddress(text);
  } catch (error) {
    if (!isVmgsError(error, "VMGS_TPM_ADDRESS")) throw error;
    throw new UsageError(`--engine: ${error.message}`, "`vmgs help tpm provision` shows examples");
  }
}

function timeoutOf({ timeout = "60" }: OptionValues): number {
  const seconds = /^\d+(\.\d+)?$/.test(String(timeout)) ? Number(timeout) : Number.NaN;
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds * 1000;
  throw new UsageError(`--timeout: ${JSON.stringify(timeout)} is not a number of seconds`);
}
