/** Where bytes are decoded from: a cursor over one `Uint8Array` that never reads past its end. */

import { LayoutError } from "./layout-error.ts";
import type { PictureRow } from "./picture.ts";

export class Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the next byte, from the start of `bytes`. */
  offset: number;
  /** First offset that may not be read. */
  readonly end: number;
  /** When present, every leaf field reports what it read; `picture` listens here. */
  readonly rows: PictureRow[] | undefined;
  /** Names of the structures and fields around the cursor; kept only while a picture is taken. */
  readonly path: string[] = [];

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length, rows?: PictureRow[]) {
    this.bytes = plainBytes(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
    this.end = end;
    this.rows = rows;
  }

  /** Moves past `size` bytes and returns the offset at which they begin. */
  take(size: number): number {
    const at = this.offset;
    if (size > this.end - at) {
      throw new LayoutError(`needs ${size} bytes, ${this.end - at} are left`, at);
    }
    this.offset = at + size;
    return at;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.offset;
  }
}

/** The same bytes as a plain `Uint8Array`: the `slice` of Node's Buffer does not copy, and decoded values must be copies. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
