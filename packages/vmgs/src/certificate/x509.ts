/** X.509 certificates, as far as people need to see them. The parser is loaded when the first one is read. */

import type { fromBER } from "asn1js";
import type { Certificate as ParsedCertificate, RelativeDistinguishedNames } from "pkijs";
import { checkBytes } from "../arguments/index.ts";
import { copyBytes, toHex } from "../layout/index.ts";

type FromBer = typeof fromBER;

/** What a certificate says. Nothing of it is verified; text is untrusted. */
export interface CertificateFields {
  /** Distinguished name in the order of RFC 4514: `CN=...,O=...,C=US`. */
  readonly subject: string;
  /** Common name of the subject, or null. */
  readonly commonName: string | null;
  /** Distinguished name in the order of RFC 4514. */
  readonly issuer: string;
  /** Serial number in lower-case hex, as its bytes stand. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The public key of an RSA certificate. */
export interface RsaPublicKey {
  /** Big-endian, without zeros before it. */
  readonly modulus: Uint8Array;
  /** Big-endian, without zeros before it. */
  readonly exponent: Uint8Array;
}

/** A certificate, or bytes that should be one. */
export interface X509Certificate {
  /** DER as it was given. Do not change the bytes. */
  readonly der: Uint8Array;
  /** SHA-256 of the DER in lower-case hex: the thumbprint. */
  readonly sha256: string;
  /** What it says; null when it can't be read. */
  readonly fields: CertificateFields | null;
  /** Its key; null when it can't be read, or is not an RSA key. */
  readonly rsaKey: RsaPublicKey | null;
  /** Why it can't be read, or null. */
  readonly problem: string | null;
}

/** Reads a certificate. Never throws for bad bytes: they are kept, with their thumbprint and a problem. */
export async function readX509(der: Uint8Array): Promise<X509Certificate> {
  const [{ Certificate: parser }, { fromBER: fromBer }] = await Promise.all([
    import("pkijs"),
    import("asn1js"),
  ]);
  const sha256 = toHex(await sha256Of(der));
  try {
    const parsed = parser.fromBER(copyBytes(der));
    return { der, sha256, fields: fieldsOf(fromBer, parsed), rsaKey: rsaKeyOf(parsed), problem: null };
  } catch {
    // The parser throws errors of many classes; none of them says more than that the bytes are something else.
    return { der, sha256, fields: null, rsaKey: null, problem: "is not an X.509 certificate in DER" };
  }
}

/** SHA-256 of bytes. */
export async function sha256Of(bytes: Uint8Array): Promise<Uint8Array> {
  checkBytes(bytes, "bytes");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", copyBytes(bytes)));
}

function fieldsOf(fromBer: FromBer, parsed: ParsedCertificate): CertificateFields {
  const subject = nameParts(fromBer, parsed.subject);
  return {
    subject: distinguishedName(subject),
    commonName: subject.flat().find(({ type }) => type === COMMON_NAME)?.value ?? null,
    issuer: distinguishedName(nameParts(fromBer, parsed.issuer)),
    serial: toHex(parsed.serialNumber.valueBlock.valueHexView),
    notBefore: validDate(parsed.notBefore.value),
    notAfter: validDate(parsed.notAfter.value),
  };
}

/** The parser knows the keys of RSA and of elliptic curves; only those of RSA have a modulus. */
function rsaKeyOf({ subjectPublicKeyInfo: { parsedKey } }: ParsedCertificate): RsaPublicKey | null {
  if (parsedKey === undefined || !("modulus" in parsedKey)) return null;
  const { modulus, publicExponent } = parsedKey;
  return {
    modulus: withoutZeros(modulus.valueBlock.valueHexView),
    exponent: withoutZeros(publicExponent.valueBlock.valueHexView),
  };
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? new Uint8Array(0) : bytes.slice(start);
}

function validDate(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new RangeError("not a date");
  return date;
}

const COMMON_NAME = "2.5.4.3";

/** Short names of attribute types (RFC 4514, section 3; RFC 5280, appendix A). */
const attributeNames: Readonly<Record<string, string>> = {
  [COMMON_NAME]: "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

interface NamePart {
  /** Object identifier. */
  readonly type: string;
  readonly value: string;
}

/** The relative distinguished names, each of one part or several. The parser flattens them, and keeps their bytes. */
function nameParts(fromBer: FromBer, name: RelativeDistinguishedNames): NamePart[][] {
  const parts = name.typesAndValues.map(({ type, value }) => {
    const text: unknown = value.valueBlock.value;
    return { type, value: typeof text === "string" ? text : `#${toHex(new Uint8Array(value.toBER()))}` };
  });
  const grouped: NamePart[][] = [];
  let next = 0;
  for (const size of partCounts(fromBer, name.valueBeforeDecode)) {
    grouped.push(parts.slice(next, next + size));
    next += size;
  }
  return [...grouped, ...parts.slice(next).map((part) => [part])];
}

/** How many parts each relative distinguished name has: a SEQUENCE of SETs (RFC 5280, section 4.1.2.4). */
function partCounts(fromBer: FromBer, name: ArrayBuffer): number[] {
  const elementsOf = ({ valueBlock }: object & { valueBlock?: unknown }) =>
    (valueBlock as { readonly value?: readonly object[] } | undefined)?.value ?? [];
  return elementsOf(fromBer(name).result).map((set) => elementsOf(set).length);
}

/** RFC 4514, section 2.1 and 2.2: last name first, the parts of one joined by `+`. */
function distinguishedName(names: readonly (readonly NamePart[])[]): string {
  return names
    .toReversed()
    .map((parts) =>
      parts.map(({ type, value }) => `${attributeNames[type] ?? type}=${escapeValue(value)}`).join("+"),
    )
    .join(",");
}

/** Escapes what RFC 4514, section 2.4 names. */
function escapeValue(value: string): string {
  return value.replace(/[",+;<>\\]|^[ #]| $/g, "\\$&").replaceAll("\0", "\\00");
}
