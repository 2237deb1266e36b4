/** TPM2B structures as they lie on the wire: a big-endian u16 length, then that many bytes. */

import { type Codec, sized, u16be } from "../../layout/index.ts";

/** Bytes of the largest digest, SHA-512. */
const MAX_DIGEST = 64;
/** Algorithm and the largest digest. */
const MAX_NAME = 2 + MAX_DIGEST;

/** Bytes that one NV_Read or NV_Write can move (spec: tpm, constants). */
export const MAX_NV_BUFFER = 1024;
/** Bytes of a command or a response at most (spec: tpm, constants). */
export const MAX_MESSAGE = 4096;

/** Bytes without a closer limit: at most what a message can hold. */
export const tpm2b: Codec<Uint8Array> = sized(u16be, MAX_MESSAGE);
/** TPM2B_DIGEST, TPM2B_AUTH, TPM2B_NONCE. */
export const tpm2bDigest: Codec<Uint8Array> = sized(u16be, MAX_DIGEST);
/** TPM2B_NAME: name algorithm and digest, or a handle, or nothing. */
export const tpm2bName: Codec<Uint8Array> = sized(u16be, MAX_NAME);
/** TPM2B_MAX_NV_BUFFER. */
export const tpm2bNvBuffer: Codec<Uint8Array> = sized(u16be, MAX_NV_BUFFER);
