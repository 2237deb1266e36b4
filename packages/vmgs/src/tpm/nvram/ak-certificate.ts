/** The AK certificate that a TPM state holds (spec: tpm, offline diagnosis). */

import { readX509, type X509Certificate } from "../../certificate/index.ts";
import { decode, field, fromHex, struct, u8, u16be } from "../../layout/index.ts";
import { NvIndexHandle, PersistentHandle, type RsaPublicArea, rsaExponent } from "../protocol/index.ts";
import type { TpmNvIndex, TpmState } from "./state.ts";

/** The AK certificate index, and where in it the certificate is. */
export interface FoundAkCertificate {
  readonly index: TpmNvIndex;
  /** Bytes of the certificate with its header, when the data begin like DER (30 82); it may be more than there is. */
  readonly derLength: number | null;
  /** The certificate in DER, without padding; null when there is none, or not the whole of it. */
  readonly der: Uint8Array | null;
}

/** The AK certificate index and what is in it. */
export interface AkCertificate extends FoundAkCertificate {
  /** What the certificate says. Nothing of it is verified; text is untrusted. Null where `der` is. */
  readonly certificate: X509Certificate | null;
  /** Whether its key is that of the AK; null when one of both is missing or can't be read. */
  readonly isForAk: boolean | null;
}

const derHeader = struct("DER header", {
  tag: field(u8, "0x30 = SEQUENCE"),
  form: field(u8, "0x82 = two bytes of length follow"),
  length: field(u16be, "bytes that follow"),
});
const DER_HEADER_SIZE = 4;
const SEQUENCE = 0x30;
const TWO_LENGTH_BYTES = 0x82;

/** Finds the AK certificate index; null when there is none. The certificate is cut out, and not read. */
export function findAkCertificate(state: TpmState): FoundAkCertificate | null {
  const index = state.indices.find(({ handle }) => handle === NvIndexHandle.AK_CERTIFICATE);
  if (index === undefined) return null;
  const derLength = index.data && derLengthOf(index.data);
  const whole = index.data !== null && derLength !== null && derLength <= index.data.length;
  return { index, derLength, der: whole ? index.data.slice(0, derLength) : null };
}

/** Finds the AK certificate index and reads what is in it; null when there is none. */
export async function readAkCertificate(state: TpmState): Promise<AkCertificate | null> {
  const found = findAkCertificate(state);
  if (found === null) return null;
  const certificate = found.der && (await readX509(found.der));
  return { ...found, certificate, isForAk: certificate && holdsAk(state, certificate) };
}

/** Bytes of a DER certificate with its header, or null when the bytes don't begin like one of 256 to 65535 bytes. */
export function derLengthOf(bytes: Uint8Array): number | null {
  if (bytes.length < DER_HEADER_SIZE) return null;
  const { tag, form, length } = decode(derHeader, bytes);
  return tag === SEQUENCE && form === TWO_LENGTH_BYTES ? DER_HEADER_SIZE + length : null;
}

function holdsAk(state: TpmState, { fields, rsaKey }: X509Certificate): boolean | null {
  const area = state.objects.find(({ handle }) => handle === PersistentHandle.AK)?.publicArea;
  if (fields === null || area?.kind !== "RSA") return null;
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
