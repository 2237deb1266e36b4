/** A file behind HTTP: read by ranges, pinned to the version that was opened. */

import {
  type Check,
  checkCallback,
  checkObject,
  checkSignal,
  checkText,
  checkWhole,
  optionsOf,
  refused,
} from "../../arguments/index.ts";
import { type ByteSource, checkSourceRead } from "../byte-source.ts";
import { cachedSource } from "../cached.ts";
import { BrokenAnswer, checkSameVersion, type FileVersion, fillFromBody, rangeOf } from "./answer.ts";
import { placeOfUrl } from "./place.ts";
import { type Fetch, type Requesting, request } from "./request.ts";

/** How a file is read over HTTP. */
export interface HttpSourceOptions {
  /** Makes the requests, and may sign them; the runtime's `fetch` by default. */
  readonly fetch?: Fetch;
  /** Sent to the host of the URL, and to no other that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends every wait. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which a request counts as failed; 30 seconds by default. */
  readonly timeoutMs?: number;
  /** How often a request is made before it is given up; 5 by default. */
  readonly attempts?: number;
  /** Waits between tries; by a timer unless given. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Bytes that are kept in memory at most; 4 MiB by default. */
  readonly maxCacheBytes?: number;
}

/** A file behind HTTP. */
export interface HttpSource extends ByteSource {
  /** The URL without user, password, query and fragment: what may be shown. */
  readonly place: string;
  /** The version of the file that is read, as the server names it, or null. */
  readonly etag: string | null;
  /** Names of metadata of the blob that wraps keys. Its values are never kept. */
  readonly keyMetadata: readonly string[];
}

const checkHeaders: Check = (value, name) => {
  checkObject(value, name);
  for (const [header, text] of Object.entries(value as object)) checkText(text, `${name}.${header}`);
};
const checkHttpSourceOptions = optionsOf({
  fetch: checkCallback,
  headers: checkHeaders,
  signal: checkSignal,
  timeoutMs: checkWhole,
  attempts: checkWhole,
  wait: checkCallback,
  maxCacheBytes: checkWhole,
});

/** Both headers, the file table, and nearly always the marker. */
const FIRST_READ = 24_576;
/** Larger reads are made in parts, so that a broken transfer costs little. */
const MOST_AT_ONCE = 4 << 20;

/**
 * Opens a file behind HTTP: one request, which brings the start of the file. Later reads ask for ranges of the same
 * version; a file that changes between them is an error.
 *
 * ```ts
 * const store = await openStore(await httpSource(url));
 * ```
 *
 * @throws VmgsError VMGS_HTTP_REFUSED, VMGS_FILE_NOT_FOUND, VMGS_HTTP_CONFLICT, VMGS_HTTP_NO_RANGES,
 * VMGS_HTTP_NOT_A_FILE, VMGS_HTTP_FAILED; reads also VMGS_CHANGED_UNDERNEATH
 */
export async function httpSource(url: string | URL, options: HttpSourceOptions = {}): Promise<HttpSource> {
  const target = urlOf(url);
  checkHttpSourceOptions(options, "options");
  const how = requestingOf(target, options);
  const first = await request(how, rangeHeader(0, FIRST_READ), undefined, async (response) => {
    const { start, end, version } = await rangeOf(response, how.place);
    if (start !== 0 || end !== Math.min(FIRST_READ, version.byteLength)) throw new BrokenAnswer(WRONG_RANGE);
    const head = new Uint8Array(end);
    if (end > 0) await fillFromBody(response, head);
    return { head, version, keyMetadata: keyMetadataIn(response.headers) };
  });
  const { head, version, keyMetadata } = first;
  const { byteLength, etag } = version;
  const ranges = rangesOf(how, version);
  const pages = cachedSource(ranges, { maxBytes: options.maxCacheBytes ?? 4 << 20 });
  return {
    place: how.place,
    byteLength,
    etag,
    keyMetadata,
    async read(offset, into, readOptions) {
      checkSourceRead(byteLength, offset, into, readOptions);
      if (offset + into.length <= head.length) into.set(head.subarray(offset, offset + into.length));
      else await pages.read(offset, into, readOptions);
    },
    bytesAtHand: (offset, length) =>
      offset + length <= head.length
        ? head.subarray(offset, offset + length)
        : pages.bytesAtHand?.(offset, length),
  };
}

const WRONG_RANGE = "sent another range than it was asked for";

/** The message names the parameter only: a text that is not a URL may be a secret all the same. */
function urlOf(url: string | URL): URL {
  const isUrl = Object.prototype.toString.call(url) === "[object URL]";
  if (!isUrl) checkText(url, "url");
  const parsed = URL.canParse(`${url}`) ? new URL(url) : null;
  if (parsed?.protocol === "https:" || parsed?.protocol === "http:") return parsed;
  throw refused("url", "an absolute URL of https or http", url, "another text");
}

function requestingOf(url: URL, options: HttpSourceOptions): Requesting {
  const { username, password } = url;
  const target = new URL(url);
  target.username = "";
  target.password = "";
  target.hash = "";
  return {
    url: target,
    place: placeOfUrl(target),
    fetch: options.fetch ?? ((at, init) => globalThis.fetch(at, init)),
    headers: {
      ...((username !== "" || password !== "") && { authorization: basicOf(username, password) }),
      ...options.headers,
    },
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? 30_000,
    attempts: Math.max(1, options.attempts ?? 5),
    wait: options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
  };
}

function basicOf(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const rangeHeader = (start: number, end: number) => ({ range: `bytes=${start}-${end - 1}` });

/** Ranges of one version of the file, each a request. */
function rangesOf(how: Requesting, pinned: FileVersion): ByteSource {
  // A weak ETag can't be asked for; then the answers are compared.
  const ifMatch = pinned.etag !== null && !pinned.etag.startsWith("W/") ? { "if-match": pinned.etag } : {};
  const readRange = (start: number, into: Uint8Array, signal: AbortSignal | undefined) =>
    request(how, { ...rangeHeader(start, start + into.length), ...ifMatch }, signal, async (response) => {
      const sent = await rangeOf(response, how.place);
      checkSameVersion(pinned, sent.version, how.place);
      if (sent.start !== start || sent.end !== start + into.length) throw new BrokenAnswer(WRONG_RANGE, 206);
      await fillFromBody(response, into);
    });
  return {
    byteLength: pinned.byteLength,
    async read(offset, into, options) {
      for (let done = 0; done < into.length; done += MOST_AT_ONCE) {
        await readRange(offset + done, into.subarray(done, done + MOST_AT_ONCE), options?.signal);
      }
    },
  };
}

/** Azure keeps what wraps the keys of confidential VMs beside the blob: `Cvm_wrapped_recovery_key` and others. */
function keyMetadataIn(headers: Headers): string[] {
  const prefix = "x-ms-meta-";
  return [...headers.keys()]
    .filter((name) => name.startsWith(`${prefix}cvm_`))
    .map((name) => name.slice(prefix.length))
    .sort();
}
