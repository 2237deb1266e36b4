/** What a server said, judged: the bytes that were asked for, or an error that says why there are none. */

import { type ErrorCode, VmgsError } from "../../errors/index.ts";

/** What pins a file: another value means that it is another file. */
export interface FileVersion {
  readonly byteLength: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** An answer that another try may mend. */
export class BrokenAnswer extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | null;
  readonly httpStatus: number | null;

  constructor(message: string, httpStatus: number | null = null, retryAfter: number | null = null) {
    super(message);
    this.httpStatus = httpStatus;
    this.retryAfter = retryAfter;
  }
}

const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);

const REFUSED: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  401: ["VMGS_HTTP_REFUSED", "asks for credentials"],
  403: ["VMGS_HTTP_REFUSED", "refuses access; a shared access signature may have expired"],
  404: ["VMGS_FILE_NOT_FOUND", "has no such file"],
  407: ["VMGS_HTTP_REFUSED", "is behind a proxy that asks for credentials"],
  409: ["VMGS_HTTP_CONFLICT", "refuses because of a lease or of another state of the file"],
  410: ["VMGS_FILE_NOT_FOUND", "has the file no longer"],
  412: ["VMGS_CHANGED_UNDERNEATH", "has another version of the file than the one that was opened"],
};

/** More than any error document has before its code. */
const MOST_ERROR_BYTES = 4096;

/** The range that an answer holds, or null for a file without bytes. @throws BrokenAnswer, VmgsError */
export async function rangeOf(
  response: Response,
  place: string,
): Promise<{ readonly start: number; readonly end: number; readonly version: FileVersion }> {
  const { status } = response;
  if (status === 206) return partOf(response, place);
  if (status === 416 && /^bytes \*\/0$/.test(response.headers.get("content-range") ?? "")) {
    return { start: 0, end: 0, version: versionOf(response, 0) };
  }
  throw await refusalOf(response, place);
}

function partOf(response: Response, place: string) {
  const range = response.headers.get("content-range");
  if (range === null) {
    const message = `${place} does not say which range it sends (no readable Content-Range)`;
    throw new VmgsError("VMGS_HTTP_NO_RANGES", message, { httpStatus: 206 });
  }
  const [, start, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range) ?? [];
  if (total === undefined) throw new BrokenAnswer("sent a range that can't be read", 206);
  return { start: Number(start), end: Number(last) + 1, version: versionOf(response, Number(total)) };
}

function versionOf({ headers }: Response, byteLength: number): FileVersion {
  return { byteLength, etag: headers.get("etag"), lastModified: headers.get("last-modified") };
}

/** Why an answer holds no range; an error to throw. */
async function refusalOf(response: Response, place: string): Promise<Error> {
  const { status, headers } = response;
  if (status === 200) {
    await response.body?.cancel();
    return /html/i.test(headers.get("content-type") ?? "")
      ? new VmgsError("VMGS_HTTP_NOT_A_FILE", `${place} sends an HTML page instead of a file`, {
          httpStatus: status,
        })
      : new VmgsError("VMGS_HTTP_NO_RANGES", `${place} ignores ranges and sends the whole file`, {
          httpStatus: status,
        });
  }
  const said = await serviceCode(response);
  const answered = said === null ? `${status}` : `${status} ${said}`;
  if (RETRIED.has(status)) return new BrokenAnswer(`answered ${answered}`, status, retryAfter(headers));
  const [code, words] = REFUSED[status] ?? (["VMGS_HTTP_FAILED", "can't be read from"] as const);
  return new VmgsError(code, `${place} ${words} (${answered})`, { httpStatus: status });
}

/** The name of an error as Azure and S3 give it: `AuthenticationFailed`. */
async function serviceCode(response: Response): Promise<string | null> {
  const named = response.headers.get("x-ms-error-code");
  const inText = named ?? /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(await startOfText(response))?.[1] ?? "";
  return /^[A-Za-z0-9]{1,64}$/.test(inText) ? inText : null;
}

async function startOfText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  let text = "";
  try {
    const decoder = new TextDecoder();
    while (text.length < MOST_ERROR_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // What came before the transfer broke is enough, or nothing is.
  }
  await reader.cancel().catch(() => undefined);
  return text;
}

const LONGEST_WAIT = 30_000;

function retryAfter(headers: Headers): number | null {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, LONGEST_WAIT) : null;
}

/** @throws VmgsError VMGS_CHANGED_UNDERNEATH */
export function checkSameVersion(pinned: FileVersion, seen: FileVersion, place: string): void {
  const same =
    pinned.byteLength === seen.byteLength &&
    pinned.etag === seen.etag &&
    (pinned.etag !== null || pinned.lastModified === seen.lastModified);
  if (same) return;
  throw new VmgsError("VMGS_CHANGED_UNDERNEATH", `${place} changed while it was read`);
}

/** Fills `into` with the body, which must be just as long. @throws BrokenAnswer */
export async function fillFromBody(response: Response, into: Uint8Array): Promise<void> {
  const reader = response.body?.getReader();
  let done = 0;
  try {
    while (reader !== undefined) {
      const part = await reader.read();
      if (part.done) break;
      if (done + part.value.length > into.length) {
        throw new BrokenAnswer("sent more than it was asked for", response.status);
      }
      into.set(part.value, done);
      done += part.value.length;
    }
  } catch (error) {
    await reader?.cancel().catch(() => undefined);
    if (error instanceof BrokenAnswer) throw error;
    throw new BrokenAnswer("broke the transfer off", response.status);
  }
  if (done < into.length) throw new BrokenAnswer("broke the transfer off", response.status);
}
