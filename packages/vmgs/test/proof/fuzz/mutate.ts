/** Changes bytes as damage, and those who mean harm, do: in ways that parsers have trouble with. */

import type { Random } from "../random.ts";

const INTERESTING = [
  0, 1, 2, 3, 7, 8, 16, 63, 64, 127, 128, 168, 255, 256, 511, 512, 4095, 4096, 4097, 32767, 32768,
];
const WIDE = [65535, 65536, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** A mutated copy of `base`, at most `maxBytes` long. `other` lends bytes. */
export function mutated(
  base: Uint8Array,
  other: Uint8Array,
  maxBytes: number,
  random: Random,
): Uint8Array<ArrayBuffer> {
  let bytes = base.slice();
  for (let i = 1 + random.below(random.oneIn(3) ? 8 : 3); i > 0; i--) bytes = once(bytes, other, random);
  return bytes.length > maxBytes ? bytes.slice(0, maxBytes) : bytes;
}

type Mutation = (
  bytes: Uint8Array<ArrayBuffer>,
  other: Uint8Array,
  random: Random,
) => Uint8Array<ArrayBuffer>;

const inPlace =
  (change: (bytes: Uint8Array<ArrayBuffer>, at: number, random: Random) => void): Mutation =>
  (bytes, _, random) => {
    if (bytes.length > 0) change(bytes, random.below(bytes.length), random);
    return bytes;
  };

/** Most mutations strike one place; those that move bytes come at the end, and less often. */
const MUTATIONS: readonly Mutation[] = [
  inPlace((bytes, at, random) => {
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  }),
  inPlace((bytes, at, random) => {
    bytes[at] = random.below(256);
  }),
  inPlace((bytes, at, random) => {
    bytes[at] = (bytes[at] as number) + random.pick([-16, -1, 1, 16]);
  }),
  inPlace(number),
  inPlace(number),
  inPlace((bytes, at, random) => {
    bytes.fill(random.pick([0, 0xff, 0x41]), at, at + 1 + random.below(64));
  }),
  inPlace((bytes, at, random) => {
    bytes.copyWithin(at, random.below(bytes.length), random.below(bytes.length) + 64);
  }),
  (bytes, _, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, _, random) => without(bytes, random),
  (bytes, _, random) => withBytes(bytes, piece(bytes, random), random),
  (bytes, other, random) => withBytes(bytes, piece(other, random), random),
  (bytes, other, random) => joined(bytes.subarray(0, random.below(bytes.length + 1)), piece(other, random)),
];

function once(bytes: Uint8Array<ArrayBuffer>, other: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  return random.pick(MUTATIONS)(bytes, other, random);
}

/** A number of 2, 4 or 8 bytes where sizes and offsets may lie, in either order of bytes. */
function number(bytes: Uint8Array, at: number, random: Random): void {
  const size = random.pick([2, 4, 4, 8]);
  const start = random.oneIn(4) ? at : at - (at % size);
  if (start + size > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, size);
  const value = random.pick(random.oneIn(3) ? WIDE : INTERESTING) + random.pick([0, 0, 0, -1, 1]);
  const little = !random.oneIn(4);
  if (size === 2) view.setUint16(0, value, little);
  else if (size === 4) view.setUint32(0, value, little);
  else
    view.setBigUint64(0, BigInt.asUintN(64, BigInt(value) * (random.oneIn(4) ? 0x1_0000_0001n : 1n)), little);
}

function piece(bytes: Uint8Array, random: Random): Uint8Array {
  const start = random.below(bytes.length + 1);
  return bytes.subarray(start, start + random.below(random.oneIn(4) ? 4096 : 64));
}

function without(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const start = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, start + random.below(random.oneIn(4) ? 4096 : 64));
  return joined(bytes.subarray(0, start), bytes.subarray(end));
}

function withBytes(bytes: Uint8Array, more: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), more, bytes.subarray(at));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
