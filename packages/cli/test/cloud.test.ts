/** Stores in Azure Storage and S3, as Azurite and moto play them: page blobs, SAS, shared keys, leases, changes underneath. */

import { readFile } from "node:fs/promises";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpSource, openStore } from "vmgskit";
import { vmgs, vmgsJson } from "./support/cli.ts";
import {
  azurePut,
  azureReadSas,
  azuriteAccount,
  azuritePath,
  type CloudServer,
  motoPath,
  startAzurite,
  startMoto,
} from "./support/cloud-servers.ts";
import { makeFolder, makeStore } from "./support/folder.ts";

let file: string;
let image: Uint8Array;
beforeAll(async () => {
  ({ file } = await makeStore());
  image = await readFile(file);
});

const sameAs = async (place: string, env: Record<string, string>, ...more: string[]) => {
  const here = await vmgsJson(["inspect", file]);
  const there = await vmgsJson(["inspect", place, ...more], { env });
  expect({ ...there, file }).toEqual(here);
};

describe.skipIf(azuritePath === undefined)("a page blob (VMGSKIT_AZURITE)", () => {
  let server: CloudServer;
  const path = "/stores/a/vm 1.vmgs";
  const place = `az://${azuriteAccount.name}${path}`;
  const connection = () =>
    `DefaultEndpointsProtocol=http;AccountName=${azuriteAccount.name};AccountKey=${azuriteAccount.key};BlobEndpoint=${server.url}/${azuriteAccount.name};`;
  const url = (query: string) => `${server.url}/${azuriteAccount.name}${encodeURI(path)}${query}`;

  const upload = async () => {
    await azurePut(server, encodeURI(path), {
      "x-ms-blob-type": "PageBlob",
      "x-ms-blob-content-length": `${image.length}`,
      "x-ms-meta-cvm_wrapped_recovery_key": "5ecre7",
    });
    for (let at = 0; at < image.length; at += 65_536) {
      const page = image.subarray(at, at + 65_536);
      if (page.every((byte) => byte === 0)) continue;
      const range = `bytes=${at}-${at + page.length - 1}`;
      await azurePut(
        server,
        `${encodeURI(path)}?comp=page`,
        { "x-ms-page-write": "update", "x-ms-range": range },
        page,
      );
    }
  };

  beforeAll(async () => {
    server = await startAzurite();
    await azurePut(server, "/stores?restype=container", {});
    await upload();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("is read with the key of a connection string", async () => {
    await sameAs(place, { AZURE_STORAGE_CONNECTION_STRING: connection() });
  });

  test("is read with a SAS, at an endpoint that is named", async () => {
    const AZURE_STORAGE_SAS_TOKEN = azureReadSas(path, "2100-01-01T00:00:00Z");
    await sameAs(place, { AZURE_STORAGE_SAS_TOKEN }, "--endpoint", `${server.url}/${azuriteAccount.name}`);
    await sameAs(url(AZURE_STORAGE_SAS_TOKEN), {});
  });

  test("with a SAS that expired is refused by name, and nothing of the URL's query is shown", async () => {
    const query = azureReadSas(path, "2020-01-01T00:00:00Z");
    const { code, stdout, stderr } = await vmgs(["marker", url(query)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/403 AuthorizationFailure|403 AuthenticationFailed/);
    expect(stdout + stderr).not.toMatch(/2020-|sig=/);
  });

  test("without credentials, or not there, says so", async () => {
    const missing = await vmgs(["marker", `${place}x`], {
      env: { AZURE_STORAGE_CONNECTION_STRING: connection() },
    });
    expect(missing.stderr).toContain("404 BlobNotFound");
    const bare = await vmgs(["marker", place], {
      env: { AZURE_STORAGE_CONNECTION_STRING: "AccountName=other;AccountKey=eA==" },
    });
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain("there are no credentials for Azure");
  });

  test("under a lease is read all the same", async () => {
    const lease = await azurePut(server, `${encodeURI(path)}?comp=lease`, {
      "x-ms-lease-action": "acquire",
      "x-ms-lease-duration": "-1",
    });
    await sameAs(place, { AZURE_STORAGE_CONNECTION_STRING: connection() });
    await azurePut(server, `${encodeURI(path)}?comp=lease`, {
      "x-ms-lease-action": "release",
      "x-ms-lease-id": lease.headers.get("x-ms-lease-id") as string,
    });
  });

  test("that is written between two requests is an error, and its wrapped keys are named only", async () => {
    const source = await httpSource(url(azureReadSas(path, "2100-01-01T00:00:00Z")));
    expect(source.keyMetadata).toEqual(["cvm_wrapped_recovery_key"]);
    await upload();
    await expect(openStore(source)).rejects.toMatchObject({ code: "VMGS_CHANGED_UNDERNEATH" });
  });
});

describe.skipIf(motoPath === undefined)("an object of S3 (VMGSKIT_MOTO)", () => {
  let server: CloudServer;
  const credentials = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "eu-west-1" };

  beforeAll(async () => {
    server = await startMoto();
    const client = new AwsClient({
      accessKeyId: "id",
      secretAccessKey: "secret",
      service: "s3",
      region: "us-east-1",
    });
    const put = async (path: string, body: Uint8Array<ArrayBuffer> | string) => {
      const response = await client.fetch(`${server.url}/${path}`, { method: "PUT", body });
      expect(response.status, await response.text()).toBe(200);
    };
    await put("stores", "");
    await put("stores/a/vm%201.vmgs", image as Uint8Array<ArrayBuffer>);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("is read with credentials of the environment", async () => {
    await sameAs("s3://stores/a/vm 1.vmgs", {
      ...credentials,
      AWS_ENDPOINT_URL: server.url,
      HOME: await makeFolder(),
    });
    await sameAs("s3://stores/a/vm 1.vmgs", credentials, "--endpoint", server.url);
  });

  test("that is not there is said to be missing", async () => {
    const { stderr } = await vmgs(["marker", "s3://stores/b", "--endpoint", server.url], {
      env: credentials,
    });
    expect(stderr).toContain("404 NoSuchKey");
  });
});
