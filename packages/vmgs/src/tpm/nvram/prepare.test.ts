import { Integer, Utf8String } from "asn1js";
import fc from "fast-check";
import { AttributeTypeAndValue, Certificate } from "pkijs";
import { describe, expect, test } from "vitest";
import { isVmgsError } from "../../errors/index.ts";
import { decode, encode, toHex } from "../../layout/index.ts";
import { Secret } from "../../secret/index.ts";
import { akTemplate, PersistentHandle, srkTemplate } from "../protocol/index.ts";
import { content } from "./buffers.ts";
import { walkEntries } from "./entries.ts";
import { nvIndexEntry, objectEntry } from "./entry-layout.ts";
import {
  type NewTpmState,
  pictureTpmState,
  prepareTpmState,
  readAkCertificate,
  readTpmState,
} from "./index.ts";
import { generateRsaKey, isRsa2048, rsaKeyMaterial } from "./rsa-key.ts";
import { fixedRegions } from "./state-layout.ts";

const rsaKey = await generateRsaKey();
const key = await rsaKeyMaterial("AK", rsaKey);
const keys = { ak: rsaKey, srk: rsaKey };

/** Bytes that count upwards, other ones at every call. */
function countingRandom() {
  let next = 1;
  return (byteLength: number) => Uint8Array.from({ length: byteLength }, () => next++ & 0xff);
}

/** What begins like a certificate of `byteLength` bytes. */
function derOf(byteLength: number): Uint8Array {
  const der = new Uint8Array(byteLength).fill(0x5a);
  der.set([0x30, 0x82, (byteLength - 4) >> 8, (byteLength - 4) & 0xff]);
  return der;
}

/** A certificate for the key, signed by itself. */
async function selfSigned(privateKey: CryptoKey): Promise<Uint8Array> {
  const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const publicKey = await crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, algorithm, true, ["verify"]);
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: 7 });
  const value = new Utf8String({ value: "AK of a test" });
  for (const name of [certificate.subject, certificate.issuer]) {
    name.typesAndValues.push(new AttributeTypeAndValue({ type: "2.5.4.3", value }));
  }
  certificate.notBefore.value = new Date("2026-01-01T00:00:00Z");
  certificate.notAfter.value = new Date("2036-01-01T00:00:00Z");
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign(privateKey, "SHA-256");
  return new Uint8Array(certificate.toSchema(true).toBER());
}

const prepare = (options: NewTpmState = {}) =>
  prepareTpmState({ keys, random: countingRandom(), ...options });

async function refusal(options: NewTpmState): Promise<unknown> {
  return prepare(options).then(
    () => null,
    (reason: unknown) => reason,
  );
}

describe("a new state", () => {
  test("has an SRK and an AK with sound names, and nothing to complain about", async () => {
    const state = await readTpmState(await prepare());
    expect(state).toMatchObject({ generation: "current", corruption: null, maxCounter: 0n, problems: [] });
    expect(state).toMatchObject({ totalResetCount: 1n, resetCount: 1, clockSafe: true, orderlyState: 0 });
    expect(state.indices).toEqual([]);
    expect(state.objects.map(({ handle }) => handle)).toEqual([PersistentHandle.SRK, PersistentHandle.AK]);
    for (const object of state.objects) {
      expect(object).toMatchObject({ nameMatches: true, qualifiedNameMatches: true, authSet: false });
    }
    const [srk, ak] = state.objects;
    expect(srk).toMatchObject({ hierarchy: "owner", flags: 0xa038 });
    expect(srk?.publicArea).toEqual({ ...srkTemplate(), unique: key.modulus });
    expect(ak).toMatchObject({ hierarchy: "endorsement", flags: 0x8032 });
    expect(ak?.publicArea).toEqual({ ...akTemplate(), unique: key.modulus });
  });

  test("differs from the next one in every secret and every key", async () => {
    const [one, other] = [await prepareTpmState(), await prepareTpmState()];
    const secretsOf = (state: Uint8Array) => {
      const { persistent, stateReset, orderly } = decode(fixedRegions, state);
      const keys = walkEntries(state).entries.map(({ offset }) => decode(objectEntry, state, offset));
      return [
        persistent.endorsementSeed,
        persistent.storageSeed,
        persistent.platformSeed,
        persistent.platformProof,
        persistent.storageProof,
        persistent.endorsementProof,
        stateReset.nullProof,
        stateReset.nullSeed,
        stateReset.commitNonce,
        ...keys.map(({ sensitiveArea }) => sensitiveArea.sensitive),
        ...keys.slice(0, 1).map(({ sensitiveArea }) => sensitiveArea.seedValue),
      ]
        .map((tpm2b) => toHex(content(tpm2b)))
        .concat(toHex(orderly.random.seed));
    };
    const all = [...secretsOf(one), ...secretsOf(other)];
    expect(new Set(all).size).toBe(all.length);
    for (const secret of all) expect(secret).toMatch(/^(?!0+$)([0-9a-f]{2}){32,128}$/);
    const moduli = [one, other].map(async (state) =>
      (await readTpmState(state)).objects.map(({ publicArea }) =>
        publicArea?.kind === "RSA" ? toHex(publicArea.unique) : "",
      ),
    );
    expect(new Set((await Promise.all(moduli)).flat()).size).toBe(4);
  });

  test("has the same bytes for the same keys and random bytes", async () => {
    const options = { akCertificate: { creator: "platform", der: derOf(900) } } as const;
    expect(toHex(await prepare(options))).toBe(toHex(await prepare(options)));
  });

  test("can do without keys", async () => {
    const withoutAk = await readTpmState(await prepare({ ak: false }));
    expect(withoutAk.objects.map(({ handle }) => handle)).toEqual([PersistentHandle.SRK]);
    const withoutSrk = await readTpmState(await prepare({ srk: false, nvramSize: 16_384 }));
    expect(withoutSrk.objects.map(({ handle }) => handle)).toEqual([PersistentHandle.AK]);
    expect(withoutSrk).toMatchObject({ byteLength: 16_384, generation: "legacy", problems: [] });
  });
});

describe("the AK certificate index of a new state", () => {
  const indexOf = async (akCertificate: NonNullable<NewTpmState["akCertificate"]>) =>
    readAkCertificate(await readTpmState(await prepare({ akCertificate })));

  test("of the platform is 4096 bytes, padded, with a random authorization value", async () => {
    const der = derOf(843);
    const found = await indexOf({ creator: "platform", der });
    expect(found).toMatchObject({ der, derLength: 843, isForAk: null });
    expect(found?.certificate?.problem).toBe("is not an X.509 certificate in DER");
    expect(found?.index).toMatchObject({
      attributes: 0x6206_0004,
      dataSize: 4096,
      authBytes: 8,
      creator: "platform",
    });
    expect(found?.index.data?.subarray(843).every((byte) => byte === 0)).toBe(true);
  });

  test("of the owner is as long as the certificate, without an authorization value", async () => {
    const found = await indexOf({ creator: "owner", der: derOf(843) });
    expect(found?.index).toMatchObject({
      attributes: 0x2006_0006,
      dataSize: 843,
      authBytes: 0,
      creator: "owner",
    });
  });

  test("without a certificate is defined and not written", async () => {
    const found = await indexOf({ creator: "platform" });
    expect(found).toMatchObject({
      der: null,
      index: { attributes: 0x4206_0004, dataSize: 4096, written: false },
    });
  });

  test("has the size and the authorization value that were asked for, without zeros at its end", async () => {
    const authValue = new Secret(Uint8Array.of(1, 2, 3, 0, 0));
    const found = await indexOf({ creator: "platform", der: derOf(300), indexSize: 1024, authValue });
    expect(found?.index).toMatchObject({ dataSize: 1024, authBytes: 3 });
  });

  test("can hold a certificate for a given AK, which is told from one for another key", async () => {
    const [own, other] = [await selfSigned(rsaKey), await selfSigned(await generateRsaKey())];
    const found = await indexOf({ creator: "owner", der: own });
    expect(found).toMatchObject({ isForAk: true, certificate: { fields: { commonName: "AK of a test" } } });
    expect((await indexOf({ creator: "owner", der: other }))?.isForAk).toBe(false);
    const state = await readTpmState(
      await prepare({ ak: false, akCertificate: { creator: "owner", der: own } }),
    );
    expect((await readAkCertificate(state))?.isForAk).toBeNull();
  });

  test("can stand beside the mitigation marker", async () => {
    const akCertificate = { creator: "owner", der: derOf(843) } as const;
    const { indices, problems } = await readTpmState(
      await prepare({ akCertificate, mitigationMarker: true }),
    );
    expect(problems).toEqual([]);
    expect(indices.map(({ handle }) => handle)).toEqual([0x01c1_01d0, 0x01c1_01d2]);
    // As OpenHCL makes it: the platform's, and never written.
    expect(indices[1]).toMatchObject({ dataSize: 1, attributes: 0x4206_0004, written: false, data: null });
  });
});

describe("a new state is refused", () => {
  const input = async (options: NewTpmState) => isVmgsError(await refusal(options), "VMGS_TPM_INPUT");
  const certificate = (akCertificate: object) => ({
    akCertificate: { creator: "platform", ...akCertificate } as NonNullable<NewTpmState["akCertificate"]>,
  });

  test("when its size is not one that exists", async () => {
    expect(await input({ nvramSize: 8192 as 16384 })).toBe(true);
  });

  test("when the certificate is none, is cut, or does not fit its index", async () => {
    expect(await input(certificate({ der: new Uint8Array(900) }))).toBe(true);
    expect(await input(certificate({ der: derOf(900).subarray(0, 899) }))).toBe(true);
    expect(await input(certificate({ der: derOf(900), indexSize: 899 }))).toBe(true);
    expect(await input(certificate({ der: derOf(4097) }))).toBe(true);
    expect(await input(certificate({ indexSize: 4097 }))).toBe(true);
    expect(await input(certificate({ indexSize: 0 }))).toBe(true);
    expect(await input(certificate({ authValue: new Secret(new Uint8Array(33).fill(1)) }))).toBe(true);
  });

  test("when a key is not an extractable private RSA 2048 key", async () => {
    const { subtle } = crypto;
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: Uint8Array.of(1, 0, 1) };
    const use = ["sign", "verify"] as const;
    const small = await subtle.generateKey({ ...rsa, modulusLength: 1024 }, true, use);
    const kept = await subtle.generateKey({ ...rsa, modulusLength: 2048 }, false, use);
    const curve = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, use);
    for (const wrong of [small.privateKey, kept.privateKey, kept.publicKey, curve.privateKey]) {
      expect(await input({ keys: { ak: wrong } })).toBe(true);
    }
  });

  test("when prime and modulus don't belong together", () => {
    expect(isRsa2048(key)).toBe(true);
    expect(isRsa2048({ modulus: key.modulus, prime: new Uint8Array(128).fill(0xab) })).toBe(false);
    expect(isRsa2048({ modulus: new Uint8Array(256), prime: new Uint8Array(128) })).toBe(false);
    expect(isRsa2048({ modulus: key.modulus, prime: key.prime.subarray(1) })).toBe(false);
  });
});

test("no mutation of a new state makes the readers crash", async () => {
  const akCertificate = { creator: "platform", der: derOf(843) } as const;
  const sound = await prepare({ akCertificate, mitigationMarker: true, nvramSize: 16_384 });
  const headers = walkEntries(sound).entries.map(({ offset }) => offset);
  const offsets = fc.oneof(
    fc.nat(sound.length - 1),
    fc.tuple(fc.constantFrom(...headers), fc.nat(119)).map(([offset, within]) => offset + within),
  );
  const changes = fc.array(fc.tuple(offsets, fc.nat(255)), { minLength: 1, maxLength: 8 });
  const property = fc.asyncProperty(changes, async (list) => {
    const state = sound.slice();
    for (const [offset, value] of list) state[offset] = value;
    await readAkCertificate(await readTpmState(state));
    pictureTpmState(state);
  });
  await fc.assert(property, { numRuns: 50 });
});

test("encoded regions keep every byte of a decoded state", () => {
  const bytes = fc.uint8Array({ minLength: 3508, maxLength: 3508 });
  fc.assert(
    fc.property(bytes, (state) => {
      expect(toHex(encode(fixedRegions, decode(fixedRegions, state)))).toBe(toHex(state));
    }),
    { numRuns: 5 },
  );
});

test("authorization values of indices are kept without the zeros at their end, as a TPM keeps them", async () => {
  const random = (byteLength: number) => Uint8Array.from({ length: byteLength }, (_, i) => (i < 6 ? 1 : 0));
  const akCertificate = { creator: "platform" } as const;
  const state = await prepare({ ak: false, srk: false, akCertificate, mitigationMarker: true, random });
  const sizes = walkEntries(state).entries.map(
    ({ offset }) => decode(nvIndexEntry, state, offset).authValue.size,
  );
  expect(sizes).toEqual([6, 6]);
});
