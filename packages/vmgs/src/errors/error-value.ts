/** Errors that come back from another side: a worker, a process, a log in JSON. */

import { type ErrorCode, errorCodes } from "./codes.ts";
import { type ErrorFacts, VmgsError } from "./vmgs-error.ts";

/**
 * Makes the error again that `VmgsError.toJSON` made a plain value of, for example on the page that a worker answers.
 * Its stack begins here, and `hint` is the one of this version of the library.
 *
 * ```ts
 * worker.onmessage = ({ data }) => {
 *   if (data.error) throw vmgsErrorFrom(data.error);
 * };
 * ```
 *
 * @throws VmgsError VMGS_INVALID_ARGUMENT when `value` is not such a value, or has a code that this version lacks
 */
export function vmgsErrorFrom(value: unknown): VmgsError {
  if (typeof value !== "object" || value === null) throw refused("value", typeof value);
  const { name, code, message, facts } = value as Record<string, unknown>;
  if (name !== "VmgsError") throw refused("value.name", typeof name);
  if (!isErrorCode(code)) throw refused("value.code", typeof code);
  if (typeof message !== "string") throw refused("value.message", typeof message);
  if (!areFacts(facts)) throw refused("value.facts", typeof facts);
  return new VmgsError(code, message, { ...facts });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(errorCodes, code);
}

function areFacts(facts: unknown): facts is ErrorFacts {
  if (typeof facts !== "object" || facts === null) return false;
  return Object.values(facts).every((fact) => typeof fact === "number" || typeof fact === "string");
}

function refused(parameter: string, given: string): VmgsError {
  const message = `${parameter} is not what VmgsError.toJSON returns: ${given} was given`;
  return new VmgsError("VMGS_INVALID_ARGUMENT", message, { parameter, given });
}
