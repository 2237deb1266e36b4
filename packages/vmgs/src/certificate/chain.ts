/** Who issued whom: the chain of a signed document. Neither trust lists nor dates are looked at; policy decides those. */

import { copyBytes } from "../layout/index.ts";

/** Where a chain breaks. */
export interface ChainBreak {
  /** Index of the certificate, leaf first. */
  readonly index: number;
  /** `unreadable`: not an X.509 certificate. `issuer`: not issued by the next one. */
  readonly reason: "unreadable" | "issuer";
}

/**
 * Checks that each certificate, in DER and leaf first, is issued by the next one: by the names and by an RSA
 * signature. The last one is not checked. Null: it is a chain.
 */
export async function findChainBreak(chain: readonly Uint8Array[]): Promise<ChainBreak | null> {
  const parsed = await Promise.all(chain.map(parse));
  const unreadable = parsed.indexOf(null);
  if (unreadable >= 0) return { index: unreadable, reason: "unreadable" };
  for (const [index, certificate] of parsed.slice(0, -1).entries()) {
    const issuer = parsed[index + 1];
    if (!certificate || !issuer || !(await isIssuedBy(certificate, issuer)))
      return { index, reason: "issuer" };
  }
  return null;
}

type Parsed = NonNullable<Awaited<ReturnType<typeof parse>>>;

async function parse(der: Uint8Array) {
  const { Certificate } = await import("pkijs");
  try {
    return Certificate.fromBER(copyBytes(der));
  } catch {
    return null;
  }
}

/** Object identifiers of RSASSA-PKCS1-v1_5 and RSASSA-PSS. */
const RSA_SIGNATURES = /^1\.2\.840\.113549\.1\.1\.(10|11|12|13)$/;

async function isIssuedBy(certificate: Parsed, issuer: Parsed): Promise<boolean> {
  if (!certificate.issuer.isEqual(issuer.subject)) return false;
  if (!RSA_SIGNATURES.test(certificate.signatureAlgorithm.algorithmId)) return false;
  try {
    return await certificate.verify(issuer);
  } catch {
    // A key of another kind, or a signature that can't be one.
    return false;
  }
}

/** What the RSA key of a certificate is used for: to verify RS256 signatures, or to wrap keys with RSA-OAEP (SHA-256). */
export type RsaUse = "RSASSA-PKCS1-v1_5" | "RSA-OAEP";

/** The RSA key of a certificate; null when it has none. */
export async function rsaCryptoKeyOf(der: Uint8Array, use: RsaUse): Promise<CryptoKey | null> {
  const certificate = await parse(der);
  if (certificate === null) return null;
  const algorithm = { name: use, hash: "SHA-256" };
  try {
    const spki = certificate.subjectPublicKeyInfo.toSchema().toBER();
    return await crypto.subtle.importKey("spki", spki, algorithm, false, [
      use === "RSA-OAEP" ? "encrypt" : "verify",
    ]);
  } catch {
    return null;
  }
}
