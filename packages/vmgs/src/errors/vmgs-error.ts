import { type ErrorCode, errorCodes } from "./codes.ts";

/** What an error knows beside its sentence. Never a key, a seed or file content. */
export interface ErrorFacts {
  /** Byte offset on the disk, or in the bytes that were parsed. */
  readonly offset?: number;
  /** Block number. */
  readonly block?: number;
  /** ID of the file in the store. */
  readonly fileId?: number;
  /** Sequence number of the header that holds. */
  readonly sequence?: number;
  /** Header or key slot. */
  readonly slot?: number;
  /** Path of the file on the host. */
  readonly path?: string;
  /** A byte count that matters. */
  readonly bytes?: number;
  /** A byte count that would have been needed or allowed. */
  readonly limit?: number;
  /** Process that is in the way. */
  readonly pid?: number;
  /** TPM command (TPM_CC). */
  readonly commandCode?: number;
  /** TPM handle: the authorization, or the object that matters. */
  readonly handle?: number;
  /** Handle of the TPM's NV index. */
  readonly nvIndex?: number;
  /** With what the TPM refused (TPM_RC). */
  readonly responseCode?: number;
  /** Status of the last answer of an HTTP server. */
  readonly httpStatus?: number;
  /** The parameter that was given a wrong argument; a dot leads to a member, brackets to an element. */
  readonly parameter?: string;
  /** What was given for it: the type in words, never content. */
  readonly given?: string;
}

/** Every error that this library throws on purpose. */
export class VmgsError extends Error {
  override readonly name = "VmgsError";
  /** Stable code, listed in docs/errors.md. */
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }

  /** What to do about it, in general words. */
  get hint(): string {
    return errorCodes[this.code].cure;
  }
}

/** True for an error of this library, of any code or of one of the given. */
export function isVmgsError(error: unknown, ...codes: ErrorCode[]): error is VmgsError {
  return error instanceof VmgsError && (codes.length === 0 || codes.includes(error.code));
}
