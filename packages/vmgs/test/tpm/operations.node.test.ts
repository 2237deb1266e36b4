/** Every row of the operations table (spec: tpm, engine and helper), step by step on a real TPM. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTpmEngine } from "../../src/node/tpm-engines/index.ts";
import { Secret } from "../../src/secret/index.ts";
import { recordingTpmEngine, type TpmEngine } from "../../src/tpm/engine/index.ts";
import {
  allocateTpmPcrBanks,
  ask,
  clearTpmPlatformContext,
  createTpmAk,
  createTpmEk,
  defineTpmNvIndex,
  findTpmNvIndex,
  findTpmObject,
  initializeTpm,
  listTpmHandles,
  perform,
  readTpmNvIndex,
  readTpmProperty,
  refreshTpmSeeds,
  restartTpm,
  undefineTpmNvIndex,
  writeTpmNvIndex,
  writeTpmNvIndexAsOwner,
} from "../../src/tpm/operations/index.ts";
import {
  akAttributes,
  akTemplate,
  CreatePrimary,
  commandName,
  EvictControl,
  ekAttributes,
  FlushContext,
  GetCapability,
  NV_Read,
  NvIndexHandle,
  ownerAkCertAttributes,
  PCR_BANK,
  PersistentHandle,
  platformAkCertAttributes,
  srkTemplate,
  TPM_CAP,
  TPM_RC,
  TPM_RH,
  TPMA_NV,
  TPMA_OBJECT,
} from "../../src/tpm/protocol/index.ts";
import { hierarchyChangeAuth } from "../hierarchy-change-auth.ts";
import { type Swtpm, startSwtpm, whyNoSwtpm } from "../swtpm.ts";

const none = new Uint8Array(0);
const password = new Secret(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
const nvIndex = NvIndexHandle.AK_CERTIFICATE;
const TRANSIENT = 0x8000_0000;

/** All objects that the TPM holds for the moment. */
const transients = (engine: TpmEngine) => listTpmHandles(engine, TRANSIENT);

function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + 7) % 251);
}

describe.skipIf(whyNoSwtpm !== null)(
  `on swtpm${whyNoSwtpm === null ? "" : ` (skipped: ${whyNoSwtpm})`}`,
  () => {
    let swtpm: Swtpm;
    let engine: TpmEngine;
    const names: string[] = [];

    beforeAll(async () => {
      swtpm = await startSwtpm();
      const real = await openTpmEngine(swtpm.address);
      engine = recordingTpmEngine(real, ({ command }) => {
        names.push(commandName(new DataView(command.buffer, command.byteOffset).getUint32(6)) ?? "?");
      });
    });

    afterAll(async () => {
      await engine?.close();
      await swtpm?.[Symbol.asyncDispose]();
    });

    /** Names of the commands that an operation sends. */
    async function commandsOf<T>(action: () => Promise<T>): Promise<[T, string[]]> {
      names.length = 0;
      const result = await action();
      return [result, [...names]];
    }

    async function freshIndex(attributes = platformAkCertAttributes(), size = 2048): Promise<void> {
      const index = await findTpmNvIndex(engine, nvIndex);
      if (index !== null) await undefineTpmNvIndex(engine, index);
      await defineTpmNvIndex(engine, { nvIndex, size, attributes, authValue: password });
    }

    test("initialize: Startup(CLEAR), SelfTest(full); a TPM that was started already is no failure", async () => {
      const [first, sent] = await commandsOf(() => initializeTpm(engine));
      expect(first).toEqual({ alreadyStarted: false });
      expect(sent).toEqual(["Startup", "SelfTest"]);
      expect(await initializeTpm(engine)).toEqual({ alreadyStarted: true });
    });

    test("a restart is an orderly one and keeps what is persistent", async () => {
      await freshIndex();
      const [, sent] = await commandsOf(() => restartTpm(engine));
      expect(sent).toEqual(["Shutdown", "Startup", "SelfTest"]);
      expect(await findTpmNvIndex(engine, nvIndex)).toMatchObject({ dataSize: 2048 });
    });

    test("create AK: none there, so it is made, made persistent, and flushed", async () => {
      const [ak, sent] = await commandsOf(() => createTpmAk(engine));
      expect(sent).toEqual(["ReadPublic", "CreatePrimary", "EvictControl", "FlushContext"]);
      expect(ak).toMatchObject({ created: true, canRenew: true, warning: null });
      expect(ak.publicArea).toMatchObject({ objectAttributes: 0x0005_0472, keyBits: 2048, exponent: 0 });
      expect(ak.modulus).toHaveLength(256);
      expect(await transients(engine)).toEqual([]);
    });

    test("create AK: one is there, so it is returned; force makes it anew, which is the same key under the same seed", async () => {
      const [found, sent] = await commandsOf(() => createTpmAk(engine));
      expect(sent).toEqual(["ReadPublic"]);
      expect(found).toMatchObject({ created: false, canRenew: true });
      const [forced, again] = await commandsOf(() => createTpmAk(engine, { force: true }));
      expect(again).toEqual(["ReadPublic", "EvictControl", "CreatePrimary", "EvictControl", "FlushContext"]);
      expect(forced).toMatchObject({ created: true, canRenew: true });
      expect(forced.modulus).toEqual(found.modulus);
    });

    test("create EK: the public part, and nothing stays in the TPM", async () => {
      const [ek, sent] = await commandsOf(() => createTpmEk(engine));
      expect(sent).toEqual(["CreatePrimary", "FlushContext"]);
      expect(ek.publicArea).toMatchObject({ objectAttributes: ekAttributes(), kind: "RSA" });
      expect(await transients(engine)).toEqual([]);
      expect(await findTpmObject(engine, PersistentHandle.EK)).toBeNull();
    });

    test("refresh seeds: another AK and another EK; the old AK is gone", async () => {
      const before = { ak: await createTpmAk(engine), ek: await createTpmEk(engine) };
      const [, sent] = await commandsOf(() => refreshTpmSeeds(engine));
      expect(sent).toEqual(["ChangeEPS", "ChangePPS"]);
      expect(await findTpmObject(engine, PersistentHandle.AK)).toBeNull();
      const after = { ak: await createTpmAk(engine), ek: await createTpmEk(engine) };
      expect(after.ak.modulus).not.toEqual(before.ak.modulus);
      expect(after.ek.modulus).not.toEqual(before.ek.modulus);
    });

    test("an AK with other attributes, as a guest could plant, can't be renewed", async () => {
      const persistentHandle = PersistentHandle.AK;
      const auth = TPM_RH.OWNER;
      await perform(engine, EvictControl, { auth, objectHandle: persistentHandle, persistentHandle });
      const planted = { ...akTemplate(), objectAttributes: akAttributes() & ~TPMA_OBJECT.mask.noDA };
      const { objectHandle } = await perform(engine, CreatePrimary, {
        primaryHandle: TPM_RH.ENDORSEMENT,
        inSensitive: { userAuth: none, data: none },
        inPublic: planted,
        outsideInfo: none,
        creationPcr: [],
      });
      await perform(engine, EvictControl, { auth, objectHandle, persistentHandle });
      await perform(engine, FlushContext, { flushHandle: objectHandle });
      expect(await createTpmAk(engine)).toMatchObject({ created: false, canRenew: false });
      expect(await createTpmAk(engine, { force: true })).toMatchObject({ created: true, canRenew: true });
    });

    test("find: 0x18B is absent", async () => {
      expect(await findTpmObject(engine, PersistentHandle.GUEST_SECRET_KEY)).toBeNull();
      expect(await findTpmNvIndex(engine, NvIndexHandle.MITIGATION_MARKER)).toBeNull();
      const reply = await ask(engine, NV_Read, {
        authHandle: TPM_RH.OWNER,
        nvIndex: NvIndexHandle.MITIGATION_MARKER,
        size: 1,
        offset: 0,
      });
      expect(reply).toEqual({ ok: false, responseCode: 0x28b });
    });

    test("find: any other refusal is an error with code, command and handle", async () => {
      await expect(findTpmObject(engine, 0x4000_0001)).rejects.toMatchObject({
        code: "VMGS_TPM_REFUSED",
        facts: { commandCode: 0x173, handle: 0x4000_0001 },
      });
      await expect(findTpmNvIndex(engine, 0x8100_0001)).rejects.toMatchObject({
        code: "VMGS_TPM_REFUSED",
        facts: { commandCode: 0x169 },
      });
    });

    test("NV index: unallocated, uninitialized, available, with exactly the platform's attributes", async () => {
      const index = await findTpmNvIndex(engine, nvIndex);
      if (index !== null) await undefineTpmNvIndex(engine, index);
      expect(await readTpmNvIndex(engine, nvIndex)).toEqual({ state: "unallocated" });
      await freshIndex();
      expect((await findTpmNvIndex(engine, nvIndex))?.attributes).toBe(0x4206_0004);
      expect(await readTpmNvIndex(engine, nvIndex)).toMatchObject({ state: "uninitialized" });
      const data = pattern(1500);
      const [, sent] = await commandsOf(() =>
        writeTpmNvIndex(engine, nvIndex, data, { authValue: password }),
      );
      expect(sent).toEqual(["NV_ReadPublic", "NV_Write", "NV_Write"]);
      expect((await findTpmNvIndex(engine, nvIndex))?.attributes).toBe(0x6206_0004);
      const [content, reads] = await commandsOf(() => readTpmNvIndex(engine, nvIndex));
      expect(reads).toEqual(["NV_ReadPublic", "NV_Read", "NV_Read"]);
      const padded = new Uint8Array(2048);
      padded.set(data);
      expect(content).toMatchObject({ state: "available", data: padded });
    });

    test("a shorter write leaves nothing of what was there before", async () => {
      await writeTpmNvIndex(engine, nvIndex, pattern(2048), { authValue: password });
      await writeTpmNvIndex(engine, nvIndex, Uint8Array.of(9), { authValue: password });
      const expected = new Uint8Array(2048);
      expected[0] = 9;
      expect(await readTpmNvIndex(engine, nvIndex)).toMatchObject({ data: expected });
    });

    test("a portion is 1024 bytes at most, and sizes around that work", async () => {
      for (const size of [1, 1023, 1024, 1025, 2048]) {
        await freshIndex(platformAkCertAttributes(), size);
        await writeTpmNvIndex(engine, nvIndex, pattern(size), { authValue: password });
        expect(await readTpmNvIndex(engine, nvIndex), `${size} bytes`).toMatchObject({ data: pattern(size) });
      }
    });

    test("more than the index holds is refused before anything is sent", async () => {
      const write = () => writeTpmNvIndex(engine, nvIndex, new Uint8Array(2049), { authValue: password });
      const [error, sent] = await commandsOf(() => write().catch((caught: unknown) => caught));
      expect(error).toMatchObject({
        code: "VMGS_TPM_INDEX_SIZE",
        facts: { nvIndex, bytes: 2049, limit: 2048 },
      });
      expect(sent).toEqual(["NV_ReadPublic"]);
    });

    test("a wrong password is refused, with code, handle and index", async () => {
      const wrong = new Secret(new Uint8Array(8));
      const error = await writeTpmNvIndex(engine, nvIndex, pattern(10), { authValue: wrong }).catch(
        (e: unknown) => e,
      );
      expect(error).toMatchObject({
        code: "VMGS_TPM_REFUSED",
        facts: { commandCode: 0x137, handle: nvIndex, nvIndex, responseCode: TPM_RC.BAD_AUTH_SESSION_1 },
      });
      expect(String(error)).toContain("BAD_AUTH");
    });

    test("an index that its owner may not read is an error, and one that is not the platform's is not written", async () => {
      await freshIndex(TPMA_NV.of("AUTHWRITE", "AUTHREAD", "PLATFORMCREATE"), 16);
      await expect(readTpmNvIndex(engine, nvIndex)).rejects.toMatchObject({ code: "VMGS_TPM_INPUT" });
      await freshIndex(ownerAkCertAttributes(), 16);
      await expect(writeTpmNvIndex(engine, nvIndex, pattern(1))).rejects.toThrow("lacks PLATFORMCREATE");
      await writeTpmNvIndexAsOwner(engine, nvIndex, pattern(16));
      expect(await readTpmNvIndex(engine, nvIndex)).toMatchObject({ data: pattern(16) });
      await freshIndex(TPMA_NV.of("PPWRITE", "OWNERREAD", "PLATFORMCREATE"), 16);
      await expect(writeTpmNvIndex(engine, nvIndex, pattern(1))).rejects.toThrow("lacks AUTHWRITE");
      await expect(writeTpmNvIndexAsOwner(engine, nvIndex, pattern(1))).rejects.toThrow("lacks OWNERWRITE");
    });

    test("an absent index can't be written", async () => {
      await expect(writeTpmNvIndex(engine, NvIndexHandle.MITIGATION_MARKER, none)).rejects.toMatchObject({
        code: "VMGS_TPM_REFUSED",
        facts: { responseCode: TPM_RC.HANDLE_1, nvIndex: NvIndexHandle.MITIGATION_MARKER },
      });
    });

    test("a TPM tells how large an index can be", async () => {
      expect(await readTpmProperty(engine, 0x117)).toBe(2048);
      expect(await readTpmProperty(engine, 0x3ff)).toBeNull();
    });

    test("clear platform context: the AK and the owner's index go, the platform's index stays", async () => {
      await createTpmAk(engine);
      await freshIndex();
      const mine = NvIndexHandle.GUEST_ATTESTATION_INPUT;
      await defineTpmNvIndex(engine, { nvIndex: mine, size: 4, attributes: ownerAkCertAttributes() });
      const [code, sent] = await commandsOf(() => clearTpmPlatformContext(engine));
      expect([code, sent]).toEqual([0, ["ClearControl", "Clear"]]);
      expect(await findTpmObject(engine, PersistentHandle.AK)).toBeNull();
      expect(await findTpmNvIndex(engine, mine)).toBeNull();
      expect(await findTpmNvIndex(engine, nvIndex)).not.toBeNull();
    });

    test("PCR banks: SHA-256 and SHA-384 only, after the next start", async () => {
      const all = PCR_BANK.of("SHA1", "SHA256", "SHA384", "SHA512");
      const banks = async () => {
        const values = { capability: TPM_CAP.PCRS, property: 0, propertyCount: 16 };
        const { capabilityData } = await perform(engine, GetCapability, values);
        if (capabilityData.kind !== "PCRS") throw new Error(capabilityData.kind);
        return capabilityData.entries.filter(({ select }) => select.some((byte) => byte !== 0)).length;
      };
      expect(
        await allocateTpmPcrBanks(engine, { wanted: PCR_BANK.of("SHA256", "SHA384"), supported: all }),
      ).toBe(0);
      await restartTpm(engine);
      expect(await banks()).toBe(2);
      expect(await allocateTpmPcrBanks(engine, { wanted: all, supported: all })).toBe(0);
      await restartTpm(engine);
      expect(await banks()).toBe(4);
    });

    test("PCR banks: that the TPM has no such bank comes back as its code", async () => {
      const sm3 = PCR_BANK.of("SM3_256");
      const code = await allocateTpmPcrBanks(engine, { wanted: sm3, supported: sm3 });
      expect(code).not.toBe(0);
    });

    test("a guest that took ownership: no AK, zeros and a warning; a later Clear makes it work again", async () => {
      const newAuth = Uint8Array.of(1, 2, 3);
      for (const authHandle of [TPM_RH.ENDORSEMENT, TPM_RH.OWNER]) {
        await engine.execute(hierarchyChangeAuth(authHandle, newAuth));
      }
      for (const key of [await createTpmAk(engine, { force: true }), await createTpmEk(engine)]) {
        expect(key.publicArea).toBeNull();
        expect(key.modulus).toEqual(new Uint8Array(256));
        expect(key.warning).toMatch(/^the TPM refused CreatePrimary of endorsement .*BAD_AUTH/);
      }
      expect(await createTpmAk(engine)).toMatchObject({ canRenew: false, created: false });
      expect(await clearTpmPlatformContext(engine)).toBe(0);
      expect(await createTpmAk(engine)).toMatchObject({ canRenew: true, created: true });
      expect(await transients(engine)).toEqual([]);
    });

    test("what is not persistent is gone after a restart", async () => {
      await perform(engine, CreatePrimary, {
        primaryHandle: TPM_RH.OWNER,
        inSensitive: { userAuth: none, data: none },
        inPublic: srkTemplate(),
        outsideInfo: none,
        creationPcr: [],
      });
      expect(await transients(engine)).toHaveLength(1);
      await restartTpm(engine);
      expect(await transients(engine)).toEqual([]);
    });
  },
);
