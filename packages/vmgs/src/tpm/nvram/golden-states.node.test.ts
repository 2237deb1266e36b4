import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { decode, encode, hexNumber, toHex } from "../../layout/index.ts";
import { algorithmName, type PublicArea, rsaExponent, TPMA_NV } from "../protocol/index.ts";
import { walkEntries } from "./entries.ts";
import { objectEntry } from "./entry-layout.ts";
import {
  findAkCertificate,
  pictureTpmState,
  readTpmState,
  type TpmNvIndex,
  type TpmObject,
  type TpmState,
} from "./index.ts";
import { readPublicArea, writeRsaPublicArea } from "./public-area.ts";
import { fixedRegions } from "./state-layout.ts";

const golden = new URL("../../../test/golden/tpm-nvram/", import.meta.url);
const sharedRoot =
  process.env.VMGSKIT_SHARED ?? fileURLToPath(new URL("../../../../../../shared", import.meta.url));
const upstream = new URL("golden/tpm-nvram/upstream/", pathToFileURL(`${sharedRoot}/`));

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hex32 = (value: number) => hexNumber(value, 8);

/** An index as the golden files describe it. */
function indexJson(index: TpmNvIndex, derLength: number | null) {
  return {
    kind: "index",
    offset: index.offset,
    entryBytes: index.entryBytes,
    handle: hex32(index.handle),
    nameAlg: algorithmName(index.nameAlg),
    attributes: hex32(index.storedAttributes),
    dataSize: index.dataSize,
    authBytes: index.authBytes,
    written: index.written && !index.orderly,
    platformCreated: index.creator === "platform",
    storedDataBytes: index.storedDataBytes,
    // The golden name of an orderly index is over its stored attributes, not over those that count.
    ...(!index.orderly && { name: toHex(index.name ?? new Uint8Array(0)) }),
    ...(derLength !== null && { derLength }),
    ...(index.data !== null && !index.orderly && { dataSha256: sha256(index.data) }),
  };
}

function keyJson(area: PublicArea | null) {
  if (area?.kind !== "RSA") throw new Error("the golden objects are RSA keys");
  return {
    type: area.kind,
    nameAlg: algorithmName(area.nameAlg),
    objectAttributes: hex32(area.objectAttributes),
    authPolicyBytes: area.authPolicy.length,
    keyBits: area.keyBits,
    exponent: rsaExponent(area),
    modulusSha256: sha256(area.unique),
    symmetric: area.symmetric.kind,
    scheme: area.scheme.kind,
  };
}

function objectJson(object: TpmObject) {
  return {
    kind: "object",
    offset: object.offset,
    entryBytes: object.entryBytes,
    handle: hex32(object.handle),
    evictHandle: hex32(object.evictHandle),
    internalAttributes: hex32(object.flags),
    ...keyJson(object.publicArea),
    name: toHex(object.name),
    qualifiedName: toHex(object.qualifiedName),
    nameMatches: object.nameMatches,
  };
}

function stateJson(state: TpmState) {
  const certificate = findAkCertificate(state);
  return {
    size: state.byteLength,
    indices: state.indices.map((index) =>
      indexJson(index, index === certificate?.index ? certificate.derLength : null),
    ),
    objects: state.objects.map(objectJson),
    disableClear: state.disableClear,
    totalResetCount: Number(state.totalResetCount),
    resetCount: state.resetCount,
    pcrBanks: state.pcrBanks.map(({ hash, select }) => ({
      hash: algorithmName(hash),
      select: toHex(select),
    })),
    failedTries: state.lockout.failedTries,
    maxTries: state.lockout.maxTries,
    recoveryTime: state.lockout.recoveryTime,
    lockoutRecovery: state.lockout.lockoutRecovery,
    orderlyState: hexNumber(state.orderlyState, 4),
    firmware: state.firmwareVersion.map(hex32),
    ownerAuthSet: state.owner.authSet,
    endorsementAuthSet: state.endorsement.authSet,
    lockoutAuthSet: state.lockout.authSet,
    ...(state.corruption !== null && { corruptAt: state.corruption.offset }),
    listEnd: state.listEnd,
    freeBytes: state.freeBytes,
    ...(state.maxCounter !== null && { maxCounter: Number(state.maxCounter) }),
    orderlyRam: state.orderlyRam.map(({ handle, attributes, dataBytes }) => ({
      handle: hex32(handle),
      attributes: hex32(attributes),
      bytes: dataBytes,
    })),
  };
}

interface Described {
  readonly indices: readonly { readonly attributes: string; readonly name: string }[];
}

function withoutNamesOfOrderly(expected: Described) {
  const indices = expected.indices.map(({ name, ...index }) =>
    TPMA_NV.has(Number(index.attributes), "ORDERLY") ? index : { ...index, name },
  );
  return { ...expected, indices };
}

function cases(folder: URL, ending: string) {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => ({
      name: file,
      bytes: new Uint8Array(readFileSync(new URL(file, folder))),
      expected: JSON.parse(readFileSync(new URL(file.replace(ending, ".json"), folder), "utf8")) as Described,
    }));
}

const shared = existsSync(upstream) ? cases(upstream, ".blob") : [];
const all = [...cases(golden, ".bin"), ...shared];

describe.each(all)("golden state $name", ({ bytes, expected }) => {
  test("is read as described", async () => {
    expect(stateJson(await readTpmState(bytes))).toEqual(withoutNamesOfOrderly(expected));
  });

  test("has sound names and no problem that is not described", async () => {
    const state = await readTpmState(bytes);
    expect(state.problems).toEqual([]);
    for (const object of state.objects) {
      const primary = object.flagNames.includes("primary");
      expect(object.qualifiedNameMatches).toBe(primary ? true : null);
    }
  });

  test("comes out of its declared regions byte for byte", () => {
    const regions = bytes.slice(0, fixedRegions.size);
    expect(toHex(encode(fixedRegions, decode(fixedRegions, regions)))).toBe(toHex(regions));
  });

  test("has public areas that can be written as they were", () => {
    for (const { offset, handle } of walkEntries(bytes).entries.filter(
      (entry) => entry.entryBytes === 1824,
    )) {
      const entry = decode(objectEntry, bytes, offset);
      const area = readPublicArea(entry.publicArea);
      if (area.kind !== "RSA") throw new Error(`${handle} is no RSA key`);
      expect(writeRsaPublicArea(area)).toEqual(entry.publicArea);
    }
  });
});

if (shared.length === 0)
  test.skip("states of upstream: not here; VMGSKIT_SHARED tells where they are", () => {});

describe("golden values", () => {
  const named = async (name: string) => {
    const found = all.find((candidate) => candidate.name === name);
    return readTpmState(found?.bytes ?? new Uint8Array(0));
  };

  test("counters and bit fields are big-endian numbers", async () => {
    const { indices } = await named("many-indices-32k.bin");
    expect(indices.filter(({ value }) => value !== null).map(({ type, value }) => [type, value])).toEqual([
      ["COUNTER", 1n],
      ["BITS", 5n],
    ]);
  });

  test("an orderly index has the attributes and the data of its RAM copy", async () => {
    const { indices } = await named("many-indices-32k.bin");
    const orderly = indices.find((index) => index.orderly);
    expect(orderly).toMatchObject({ attributes: 0x2406_0006, storedAttributes: 0x0406_0006, written: true });
    expect(new TextDecoder().decode(orderly?.data ?? undefined)).toBe("orderly-index-00");
  });

  test("the AK certificate is found without its padding, or not at all", async () => {
    const platform = findAkCertificate(await named("provisioned-32k.bin"));
    expect(platform).toMatchObject({ derLength: 843, index: { dataSize: 4096, creator: "platform" } });
    expect(platform?.der?.length).toBe(843);
    expect(findAkCertificate(await named("platform-index-unwritten-32k.bin"))).toMatchObject({ der: null });
    expect(findAkCertificate(await named("fresh-32k.bin"))).toBeNull();
  });

  test("a truncated state says where and how it breaks", async () => {
    const { corruption, maxCounter } = await named("truncated-16k.bin");
    expect(corruption).toEqual({ offset: 11372, kind: "entry-past-end", claimedBytes: 8000 });
    expect(maxCounter).toBeNull();
  });

  test("a picture names every byte up to the end of the list", () => {
    const bytes = all.find(({ name }) => name === "many-indices-32k.bin")?.bytes as Uint8Array;
    const end = pictureTpmState(bytes).reduce(
      (at, row) => (row.offset === at ? at + row.size : Number.NaN),
      0,
    );
    expect(end).toBe(15072 + 12);
  });
});
