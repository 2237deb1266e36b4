/** What must not be repeated in any message: keys that were typed where something else goes. */

const HIDDEN = "<hidden>";

/** Queries of the URLs on the command line: any of their parameters may grant access. */
let queries: readonly string[] = [];

/** Conceals the queries of URLs that a command line names, until others are given. */
export function concealQueries(argv: readonly string[]): void {
  queries = argv.flatMap((word) => /^https?:\/\/[^?#]*(\?[^#]+)/i.exec(word)?.[1] ?? []);
}

/** The text without the queries that are concealed. */
export function hideQueries(text: string): string {
  return queries.reduce((shown, query) => shown.replaceAll(query, `?${HIDDEN}`), text);
}

/** Bytes in hex, joined or apart, from 24 bytes on: a key, and one that was cut off when it was pasted. */
const HEX_BYTES =
  /(?<![0-9a-f])(?:0x)?[0-9a-f]{2}(?:[\s:,_-]{0,2}(?:0x)?[0-9a-f]{2}){23,}[0-9a-f]?(?![0-9a-f])/gi;

/** 32 bytes in base64 or base64url, glued to an option or not. */
const BASE64_KEY =
  /(?<![A-Za-z0-9+/_.-])(?:--?[a-z][a-z-]{0,20}?)?[A-Za-z0-9+/_-]{42}[AEIMQUYcgkosw048](?:=|%3[dD])?(?![A-Za-z0-9+/_=-]|\.\w)/g;

/**
 * The text without what looks like a datastore key: for messages that repeat what was typed. Results are not passed
 * through it: digests look the same.
 */
export function hideKeys(text: string): string {
  if (text.length < 43) return text;
  return text
    .replace(BASE64_KEY, (word) => (isBase64Key(word) ? HIDDEN : word))
    .replace(HEX_BYTES, (word, at: number) => (isFileName(text, at, word.length) ? word : HIDDEN));
}

/** Whether a text holds what looks like a datastore key. */
export function looksLikeKey(text: string): boolean {
  return hideKeys(text) !== text;
}

/** Random bytes have capital and small letters; constants and most paths don't have both at just this length. */
function isBase64Key(word: string): boolean {
  return word.endsWith("=") || (/[a-z]/.test(word) && /[A-Z]/.test(word));
}

/** A digest in a folder, or with an ending, names a file. */
function isFileName(text: string, at: number, length: number): boolean {
  return /[/.]/.test(text.charAt(at - 1)) || /^(?:\/|\.\w)/.test(text.slice(at + length, at + length + 2));
}
