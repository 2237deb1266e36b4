import type { FieldValues } from "./source.ts";

/** Where bytes are encoded to: a buffer that grows when the size is not known beforehand. */
export class Sink {
  private bytes: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private length = 0;
  /** Values of the structure that is written, when sizes are computed from them. */
  fields: FieldValues | undefined;

  constructor(sizeHint: number) {
    this.bytes = new Uint8Array(sizeHint);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Reserves `size` zero bytes at the end; the returned offset is valid in `at()` until the next call. */
  grow(size: number): number {
    const start = this.length;
    const needed = start + size;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    this.length = needed;
    return start;
  }

  /** The view to write numbers through; ask for it again after `grow`. */
  at(): DataView {
    return this.view;
  }

  /** Copies bytes to the end. */
  append(bytes: Uint8Array): void {
    const start = this.grow(bytes.length);
    this.bytes.set(bytes, start);
  }

  /** All bytes so far. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.length === this.bytes.length ? this.bytes : this.bytes.slice(0, this.length);
  }
}
