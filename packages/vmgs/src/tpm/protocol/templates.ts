/** The public areas that a virtual TPM's keys are made from (spec: tpm, constants). */

import { fromHex } from "../../layout/index.ts";
import { TPM_ALG } from "./algorithms.ts";
import { akAttributes, ekAttributes, srkAttributes } from "./object-attributes.ts";
import type { RsaPublicArea } from "./public-area.ts";

const RSA_BITS = 2048;

/** PolicySecret(endorsement): the policy of an EK in the low range of handles (TCG EK Credential Profile). */
const EK_POLICY = "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa";

const rsa2048 = () =>
  ({
    kind: "RSA",
    nameAlg: TPM_ALG.SHA256,
    authPolicy: new Uint8Array(0),
    keyBits: RSA_BITS,
    exponent: 0,
    unique: new Uint8Array(RSA_BITS / 8),
  }) as const;

const aes128Cfb = { kind: "AES", keyBits: 128, mode: TPM_ALG.CFB } as const;

/** Attestation key: signs what the TPM itself made. RSASSA with SHA-256; made under the endorsement hierarchy. */
export function akTemplate(): RsaPublicArea {
  return {
    ...rsa2048(),
    objectAttributes: akAttributes(),
    symmetric: { kind: "NULL" },
    scheme: { kind: "RSASSA", hash: TPM_ALG.SHA256 },
  };
}

/** Endorsement key, low range template of the TCG EK credential profile; made under the endorsement hierarchy. */
export function ekTemplate(): RsaPublicArea {
  return {
    ...rsa2048(),
    objectAttributes: ekAttributes(),
    authPolicy: fromHex(EK_POLICY) as Uint8Array,
    symmetric: aes128Cfb,
    scheme: { kind: "NULL" },
  };
}

/** Storage root key: parent of what the guest seals; made under the owner hierarchy. */
export function srkTemplate(): RsaPublicArea {
  return {
    ...rsa2048(),
    objectAttributes: srkAttributes(),
    symmetric: aes128Cfb,
    scheme: { kind: "NULL" },
  };
}
