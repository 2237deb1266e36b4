/** An HTTP server that serves one file by ranges, and does with each request what a test plans for it. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a request: `serve` answers it as it should be. */
export type Plan = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** `0-24575 if-match`, one for each request. */
  readonly requests: string[];
  /** Headers of each request. */
  readonly headers: IncomingMessage["headers"][];
  file: Uint8Array;
  etag: string | null;
  /** Plans for the next requests, one each; later ones are served. */
  plans: Plan[];
}

export async function serveFile(file: Uint8Array): Promise<FileServer> {
  const requests: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    const range = /^bytes=(\d+-\d+)$/.exec(request.headers.range ?? "")?.[1] ?? "all";
    requests.push(request.headers["if-match"] === undefined ? range : `${range} if-match`);
    headers.push(request.headers);
    const serve = () => answer(served, request, response);
    (served.plans.shift() ?? ((_, __, go) => go()))(request, response, serve);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const served: FileServer = {
    url: `http://127.0.0.1:${port}/vms/a.vmgs?sv=2024&sig=5ecre7`,
    requests,
    headers,
    file,
    etag: '"v1"',
    plans: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return served;
}

function answer({ file, etag }: FileServer, { headers }: IncomingMessage, response: ServerResponse): void {
  if (etag !== null) response.setHeader("etag", etag);
  const ifMatch = headers["if-match"];
  if (ifMatch !== undefined && ifMatch !== etag) {
    response.writeHead(412, { "x-ms-error-code": "ConditionNotMet" }).end();
    return;
  }
  const [start, last] = (/^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? []).slice(1).map(Number) as [
    number,
    number,
  ];
  if (start >= file.length) {
    response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    return;
  }
  const part = file.subarray(start, last + 1);
  const range = `bytes ${start}-${start + part.length - 1}/${file.length}`;
  response.writeHead(206, { "content-range": range, "content-length": part.length }).end(part);
}
