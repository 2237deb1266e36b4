/** Stores with given files in them, as images, for what looks at whole files. */

import { type DiagnoseOptions, diagnose, type Finding, type FindingId } from "../src/diagnose/index.ts";
import { makeVhdFooter } from "../src/format/index.ts";
import { createMemoryDisk, formatStore, memorySource, type WritableStore } from "../src/index.ts";

/** Places in a TPM state that tests change (spec: tpm-nvram). */
export const placeOf = { firmwareVersion: 780, failedTries: 724, firstTpmEntry: 3508 } as const;

export interface ImageOptions {
  readonly blocks?: number;
  readonly key?: Uint8Array;
  /** Files that are written encrypted. */
  readonly encrypt?: readonly number[];
  /** Further changes of the store. */
  change?(store: WritableStore): Promise<unknown>;
}

/** A fixed VHD with a store of these files, written in ascending ID. */
export async function createStoreImage(
  files: Readonly<Record<number, Uint8Array | string>>,
  { blocks = 64, key, encrypt = [], change }: ImageOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const disk = createMemoryDisk(blocks * 4096);
  const store = await formatStore(disk, { ...(key && { key }) });
  for (const [id, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    if (encrypt.includes(Number(id))) await store.writeEncrypted(Number(id), bytes);
    else await store.write(Number(id), bytes);
  }
  await change?.(store);
  const footer = makeVhdFooter({
    diskBytes: disk.byteLength,
    uniqueId: new Uint8Array(16).fill(5),
    created: new Date("2026-01-01T00:00:00Z"),
  });
  const image = new Uint8Array(disk.byteLength + footer.length);
  image.set(disk.image);
  image.set(footer, disk.byteLength);
  return image;
}

/** The moment that tests judge certificates by. */
export const now = new Date("2026-12-01T00:00:00Z");

/** A diagnosis of an image, with its findings by name. */
export async function examine(image: Uint8Array, options: DiagnoseOptions = {}) {
  const diagnosis = await diagnose(memorySource(image), { now, ...options });
  const of = (id: FindingId): Finding[] => diagnosis.findings.filter((one) => one.id === id);
  return { ...diagnosis, ids: new Set(diagnosis.findings.map(({ id }) => id)), of };
}
