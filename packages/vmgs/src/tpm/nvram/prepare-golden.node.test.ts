import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decode, type PictureRow, toHex } from "../../layout/index.ts";
import { content } from "./buffers.ts";
import { walkEntries } from "./entries.ts";
import { objectEntry, objectFlags } from "./entry-layout.ts";
import { findAkCertificate, pictureTpmState, prepareTpmState, readTpmState } from "./index.ts";
import { readPublicArea } from "./public-area.ts";
import { checkRsaKey } from "./rsa-key.ts";

const golden = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../test/golden/tpm-nvram/${name}`, import.meta.url)));

/** Paths of the fields whose shown bytes differ. Secrets are not shown; their lengths are. */
function differences(ours: readonly PictureRow[], theirs: readonly PictureRow[]): string[] {
  expect(ours.map(({ path, offset, size }) => [path, offset, size])).toEqual(
    theirs.map(({ path, offset, size }) => [path, offset, size]),
  );
  return ours.filter(({ hex }, i) => hex !== theirs[i]?.hex).map(({ path }) => path);
}

/** Memory that the reference never sets: filled with 0xbb there, with zeros here. */
const neverSet = [
  "stateReset.commandAuditDigest.buffer",
  "stateReset.padding1",
  "stateReset.padding2",
  "stateReset.padding3",
];

describe("a prepared state is laid out as the reference engine lays out its own", () => {
  test("without keys: like one that was just manufactured", async () => {
    const theirs = golden("fresh-32k.bin");
    const ours = await prepareTpmState({ ak: false, srk: false });
    const differ = differences(pictureTpmState(ours), pictureTpmState(theirs));
    // The reference gives the null seed the length of a proof, above its own buffer.
    expect(differ).toEqual(["persistent.timeEpoch", "stateReset.nullSeed.size", ...neverSet]);
    expect(toHex(ours.subarray(3508))).toBe(toHex(theirs.subarray(3508)));
  });

  test("with keys and a certificate of the platform: like one that was provisioned", async () => {
    const theirs = golden("provisioned-32k.bin");
    const der = findAkCertificate(await readTpmState(theirs))?.der ?? new Uint8Array(0);
    const ours = await prepareTpmState({ akCertificate: { creator: "platform", der } });
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
    checkRsaKey("key", { modulus: area.unique, prime: content(sensitiveArea.sensitive) });
    expect(sensitiveArea.type).toBe(publicArea.type);
    expect(content(sensitiveArea.authValue)).toEqual(new Uint8Array(32));
    expect(sensitiveArea.seedValue.size).toBe(objectFlags.has(flags, "parent") ? 32 : 0);
    expect(objectFlags.has(flags, "privateExponentCached")).toBe(cached);
    expect(privateExponent.some((byte) => byte !== 0)).toBe(cached);
  }
}
