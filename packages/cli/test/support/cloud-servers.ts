/** Azurite and moto, started for a test where they are installed: `VMGSKIT_AZURITE` and `VMGSKIT_MOTO` name them. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { makeFolder } from "./folder.ts";

/** The executable of `azurite-blob` (npm), or undefined where it is not installed. */
export const azuritePath = process.env.VMGSKIT_AZURITE;
/** The executable `moto_server` (PyPI), or undefined where it is not installed. */
export const motoPath = process.env.VMGSKIT_MOTO;

export interface CloudServer extends AsyncDisposable {
  readonly url: string;
}

/** Azurite with blobs in memory; its accounts are those that it always has. */
export async function startAzurite(): Promise<CloudServer> {
  const port = await freePort();
  const folder = await makeFolder();
  const flags = ["--blobPort", `${port}`, "--location", folder, "--silent", "--skipApiVersionCheck"];
  return started(spawn(process.execPath, [azuritePath as string, ...flags], { stdio: "ignore" }), port);
}

/** S3 as moto plays it. */
export async function startMoto(): Promise<CloudServer> {
  const port = await freePort();
  return started(spawn(motoPath as string, ["-p", `${port}`], { stdio: "ignore" }), port);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Asks until the server answers, whatever it says. */
async function started(child: ChildProcess, port: number): Promise<CloudServer> {
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // It would wait for connections that are kept alive.
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  for (let tries = 0; child.exitCode === null; tries++) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return { url, [Symbol.asyncDispose]: stop };
    if (tries === 300) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`no server came up at ${url}`);
}

/** The account that Azurite's documentation names. */
export const azuriteAccount = {
  name: "devstoreaccount1",
  key: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
} as const;

/** A request to Azurite that is signed with the key of the account. */
export async function azurePut(
  server: CloudServer,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: Uint8Array,
): Promise<Response> {
  const { name, key } = azuriteAccount;
  const url = new URL(`${server.url}/${name}${path}`);
  const sent: Record<string, string> = {
    ...headers,
    "x-ms-date": new Date().toUTCString(),
    "x-ms-version": "2021-12-02",
  };
  const known = Object.keys(sent)
    .filter((header) => header.startsWith("x-ms-"))
    .sort()
    .map((header) => `${header}:${sent[header]}\n`)
    .join("");
  const query = [...url.searchParams]
    .sort()
    .map(([parameter, value]) => `\n${parameter}:${value}`)
    .join("");
  const length = body === undefined ? "" : `${body.length}`;
  const signed = `PUT\n\n\n${length}\n\n\n\n\n\n\n\n\n${known}/${name}${url.pathname}${query}`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(signed).digest("base64");
  const response = await fetch(url, {
    method: "PUT",
    headers: { ...sent, authorization: `SharedKey ${name}:${signature}` },
    ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
  });
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** A signature that permits reading a blob until `expiry`, or that did (service SAS, version 2020-12-06). */
export function azureReadSas(path: string, expiry: string): string {
  const { name, key } = azuriteAccount;
  const version = "2020-12-06";
  const signed = [
    "r",
    "",
    expiry,
    `/blob/${name}${path}`,
    "",
    "",
    "",
    version,
    "b",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
  ];
  const signature = createHmac("sha256", Buffer.from(key, "base64"))
    .update(signed.join("\n"))
    .digest("base64");
  return `?${new URLSearchParams({ sv: version, sr: "b", sp: "r", se: expiry, sig: signature })}`;
}
