/** The guest secret key: what file 13 of a store holds, to be imported under the SRK (spec: tpm, engine and helper). */

import { checkBytes } from "../../arguments/index.ts";
import { type Decoded, decode, field, struct } from "../../layout/index.ts";
import { tpm2b } from "./buffers.ts";
import { tpm2bPublic } from "./public-area.ts";

/** A key that was encrypted for this TPM's SRK. */
export const guestSecretKey = struct("guest secret key", {
  objectPublic: field(tpm2bPublic, "TPM2B_PUBLIC"),
  duplicate: field(tpm2b, "TPM2B_PRIVATE, encrypted for the SRK", { secret: true }),
  inSymSeed: field(tpm2b, "TPM2B_ENCRYPTED_SECRET, encrypted for the SRK", { secret: true }),
});
/** The parts of the blob. */
export type GuestSecretKey = Decoded<typeof guestSecretKey>;

/**
 * Reads the blob. Bytes after it, such as the padding of file 13, are ignored.
 *
 * @throws LayoutError
 */
export function decodeGuestSecretKey(blob: Uint8Array): GuestSecretKey {
  checkBytes(blob, "blob");
  return decode(guestSecretKey, blob);
}
