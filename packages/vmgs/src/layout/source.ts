/** Where bytes are decoded from: a cursor over one `Uint8Array` that never reads past its end. */

import { LayoutError } from "./layout-error.ts";
import type { PictureRow } from "./picture.ts";

/** Sources are made by the thousand, pictures are not. */
const NO_PATH: string[] = [];

/** A part of some bytes, read from front to back. */
export class Source {
  readonly bytes: Uint8Array;
  /** Offset of the next byte, from the start of `bytes`. */
  offset: number;
  /** First offset that may not be read. */
  readonly end: number;
  /** When present, every leaf field reports what it read; `picture` listens here. */
  readonly rows: PictureRow[] | undefined;
  /** Names of the structures and fields around the cursor; kept only while a picture is taken. */
  readonly path: string[];

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length, rows?: PictureRow[], path?: string[]) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.rows = rows;
    this.path = path ?? (rows === undefined ? NO_PATH : []);
  }

  /** Takes the next `size` bytes as a source of their own, which ends with them. */
  part(size: number): Source {
    const start = this.take(size);
    return new Source(this.bytes, start, start + size, this.rows, this.path);
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
