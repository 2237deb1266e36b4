/** Objects of S3 and its like: `s3://bucket/key`, signed with credentials as AWS's own tools find them. */

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ByteSource, type Fetch, httpSource } from "vmgskit";
import { UsageError } from "../exit-codes.ts";
import { checkedUrl, type PlaceContext, type PlaceOptions } from "./reaching.ts";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Opens an object. Without credentials it is asked for without a signature, as public ones can be. */
export async function s3Source(
  text: string,
  { env, signal }: PlaceContext,
  options: PlaceOptions,
): Promise<ByteSource> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(text) ?? [];
  if (bucket === "" || key === "") throw new UsageError("an object of S3 is named s3://BUCKET/KEY");
  const profile = await profileOf(env);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || profile.region || "us-east-1";
  const endpoint =
    options.endpoint ?? (env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || profile.endpoint_url);
  const path = key.split("/").map(encodeURIComponent).join("/");
  const url = endpoint
    ? `${endpoint.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}/${path}`
    : bucket.includes(".")
      ? `https://s3.${region}.amazonaws.com/${bucket}/${path}`
      : `https://${bucket}.s3.${region}.amazonaws.com/${path}`;
  const credentials = credentialsOf(env, profile);
  const signed =
    credentials === null ? {} : { fetch: await signing(credentials, region, new URL(url).origin) };
  return httpSource(checkedUrl(url, options), { signal, ...signed });
}

async function signing(credentials: Credentials, region: string, origin: string): Promise<Fetch> {
  const { AwsClient } = await import("aws4fetch");
  const client = new AwsClient({ ...credentials, service: "s3", region, retries: 0 });
  return async (url, init) => {
    // Where a redirect leads gets no signature.
    if (new URL(url).origin !== origin) return fetch(url, init);
    return fetch(await client.sign(url, init), { redirect: init.redirect, signal: init.signal });
  };
}

type Profile = Readonly<Record<string, string | undefined>>;

function credentialsOf(env: PlaceContext["env"], profile: Profile): Credentials | null {
  const accessKeyId = env.AWS_ACCESS_KEY_ID || profile.aws_access_key_id;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY || profile.aws_secret_access_key;
  const sessionToken = env.AWS_ACCESS_KEY_ID ? env.AWS_SESSION_TOKEN : profile.aws_session_token;
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** What both files of AWS's tools say of the profile. */
async function profileOf(env: PlaceContext["env"]): Promise<Profile> {
  const name = env.AWS_PROFILE || "default";
  const folder = join(env.HOME || homedir(), ".aws");
  const config = await sectionsOf(env.AWS_CONFIG_FILE || join(folder, "config"));
  const shared = await sectionsOf(env.AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials"));
  return { ...(config[`profile ${name}`] ?? config[name]), ...shared[name] };
}

async function sectionsOf(path: string): Promise<Record<string, Record<string, string>>> {
  const text = await readFile(path, "utf8").catch(() => "");
  const sections: Record<string, Record<string, string>> = Object.create(null);
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const title = /^\[\s*(.+?)\s*\]/.exec(line)?.[1];
    const [, name, value] = /^([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (title !== undefined) {
      section = {};
      sections[title] = section;
    } else if (name !== undefined && value !== undefined) section[name] = value;
  }
  return sections;
}
