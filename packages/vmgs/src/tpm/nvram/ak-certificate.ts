/** The AK certificate that a TPM state holds (spec: tpm, offline diagnosis). What the certificate says is read elsewhere. */

import { decode, field, struct, u8, u16be } from "../../layout/index.ts";
import { NvIndexHandle, PersistentHandle } from "../protocol/index.ts";
import type { TpmNvIndex, TpmState } from "./state.ts";

/** The AK certificate index and what is in it. */
export interface AkCertificate {
  readonly index: TpmNvIndex;
  /** Bytes of the certificate with its header, when the data begin like DER (30 82); it may be more than there is. */
  readonly derLength: number | null;
  /** The certificate in DER, without padding; null when there is none, or not the whole of it. */
  readonly der: Uint8Array | null;
  /** Whether the key of the AK stands in the certificate; null when one of both is missing. */
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

/** Finds the AK certificate index; null when there is none. */
export function findAkCertificate(state: TpmState): AkCertificate | null {
  const index = state.indices.find(({ handle }) => handle === NvIndexHandle.AK_CERTIFICATE);
  if (index === undefined) return null;
  const derLength = index.data && derLengthOf(index.data);
  const whole = index.data !== null && derLength !== null && derLength <= index.data.length;
  const der = whole ? index.data.slice(0, derLength) : null;
  return { index, derLength, der, isForAk: der && holdsAk(state, der) };
}

/** Bytes of a DER certificate with its header, or null when the bytes don't begin like one of 256 to 65535 bytes. */
export function derLengthOf(bytes: Uint8Array): number | null {
  if (bytes.length < DER_HEADER_SIZE) return null;
  const { tag, form, length } = decode(derHeader, bytes);
  return tag === SEQUENCE && form === TWO_LENGTH_BYTES ? DER_HEADER_SIZE + length : null;
}

function holdsAk(state: TpmState, der: Uint8Array): boolean | null {
  const area = state.objects.find(({ handle }) => handle === PersistentHandle.AK)?.publicArea;
  if (area?.kind !== "RSA" || area.unique.length === 0) return null;
  return contains(der, area.unique);
}

function contains(bytes: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (wanted.every((byte, i) => byte === bytes[at + i])) return true;
  }
  return false;
}
