/** Bytes as text: `0x1f,` for each, 16 a line, and the characters behind `//`. */

const LINE_BYTES = 16;
/** Lines that are written at once. */
const PART_LINES = 4096;
/** Characters of a full line's bytes, and the space behind them. */
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

function listLine(bytes: Uint8Array): string {
  let numbers = "";
  let characters = "";
  for (const byte of bytes) {
    numbers += `0x${byte.toString(16).padStart(2, "0")},`;
    characters += isGraphic(byte) ? String.fromCharCode(byte) : ".";
  }
  return `${numbers.padEnd(COMMENT_COLUMN)}// ${characters}\n`;
}

/** ASCII that leaves ink; a space does not. */
const isGraphic = (byte: number) => byte > 0x20 && byte < 0x7f;
