/** Wraps a secret for the SRK of a TPM, as whoever provides guest secret keys does (TPM 2.0 Part 1, section 23.3). */

import {
  constants,
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { encode } from "../src/layout/index.ts";
import {
  guestSecretKey,
  type PublicArea,
  publicArea,
  TPM_ALG,
  TPMA_OBJECT,
} from "../src/tpm/protocol/index.ts";

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number) => Buffer.from([0, 0, value >> 8, value & 0xff]);
const sized = (bytes: Uint8Array) => Buffer.concat([u16(bytes.length), bytes]);
const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** KDFa with SHA-256, for keys of up to 256 bits (Part 1, section 11.4.10.2). */
function kdfa(key: Uint8Array, label: string, context: Uint8Array, bits: number): Buffer {
  const input = [u32(1), Buffer.from(`${label}\0`), context, u32(bits)];
  return createHmac("sha256", key)
    .update(Buffer.concat(input))
    .digest()
    .subarray(0, bits / 8);
}

/** The blob of file 13, with sealed data as its object. */
export function wrapGuestSecret(srk: PublicArea, secret: Uint8Array): Uint8Array<ArrayBuffer> {
  if (srk.kind !== "RSA") throw new Error("an RSA key is needed");
  const [seed, seedValue] = [randomBytes(32), randomBytes(32)];
  const objectPublic: PublicArea = {
    kind: "KEYEDHASH",
    nameAlg: TPM_ALG.SHA256,
    objectAttributes: TPMA_OBJECT.of("userWithAuth", "noDA"),
    authPolicy: new Uint8Array(0),
    scheme: { kind: "NULL" },
    unique: sha256(seedValue, secret),
  };
  const name = Buffer.concat([u16(TPM_ALG.SHA256), sha256(encode(publicArea, objectPublic))]);
  const sensitive = Buffer.concat([
    u16(TPM_ALG.KEYEDHASH),
    sized(new Uint8Array(0)),
    sized(seedValue),
    sized(secret),
  ]);
  const cipher = createCipheriv("aes-128-cfb", kdfa(seed, "STORAGE", name, 128), Buffer.alloc(16));
  const encrypted = Buffer.concat([cipher.update(sized(sensitive)), cipher.final()]);
  const integrity = createHmac("sha256", kdfa(seed, "INTEGRITY", new Uint8Array(0), 256));
  const mac = integrity.update(Buffer.concat([encrypted, name])).digest();
  const jwk = { kty: "RSA", n: Buffer.from(srk.unique).toString("base64url"), e: "AQAB" };
  const inSymSeed = publicEncrypt(
    {
      key: createPublicKey({ key: jwk, format: "jwk" }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256",
      oaepLabel: Buffer.from("DUPLICATE\0"),
    },
    seed,
  );
  return encode(guestSecretKey, {
    objectPublic,
    duplicate: Buffer.concat([sized(mac), encrypted]),
    inSymSeed,
  });
}
