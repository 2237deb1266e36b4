/** Bytes as text: `0x1f,` for each, 16 a line, and the characters after `//`. */

const LINE_BYTES = 16;
/** Lines that are written at once. */
const PART_LINES = 4096;
/** Characters of a full line's bytes, and the space after them. */
const COMMENT_COLUMN = LINE_BYTES * 5 + 1;

/** The listing in parts of many lines, so that a large file needs little memory beside itself. */
export function* byteListing(bytes: Uint8Array): Generator<string> {
  for (let at = 0; at < bytes.length; at += PART_LINES * LINE_BYTES) {
    const end = Math.min(at + PART_LINES * LINE_BYTES, bytes.length);
    let part = "";
    for (let line = at; line < end; line += LINE_BYTES)
      part += listLine(bytes.subarray(line, line + LINE_BYTES));
    yield part;
  }
}

/** `0x1f,` and the character of every byte: a large file has many. A space leaves no ink, so it is a dot as well. */
const NUMBERS = Array.from({ length: 256 }, (_, byte) => `0x${byte.toString(16).padStart(2, "0")},`);
const CHARACTERS = Array.from({ length: 256 }, (_, byte) =>
  byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
);

function listLine(bytes: Uint8Array): string {
  let numbers = "";
  let characters = "";
  for (const byte of bytes) {
    numbers += NUMBERS[byte];
    characters += CHARACTERS[byte];
  }
  return `${numbers.padEnd(COMMENT_COLUMN)}// ${characters}\n`;
}
