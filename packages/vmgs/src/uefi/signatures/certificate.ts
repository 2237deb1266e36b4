/** Certificates of signature databases: what they say, and whether they are well-known. */

import { checkBytes } from "../../arguments/index.ts";
import { readX509, type X509Certificate } from "../../certificate/index.ts";
import { type WellKnownCertificate, wellKnownCertificate } from "./well-known.ts";

/** A certificate, or bytes that should be one. */
export interface Certificate extends X509Certificate {
  /** Set when the thumbprint is that of a well-known certificate. */
  readonly wellKnown: WellKnownCertificate | null;
}

/** Reads a certificate. Never throws for bad bytes: they are kept, with their thumbprint and a problem. */
export async function readCertificate(der: Uint8Array): Promise<Certificate> {
  checkBytes(der, "der");
  const certificate = await readX509(der);
  return { ...certificate, wellKnown: wellKnownCertificate(certificate.sha256) };
}
