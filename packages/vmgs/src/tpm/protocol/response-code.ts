/** TPM_RC in words (TPM 2.0 Part 2, section 6.6). */

import { checkWhole } from "../../arguments/index.ts";
import { bits, hexNumber } from "../../layout/index.ts";
import { FORMAT_0_ERRORS, FORMAT_1_ERRORS, WARNINGS } from "./response-code-names.ts";

/** Response codes that the provisioning of a virtual TPM distinguishes. Numbers of handles and sessions are included. */
export const TPM_RC = {
  SUCCESS: 0x000,
  /** Before Startup: that is missing. To Startup: it is done already. */
  INITIALIZE: 0x100,
  /** The TPM is broken; also what swtpm says while the TPM has no power. */
  FAILURE: 0x101,
  NV_UNINITIALIZED: 0x14a,
  /** The first handle names nothing: no such index, no such object. */
  HANDLE_1: 0x18b,
  /** The TPM put the command aside: send it again. */
  YIELDED: 0x908,
  /** A self-test is under way: send the command again. */
  TESTING: 0x90a,
  LOCKOUT: 0x921,
  /** The TPM could not begin: send the command again. */
  RETRY: 0x922,
  /** The first session's authorization failed, and counts for the lockout. */
  AUTH_FAIL_SESSION_1: 0x98e,
  /** The first session's authorization failed, and does not count for the lockout. */
  BAD_AUTH_SESSION_1: 0x9a2,
} as const;

/** What a response code speaks of. */
export type ResponseSubject =
  | { readonly kind: "parameter" | "handle" | "session"; readonly number: number }
  | { readonly kind: "none" };

/** A response code, taken apart. */
export interface ResponseCode {
  readonly code: number;
  /**
   * `warning` = try again, or make room. `vendor` = only the TPM's maker knows. `tpm1.2` = from an older TPM.
   * `unknown` = more than 12 bits, so that some layer between here and the TPM made it.
   */
  readonly severity: "success" | "warning" | "error" | "vendor" | "tpm1.2" | "unknown";
  /** Name without `TPM_RC_`, or hexadecimal for one that has none. */
  readonly name: string;
  /** Which parameter, handle or session is meant; number 0 = the TPM does not say which. */
  readonly subject: ResponseSubject;
  /** Everything in one line: `TPM_RC_HANDLE, handle 1 (0x18b)`. */
  readonly words: string;
}

const flags = bits({ format1: 7, version2: 8, parameter: 6, vendor: 10, severity: 11 });
const FORMAT_0_NUMBER = 0x7f;
const FORMAT_1_NUMBER = 0x3f;
const SUBJECT_SHIFT = 8;
const MAX_CODE = 0xfff;

/** Takes a response code apart. Every 32-bit number has an answer. */
export function describeResponseCode(code: number): ResponseCode {
  checkWhole(code, "code");
  const parts = takeApart(code);
  return { code, ...parts, words: inWords(code, parts) };
}

type Parts = Omit<ResponseCode, "code" | "words">;

const none: ResponseSubject = { kind: "none" };

function takeApart(code: number): Parts {
  if (code === TPM_RC.SUCCESS) return { severity: "success", name: "SUCCESS", subject: none };
  if (code > MAX_CODE) return { severity: "unknown", name: hexNumber(code), subject: none };
  return flags.has(code, "format1") ? format1(code) : format0(code);
}

function format1(code: number): Parts {
  const number = code & FORMAT_1_NUMBER;
  const subject = (code >>> SUBJECT_SHIFT) & 0xf;
  return {
    severity: "error",
    name: FORMAT_1_ERRORS[number] ?? hexNumber(number),
    subject: flags.has(code, "parameter")
      ? { kind: "parameter", number: subject }
      : { kind: flags.has(code, "severity") ? "session" : "handle", number: subject & 0x7 },
  };
}

function format0(code: number): Parts {
  const number = code & FORMAT_0_NUMBER;
  if (flags.has(code, "vendor")) return { severity: "vendor", name: hexNumber(number), subject: none };
  if (!flags.has(code, "version2")) return { severity: "tpm1.2", name: hexNumber(number), subject: none };
  const warning = flags.has(code, "severity");
  const name = (warning ? WARNINGS : FORMAT_0_ERRORS)[number] ?? hexNumber(number);
  return { severity: warning ? "warning" : "error", name, subject: none };
}

function inWords(code: number, { severity, name, subject }: Parts): string {
  const which = subject.kind === "none" ? "" : `, ${subject.kind} ${subject.number}`;
  const label = name.startsWith("0x") ? `${severity} ${name}` : `TPM_RC_${name}`;
  return `${label}${which} (${hexNumber(code, 3)})`;
}
