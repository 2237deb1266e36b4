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

/** A `VmgsError` as a plain value that JSON and `structuredClone` keep whole. */
export interface VmgsErrorValue {
  readonly name: "VmgsError";
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly facts: ErrorFacts;
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

  /**
   * The error as a plain value, for JSON, and for `postMessage` and `structuredClone`, which would make a plain `Error`
   * of it. Without `stack` and `cause`, which may show paths of the host. `vmgsErrorFrom` makes an error of it again.
   */
  toJSON(): VmgsErrorValue {
    const { name, code, message, hint, facts } = this;
    return { name, code, message, hint, facts: { ...facts } };
  }
}

/**
 * True for an error of this library, of any code or of one of the given: `code` then has the type of these.
 *
 * ```ts
 * if (isVmgsError(error, "VMGS_WRONG_KEY", "VMGS_NEEDS_UNLOCK")) askForKey(error.code);
 * ```
 */
export function isVmgsError<Code extends ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is VmgsError & { readonly code: Code } {
  const known: readonly ErrorCode[] = codes;
  return error instanceof VmgsError && (known.length === 0 || known.includes(error.code));
}
