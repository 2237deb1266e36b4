/** Compressed EISA identifiers: three letters and four hex digits in 32 bits (ACPI specification, EISAID). */

import { checkText, checkWhole } from "../../arguments/index.ts";
import { type Argument, integer, textError, upperHexNumber } from "./text-argument.ts";

const FIRST_LETTER = 0x40;

/** `PNP0A03`, or null when the number is not made of letters. */
export function eisaIdName(id: number): string | null {
  checkWhole(id, "id");
  const letters = [10, 5, 0].map((shift) => (id >>> shift) & 0x1f);
  if ((id & 0x8000) !== 0 || letters.some((letter) => letter < 1 || letter > 26)) return null;
  const product = upperHexNumber(id >>> 16, 4).slice(2);
  return String.fromCharCode(...letters.map((letter) => FIRST_LETTER + letter)) + product;
}

/** The number of `PNP0A03`, or null when the text is not an EISA identifier. `@` stands for the letter before A. */
export function eisaIdNumber(name: string): number | null {
  checkText(name, "name");
  if (!/^[A-Z@]{3}[0-9A-F]{4}$/i.test(name)) return null;
  const letters = [...name.slice(0, 3).toUpperCase()].map((letter) => letter.charCodeAt(0) - FIRST_LETTER);
  const vendor = letters.reduce((all, letter) => (all << 5) | letter, 0);
  return ((Number.parseInt(name.slice(3), 16) << 16) | vendor) >>> 0;
}

/** An EISA identifier; 0 as `0`, other numbers that are not one in hexadecimal. */
export const eisaId: Argument<number> = {
  format: (value) => (value === 0 ? "0" : (eisaIdName(value) ?? upperHexNumber(value, 8))),
  parse: (text) => {
    const number = eisaIdNumber(text);
    if (number !== null) return number;
    if (/^\d/.test(text)) return integer.parse(text);
    throw textError("a hardware ID is three letters and four hex digits, or a number");
  },
  missing: 0,
};
