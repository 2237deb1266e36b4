/** GUEST_SECRET_KEY (13): a key that a boot imports under the SRK (spec: guest-files, 1; tpm). Declared by the TPM. */

import { isVmgsError } from "../errors/index.ts";
import { FileId } from "../format/index.ts";
import { toHex } from "../layout/index.ts";
import { decodeGuestSecretKey } from "../tpm/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** Bytes that the file may have. */
const MAX_GUEST_SECRET_KEY_SIZE = 2048;

/** What is public of GUEST_SECRET_KEY. */
export interface GuestSecretKeyFacts {
  /** Algorithm of the key: `RSA`, `ECC`, `KEYEDHASH` or `SYMCIPHER`. */
  readonly algorithm: string;
  /** Bits of the modulus; null for other keys than RSA. */
  readonly keyBits: number | null;
  /** Modulus in hex, big-endian; null for other keys than RSA. */
  readonly modulus: string | null;
}

/** Reads GUEST_SECRET_KEY. */
export function readGuestSecretKey(bytes: Uint8Array): GuestFileReading<GuestSecretKeyFacts> {
  const { GUEST_SECRET_KEY } = FileId;
  const long = lengthProblem(bytes, 0, MAX_GUEST_SECRET_KEY_SIZE);
  if (long !== null) return unreadable(GUEST_SECRET_KEY, bytes, long, { outcome: "ignored" });
  try {
    const { objectPublic: area } = decodeGuestSecretKey(bytes);
    const rsa = area.kind === "RSA" ? area : null;
    return sound(GUEST_SECRET_KEY, bytes, {
      algorithm: area.kind,
      keyBits: rsa?.keyBits ?? null,
      modulus: rsa === null ? null : toHex(rsa.unique),
    });
  } catch (error) {
    if (!isVmgsError(error, "VMGS_LAYOUT")) throw error;
    // The words of the layout name fields and lengths, never content.
    const problem = { code: "structure", message: `can't be read: ${error.message}` } as const;
    return unreadable(GUEST_SECRET_KEY, bytes, problem, { outcome: "ignored" });
  }
}
