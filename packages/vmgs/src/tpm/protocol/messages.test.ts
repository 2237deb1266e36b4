import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ErrorCode, isVmgsError } from "../../errors/index.ts";
import { decode, encode, toHex } from "../../layout/index.ts";
import {
  type AnyCommand,
  akTemplate,
  commands,
  decodeCommand,
  decodeGuestSecretKey,
  decodeReply,
  encodeCommand,
  encodeRefusal,
  encodeReply,
  GetCapability,
  guestSecretKey,
  MAX_NV_BUFFER,
  NV_Read,
  NV_ReadPublic,
  NV_Write,
  type PublicArea,
  publicArea,
  Startup,
  srkTemplate,
  TPM_ALG,
  TPM_SU,
} from "./index.ts";

const digest = fc.uint8Array({ maxLength: 64 });
const u16s = fc.integer({ min: 0, max: 0xffff });
const u32s = fc.integer({ min: 0, max: 0xffff_ffff });
const start = { nameAlg: u16s, objectAttributes: u32s, authPolicy: digest };
const hash = { hash: u16s };
const symmetric = fc.oneof(
  fc.record({ kind: fc.constant("NULL" as const) }),
  fc.record({ kind: fc.constantFrom("AES" as const, "SM4" as const), keyBits: u16s, mode: u16s }),
);
const publicAreas: fc.Arbitrary<PublicArea> = fc.oneof(
  fc.record({
    kind: fc.constant("RSA" as const),
    ...start,
    symmetric,
    scheme: fc.oneof(
      fc.record({ kind: fc.constantFrom("NULL" as const, "RSAES" as const) }),
      fc.record({ kind: fc.constantFrom("RSASSA" as const, "OAEP" as const), ...hash }),
    ),
    keyBits: u16s,
    exponent: u32s,
    unique: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({
    kind: fc.constant("ECC" as const),
    ...start,
    symmetric,
    scheme: fc.record({ kind: fc.constant("ECDAA" as const), ...hash, count: u16s }),
    curve: u16s,
    kdf: fc.record({ kind: fc.constant("NULL" as const) }),
    x: digest,
    y: digest,
  }),
  fc.record({
    kind: fc.constant("KEYEDHASH" as const),
    ...start,
    scheme: fc.record({ kind: fc.constant("XOR" as const), ...hash, kdf: u16s }),
    unique: digest,
  }),
  fc.record({ kind: fc.constant("SYMCIPHER" as const), ...start, symmetric, unique: digest }),
);

/** Runs `decoder` and tells whether it accepted; any error must be ours. */
function accepts(decoder: () => unknown, code: ErrorCode): boolean {
  try {
    decoder();
    return true;
  } catch (error) {
    if (isVmgsError(error, code)) return false;
    throw error;
  }
}

describe("round trips", () => {
  test("public areas of every kind keep their values", () => {
    fc.assert(
      fc.property(publicAreas, (area) => {
        expect(decode(publicArea, encode(publicArea, area))).toEqual(area);
      }),
      { numRuns: 100 },
    );
  });

  test("NV_Write keeps its values and its password", () => {
    const input = fc.record({
      authHandle: u32s,
      nvIndex: u32s,
      data: fc.uint8Array({ maxLength: MAX_NV_BUFFER }),
      offset: u16s,
    });
    fc.assert(
      fc.property(input, digest, (values, authValue) => {
        const decoded = decodeCommand(encodeCommand(NV_Write, values, authValue as Uint8Array<ArrayBuffer>));
        expect(decoded.command).toBe(NV_Write);
        expect(decoded.values).toEqual(values);
        expect(decoded.authorizations[0]?.hmac).toEqual(authValue);
      }),
      { numRuns: 50 },
    );
  });

  test("a reply with capabilities keeps its values", () => {
    const values = {
      moreData: 0,
      capabilityData: { kind: "TPM_PROPERTIES", entries: [{ property: 0x100, value: 0x322e3000 }] },
    } as const;
    const reply = encodeReply(GetCapability, values);
    expect(toHex(reply)).toBe("80010000001b00000000" + "00" + "00000006" + "00000001" + "00000100322e3000");
    expect(decodeReply(GetCapability, reply)).toEqual({ ok: true, values });
  });

  test("a guest secret key keeps its parts and ignores the padding of its file", () => {
    const key = {
      objectPublic: srkTemplate(),
      duplicate: Uint8Array.of(1, 2, 3),
      inSymSeed: Uint8Array.of(4),
    };
    const padded = new Uint8Array(2048);
    padded.set(encode(guestSecretKey, key));
    expect(decodeGuestSecretKey(padded)).toEqual(key);
  });
});

describe("a reply is refused", () => {
  const good = encodeReply(NV_Read, { data: Uint8Array.of(1, 2, 3, 4) });
  const refusals = (name: string, bytes: Uint8Array, command: AnyCommand = NV_Read) =>
    test(`when ${name}`, () => {
      expect(() => decodeReply(command, bytes)).toThrow(/^reply to /);
      expect(accepts(() => decodeReply(command, bytes), "VMGS_TPM_REPLY")).toBe(false);
    });
  const changed = (offset: number, value: number) => {
    const bytes = good.slice();
    bytes[offset] = value;
    return bytes;
  };

  refusals("it has fewer than 10 bytes", good.subarray(0, 9));
  refusals("it is empty", new Uint8Array(0));
  refusals("it is longer than a reply can be", new Uint8Array(4097));
  refusals("its size field is wrong", changed(5, good.length + 1));
  refusals("it ends early", good.subarray(0, good.length - 1));
  refusals("a success with sessions has the tag of one without", changed(1, 1));
  refusals("its tag is that of a TPM 1.2", changed(0, 0));
  refusals("the size of its parameters is wrong", changed(13, 5));
  refusals("a length in it reaches past the end", changed(15, 200));
  refusals("a refusal carries more than its code", changed(9, 1));
  const refused = encodeRefusal(0x18b);
  refused[1] = 2;
  refusals("a refusal has the tag of one with sessions", refused);
  refusals("it belongs to another command", good, NV_ReadPublic);

  test("and the error says to which command, with the handles that the caller knows", () => {
    try {
      decodeReply(NV_Read, good.subarray(0, 9), { nvIndex: 0x01c101d0 });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ facts: { commandCode: 0x14e, nvIndex: 0x01c101d0 } });
    }
  });
});

test("a refusal by the TPM is a value", () => {
  for (const command of commands) {
    expect(decodeReply(command, encodeRefusal(0x921))).toEqual({ ok: false, responseCode: 0x921 });
  }
});

test("a command of another size, tag or code is refused", () => {
  const startup = encodeCommand(Startup, { startupType: TPM_SU.CLEAR });
  expect(toHex(startup)).toBe("80010000000c000001440000");
  for (const [offset, value] of [
    [1, 2],
    [5, 13],
    [9, 0xff],
  ] as const) {
    const bytes = startup.slice();
    bytes[offset] = value;
    expect(accepts(() => decodeCommand(bytes), "VMGS_TPM_COMMAND")).toBe(false);
  }
});

test("the types of a command's values are checked", () => {
  // @ts-expect-error `size` is missing
  const incomplete = () => encodeCommand(NV_Read, { authHandle: 0, nvIndex: 0, offset: 0 });
  expect(accepts(incomplete, "VMGS_TPM_INPUT")).toBe(false);
});

test("values that do not fit a command are refused with its name", () => {
  const data = new Uint8Array(MAX_NV_BUFFER + 1);
  const write = () => encodeCommand(NV_Write, { authHandle: 0, nvIndex: 0, data, offset: 0 });
  expect(write).toThrow(/^NV_Write: .*data/);
  expect(accepts(write, "VMGS_TPM_INPUT")).toBe(false);
});

test("no bytes make the decoders fail in another way than their own", () => {
  const seeds = [
    encodeReply(NV_Read, { data: new Uint8Array(40) }),
    encodeReply(NV_ReadPublic, {
      nvPublic: {
        nvIndex: 1,
        nameAlg: TPM_ALG.SHA256,
        attributes: 4,
        authPolicy: new Uint8Array(0),
        dataSize: 8,
      },
      nvName: new Uint8Array(34),
    }),
    encode(publicArea, akTemplate()),
  ];
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }))
    .map(([seed, changes]) => {
      const bytes = seed.slice();
      for (const [offset, value] of changes) bytes[offset % bytes.length] = value;
      return bytes;
    });
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated),
      fc.constantFrom(...commands),
      (bytes, command) => {
        accepts(() => decodeReply(command, bytes), "VMGS_TPM_REPLY");
        accepts(() => decodeCommand(bytes), "VMGS_TPM_COMMAND");
        accepts(() => decode(publicArea, bytes), "VMGS_LAYOUT");
        accepts(() => decodeGuestSecretKey(bytes), "VMGS_LAYOUT");
      },
    ),
    { numRuns: 500 },
  );
});
