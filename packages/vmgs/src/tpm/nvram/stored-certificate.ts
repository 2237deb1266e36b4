/** Certificates in NV indices: bare, padded, or with the prefix of the TCG. */

import { checkBytes, checkObject } from "../../arguments/index.ts";
import { readX509, type X509Certificate } from "../../certificate/index.ts";
import { decode, field, fromHex, struct, u8, u16be } from "../../layout/index.ts";
import { type RsaPublicArea, rsaExponent } from "../protocol/index.ts";
import { checkTpmState, type TpmNvIndex, type TpmState } from "./state.ts";

/** Where in an index a certificate is. */
export interface FoundCertificate {
  readonly index: TpmNvIndex;
  /** Bytes of the certificate with its header, when the data begin like DER (30 82); it may be more than there is. */
  readonly derLength: number | null;
  /** The certificate in DER, without prefix and padding; null when there is none, or not the whole of it. */
  readonly der: Uint8Array | null;
}

/** A certificate in an index, and whose it is. */
export interface StoredCertificate extends FoundCertificate {
  /** What the certificate says. Nothing of it is verified; text is untrusted. Null where `der` is. */
  readonly certificate: X509Certificate | null;
  /** Handle of the persistent RSA key that it is for; null when there is none in this state. */
  readonly keyHandle: number | null;
}

const derHeader = struct("DER header", {
  tag: field(u8, "0x30 = SEQUENCE"),
  form: field(u8, "0x82 = two bytes of length follow"),
  length: field(u16be, "bytes that follow"),
});
const DER_HEADER_SIZE = 4;
const SEQUENCE = 0x30;
const TWO_LENGTH_BYTES = 0x82;

/** What stands before a certificate in some TPMs (TCG PC Client Implementation Specification, TCG_PCCLIENT_STORED_CERT). */
const storedCertificateHeader = struct("TCG_PCCLIENT_STORED_CERT", {
  tag: field(u16be, "0x1001"),
  type: field(u8, "0 = a whole certificate"),
  length: field(u16be, "bytes of the certificate"),
});
const PREFIX_SIZE = storedCertificateHeader.size ?? 0;
const STORED_CERTIFICATE = 0x1001;
const WHOLE_CERTIFICATE = 0;

/** Bytes of a DER certificate with its header, or null when the bytes don't begin like one of 256 to 65535 bytes. */
export function derLengthOf(bytes: Uint8Array): number | null {
  checkBytes(bytes, "bytes");
  if (bytes.length < DER_HEADER_SIZE) return null;
  const { tag, form, length } = decode(derHeader, bytes);
  return tag === SEQUENCE && form === TWO_LENGTH_BYTES ? DER_HEADER_SIZE + length : null;
}

/** Looks for a certificate in the data of an index. What follows it, zeros or 0xff, is padding. */
export function findCertificateIn(index: TpmNvIndex): FoundCertificate {
  checkObject(index, "index", "data", "handle");
  if (index.data === null) return { index, derLength: null, der: null };
  const data = index.data.subarray(prefixLength(index.data));
  const derLength = derLengthOf(data);
  const whole = derLength !== null && derLength <= data.length;
  return { index, derLength, der: whole ? data.slice(0, derLength) : null };
}

function prefixLength(data: Uint8Array): number {
  if (data.length < PREFIX_SIZE) return 0;
  const { tag, type } = decode(storedCertificateHeader, data);
  return tag === STORED_CERTIFICATE && type === WHOLE_CERTIFICATE ? PREFIX_SIZE : 0;
}

/** Finds and reads all certificates that a state holds whole, in the order of its indices. */
export async function readStoredCertificates(state: TpmState): Promise<StoredCertificate[]> {
  checkTpmState(state, "state");
  const found = state.indices.map(findCertificateIn).filter(({ der }) => der !== null);
  return Promise.all(
    found.map(async (one) => {
      const certificate = one.der && (await readX509(one.der));
      return { ...one, certificate, keyHandle: certificate && keyHandleOf(state, certificate) };
    }),
  );
}

function keyHandleOf({ objects }: TpmState, certificate: X509Certificate): number | null {
  const found = objects.find(
    ({ publicArea }) => publicArea?.kind === "RSA" && isFor(certificate, publicArea),
  );
  return found?.handle ?? null;
}

/** Whether a certificate is for a key. */
export function isFor({ rsaKey }: X509Certificate, area: RsaPublicArea): boolean {
  return (
    rsaKey !== null && sameBytes(rsaKey.modulus, area.unique) && sameBytes(rsaKey.exponent, exponentOf(area))
  );
}

/** Big-endian, without zeros before it. */
function exponentOf(area: RsaPublicArea): Uint8Array {
  const hex = rsaExponent(area).toString(16);
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`) ?? new Uint8Array(0);
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
