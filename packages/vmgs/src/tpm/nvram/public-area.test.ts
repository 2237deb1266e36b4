import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "../../layout/index.ts";
import { akTemplate, srkTemplate, TPM_ALG, TPM_ECC_CURVE } from "../protocol/index.ts";
import { type PublicAreaBuffer, publicAreaBuffer } from "./entry-layout.ts";
import { readPublicArea, writeRsaPublicArea } from "./public-area.ts";

/** A public area in memory, from u16 values at their specified offsets. */
function memory(words: Readonly<Record<number, number>>): PublicAreaBuffer {
  const bytes = new Uint8Array(340);
  const view = new DataView(bytes.buffer);
  for (const [offset, word] of Object.entries(words)) view.setUint16(Number(offset), word, true);
  return decode(publicAreaBuffer, bytes);
}

const start = { nameAlg: TPM_ALG.SHA256, objectAttributes: 0x40, authPolicy: new Uint8Array(0) };
const header = (type: number) => ({ 0: type, 2: TPM_ALG.SHA256, 4: 0x40 });

describe("a public area in memory becomes that of the wire", () => {
  test("for an ECC key", () => {
    const area = memory({
      ...header(TPM_ALG.ECC),
      60: TPM_ALG.NULL,
      66: TPM_ALG.ECDAA,
      68: TPM_ALG.SHA384,
      70: 9,
      72: TPM_ECC_CURVE.NIST_P256,
      74: TPM_ALG.NULL,
      80: 2,
      82: 0x0201,
      130: 1,
      132: 0x0003,
    });
    expect(readPublicArea(area)).toEqual({
      kind: "ECC",
      ...start,
      symmetric: { kind: "NULL" },
      scheme: { kind: "ECDAA", hash: TPM_ALG.SHA384, count: 9 },
      curve: TPM_ECC_CURVE.NIST_P256,
      kdf: { kind: "NULL" },
      x: Uint8Array.of(1, 2),
      y: Uint8Array.of(3),
    });
  });

  test("for sealed data", () => {
    const area = memory({ ...header(TPM_ALG.KEYEDHASH), 60: TPM_ALG.NULL, 80: 1, 82: 7 });
    expect(readPublicArea(area)).toEqual({
      kind: "KEYEDHASH",
      ...start,
      scheme: { kind: "NULL" },
      unique: Uint8Array.of(7),
    });
  });

  test("for a symmetric key", () => {
    const area = memory({ ...header(TPM_ALG.SYMCIPHER), 60: TPM_ALG.AES, 62: 128, 64: TPM_ALG.CFB, 80: 0 });
    expect(readPublicArea(area)).toEqual({
      kind: "SYMCIPHER",
      ...start,
      symmetric: { kind: "AES", keyBits: 128, mode: TPM_ALG.CFB },
      unique: new Uint8Array(0),
    });
  });

  test("for an RSA key, and back", () => {
    const unique = fc.uint8Array({ maxLength: 256 });
    const keys = fc.tuple(
      fc.constantFrom(akTemplate(), srkTemplate()),
      unique,
      fc.uint8Array({ maxLength: 48 }),
    );
    fc.assert(
      fc.property(keys, ([template, modulus, authPolicy]) => {
        const area = { ...template, unique: modulus, authPolicy };
        const bytes = encode(publicAreaBuffer, writeRsaPublicArea(area));
        expect(readPublicArea(decode(publicAreaBuffer, bytes))).toEqual(area);
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  ["an unknown type", memory({ 0: 0x77 })],
  ["an unknown scheme", memory({ ...header(TPM_ALG.RSA), 60: TPM_ALG.NULL, 66: 0x77 })],
  [
    "a policy above its buffer",
    memory({ ...header(TPM_ALG.RSA), 8: 49, 60: TPM_ALG.NULL, 66: TPM_ALG.NULL }),
  ],
  [
    "a modulus above its buffer",
    memory({ ...header(TPM_ALG.RSA), 60: TPM_ALG.NULL, 66: TPM_ALG.NULL, 80: 257 }),
  ],
])("%s is refused", (_, area) => {
  expect(() => readPublicArea(area)).toThrow(/not a known|above the buffer/);
});
