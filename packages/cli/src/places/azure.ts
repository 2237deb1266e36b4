/** Blobs of Azure Storage: `az://account/container/blob`, with credentials as Azure's own tools find them. */

import { createHmac } from "node:crypto";
import { type ByteSource, type Fetch, httpSource } from "vmgskit";
import { UsageError } from "../exit-codes.ts";
import { checkedUrl, type PlaceContext, type PlaceOptions } from "./reaching.ts";

const API_VERSION = "2021-12-02";

/** How requests show that they may read. */
interface Access {
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch?: Fetch;
}

/** Opens a blob. */
export async function azureSource(
  text: string,
  { env, signal }: PlaceContext,
  options: PlaceOptions,
): Promise<ByteSource> {
  const [, account = "", container = "", blob = ""] = /^az:\/\/([^/]+)\/([^/]+)\/(.+)$/i.exec(text) ?? [];
  if (blob === "") throw new UsageError("a blob of Azure is named az://ACCOUNT/CONTAINER/BLOB");
  const given = connectionOf(env.AZURE_STORAGE_CONNECTION_STRING ?? "", account);
  const suffix = given.EndpointSuffix ?? "core.windows.net";
  const endpoint = options.endpoint ?? given.BlobEndpoint ?? `https://${account}.blob.${suffix}`;
  const path = [container, ...blob.split("/")].map(encodeURIComponent).join("/");
  const url = checkedUrl(`${endpoint.replace(/\/+$/, "")}/${path}`, options);
  const { query, ...access } = await accessTo(account, given, env, url.origin);
  if (query !== "") url.search = query;
  return httpSource(url, { signal, ...access });
}

/** The parts of a connection string, when it is for this account: credentials go nowhere else. */
function connectionOf(text: string, account: string): Readonly<Record<string, string | undefined>> {
  const parts = Object.fromEntries(
    text
      .split(";")
      .filter((part) => part.includes("="))
      .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );
  const isDevelopment = parts.UseDevelopmentStorage === "true" && account === DEVELOPMENT.AccountName;
  if (isDevelopment) return DEVELOPMENT;
  const named = parts.AccountName ?? /^https?:\/\/([^./]+)\./.exec(parts.BlobEndpoint ?? "")?.[1];
  return named === account ? parts : {};
}

/** The account that Azurite has, with the key that its documentation gives to everybody. */
const DEVELOPMENT = {
  AccountName: "devstoreaccount1",
  AccountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  BlobEndpoint: "http://127.0.0.1:10000/devstoreaccount1",
} as const;

async function accessTo(
  account: string,
  given: Readonly<Record<string, string | undefined>>,
  env: PlaceContext["env"],
  origin: string,
): Promise<Access> {
  const sas = given.SharedAccessSignature ?? env.AZURE_STORAGE_SAS_TOKEN;
  const headers = { "x-ms-version": API_VERSION };
  if (sas) return { query: sas.replace(/^\?/, ""), headers };
  const key = given.AccountKey ?? env.AZURE_STORAGE_KEY;
  if (key) return { query: "", headers, fetch: sharedKeyFetch(account, key, origin) };
  const token = await tokenOf();
  return { query: "", headers: { ...headers, authorization: `Bearer ${token}` } };
}

/** A token of the user or machine that is logged in, by the package that knows all ways of that. */
async function tokenOf(): Promise<string> {
  const identity = (await import("@azure/identity" as string).catch(() => null)) as {
    DefaultAzureCredential: new () => { getToken(scope: string): Promise<{ token: string }> };
  } | null;
  const help =
    "set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_SAS_TOKEN, or use an https:// URL with a SAS";
  if (identity === null) {
    throw new UsageError("there are no credentials for Azure", `${help}, or install @azure/identity`);
  }
  try {
    const { token } = await new identity.DefaultAzureCredential().getToken(
      "https://storage.azure.com/.default",
    );
    return token;
  } catch {
    throw new UsageError("there is no login to Azure", `run \`az login\`, or ${help}`);
  }
}

/** Signs each request with the key of the account (Authorize with Shared Key). */
function sharedKeyFetch(account: string, key: string, origin: string): Fetch {
  const secret = Buffer.from(key, "base64");
  return (url, init) => {
    // Where a redirect leads gets no signature.
    if (new URL(url).origin !== origin) return fetch(url, init);
    const headers: Record<string, string> = { ...init.headers, "x-ms-date": new Date().toUTCString() };
    const { pathname } = new URL(url);
    const known = Object.keys(headers)
      .filter((name) => name.startsWith("x-ms-"))
      .sort()
      .map((name) => `${name}:${headers[name]}\n`)
      .join("");
    const signed = `GET\n\n\n\n\n\n\n\n${headers["if-match"] ?? ""}\n\n\n${headers.range ?? ""}\n${known}/${account}${pathname}`;
    const signature = createHmac("sha256", secret).update(signed).digest("base64");
    headers.authorization = `SharedKey ${account}:${signature}`;
    return fetch(url, { ...init, headers });
  };
}
