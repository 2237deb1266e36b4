/** No secret of a state is in anything that this room gives out. */

import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { toHex } from "../../layout/index.ts";
import { Secret } from "../../secret/index.ts";
import { walkEntries } from "./entries.ts";
import {
  foretellTpmStart,
  pictureTpmState,
  prepareTpmState,
  readAkCertificate,
  readStoredCertificates,
  readTpmState,
  repairTpmState,
} from "./index.ts";

const golden = new URL("../../../test/golden/tpm-nvram/", import.meta.url);

const engine = new URL("../../../test/golden/tpm-engine/", import.meta.url);

/** Where secrets lie: offset and bytes, from the tables of the specification, not from the declarations. */
const SECRET_REGIONS = [
  [160, 150], // authorizations of the hierarchies
  [310, 102], // seeds
  [412, 150], // proofs
  [792, 84], // proof and seed of the null hierarchy
  [1032, 50], // nonce of commits
  [1168, 50], // authorization of the platform
  [2908, 64], // random generator
] as const;
const SECRETS_OF_OBJECT = [352, 1352] as const;
const SECRETS_OF_INDEX = [68, 50] as const;

function secretRegions(state: Uint8Array): Uint8Array[] {
  const entries = walkEntries(state).entries.map(({ offset, handle }) => {
    const [start, size] = handle >>> 24 === 0x81 ? SECRETS_OF_OBJECT : SECRETS_OF_INDEX;
    return [offset + start, size] as const;
  });
  return [...SECRET_REGIONS, ...entries].map(([offset, size]) => state.subarray(offset, offset + size));
}

const RUN = 8;

/** Runs of 8 bytes that stand for themselves: lengths and zeros do not. */
function secretRuns(state: Uint8Array): string[] {
  return secretRegions(state).flatMap((region) => {
    const starts = Array.from({ length: region.length - RUN + 1 }, (_, at) => at).filter(
      (at) => at % 2 === 0,
    );
    const runs = starts.map((at) => region.subarray(at, at + RUN));
    return runs.filter((run) => new Set(run).size > RUN / 2).map(toHex);
  });
}

/** All that is told, bytes as hex and as the text they would be. */
function told(value: unknown): string {
  const bytes: string[] = [];
  const json = JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) bytes.push(toHex(part));
    if (typeof part === "string") bytes.push(toHex(new TextEncoder().encode(part)));
    return typeof part === "bigint" ? toHex(Uint8Array.from([...bigBytes(part)])) : part;
  });
  return `${json}\n${bytes.join("\n")}`;
}

function bigBytes(value: bigint): number[] {
  const hex = value.toString(16);
  return (
    (hex.length % 2 === 0 ? hex : `0${hex}`).match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []
  );
}

async function everythingOf(state: Uint8Array): Promise<string> {
  const read = await readTpmState(state);
  const { cut } = repairTpmState(state);
  const certificates = [await readAkCertificate(read), await readStoredCertificates(read)];
  return told([read, certificates, pictureTpmState(state), cut, foretellTpmStart(state)]);
}

async function expectNoSecrets(state: Uint8Array): Promise<void> {
  const runs = secretRuns(state);
  // Seeds, proofs, null hierarchy, nonce and random generator are always there.
  expect(runs.length).toBeGreaterThan(150);
  const text = await everythingOf(state);
  expect(runs.filter((run) => text.includes(run))).toEqual([]);
}

describe("no run of a secret's bytes is in what is read, found, pictured or told about a repair", () => {
  const names = readdirSync(golden).filter((name) => name.endsWith(".bin"));
  test.each(names)("of %s", (name) => expectNoSecrets(new Uint8Array(readFileSync(new URL(name, golden)))));

  const histories = readdirSync(engine).filter((name) => name.endsWith(".bin.gz"));
  test.each(histories)("of %s", (name) =>
    expectNoSecrets(new Uint8Array(gunzipSync(readFileSync(new URL(name, engine))))),
  );

  test("of a prepared state", async () => {
    const authValue = new Secret(Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i));
    const state = await prepareTpmState({ akCertificate: { creator: "platform", authValue } });
    expect(toHex(state)).toContain(toHex(authValue.expose()));
    await expectNoSecrets(state);
  });

  test("of a state that is damaged: lengths of secrets reach beyond them", async () => {
    const state = await prepareTpmState({ akCertificate: { creator: "platform" } });
    for (const at of [160, 310, 344, 412, 792, 842]) state.set([0xff, 0xff], at);
    for (const { offset } of walkEntries(state).entries.slice(0, 2)) {
      for (const at of [20, 92, 354, 404, 454, 1704, 1764]) state.set([0xff, 0xff], offset + at);
    }
    await expectNoSecrets(state);
  });
});

test("an error tells no secret", async () => {
  const authValue = new Secret(new Uint8Array(33).fill(0xab));
  const akCertificate = { creator: "platform", authValue } as const;
  const error: unknown = await prepareTpmState({ akCertificate }).catch((reason: unknown) => reason);
  expect(`${told(error)}${String(error)}`).not.toMatch(/abab|171/);
});
