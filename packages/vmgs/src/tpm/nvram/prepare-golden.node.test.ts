import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decode, type PictureRow, toHex } from "../../layout/index.ts";
import { content } from "./buffers.ts";
import { walkEntries } from "./entries.ts";
import { objectEntry, objectFlags } from "./entry-layout.ts";
import { findAkCertificate, pictureTpmState, prepareTpmState, readTpmState } from "./index.ts";
import { readPublicArea } from "./public-area.ts";
import { isRsa2048 } from "./rsa-key.ts";

const golden = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../test/golden/tpm-nvram/${name}`, import.meta.url)));

/** Paths of the fields whose shown bytes differ. Secrets are not shown; their lengths are. */
function differences(ours: readonly PictureRow[], theirs: readonly PictureRow[]): string[] {
  expect(ours.map(({ path, offset, size }) => [path, offset, size])).toEqual(
    theirs.map(({ path, offset, size }) => [path, offset, size]),
  );
  return ours.filter(({ hex }, i) => hex !== theirs[i]?.hex).map(({ path }) => path);
}

/** No byte is zero: zeros at the end of an authorization value are not kept, so that its length would differ. */
const random = (byteLength: number) => Uint8Array.from({ length: byteLength }, (_, i) => 1 + ((7 * i) % 251));

/** What must be new in every state: offset and bytes, as the specification has them. */
const MUST_DIFFER: readonly (readonly [what: string, offset: number, bytes: number])[] = [
  ["endorsement primary seed", 312, 32],
  ["storage primary seed", 346, 32],
  ["platform primary seed", 380, 32],
  ["platform proof", 414, 48],
  ["storage proof", 464, 48],
  ["endorsement proof", 514, 48],
  ["time epoch", 788, 4],
  ["null proof", 794, 48],
  ["null seed", 844, 32],
  ["nonce of ECC commits", 1034, 48],
  ["seed of the random generator", 2908, 48],
];

/** The ranges of bytes that differ; a range has no equal byte within, and is told with where it lies. */
function differingRanges(ours: Uint8Array, theirs: Uint8Array): { known: Set<string>; unknown: number[] } {
  const known = new Set<string>();
  const unknown: number[] = [];
  for (const [at, byte] of ours.entries()) {
    if (byte === theirs[at]) continue;
    const region = MUST_DIFFER.find(([, offset, bytes]) => offset <= at && at < offset + bytes);
    if (region === undefined) unknown.push(at);
    else known.add(region[0]);
  }
  return { known, unknown };
}

const sizes = [16_384, 32_768] as const;

describe("a prepared state is laid out as the reference engine lays out its own", () => {
  test.each(sizes)(
    "without keys, of %i bytes: every byte is that of one just manufactured, but for what must be new",
    async (nvramSize) => {
      const theirs = golden("fresh-32k.bin").subarray(0, nvramSize);
      const ours = await prepareTpmState({ ak: false, srk: false, nvramSize, random });
      expect(ours.length).toBe(theirs.length);
      const { known, unknown } = differingRanges(ours, theirs);
      expect(unknown).toEqual([]);
      expect([...known]).toEqual(MUST_DIFFER.map(([what]) => what));
    },
  );

  test.each([
    ["provisioned-32k.bin", "platform", 32_768],
    ["legacy-platform-cert-16k.bin", "platform", 16_384],
    ["legacy-owner-cert-16k.bin", "owner", 16_384],
  ] as const)("with keys and a certificate: like %s", async (name, creator, nvramSize) => {
    const theirs = golden(name);
    const der = findAkCertificate(await readTpmState(theirs))?.der ?? new Uint8Array(0);
    const ours = await prepareTpmState({ nvramSize, akCertificate: { creator, der }, random });
    const differ = differences(pictureTpmState(ours), pictureTpmState(theirs));
    const ofKey = ["flags", "publicArea.unique", "qualifiedName.buffer", "name.buffer"];
    expect(differ.filter((path) => path.startsWith("entries"))).toEqual(
      [0, 1].flatMap((entry) => ofKey.map((path) => `entries[${entry}].${path}`)),
    );
    const flags = (state: Uint8Array, offset: number) => decode(objectEntry, state, offset).flags;
    for (const { offset } of walkEntries(theirs).entries.slice(0, 2)) {
      const cached = objectFlags.mask.privateExponentCached;
      expect(flags(ours, offset) | cached).toBe(flags(theirs, offset));
    }
    expect(walkEntries(ours)).toEqual(walkEntries(theirs));
    const end = walkEntries(ours).end;
    expect(toHex(ours.subarray(end))).toBe(toHex(theirs.subarray(end)));
  });

  test("with an index that was never written: like platform-index-unwritten-32k.bin", async () => {
    const theirs = golden("platform-index-unwritten-32k.bin");
    const ours = await prepareTpmState({ srk: false, akCertificate: { creator: "platform" }, random });
    const differ = differences(pictureTpmState(ours), pictureTpmState(theirs));
    expect(differ.filter((path) => path.startsWith("entries[1]"))).toEqual([]);
  });

  test("what it saves at a shutdown and keeps in RAM is that of one just manufactured, whatever the entries are", async () => {
    const akCertificate = { creator: "owner" } as const;
    const ours = await prepareTpmState({ akCertificate, mitigationMarker: true, random });
    const { unknown } = differingRanges(ours.subarray(0, 3508), golden("fresh-32k.bin").subarray(0, 3508));
    expect(unknown).toEqual([]);
  });
});

describe("the private part of a key is one prime of its modulus", () => {
  test.each(["provisioned-32k.bin", "legacy-owner-cert-16k.bin", "platform-index-unwritten-32k.bin"])(
    "in %s",
    (name) => checkKeys(golden(name), true),
  );

  test("in a prepared state", async () => checkKeys(await prepareTpmState(), false));
});

function checkKeys(state: Uint8Array, cached: boolean): void {
  for (const { offset } of walkEntries(state).entries.filter(({ entryBytes }) => entryBytes === 1824)) {
    const { publicArea, sensitiveArea, privateExponent, flags } = decode(objectEntry, state, offset);
    const area = readPublicArea(publicArea);
    if (area.kind !== "RSA") throw new Error("not an RSA key");
    expect(isRsa2048({ modulus: area.unique, prime: content(sensitiveArea.sensitive) })).toBe(true);
    expect(sensitiveArea.type).toBe(publicArea.type);
    expect(content(sensitiveArea.authValue)).toEqual(new Uint8Array(32));
    expect(sensitiveArea.seedValue.size).toBe(objectFlags.has(flags, "parent") ? 32 : 0);
    expect(objectFlags.has(flags, "privateExponentCached")).toBe(cached);
    expect(privateExponent.some((byte) => byte !== 0)).toBe(cached);
  }
}
