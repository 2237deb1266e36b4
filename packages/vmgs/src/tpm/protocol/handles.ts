/** TPM_HANDLE: hierarchies, and the places of a virtual TPM's objects and NV indices (TPM 2.0 Part 2, section 7). */

import { checkWhole } from "../../arguments/index.ts";
import { hexNumber } from "../../layout/index.ts";

/** Permanent handles (Part 2, section 7.4). */
export const TPM_RH = {
  OWNER: 0x4000_0001,
  NULL: 0x4000_0007,
  /** The password session, TPM_RS_PW. */
  PASSWORD: 0x4000_0009,
  LOCKOUT: 0x4000_000a,
  ENDORSEMENT: 0x4000_000b,
  PLATFORM: 0x4000_000c,
} as const;

/** First byte of a handle: what it names (TPM_HT). */
export const TPM_HT = {
  PCR: 0x00,
  NV_INDEX: 0x01,
  HMAC_SESSION: 0x02,
  POLICY_SESSION: 0x03,
  PERMANENT: 0x40,
  TRANSIENT: 0x80,
  PERSISTENT: 0x81,
} as const;

/** Persistent objects of a virtual TPM (spec: tpm, constants). */
export const PersistentHandle = {
  SRK: 0x8100_0001,
  AK: 0x8100_0003,
  GUEST_SECRET_KEY: 0x8100_0004,
  EK: 0x8101_0001,
} as const;

/** NV indices of a virtual TPM (spec: tpm, constants). */
export const NvIndexHandle = {
  ATTESTATION_REPORT: 0x0140_0001,
  GUEST_ATTESTATION_INPUT: 0x0140_0002,
  AK_CERTIFICATE: 0x01c1_01d0,
  /** Its being there says that a small TPM was repaired. */
  MITIGATION_MARKER: 0x01c1_01d2,
} as const;

/** EK certificate indices, and what each is for (TCG EK Credential Profile for TPM Family 2.0, section 2.2.2). */
const ekIndices = new Map<number, string>([
  [0x01c0_0002, "EK certificate, RSA 2048"],
  [0x01c0_0003, "EK nonce, RSA 2048"],
  [0x01c0_0004, "EK template, RSA 2048"],
  [0x01c0_000a, "EK certificate, ECC P-256"],
  [0x01c0_000b, "EK nonce, ECC P-256"],
  [0x01c0_000c, "EK template, ECC P-256"],
  [0x01c0_0012, "EK certificate, RSA 2048 (H-1)"],
  [0x01c0_0014, "EK certificate, ECC P-256 (H-2)"],
  [0x01c0_0016, "EK certificate, ECC P-384 (H-3)"],
  [0x01c0_0018, "EK certificate, ECC P-521 (H-4)"],
  [0x01c0_001a, "EK certificate, ECC SM2 (H-5)"],
  [0x01c0_001c, "EK certificate, RSA 3072 (H-6)"],
  [0x01c0_001e, "EK certificate, RSA 4096 (H-7)"],
]);
/** Indices of the certificates that issued an EK certificate (the same profile, certificate chain). */
const EK_CHAIN = { first: 0x01c0_0100, last: 0x01c0_01ff } as const;

/** What a handle names: its first byte. */
export function handleType(handle: number): number {
  return handle >>> 24;
}

const names = new Map<number, string>([
  [TPM_RH.OWNER, "owner"],
  [TPM_RH.NULL, "null hierarchy"],
  [TPM_RH.PASSWORD, "password session"],
  [TPM_RH.LOCKOUT, "lockout"],
  [TPM_RH.ENDORSEMENT, "endorsement"],
  [TPM_RH.PLATFORM, "platform"],
  [PersistentHandle.SRK, "SRK"],
  [PersistentHandle.AK, "AK"],
  [PersistentHandle.GUEST_SECRET_KEY, "guest secret key"],
  [PersistentHandle.EK, "EK"],
  [NvIndexHandle.ATTESTATION_REPORT, "attestation report"],
  [NvIndexHandle.GUEST_ATTESTATION_INPUT, "guest attestation input"],
  [NvIndexHandle.AK_CERTIFICATE, "AK certificate"],
  [NvIndexHandle.MITIGATION_MARKER, "mitigation marker"],
]);

/** What a handle is for in a virtual TPM or by a TCG profile, or null when it has no fixed meaning there. */
export function handleName(handle: number): string | null {
  checkWhole(handle, "handle");
  if (handle >= EK_CHAIN.first && handle <= EK_CHAIN.last) return "EK certificate chain";
  return names.get(handle) ?? ekIndices.get(handle) ?? null;
}

/** `AK certificate (0x01c101d0)`, or the number alone. */
export function describeHandle(handle: number): string {
  checkWhole(handle, "handle");
  const name = handleName(handle);
  const number = hexNumber(handle, 8);
  return name === null ? number : `${name} (${number})`;
}
