/** Opens an engine by its address. */

import { checkObject } from "../../arguments/index.ts";
import { parseTpmEngineAddress, type TpmEngine, type TpmEngineAddress } from "../../tpm/index.ts";
import { openTpmDevice } from "./device.ts";
import { openMssim } from "./mssim.ts";
import { checkTpmEngineOptions, type TpmEngineOptions } from "./socket-engine.ts";
import { openSwtpm } from "./swtpm.ts";

/**
 * Opens a TPM engine: `swtpm://HOST:PORT`, `mssim://HOST:PORT` or `device:/dev/tpmrm0`, as `parseTpmEngineAddress` reads
 * them, or the address as a value.
 *
 * ```ts
 * await using engine = await openTpmEngine("swtpm://127.0.0.1:2321");
 * ```
 *
 * @throws VmgsError VMGS_TPM_ADDRESS, and as `openSwtpm`, `openMssim` and `openTpmDevice`
 */
export async function openTpmEngine(
  address: string | TpmEngineAddress,
  options: TpmEngineOptions = {},
): Promise<TpmEngine> {
  if (typeof address !== "string") checkObject(address, "address", "kind");
  checkTpmEngineOptions(options, "options");
  const parsed = typeof address === "string" ? parseTpmEngineAddress(address) : address;
  if (parsed.kind === "swtpm") return openSwtpm(parsed, options);
  return parsed.kind === "mssim" ? openMssim(parsed, options) : openTpmDevice(parsed, options);
}
