/** The form that a datastore key must have. */

import { VmgsError } from "../errors/index.ts";
import { checkKey, Secret } from "./secret.ts";

/** Bytes of a datastore key. */
export const DATASTORE_KEY_SIZE = 32;

/**
 * Checks the form of a datastore key and hides it.
 *
 * @throws VmgsError VMGS_KEY_LENGTH, VMGS_KEY_ZERO
 */
export function datastoreKey(key: Uint8Array | Secret): Secret {
  checkKey(key, "key");
  const secret = key instanceof Secret ? key : new Secret(key);
  if (secret.byteLength !== DATASTORE_KEY_SIZE) {
    const message = `a datastore key has ${DATASTORE_KEY_SIZE} bytes, this one has ${secret.byteLength}`;
    throw new VmgsError("VMGS_KEY_LENGTH", message, { bytes: secret.byteLength, limit: DATASTORE_KEY_SIZE });
  }
  if (secret.isZero()) throw new VmgsError("VMGS_KEY_ZERO", "a datastore key of zeros is not a key");
  return secret;
}
