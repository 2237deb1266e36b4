/** One request for a range, tried again while another try may help, and its redirects, which get no credentials. */

import { VmgsError } from "../../errors/index.ts";
import { BrokenAnswer } from "./answer.ts";
import { placeOfUrl } from "./place.ts";

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

/** What is given to `fetch`. */
export interface FetchInit {
  readonly method: "GET";
  readonly headers: Readonly<Record<string, string>>;
  readonly redirect: "manual" | "follow";
  readonly signal: AbortSignal;
}

/** How requests are made. */
export interface Requesting {
  readonly url: URL;
  readonly place: string;
  readonly fetch: Fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly wait: (ms: number) => Promise<void>;
}

const FIRST_WAIT = 250;

/**
 * Makes a request, and hands the answer on, as often as `attempts` allows.
 *
 * @throws VmgsError VMGS_HTTP_FAILED when no try brought an answer; what `take` throws; the reason of a signal
 */
export async function request<T>(
  how: Requesting,
  headers: Readonly<Record<string, string>>,
  readSignal: AbortSignal | undefined,
  take: (response: Response) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), how.timeoutMs);
    const given = [how.signal, readSignal].filter((signal) => signal !== undefined);
    try {
      return await take(await follow(how, headers, AbortSignal.any([timeout.signal, ...given])));
    } catch (error) {
      for (const signal of given) signal.throwIfAborted();
      const broken = timeout.signal.aborted ? tooSlow(how.timeoutMs) : brokenBy(error);
      if (tried >= how.attempts) throw failed(how.place, broken, tried);
      const backoff = FIRST_WAIT * 2 ** (tried - 1);
      await unlessEnded(how.wait(broken.retryAfter ?? backoff), given);
    } finally {
      clearTimeout(timer);
    }
  }
}

const tooSlow = (ms: number) => new BrokenAnswer(`did not answer within ${ms} ms`);

/** Failures of a transfer; whatever else is thrown is final. */
function brokenBy(error: unknown): BrokenAnswer {
  if (error instanceof BrokenAnswer) return error;
  if (error instanceof VmgsError) throw error;
  // The texts of fetch and of its causes may hold the URL: only the name of the system's error is repeated.
  const code = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  const named = typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? ` (${code})` : "";
  return new BrokenAnswer(`can't be reached${named}`);
}

function failed(place: string, { message, httpStatus }: BrokenAnswer, tried: number): VmgsError {
  const tries = tried === 1 ? "1 try" : `${tried} tries`;
  const facts = httpStatus === null ? {} : { httpStatus };
  return new VmgsError("VMGS_HTTP_FAILED", `${place} ${message}, after ${tries}`, facts);
}

async function unlessEnded(waiting: Promise<void>, signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  let stop = () => {};
  const ended = new Promise<void>((resolve) => {
    stop = resolve;
    if (any.aborted) resolve();
    else any.addEventListener("abort", stop);
  });
  await Promise.race([waiting, ended]);
  any.removeEventListener("abort", stop);
  any.throwIfAborted();
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

async function follow(
  how: Requesting,
  range: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let { url } = how;
  let headers = { ...how.headers, ...range };
  for (let redirects = 0; ; redirects++) {
    const response = await how.fetch(url.href, { method: "GET", headers, redirect: "manual", signal });
    if (response.type === "opaqueredirect") return followInBrowser(how, url, headers, signal);
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url) ? new URL(location, url) : null;
    const leads = next !== null && (next.protocol === "https:" || next.protocol === url.protocol);
    if (!leads || redirects === MOST_REDIRECTS) {
      const why = leads ? "leads from one redirect to the next" : "redirects to what is not a secure place";
      throw new VmgsError("VMGS_HTTP_FAILED", `${how.place} ${why}`, { httpStatus: response.status });
    }
    // Credentials are for the host that they were given for.
    if (next.origin !== url.origin) headers = { ...range };
    url = next;
  }
}

/** A page can't see where a redirect leads: it is followed when there is nothing to be kept from its target. */
function followInBrowser(
  how: Requesting,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  if (Object.keys(how.headers).length > 0) {
    const message = `${placeOfUrl(url)} redirects, and the credentials are not for another host`;
    throw new VmgsError("VMGS_HTTP_FAILED", message);
  }
  return how.fetch(url.href, { method: "GET", headers, redirect: "follow", signal });
}
