/** CRC-32 as in IEEE 802.3 and zlib: reflected, polynomial 0xedb88320. */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { u32 } from "../layout/index.ts";

/** What a byte does to the CRC when 0 to 3 more bytes follow it: 256 numbers for each, so that four go in one step. */
const TABLE = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number;
    table[i] = (before >>> 8) ^ (table[before & 0xff] as number);
  }
  return table;
}

const at = (index: number) => TABLE[index] as number;

/** CRC-32 of the bytes from `start` to `end`; give the CRC of what came before as `previous` to go on. */
export function crc32(bytes: Uint8Array, previous = 0, start = 0, end?: number): number {
  checkBytes(bytes, "bytes");
  checkWhole(previous, "previous");
  checkWhole(start, "start");
  if (end !== undefined) checkWhole(end, "end");
  return crcOf(bytes, previous, start, end ?? bytes.length);
}

/** The same for what was checked before: a scan makes six of each store. */
export function crcOf(bytes: Uint8Array, previous: number, start: number, end: number): number {
  let crc = ~previous;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const four = crc ^ u32.at(bytes, i);
    crc =
      at(768 + (four & 0xff)) ^
      at(512 + ((four >>> 8) & 0xff)) ^
      at(256 + ((four >>> 16) & 0xff)) ^
      at(four >>> 24);
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ at((crc ^ (bytes[i] as number)) & 0xff);
  return ~crc >>> 0;
}
