/** A file behind HTTP is read whole and as one version, or not at all, and no secret of its URL is ever shown. */

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../test/expect-error.ts";
import { goldenImage } from "../../test/golden-data.ts";
import { type Plan, serveFile } from "../../test/http-server.ts";
import { diagnose } from "../diagnose/index.ts";
import { toHex } from "../layout/index.ts";
import { openStore } from "../store/index.ts";
import { type HttpSourceOptions, httpSource, memorySource } from "./index.ts";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
/** Tries follow each other at once. */
const atOnce: HttpSourceOptions = { wait: async () => undefined, timeoutMs: 2000 };

async function readAll(url: string, options: HttpSourceOptions = atOnce): Promise<string> {
  const source = await httpSource(url, options);
  const into = new Uint8Array(source.byteLength);
  await source.read(0, into);
  return toHex(into);
}

const status =
  (code: number, headers: Record<string, string> = {}, body = ""): Plan =>
  (_, response) =>
    response.writeHead(code, headers).end(body);
const hangUp: Plan = (request) => request.socket.destroy();
const cutOff: Plan = (_, response) => {
  response.writeHead(206, {
    "content-range": "bytes 0-24575/100000",
    "content-length": 24_576,
    etag: '"v1"',
  });
  response.write(bytes.subarray(0, 1000), () => response.destroy());
};
const otherRange: Plan = (_, response) => {
  response
    .writeHead(206, { "content-range": "bytes 1-24576/100000", etag: '"v1"' })
    .end(bytes.subarray(1, 24_577));
};
const tooMuch: Plan = (_, response) => {
  response.writeHead(206, { "content-range": "bytes 0-24575/100000", etag: '"v1"' }).end(bytes);
};

describe("requests", () => {
  test("one opens the file, a second brings the footer: two for a store, one where no footer is asked for", async () => {
    await using server = await serveFile(await goldenImage("provisioned-empty"));
    const expected = await openStore(memorySource(server.file));
    const store = await openStore(await httpSource(server.url, atOnce));
    expect(await store.readMarker()).toEqual(await expected.readMarker());
    expect(server.requests).toHaveLength(2);
    expect(server.requests[0]).toBe("0-24575");
    const raw = await openStore(await httpSource(server.url, atOnce), { container: "raw" });
    expect(await raw.readMarker()).toEqual(await expected.readMarker());
    expect(server.requests).toHaveLength(3);
  });

  test("later ones ask for the version that was opened", async () => {
    await using server = await serveFile(bytes);
    const source = await httpSource(server.url, atOnce);
    await source.read(90_000, new Uint8Array(100));
    expect(server.requests).toEqual(["0-24575", "81920-90111 if-match"]);
    await source.read(90_050, new Uint8Array(10));
    expect(server.requests).toHaveLength(2);
  });

  test("a diagnosis over HTTP is that of the file", async () => {
    await using server = await serveFile(await goldenImage("provisioned-empty"));
    const now = new Date(0);
    const remote = await diagnose(await httpSource(server.url, atOnce), { now });
    expect(remote).toEqual(await diagnose(memorySource(server.file), { now }));
  });

  test("a file without bytes is one", async () => {
    await using server = await serveFile(new Uint8Array(0));
    expect((await httpSource(server.url, atOnce)).byteLength).toBe(0);
  });
});

describe("faults that pass", () => {
  const bursts: Readonly<Record<string, readonly Plan[]>> = {
    "500 in bursts": [status(500), status(503), status(502)],
    "429 with Retry-After": [status(429, { "retry-after": "3" })],
    "a connection that ends": [hangUp, hangUp],
    "a transfer that is cut": [cutOff, cutOff],
    "another range": [otherRange],
    "more than was asked for": [tooMuch],
    "a range that can't be read": [status(206, { "content-range": "bytes x" }, "x")],
  };

  test.each(Object.entries(bursts))("%s", async (_, plans) => {
    await using server = await serveFile(bytes);
    server.plans = [...plans];
    expect(await readAll(server.url)).toBe(toHex(bytes));
    server.plans = [(_request, _response, serve) => serve(), ...plans.slice(0, 2).map(late)];
    expect(await readAll(server.url)).toBe(toHex(bytes));
  });

  /** The same fault for a later range, which is never the right answer to it. */
  const late = (plan: Plan): Plan => plan;

  test("a slow drip ends by the time limit, and is tried again", async () => {
    await using server = await serveFile(bytes);
    server.plans = [
      (_, response) => {
        response.writeHead(206, { "content-range": "bytes 0-24575/100000", "content-length": 24_576 });
        response.write(bytes.subarray(0, 1));
      },
    ];
    expect(await readAll(server.url, { ...atOnce, timeoutMs: 300 })).toBe(toHex(bytes));
    expect(server.requests[1]).toBe("0-24575");
  });

  test("waits grow, and are as long as the server asks for", async () => {
    await using server = await serveFile(bytes);
    server.plans = [status(500), status(500), status(429, { "retry-after": "7" })];
    const waits: number[] = [];
    await readAll(server.url, {
      ...atOnce,
      wait: async (ms) => {
        waits.push(ms);
      },
    });
    expect(waits).toEqual([250, 500, 7000]);
  });
});

describe("faults that stay", () => {
  const faults: readonly (readonly [what: string, plan: Plan, code: string, message: RegExp])[] = [
    [
      "an expired signature",
      status(403, {}, "<Error><Code>AuthenticationFailed</Code></Error>"),
      "VMGS_HTTP_REFUSED",
      /expired \(403 AuthenticationFailed\)/,
    ],
    ["no credentials", status(401), "VMGS_HTTP_REFUSED", /asks for credentials/],
    [
      "no such file",
      status(404, { "x-ms-error-code": "BlobNotFound" }),
      "VMGS_FILE_NOT_FOUND",
      /404 BlobNotFound/,
    ],
    [
      "a lease",
      status(409, { "x-ms-error-code": "LeaseAlreadyPresent" }),
      "VMGS_HTTP_CONFLICT",
      /409 LeaseAlreadyPresent/,
    ],
    [
      "ignored ranges",
      status(200, { "content-type": "application/octet-stream" }, "x"),
      "VMGS_HTTP_NO_RANGES",
      /ignores ranges/,
    ],
    [
      "a page to sign in",
      status(200, { "content-type": "text/html" }, "<html>"),
      "VMGS_HTTP_NOT_A_FILE",
      /an HTML page/,
    ],
    [
      "a redirect to another protocol",
      status(302, { location: "ftp://elsewhere/" }),
      "VMGS_HTTP_FAILED",
      /not a secure place/,
    ],
    ["what is unknown", status(418), "VMGS_HTTP_FAILED", /418/],
  ];

  test.each(faults)("%s", async (_, plan, code, message) => {
    await using server = await serveFile(bytes);
    server.plans = [plan];
    const error = await errorOf(() => httpSource(server.url, atOnce));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain("/vms/a.vmgs ");
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["500", status(500), /answered 500, after 5 tries/],
    ["a connection that ends", hangUp, /can't be reached \(\w+\), after 5 tries/],
    ["a transfer that is cut", cutOff, /broke the transfer off, after 5 tries/],
  ])("%s again and again", async (_, plan, message) => {
    await using server = await serveFile(bytes);
    server.plans = [plan, plan, plan, plan, plan];
    const error = await errorOf(() => httpSource(server.url, atOnce));
    expect(error.code).toBe("VMGS_HTTP_FAILED");
    expect(error.message).toMatch(message);
    expect(server.requests).toHaveLength(5);
  });
});

describe("a file that changes between two requests is an error and not a mixture", () => {
  test.each([
    ["by its ETag, which the server checks", '"v1"', '"v2"'],
    ["by a weak ETag, which is compared", 'W/"v1"', 'W/"v2"'],
  ])("%s", async (_, before, after) => {
    await using server = await serveFile(bytes);
    server.etag = before;
    const source = await httpSource(server.url, atOnce);
    server.etag = after;
    const error = await errorOf(() => source.read(90_000, new Uint8Array(10)));
    expect(error.code).toBe("VMGS_CHANGED_UNDERNEATH");
  });

  test("by its length where there is no ETag", async () => {
    await using server = await serveFile(bytes);
    server.etag = null;
    const source = await httpSource(server.url, atOnce);
    server.file = bytes.subarray(0, 99_000);
    const error = await errorOf(() => source.read(90_000, new Uint8Array(10)));
    expect(error.code).toBe("VMGS_CHANGED_UNDERNEATH");
  });
});

test("credentials go to the host that they are for, and not to where it redirects", async () => {
  await using other = await serveFile(bytes);
  await using server = await serveFile(bytes);
  const redirect: Plan = (_, response) => response.writeHead(307, { location: other.url }).end();
  server.plans = Array.from({ length: 9 }, () => redirect);
  const headers = { authorization: "Bearer 5ecre7", "x-ms-version": "2021-08-06" };
  expect(await readAll(server.url, { ...atOnce, headers })).toBe(toHex(bytes));
  expect(server.headers.every(({ authorization }) => authorization === "Bearer 5ecre7")).toBe(true);
  expect(other.headers.length).toBeGreaterThan(0);
  expect(other.headers.every((sent) => !("authorization" in sent) && !("x-ms-version" in sent))).toBe(true);
});

test("user and password of a URL are credentials, and are not shown", async () => {
  await using server = await serveFile(bytes);
  const source = await httpSource(server.url.replace("://", "://user:5ecre7@"), atOnce);
  expect(server.headers[0]?.authorization).toBe(`Basic ${btoa("user:5ecre7")}`);
  expect(source.place).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/vms\/a\.vmgs$/);
});

test("no error shows what grants access", async () => {
  await using server = await serveFile(bytes);
  const plans: Plan[] = [status(403), status(418), hangUp, cutOff, status(200), otherRange];
  for (const plan of plans) {
    server.plans = [plan];
    const options = { ...atOnce, attempts: 1, headers: { authorization: "Bearer 5ecre7" } };
    const error = await errorOf(() => httpSource(server.url, options));
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error) + error.stack).not.toContain("5ecre7");
  }
  const notReached = await errorOf(() => httpSource("http://127.0.0.1:1/a?sig=5ecre7", { attempts: 1 }));
  expect(inspect(notReached, { depth: 9 })).not.toContain("5ecre7");
  const notUrl = await errorOf(() => httpSource("5ecre7"));
  expect(notUrl.message).toBe("url must be an absolute URL of https or http, another text was given");
});

test("metadata that wraps keys is named, and its values are not kept", async () => {
  await using server = await serveFile(bytes);
  server.plans = [
    (_, response, serve) => {
      response.setHeader("x-ms-meta-Cvm_wrapped_recovery_key", "5ecre7");
      response.setHeader("x-ms-meta-owner", "somebody");
      serve();
    },
  ];
  const source = await httpSource(server.url, atOnce);
  expect(source.keyMetadata).toEqual(["cvm_wrapped_recovery_key"]);
  expect(inspect(source, { depth: 9 })).not.toContain("5ecre7");
});

test("a signal ends a request, a wait for the next try, and a read", async () => {
  await using server = await serveFile(bytes);
  const reason = new Error("enough");
  const asking = new AbortController();
  server.plans = [() => asking.abort(reason)];
  await expect(httpSource(server.url, { ...atOnce, signal: asking.signal })).rejects.toBe(reason);
  const waiting = new AbortController();
  server.plans = [status(500)];
  const forever = {
    wait: () => {
      waiting.abort(reason);
      return new Promise<void>(() => undefined);
    },
    signal: waiting.signal,
  };
  await expect(httpSource(server.url, forever)).rejects.toBe(reason);
  const source = await httpSource(server.url, atOnce);
  const reading = new AbortController();
  server.plans = [() => reading.abort(reason)];
  const read = source.read(90_000, new Uint8Array(10), { signal: reading.signal });
  await expect(read).rejects.toBe(reason);
});
