/** Untrusted text, made safe for a terminal: nothing in it can move the cursor, hide, or change what was printed before. */

import { hideUrlSecrets } from "./hidden.ts";

/**
 * Controls, line and paragraph separators, format characters (marks and overrides of the writing direction among them),
 * whatever a font shows as nothing, and unpaired halves of a character.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Unsafe characters as `\n` or `\u001b`; secrets in URLs hidden. */
export function escapeText(text: string): string {
  return hideUrlSecrets(text).replace(UNSAFE, (char) => SHORT[char] ?? unicodeEscape(char));
}

/** The same for finished JSON text, which stays JSON. */
export function escapeJson(json: string): string {
  return hideUrlSecrets(json).replace(UNSAFE, unicodeEscape);
}

/** Whether nothing in the text can do anything but be shown. */
export function isSafeText(text: string): boolean {
  return text.search(UNSAFE) < 0;
}

/** As JSON writes it: a character above U+FFFF as two halves. */
function unicodeEscape(char: string): string {
  return char
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
