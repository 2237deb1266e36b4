/** KEY_PROTECTOR (6): wrapped keys and seeds of the datastore key (spec: guest-files, 2). */

import { checkBytes } from "../arguments/index.ts";
import { FileId, isAllZero } from "../format/index.ts";
import { array, bytes as bytesOf, type Decoded, decode, field, struct, u32 } from "../layout/index.ts";
import { type GuestFileProblem, type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** Bytes of the place of a wrapped key, and of that of a seed. */
export const BUFFER_SIZE = 512;
const secret = { secret: true } as const;

const dek = struct("dek", {
  wrapped: field(bytesOf(BUFFER_SIZE), "wrapped data encryption key, zeros after it", secret),
});

const gsp = struct("gsp", {
  length: field(u32, "bytes of the seed"),
  buffer: field(bytesOf(BUFFER_SIZE), "guest state protection seed, encrypted by the host's service", secret),
});

/** The file: 2060 bytes. A shorter one is padded with zeros. */
export const keyProtector = struct("KEY_PROTECTOR", {
  dek: field(array(dek, 2), "wrapped data encryption keys"),
  gsp: field(array(gsp, 2), "guest state protection seeds"),
  activeKp: field(u32, "grows with every boot; modulo 2 it is the ingress entry"),
});
/** Its fields. Wrapped keys are not for output. */
export type KeyProtector = Decoded<typeof keyProtector>;

/** Least bytes: those of the smallest RSA-wrapped key. */
const LEAST_SIZE = 256;
/** Bytes of an AES-wrapped key of 32 bytes (RFC 5649). */
export const AES_WRAPPED_SIZE = 40;

/** How a data encryption key is wrapped. */
export type DekKind = "rsa" | "aes";

/** What KEY_PROTECTOR says. */
export interface KeyProtectorFacts {
  /** Entry that unlocks the store: 0 or 1. The other one is the egress entry. */
  readonly ingress: 0 | 1;
  /** How the key of each entry is wrapped; null for an empty one. */
  readonly dek: readonly [DekKind | null, DekKind | null];
  /** Bytes of the encrypted seed of each entry. */
  readonly gsp: readonly [number, number];
  readonly activeKp: number;
  /** Both keys are there: the last key change did not finish, and the egress key may already lock the store. */
  readonly interrupted: boolean;
  /** Who protects the key, by the ingress entry; null when that is empty. */
  readonly scheme: "tenantKey" | "gspKey" | "tenantKeyAndGsp" | null;
}

/**
 * The fields of a key protector of any allowed size; null where the size is not allowed. With a wrapped key from the
 * disk encryption settings its own keys are AES-wrapped, and it may be as short as one of them.
 */
export function decodeKeyProtector(bytes: Uint8Array, { aesWrapped = false } = {}): KeyProtector | null {
  const size = keyProtector.size ?? 0;
  if (lengthProblem(bytes, aesWrapped ? AES_WRAPPED_SIZE : LEAST_SIZE, size) !== null) return null;
  return decode(keyProtector, padded(bytes, size));
}

/** The bytes, with the zeros that a boot adds to a short file. */
export function padded(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(Math.max(bytes.length, size));
  whole.set(bytes);
  return whole;
}

/** Reads KEY_PROTECTOR. */
export function readKeyProtector(bytes: Uint8Array): GuestFileReading<KeyProtectorFacts> {
  checkBytes(bytes, "bytes");
  const when = "attestation";
  const decoded = decodeKeyProtector(bytes);
  if (decoded === null) {
    const problem = lengthProblem(bytes, LEAST_SIZE, keyProtector.size ?? 0) as GuestFileProblem;
    return unreadable(FileId.KEY_PROTECTOR, bytes, problem, { outcome: "fails", when });
  }
  const problems = gspProblems(decoded);
  const boot = { outcome: "used", reason: null, when } as const;
  const reading = sound(FileId.KEY_PROTECTOR, bytes, factsOf(decoded), boot);
  return { ...reading, valid: problems.length === 0, problems };
}

function gspProblems({ gsp: seeds }: KeyProtector): GuestFileProblem[] {
  return seeds.flatMap(({ length }, entry) => {
    if (length <= BUFFER_SIZE) return [];
    const message = `has a seed of ${length} bytes in entry ${entry}, above the ${BUFFER_SIZE} of its buffer`;
    return [{ code: "inner-length", message }];
  });
}

function factsOf({ dek: keys, gsp: seeds, activeKp }: KeyProtector): KeyProtectorFacts {
  const kinds = keys.map(({ wrapped }) => dekKind(wrapped)) as [DekKind | null, DekKind | null];
  const lengths = seeds.map(({ length }) => length) as [number, number];
  const ingress = (activeKp % 2) as 0 | 1;
  const interrupted = kinds[0] !== null && kinds[1] !== null;
  const scheme = schemeOf(kinds[ingress] !== null, lengths[ingress] > 0);
  return { ingress, dek: kinds, gsp: lengths, activeKp, interrupted, scheme };
}

function schemeOf(hasDek: boolean, hasSeed: boolean): KeyProtectorFacts["scheme"] {
  if (hasDek) return hasSeed ? "tenantKeyAndGsp" : "tenantKey";
  return hasSeed ? "gspKey" : null;
}

/** How a key is wrapped, judged by its length; null when there is none. */
export function dekKind(wrapped: Uint8Array): DekKind | null {
  if (isAllZero(wrapped)) return null;
  return isAllZero(wrapped.subarray(AES_WRAPPED_SIZE)) ? "aes" : "rsa";
}
