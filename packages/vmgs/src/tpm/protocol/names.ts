/** Names of entities: what binds authorizations and signatures to them (TPM 2.0 Part 1, section 16). */

import { encode, u16be, u32be } from "../../layout/index.ts";
import { TPM_ALG } from "./algorithms.ts";
import { type NvPublic, nvPublic } from "./nv-public.ts";
import { type PublicArea, publicArea } from "./public-area.ts";

const digests = new Map<number, string>([
  [TPM_ALG.SHA1, "SHA-1"],
  [TPM_ALG.SHA256, "SHA-256"],
  [TPM_ALG.SHA384, "SHA-384"],
  [TPM_ALG.SHA512, "SHA-512"],
]);

/** Name of an object: algorithm, then digest over the public area. Null when WebCrypto lacks the algorithm. */
export function objectName(area: PublicArea): Promise<Uint8Array<ArrayBuffer> | null> {
  return digest(area.nameAlg, encode(publicArea, area));
}

/** Name of an NV index: algorithm, then digest over TPMS_NV_PUBLIC. Null when WebCrypto lacks the algorithm. */
export function nvIndexName(index: NvPublic): Promise<Uint8Array<ArrayBuffer> | null> {
  return digest(index.nameAlg, encode(nvPublic, index));
}

/**
 * Qualified name of a primary object: algorithm, then digest over the handle of its hierarchy and its name.
 * Null when WebCrypto lacks the algorithm.
 */
export function primaryQualifiedName(
  nameAlg: number,
  hierarchy: number,
  name: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return digest(nameAlg, concat(encode(u32be, hierarchy), name));
}

async function digest(
  algorithm: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const webName = digests.get(algorithm);
  if (webName === undefined) return null;
  const hash = new Uint8Array(await crypto.subtle.digest(webName, bytes));
  return concat(encode(u16be, algorithm), hash);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
