/** How engines are named on a command line. */

import { checkText } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";

/** Where a TPM is. */
export type TpmEngineAddress =
  | {
      readonly kind: "swtpm";
      readonly host: string;
      /** Port for commands. */
      readonly port: number;
      /** Port of the control channel; null = there is none. */
      readonly controlPort: number | null;
    }
  | {
      readonly kind: "mssim";
      readonly host: string;
      /** Port for commands. */
      readonly port: number;
      readonly platformPort: number;
    }
  | { readonly kind: "device"; readonly path: string };

/** The forms that `parseTpmEngineAddress` takes, for people. */
export const TPM_ENGINE_FORMS =
  "swtpm://HOST:PORT[?control=PORT|none], mssim://HOST:PORT[?platform=PORT], device:/dev/tpmrm0";

const MAX_PORT = 65_535;

/**
 * Reads the address of an engine:
 *
 * - `swtpm://HOST:PORT`: the command socket of swtpm. Its control channel is on the next port, or where `?control=PORT`
 *   says; `?control=none` when there is none.
 * - `mssim://HOST:PORT`: the command socket of the Microsoft simulator. Its platform socket is on the next port, or
 *   where `?platform=PORT` says.
 * - `device:PATH`: a Linux TPM device, `/dev/tpmrm0` or `/dev/tpm0`.
 *
 * @throws VmgsError VMGS_TPM_ADDRESS
 */
export function parseTpmEngineAddress(text: string): TpmEngineAddress {
  checkText(text, "text");
  const device = /^device:(.*)$/s.exec(text);
  if (device !== null) {
    const path = device[1] as string;
    if (path.startsWith("/")) return { kind: "device", path };
    throw refuse(text, "the path of a device begins with /");
  }
  const socket =
    /^(swtpm|mssim):\/\/(\[[0-9a-f:.%]+\]|[^\s/:?#@[\]]+):(\d{1,5})(?:\/?\?(\w+)=(\w+))?\/?$/i.exec(text);
  if (socket === null) throw refuse(text, `expected ${TPM_ENGINE_FORMS}`);
  const [, kind = "", bracketed = "", portText = "", key, value] = socket;
  const host = bracketed.replace(/^\[(.*)\]$/, "$1");
  const port = portOf(text, portText);
  if (kind.toLowerCase() === "mssim") {
    if (key !== undefined && key !== "platform")
      throw refuse(text, `${key} is unknown; platform=PORT is meant?`);
    return { kind: "mssim", host, port, platformPort: otherPort(text, port, value) };
  }
  if (key !== undefined && key !== "control") throw refuse(text, `${key} is unknown; control=PORT is meant?`);
  return { kind: "swtpm", host, port, controlPort: value === "none" ? null : otherPort(text, port, value) };
}

function otherPort(text: string, port: number, given: string | undefined): number {
  if (given !== undefined) return portOf(text, given);
  if (port < MAX_PORT) return port + 1;
  throw refuse(text, "there is no next port; say which one it is");
}

function portOf(text: string, digits: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port >= 1 && port <= MAX_PORT) return port;
  throw refuse(text, `${digits} is not a port`);
}

/** What was given; a long text without a colon may be a key, which no error may repeat. */
function givenAddress(text: string): string {
  if (text === "") return "an empty text";
  return text.length > 28 && !text.includes(":") ? `a text of ${text.length} characters` : text;
}

function refuse(text: string, why: string): VmgsError {
  return new VmgsError("VMGS_TPM_ADDRESS", `${givenAddress(text)} is not a TPM engine: ${why}`);
}
