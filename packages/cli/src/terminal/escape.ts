/** Untrusted text, made safe for a terminal: nothing in it can move the cursor, hide, or change what was printed before. */

import { hideUrlSecrets } from "vmgskit";
import { hideKeys, hideQueries } from "./hidden.ts";

/**
 * Controls, line and paragraph separators, format characters (marks and overrides of the writing direction among them),
 * whatever a font shows as nothing, and unpaired halves of a character.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Unsafe characters as `\n` or `\u001b`; secrets in URLs hidden. */
export function escapeText(text: string): string {
  return hideUrlSecrets(hideQueries(text)).replace(UNSAFE, (char) => SHORT[char] ?? unicodeEscape(char));
}

/**
 * A document as one line of JSON. Secrets in URLs are hidden everywhere; what looks like a key where typed text is
 * repeated, in errors and in names of files. Elsewhere digests look the same.
 */
export function jsonLine(document: object): string {
  const text = JSON.stringify(document, (name, value: unknown) => {
    if (name === "error" && typeof value === "object" && value !== null) return withoutKeys(value);
    if (typeof value !== "string") return value;
    return hideQueries(name === "file" || name === "path" ? hideKeys(value) : value);
  });
  return escapeJson(hideUrlSecrets(text));
}

function withoutKeys(error: object): object {
  const hide = (value: unknown) => (typeof value === "string" ? hideKeys(hideQueries(value)) : value);
  return Object.fromEntries(Object.entries(error).map(([name, value]) => [name, hide(value)]));
}

/** Unsafe characters of finished JSON text, escaped so that it stays the same JSON. Nothing is hidden. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, unicodeEscape);
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
