/** Makes the state of a virtual TPM offline (spec: tpm-nvram, writing one). */

import {
  checkBytes,
  checkCallback,
  checkFlag,
  checkWhole,
  having,
  oneOf,
  optional,
  optionsOf,
  withMembers,
} from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { encode } from "../../layout/index.ts";
import { checkSecret, type Secret } from "../../secret/index.ts";
import { NvIndexHandle, ownerAkCertAttributes, platformAkCertAttributes } from "../protocol/index.ts";
import { defaultVtpmParameters, MITIGATION_MARKER_SIZE, TPM_NVRAM_SIZE } from "../vtpm-parameters.ts";
import { TERMINATOR_SIZE, terminator } from "./entry-layout.ts";
import { NAME_DIGEST_SIZE, newAk, newNvIndex, newSrk } from "./new-entries.ts";
import { newRegions, type RandomBytes } from "./new-regions.ts";
import { hasRoomForEnd } from "./nv-memory.ts";
import { generateRsaKey, rsaKeyMaterial } from "./rsa-key.ts";
import { fixedRegions } from "./state-layout.ts";
import { derLengthOf } from "./stored-certificate.ts";

/** The AK certificate index of a new state. */
export interface NewAkCertificate {
  /** Who the index belongs to; it decides its attributes. */
  readonly creator: "platform" | "owner";
  /** The certificate in DER. Without one, the index is defined and never written. */
  readonly der?: Uint8Array;
  /** Bytes of the index, up to 4096. Default: 4096; an owner's index with a certificate is as long as that. */
  readonly indexSize?: number;
  /** Up to 32 bytes. Default: 8 random bytes; none for an owner's index. Zeros at the end don't count. */
  readonly authValue?: Secret;
}

/** What a new state should hold. */
export interface NewTpmState {
  /** Bytes; 32768 by default. */
  readonly nvramSize?: (typeof TPM_NVRAM_SIZE)["current" | "legacy"];
  /** Whether there is an attestation key; true by default. */
  readonly ak?: boolean;
  /** Whether there is a storage root key; true by default. */
  readonly srk?: boolean;
  /** None by default. */
  readonly akCertificate?: NewAkCertificate;
  /** Whether the index is there that says that a small TPM was repaired; false by default. */
  readonly mitigationMarker?: boolean;
  /**
   * Keys that exist already, such as an AK that a certificate was issued for: extractable private RSA 2048 keys with
   * the exponent 65537. New ones by default.
   */
  readonly keys?: { readonly ak?: CryptoKey; readonly srk?: CryptoKey };
  /** Where seeds, proofs and authorization values come from. WebCrypto by default. */
  readonly random?: RandomBytes;
}

const checkNewAkCertificate = withMembers({
  creator: oneOf(["platform", "owner"]),
  der: optional(checkBytes),
  indexSize: optional(checkWhole),
  authValue: optional(checkSecret),
});

const checkNewTpmState = optionsOf({
  nvramSize: checkWhole,
  ak: checkFlag,
  srk: checkFlag,
  akCertificate: checkNewAkCertificate,
  mitigationMarker: checkFlag,
  keys: optionsOf({ ak: having("algorithm"), srk: having("algorithm") }),
  random: checkCallback,
});

/** Bytes of the authorization value that a platform gives its index. */
const PLATFORM_AUTH_VALUE = 8;

const webRandom: RandomBytes = (byteLength) => crypto.getRandomValues(new Uint8Array(byteLength));

/**
 * Makes a state of revision 1.38 with seeds, proofs and keys of its own: an SRK, an AK, and the indices that are asked
 * for. The secrets are in the bytes and nowhere else: everyone who has an unencrypted store has them.
 *
 * @throws VmgsError VMGS_TPM_INPUT when an option makes no sense, VMGS_TPM_STATE_FULL when the entries don't fit.
 */
export async function prepareTpmState(options: NewTpmState = {}): Promise<Uint8Array<ArrayBuffer>> {
  checkNewTpmState(options, "options");
  const { nvramSize = TPM_NVRAM_SIZE.current, random = webRandom } = options;
  if (nvramSize !== TPM_NVRAM_SIZE.current && nvramSize !== TPM_NVRAM_SIZE.legacy) {
    throw refuse(`a TPM state of ${nvramSize} bytes; there are 32768 and 16384`);
  }
  const indices = newIndices(options, random);
  const regions = encode(fixedRegions, newRegions(random));
  const parts = [regions, ...(await newKeys(options, random)), ...indices];
  const end = parts.reduce((sum, { length }) => sum + length, 0);
  const used = end + TERMINATOR_SIZE;
  if (used > nvramSize || !hasRoomForEnd(nvramSize, end)) {
    const message = `the TPM state needs ${used} bytes, it has ${nvramSize}`;
    throw new VmgsError("VMGS_TPM_STATE_FULL", message, { bytes: used, limit: nvramSize });
  }
  return joined([...parts, encode(terminator, { size: 0, maxCounter: 0n })], nvramSize);
}

function joined(parts: readonly Uint8Array[], byteLength: number): Uint8Array<ArrayBuffer> {
  const state = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    state.set(part, offset);
    offset += part.length;
  }
  return state;
}

async function newKeys(
  { ak = true, srk = true, keys = {} }: NewTpmState,
  random: RandomBytes,
): Promise<Uint8Array[]> {
  const materialOf = async (role: string, key: CryptoKey | undefined) =>
    rsaKeyMaterial(role, key ?? (await generateRsaKey()));
  const entries: Uint8Array[] = [];
  if (srk) entries.push(await newSrk(await materialOf("SRK", keys.srk), random(NAME_DIGEST_SIZE)));
  if (ak) entries.push(await newAk(await materialOf("AK", keys.ak)));
  return entries;
}

function newIndices({ akCertificate, mitigationMarker }: NewTpmState, random: RandomBytes): Uint8Array[] {
  const entries: Uint8Array[] = [];
  if (akCertificate !== undefined) entries.push(akCertificateIndex(akCertificate, random));
  if (mitigationMarker) {
    const marker = {
      handle: NvIndexHandle.MITIGATION_MARKER,
      attributes: platformAkCertAttributes(),
      dataSize: MITIGATION_MARKER_SIZE,
      authValue: random(PLATFORM_AUTH_VALUE),
      data: null,
    };
    entries.push(newNvIndex(marker));
  }
  return entries;
}

function akCertificateIndex(certificate: NewAkCertificate, random: RandomBytes): Uint8Array {
  const { creator, der } = certificate;
  const authValue = certificate.authValue?.expose() ?? defaultAuthValue(creator, random);
  const { akcertSize } = defaultVtpmParameters;
  const dataSize = certificate.indexSize ?? ((creator === "owner" && der?.length) || akcertSize);
  if (!Number.isInteger(dataSize) || dataSize < 1 || dataSize > akcertSize) {
    throw refuse(`an AK certificate index of ${dataSize} bytes; 1 to ${akcertSize} are possible`);
  }
  if (der !== undefined && derLengthOf(der) !== der.length) {
    throw refuse("the AK certificate is not one certificate in DER");
  }
  if (der !== undefined && der.length > dataSize) {
    throw refuse(`the AK certificate has ${der.length} bytes, its index ${dataSize}`);
  }
  if (authValue.length > NAME_DIGEST_SIZE) {
    throw refuse(
      `an authorization value of ${authValue.length} bytes; at most ${NAME_DIGEST_SIZE} are possible`,
    );
  }
  return newNvIndex({
    handle: NvIndexHandle.AK_CERTIFICATE,
    attributes: creator === "platform" ? platformAkCertAttributes() : ownerAkCertAttributes(),
    dataSize,
    authValue,
    data: der ?? null,
  });
}

function defaultAuthValue(creator: NewAkCertificate["creator"], random: RandomBytes): Uint8Array {
  return creator === "platform" ? random(PLATFORM_AUTH_VALUE) : new Uint8Array(0);
}

const refuse = (message: string) => new VmgsError("VMGS_TPM_INPUT", message);
