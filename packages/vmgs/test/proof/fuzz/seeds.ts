/** Sound inputs to begin with: small stores made here, and the golden files of the tests. */

import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { makeVhdFooter } from "../../../src/format/index.ts";
import {
  createMemoryDisk,
  encodeMarker,
  formatStore,
  type ProvisioningMarker,
  provisionDisk,
  saveStore,
  type WritableStore,
} from "../../../src/index.ts";
import { nodeCipher } from "../../../src/node/index.ts";
import { keyBytes } from "../operations.ts";

const BLOCK = 4096;

/** The folder of golden data; a bundle is told where it is. */
const golden = process.env.VMGSKIT_GOLDEN ?? fileURLToPath(new URL("../../golden/", import.meta.url));

/** All golden files of a folder whose names end so. */
export function goldenFiles(folder: string, end: string): Uint8Array[] {
  const path = join(golden, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith(end))
    .map((name) => new Uint8Array(readFileSync(join(path, name))));
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A footer around a disk of so many bytes. */
export function footerOf(diskBytes: number): Uint8Array {
  return makeVhdFooter({ diskBytes, uniqueId: new Uint8Array(16).fill(7), created: new Date(1e12) });
}

async function storeImage(
  blocks: number,
  key: boolean,
  fill: (store: WritableStore) => Promise<unknown>,
): Promise<Uint8Array> {
  const disk = createMemoryDisk(blocks * BLOCK);
  const store = await formatStore(disk, { cipher: nodeCipher, ...(key && { key: keyBytes(1) }) });
  await fill(store);
  return disk.image;
}

/** Stores of every kind, raw and in a VHD. */
export async function storeImages(): Promise<Uint8Array[]> {
  const [variables = new Uint8Array(0)] = goldenFiles("uefi", "boot-entries.bin");
  const images = [
    await storeImage(8, false, async () => undefined),
    await storeImage(12, false, async (store) => {
      await store.write(1, variables);
      await store.write(20, new Uint8Array(0));
      await store.delete(20);
    }),
    await storeImage(14, true, async (store) => {
      await store.writeEncrypted(1, variables.subarray(0, 3000));
      await store.write(6, new Uint8Array(100).fill(6));
      await store.addKey(keyBytes(2));
    }),
    await storeImage(14, true, async (store) => {
      await store.writeEncrypted(3, new Uint8Array(5000).fill(3), { wipe: true });
      await store.commit([{ kind: "markReprovisioned", value: true }]);
    }),
  ];
  const provisioned = createMemoryDisk(8 * BLOCK);
  await provisionDisk(provisioned, { cipher: nodeCipher });
  images.push(provisioned.image);
  return images.flatMap((image) => [image, withFooter(image)]);
}

function withFooter(image: Uint8Array): Uint8Array {
  const file = new Uint8Array(image.length + 512);
  file.set(image);
  file.set(footerOf(image.length), image.length);
  return file;
}

/** Saved states, with and without keys. */
export async function savedStates(): Promise<Uint8Array[]> {
  const states: Uint8Array[] = [];
  for (const key of [false, true]) {
    await storeImage(8, key, async (store) => {
      await store.writeEncrypted(1, new Uint8Array(10));
      states.push(saveStore(store));
    });
  }
  return states;
}

/** Markers as they are written, and as drafts wrote them. */
export function markers(): Uint8Array[] {
  const marker: ProvisioningMarker = {
    provisioner: "openhcl",
    reason: "empty",
    tpmVersion: "1.38",
    tpmNvramSize: 32768,
    akcertSize: 4096,
    akcertAttributes: 0x42060004,
    version: "f85a038845b4fd5c74726be38f4be690c99db8c6",
  };
  return [
    encodeMarker(marker),
    encodeMarker(marker, "provisioner_version"),
    text('{"provisioner":"hcl","reason":null,"later":{"a":[1,2e9,true]},"tpm_nvram_size":16384}'),
  ];
}

/** Recorded TPM commands. */
export function wireVectors(): Uint8Array[] {
  const vectors = JSON.parse(readFileSync(join(golden, "tpm/wire-vectors.json"), "utf8")) as {
    command?: string;
  }[];
  return vectors.flatMap(({ command }) =>
    command === undefined ? [] : [new Uint8Array(Buffer.from(command, "hex"))],
  );
}

/** States of all kinds: sound, after random histories, broken, and with certificates. */
export function tpmStates(): Uint8Array[] {
  const packed = ["tpm-engine", "tpm-engine/first-boot", "cases"].flatMap((folder) =>
    goldenFiles(folder, ".bin.gz"),
  );
  return [...goldenFiles("tpm-nvram", ".bin"), ...packed.map((bytes) => new Uint8Array(gunzipSync(bytes)))];
}

/** The beginnings of attestation reports of both processors, with claims. */
export function attestationReports(): Uint8Array[] {
  return [2, 4].map((type) => {
    const report = new Uint8Array(2900);
    const claims = text('{"keys":[{"kid":"HCLAkPub","n":"AQAB"}],"vm-configuration":{}}');
    report.set(text("HCLA"));
    report.set([type, 0, 0, 0, 1, 0, 0, 0, claims.length], 1224);
    report.set(claims, 1236);
    return report;
  });
}
