/** Untrusted text, made safe for a terminal: nothing in it can move the cursor or change what was printed before. */

// C0 and C1 controls, DEL, line and paragraph separators, marks and overrides of the writing direction, unpaired halves.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Unsafe characters as `\n` or `\u001b`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (char) => SHORT[char] ?? unicodeEscape(char));
}

/** The same for finished JSON text, which stays the same JSON. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, unicodeEscape);
}

const unicodeEscape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
