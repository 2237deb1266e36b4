/** Bytes as text and back. */

import { checkBytes, checkInteger, checkText, checkWhole } from "../arguments/index.ts";

const HEX_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  checkBytes(bytes, "bytes");
  // Joined, not added up: a long text that was added up is kept as the tree of its parts, many times its size.
  const digits = new Array<string>(bytes.length);
  for (let i = 0; i < bytes.length; i++) digits[i] = HEX_BYTE[bytes[i] ?? 0] ?? "";
  return digits.join("");
}

/** The bytes of hex text, or undefined when it is not an even number of hex digits. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  checkText(text, "text");
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** A number as `0x` and at least `digits` lower-case hex digits. */
export function hexNumber(value: number | bigint, digits = 1): string {
  checkInteger(value, "value");
  checkWhole(digits, "digits");
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
