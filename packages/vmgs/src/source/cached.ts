/** A source with a bounded memory: what was read lately is not asked for again. */

import { checkWhole, optionsOf } from "../arguments/index.ts";
import { type ByteSource, checkByteSource, checkSourceRead } from "./byte-source.ts";

/** How much a cache holds. */
export interface CacheOptions {
  /** Bytes of a page, the unit that is read and kept; 8192 by default. */
  readonly pageBytes?: number;
  /** Bytes that are kept at most; 4 MiB by default. Reads of more than a quarter of it are not kept. */
  readonly maxBytes?: number;
}

const checkCacheOptions = optionsOf({ pageBytes: checkWhole, maxBytes: checkWhole });

/**
 * Puts a cache before a source that must not change meanwhile. Pages that are missing side by side are read in one
 * request.
 */
export function cachedSource(source: ByteSource, options: CacheOptions = {}): ByteSource {
  checkByteSource(source, "source");
  checkCacheOptions(options, "options");
  const { pageBytes = 8192, maxBytes = 4 << 20 } = options;
  const { byteLength } = source;
  const pages = new PageCache(byteLength, Math.max(1, pageBytes), maxBytes);
  return {
    byteLength,
    async read(offset, into, readOptions) {
      checkSourceRead(byteLength, offset, into, readOptions);
      if (into.length * 4 > maxBytes) return source.read(offset, into, readOptions);
      const held = pages.bytes(offset, into.length);
      if (held !== undefined) {
        into.set(held);
        return;
      }
      const [start, end] = pages.missing(offset, into.length);
      // What is held is taken before the wait: other reads may push it out meanwhile.
      if (offset < start) into.set(pages.bytes(offset, start - offset) ?? []);
      if (end < offset + into.length) {
        into.set(pages.bytes(end, offset + into.length - end) ?? [], end - offset);
      }
      const bytes = new Uint8Array(end - start);
      await source.read(start, bytes, readOptions);
      const from = Math.max(offset, start);
      into.set(bytes.subarray(from - start, Math.min(offset + into.length, end) - start), from - offset);
      pages.keep(start, bytes);
    },
    bytesAtHand: (offset, length) => pages.bytes(offset, length),
  };
}

class PageCache {
  readonly #byteLength: number;
  readonly #pageBytes: number;
  readonly #most: number;
  /** Those that were used least lately come first. */
  readonly #pages = new Map<number, Uint8Array>();

  constructor(byteLength: number, pageBytes: number, maxBytes: number) {
    this.#byteLength = byteLength;
    this.#pageBytes = pageBytes;
    this.#most = Math.max(1, Math.floor(maxBytes / pageBytes));
  }

  /** The bytes when all of them are held, without a copy where they lie in one page. */
  bytes(offset: number, length: number): Uint8Array | undefined {
    const first = Math.floor(offset / this.#pageBytes);
    const last = Math.floor((offset + Math.max(1, length) - 1) / this.#pageBytes);
    if (first === last) {
      const at = offset - first * this.#pageBytes;
      return this.#page(first)?.subarray(at, at + length);
    }
    for (let page = first; page <= last; page++) if (!this.#pages.has(page)) return undefined;
    const bytes = new Uint8Array(length);
    for (let page = first; page <= last; page++) {
      const content = this.#page(page) as Uint8Array;
      const at = page * this.#pageBytes - offset;
      bytes.set(content.subarray(Math.max(0, -at), Math.min(content.length, length - at)), Math.max(0, at));
    }
    return bytes;
  }

  /** The range of whole pages that must be read: from the first that is missing to the last. */
  missing(offset: number, length: number): [start: number, end: number] {
    let first = Math.floor(offset / this.#pageBytes);
    let last = Math.floor((offset + Math.max(1, length) - 1) / this.#pageBytes);
    while (first < last && this.#pages.has(first)) first++;
    while (last > first && this.#pages.has(last)) last--;
    return [first * this.#pageBytes, Math.min((last + 1) * this.#pageBytes, this.#byteLength)];
  }

  keep(start: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.#pageBytes) {
      this.#pages.set((start + at) / this.#pageBytes, bytes.slice(at, at + this.#pageBytes));
    }
    while (this.#pages.size > this.#most) this.#pages.delete(this.#pages.keys().next().value as number);
  }

  #page(number: number): Uint8Array | undefined {
    const page = this.#pages.get(number);
    if (page === undefined) return undefined;
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }
}
