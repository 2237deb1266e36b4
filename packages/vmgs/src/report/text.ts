/** Text of a view: what to say, and in which tone. Renderers make it safe for where it goes, so it is kept as it is. */

import { checkText, oneOf, refused } from "../arguments/index.ts";

/** How a piece of text is meant; a renderer chooses colour, weight or nothing. */
export type Tone = "strong" | "quiet" | "name" | "good" | "warning" | "bad";

const tones: readonly Tone[] = ["strong", "quiet", "name", "good", "warning", "bad"];
const checkTone = oneOf(tones);

/** A piece of text with a tone. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line or paragraph. It may quote untrusted text anywhere. */
export type Text = string | readonly (string | Span)[];

/** Text in a tone. */
export function toned(tone: Tone, text: string): Span {
  checkTone(tone, "tone");
  checkText(text, "text");
  return { text, tone };
}

/** The characters of a text, without tones. */
export function plainText(text: Text): string {
  if (typeof text === "string") return text;
  if (!Array.isArray(text)) throw refused("text", "a string or an array", text);
  return text.map((part) => (typeof part === "string" ? part : part.text)).join("");
}
