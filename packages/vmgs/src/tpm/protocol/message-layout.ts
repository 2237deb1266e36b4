/** What all commands and replies have in common (TPM 2.0 Part 1, section 18; Part 2, section 10.13). */

import {
  field,
  hexNumber,
  type StructValue,
  sizedValue,
  struct,
  u8,
  u16be,
  u32be,
  untilEnd,
} from "../../layout/index.ts";
import { tpm2bDigest } from "./buffers.ts";
import { commandName } from "./command-codes.ts";
import { describeHandle, TPM_RH } from "./handles.ts";
import { describeResponseCode } from "./response-code.ts";

/** TPM_ST: whether sessions follow the handles. A refusal always comes without. */
export const TPM_ST = { NO_SESSIONS: 0x8001, SESSIONS: 0x8002 } as const;

const tag = field(u16be, "0x8001 without sessions, 0x8002 with", { words: hexNumber });

/** How every command begins. */
export const commandHeader = struct("command header", {
  tag,
  commandSize: field(u32be, "bytes of the command"),
  commandCode: field(u32be, "TPM_CC", { words: (code) => commandName(code) ?? hexNumber(code) }),
});

/** How every reply begins; a refusal is nothing else. */
export const replyHeader = struct("reply header", {
  tag,
  responseSize: field(u32be, "bytes of the reply"),
  responseCode: field(u32be, "TPM_RC", { words: (code) => describeResponseCode(code).words }),
});

/** Bytes of either header. */
export const MESSAGE_HEADER_SIZE = 10;

const authorization = struct("TPMS_AUTH_COMMAND", {
  sessionHandle: field(u32be, "session", { words: describeHandle }),
  nonce: field(tpm2bDigest, "nonce of the caller"),
  sessionAttributes: field(u8, "TPMA_SESSION"),
  hmac: field(tpm2bDigest, "HMAC, or the authorization value itself", { secret: true }),
});
/** Proof of one authorization, as a command carries it. */
export type Authorization = StructValue<typeof authorization.fields>;

const acknowledgement = struct("TPMS_AUTH_RESPONSE", {
  nonce: field(tpm2bDigest, "nonce of the TPM"),
  sessionAttributes: field(u8, "TPMA_SESSION"),
  hmac: field(tpm2bDigest, "HMAC", { secret: true }),
});
/** What a reply carries for one authorization. */
export type Acknowledgement = StructValue<typeof acknowledgement.fields>;

/** Authorizations of a command: their bytes, then each. */
export const authorizationArea = sizedValue(u32be, untilEnd(authorization));
/** Acknowledgements of a reply: to its end. */
export const acknowledgementArea = untilEnd(acknowledgement);

const CONTINUE_SESSION = 1;
const noBytes = new Uint8Array(0);

/** The password session: the authorization value in clear. */
export function passwordAuthorization(authValue: Uint8Array): Authorization {
  return { sessionHandle: TPM_RH.PASSWORD, nonce: noBytes, sessionAttributes: 0, hmac: authValue };
}

/** What the TPM answers to a password session. */
export const passwordAcknowledgement: Acknowledgement = {
  nonce: noBytes,
  sessionAttributes: CONTINUE_SESSION,
  hmac: noBytes,
};
