/** Making a KEY_PROTECTOR (6) for a datastore key: what a tenant's service leaves in a store (spec: guest-files, 2). */

import { checkBytes } from "../arguments/index.ts";
import { pemCertificates, rsaCryptoKeyOf } from "../certificate/index.ts";
import { VmgsError } from "../errors/index.ts";
import { copyBytes, encode } from "../layout/index.ts";
import { checkSecret, datastoreKey, type Secret } from "../secret/index.ts";
import { BUFFER_SIZE, keyProtector } from "./key-protector.ts";
import { RSA_OAEP } from "./tenant-key.ts";

/**
 * A key protector whose ingress entry is the key, RSA-wrapped for the tenant's certificate; the egress entry is empty.
 *
 * @param certificate DER; its key has 2048 to 4096 bits
 * @returns content of KEY_PROTECTOR, 2060 bytes
 * @throws VmgsError VMGS_TENANT_CERTIFICATE, VMGS_KEY_LENGTH, VMGS_KEY_ZERO
 */
export async function makeKeyProtector(key: Secret, certificate: Uint8Array): Promise<Uint8Array> {
  checkSecret(key, "key");
  checkBytes(certificate, "certificate");
  const publicKey = await rsaCryptoKeyOf(certificate, RSA_OAEP.name);
  const bits = (publicKey?.algorithm as RsaHashedKeyAlgorithm | undefined)?.modulusLength ?? 0;
  if (publicKey === null || bits < 2048 || bits > 8 * BUFFER_SIZE) {
    const message = `the certificate has no RSA key of 2048 to ${8 * BUFFER_SIZE} bits`;
    throw new VmgsError("VMGS_TENANT_CERTIFICATE", message);
  }
  const wrapped = await crypto.subtle.encrypt(RSA_OAEP, publicKey, copyBytes(datastoreKey(key).expose()));
  const buffer = () => new Uint8Array(BUFFER_SIZE);
  const ingress = buffer();
  ingress.set(new Uint8Array(wrapped));
  const seed = () => ({ length: 0, buffer: buffer() });
  return encode(keyProtector, {
    dek: [{ wrapped: ingress }, { wrapped: buffer() }],
    gsp: [seed(), seed()],
    activeKp: 0,
  });
}

/** The certificates in a file, in DER: those of PEM text, or the bytes as they are. */
export function certificatesIn(content: Uint8Array): Uint8Array[] {
  checkBytes(content, "content");
  return pemCertificates(content) ?? [content];
}
