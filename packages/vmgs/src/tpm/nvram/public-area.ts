/** The public area of an object: from the layout in memory to that of the wire, over which names go, and back. */

import { type Codec, decode, encode, hexNumber, LayoutError } from "../../layout/index.ts";
import {
  eccScheme,
  kdfScheme,
  keyedHashScheme,
  type PublicArea,
  type RsaPublicArea,
  rsaScheme,
  symmetricDefinition,
  TPM_ALG,
} from "../protocol/index.ts";
import { Capacity, content, filled, type Tpm2b } from "./buffers.ts";
import {
  digestUnique,
  eccParameters,
  eccUnique,
  kdfBuffer,
  keyedHashParameters,
  type PublicAreaBuffer,
  publicAreaBuffer,
  rsaParameters,
  rsaUnique,
  schemeBuffer,
  symCipherParameters,
  symmetricBuffer,
} from "./entry-layout.ts";

/**
 * The public area as the wire has it.
 *
 * @throws LayoutError when an algorithm in it is unknown, or a length is above its buffer.
 */
export function readPublicArea(area: PublicAreaBuffer): PublicArea {
  const { nameAlg, objectAttributes } = area;
  const start = { nameAlg, objectAttributes, authPolicy: checked(area.authPolicy) };
  if (area.type === TPM_ALG.RSA) return { kind: "RSA", ...start, ...readRsa(area) };
  if (area.type === TPM_ALG.ECC) return { kind: "ECC", ...start, ...readEcc(area) };
  const unique = () => checked(decode(digestUnique, area.unique).digest);
  if (area.type === TPM_ALG.KEYEDHASH) {
    const { scheme } = decode(keyedHashParameters, area.parameters);
    return {
      kind: "KEYEDHASH",
      ...start,
      scheme: toWire(schemeBuffer, scheme, keyedHashScheme),
      unique: unique(),
    };
  }
  if (area.type === TPM_ALG.SYMCIPHER) {
    const { symmetric } = decode(symCipherParameters, area.parameters);
    return {
      kind: "SYMCIPHER",
      ...start,
      symmetric: toWire(symmetricBuffer, symmetric, symmetricDefinition),
      unique: unique(),
    };
  }
  throw new LayoutError(`${hexNumber(area.type, 4)} is not a known type of object`, 0);
}

function readRsa(area: PublicAreaBuffer) {
  const { symmetric, scheme, keyBits, exponent } = decode(rsaParameters, area.parameters);
  return {
    symmetric: toWire(symmetricBuffer, symmetric, symmetricDefinition),
    scheme: toWire(schemeBuffer, scheme, rsaScheme),
    keyBits,
    exponent,
    unique: checked(decode(rsaUnique, area.unique).modulus),
  };
}

function readEcc(area: PublicAreaBuffer) {
  const { symmetric, scheme, curve, kdf } = decode(eccParameters, area.parameters);
  const { x, y } = decode(eccUnique, area.unique);
  return {
    symmetric: toWire(symmetricBuffer, symmetric, symmetricDefinition),
    scheme: toWire(schemeBuffer, scheme, eccScheme),
    curve,
    kdf: toWire(kdfBuffer, kdf, kdfScheme),
    x: checked(x),
    y: checked(y),
  };
}

/** The public area of an RSA key as it lies in memory. */
export function writeRsaPublicArea(area: RsaPublicArea): PublicAreaBuffer {
  const parameters = encode(rsaParameters, {
    symmetric: toMemory(symmetricDefinition, area.symmetric, symmetricBuffer),
    scheme: toMemory(rsaScheme, area.scheme, schemeBuffer),
    keyBits: area.keyBits,
    padding1: new Uint8Array(2),
    exponent: area.exponent,
  });
  const unique = new Uint8Array(publicAreaBuffer.fields.unique.codec.size ?? 0);
  unique.set(encode(rsaUnique, { modulus: filled(Capacity.modulus, area.unique) }));
  return {
    type: TPM_ALG.RSA,
    nameAlg: area.nameAlg,
    objectAttributes: area.objectAttributes,
    authPolicy: filled(Capacity.digest, area.authPolicy),
    padding1: new Uint8Array(2),
    parameters,
    unique,
    padding2: new Uint8Array(2),
  };
}

/** The content of a TPM2B whose length is sound. */
function checked(tpm2b: Tpm2b): Uint8Array {
  if (tpm2b.size <= tpm2b.buffer.length) return content(tpm2b);
  throw new LayoutError(`length ${tpm2b.size} is above the buffer of ${tpm2b.buffer.length} bytes`, 0);
}

/*
 * Schemes are a few u16 in memory, all of them always there; on the wire they are big-endian, and those that the
 * algorithm does not use are missing at the end.
 */

function toWire<M, W>(memory: Codec<M>, value: M, wire: Codec<W>): W {
  return decode(wire, swapPairs(encode(memory, value)));
}

function toMemory<W, M>(wire: Codec<W>, value: W, memory: Codec<M>): M {
  const bytes = new Uint8Array(memory.size ?? 0);
  bytes.set(encode(wire, value));
  return decode(memory, swapPairs(bytes));
}

function swapPairs(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, i) => bytes[i ^ 1] ?? 0);
}
