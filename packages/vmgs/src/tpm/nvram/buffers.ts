/**
 * TPM2B structures as they lie in memory: a little-endian u16 length, then a buffer of fixed size of which only that
 * many bytes count. Buffer and length are kept apart, so that a length above the buffer can be read and reported.
 */

import { bytes, type Field, field, type Struct, struct, u16 } from "../../layout/index.ts";

/** A TPM2B in memory. */
export interface Tpm2b {
  /** Bytes that count; more than the buffer holds in a damaged state. */
  readonly size: number;
  readonly buffer: Uint8Array;
}

/** Capacities in bytes, of the build that Hyper-V and OpenHCL use (spec: tpm-nvram, persistent data). */
export const Capacity = {
  digest: 48,
  seed: 32,
  name: 52,
  modulus: 256,
  coordinate: 48,
  sensitive: 640,
} as const;

/** What else is known of a TPM2B. */
export interface BufferOptions {
  /** The content is never shown; its length is. */
  readonly secret?: boolean;
  /** The whole buffer must count. */
  readonly full?: boolean;
}

/** Declares a TPM2B. */
export function buffer(
  capacity: number,
  meaning: string,
  { secret = false, full = false }: BufferOptions = {},
): Field<Tpm2b> {
  const codec: Struct<{ size: Field<number>; buffer: Field<Uint8Array> }> = struct("TPM2B", {
    size: field(u16, "bytes that count"),
    buffer: field(bytes(capacity), `${capacity} bytes`, { secret }),
  });
  const rule = ({ size }: Tpm2b) => {
    if (size > capacity) return `has a length of ${size}, but a buffer of ${capacity} bytes`;
    return full && size < capacity ? `has ${size} bytes, not ${capacity}` : undefined;
  };
  return field(codec, meaning, { rule, level: "report" });
}

/** The bytes that count. */
export function content({ size, buffer }: Tpm2b): Uint8Array {
  return buffer.subarray(0, size);
}

/** A TPM2B with these bytes. They must fit; the encoder checks it. */
export function filled(capacity: number, bytes: Uint8Array): Tpm2b {
  const buffer = new Uint8Array(Math.max(capacity, bytes.length));
  buffer.set(bytes);
  return { size: bytes.length, buffer };
}

/** A TPM2B without content. */
export const empty = (capacity: number): Tpm2b => filled(capacity, new Uint8Array(0));
