/** Text in XML 1.0. */

import { checkText } from "../../arguments/index.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** Text as an attribute or content of XML 1.0; characters that XML does not allow become U+FFFD. */
export function escapeXml(text: string): string {
  checkText(text, "text");
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the characters that XML does not allow
      .replaceAll(/[\p{Cs}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/gu, "\ufffd")
      .replaceAll(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] as string)
  );
}
