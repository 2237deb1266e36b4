/** Where bytes are decoded from: a cursor over one `Uint8Array` that never reads past its end. */

import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import type { Shape } from "./shape.ts";

/** A part that was read: a field, an element, a length, a tag. */
export interface ReadPart {
  readonly bytes: Uint8Array;
  /** Where the part lies in `bytes`. */
  readonly start: number;
  readonly end: number;
  readonly shape: Shape;
  /** What the part is for; empty for elements. */
  readonly meaning: string;
  /** The value must not be shown. */
  readonly secret: boolean;
  /** The value as JSON. */
  value(): Json;
  /** The value in words, or null when the declaration has none. */
  words(): string | null;
}

/** Follows the reading of a value, part by part. Parts are in the order of their bytes, and within one another. */
export interface Listener {
  /** A part begins: its name in the structure, or `[2]` for an element. */
  enter(name: string): void;
  /** The part that began last was read. Not called for parts that could not be read. */
  leave(part: ReadPart): void;
}

/** Values of fields by name. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** A part of some bytes, read from front to back. */
export class Source {
  readonly bytes: Uint8Array;
  /** Offset of the next byte, from the start of `bytes`. */
  offset: number;
  /** First offset that may not be read. */
  readonly end: number;
  /** Hears of every part that is read. */
  readonly listener: Listener | undefined;
  /** What was read so far of the structure around; sizes and counts of what follows are computed from it. */
  fields: FieldValues | undefined;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length, listener?: Listener, fields?: FieldValues) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.listener = listener;
    this.fields = fields;
  }

  /** Takes the next `size` bytes as a source of their own, which ends with them. */
  part(size: number): Source {
    const start = this.take(size);
    return new Source(this.bytes, start, start + size, this.listener, this.fields);
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
