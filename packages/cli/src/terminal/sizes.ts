/** Sizes as people write and read them. */

import { UsageError } from "../exit-codes.ts";

const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * Bytes of `4194304`, `4M`, `4MiB`.
 *
 * @throws UsageError
 */
export function parseSize(text: string, option: string): number {
  const match = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const bytes =
    match === null ? Number.NaN : Number(match[1]) * (FACTORS[(match[2] ?? "").toLowerCase()] ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `${option}: ${JSON.stringify(text)} is not a size`,
    "write bytes, or a number with K, M, G: 4M",
  );
}

/**
 * A whole number, decimal or 0x hexadecimal.
 *
 * @throws UsageError
 */
export function parseCount(text: string, option: string): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new UsageError(`${option}: ${JSON.stringify(text)} is not a whole number`);
}
