/** The table of the certificate index and the whole first boot, on a real TPM. */

import { describe, expect, test } from "vitest";
import { openTpmEngine } from "../../src/node/tpm-engines/index.ts";
import { Secret } from "../../src/secret/index.ts";
import type { TpmEngine } from "../../src/tpm/engine/index.ts";
import {
  clearTpmPlatformContext,
  defineTpmNvIndex,
  findTpmNvIndex,
  findTpmObject,
  importGuestSecretKey,
  initializeTpm,
  perform,
  planFirstBoot,
  prepareCertificateIndex,
  readTpmNvIndex,
  restartTpm,
  runFirstBoot,
  writeTpmNvIndex,
  writeTpmNvIndexAsOwner,
} from "../../src/tpm/operations/index.ts";
import {
  CreatePrimary,
  EvictControl,
  FlushContext,
  NvIndexHandle,
  ownerAkCertAttributes,
  PersistentHandle,
  platformAkCertAttributes,
  srkTemplate,
  TPM_RH,
} from "../../src/tpm/protocol/index.ts";
import { wrapGuestSecret } from "../guest-secret-key.ts";
import { startSwtpm, whyNoSwtpm } from "../swtpm.ts";

const nvIndex = NvIndexHandle.AK_CERTIFICATE;
const MARKER = NvIndexHandle.MITIGATION_MARKER;
const REPORT = NvIndexHandle.ATTESTATION_REPORT;
/** The largest that swtpm takes; it stands for the 4096 of the platform. */
const size = 2048;
const authValue = new Secret(Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1));
const boot = { create: true, preserve: true, repairSmallVtpm: false, attestationReport: false, size };
const repair = { ...boot, repairSmallVtpm: true };

function certificate(length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 13 + 1) % 256);
  bytes.set([0x30, 0x82, (length - 4) >> 8, (length - 4) & 0xff]);
  return bytes;
}

function padded(bytes: Uint8Array, length = size): Uint8Array {
  const all = new Uint8Array(length);
  all.set(bytes);
  return all;
}

async function onSwtpm(action: (engine: TpmEngine) => Promise<void>): Promise<void> {
  await using swtpm = await startSwtpm();
  await using engine = await openTpmEngine(swtpm.address);
  await initializeTpm(engine);
  await action(engine);
}

const defineOwn = (engine: TpmEngine, attributes = platformAkCertAttributes(), bytes = size) =>
  defineTpmNvIndex(engine, { nvIndex, size: bytes, attributes, authValue });

async function platformsWith(engine: TpmEngine, data: Uint8Array): Promise<void> {
  await defineOwn(engine);
  await writeTpmNvIndex(engine, nvIndex, data, { authValue });
}

const content = (engine: TpmEngine, index: number = nvIndex) => readTpmNvIndex(engine, index);

async function makeSrk(engine: TpmEngine) {
  const none = new Uint8Array(0);
  const { objectHandle, outPublic } = await perform(engine, CreatePrimary, {
    primaryHandle: TPM_RH.OWNER,
    inSensitive: { userAuth: none, data: none },
    inPublic: srkTemplate(),
    outsideInfo: none,
    creationPcr: [],
  });
  const values = { auth: TPM_RH.OWNER, objectHandle, persistentHandle: PersistentHandle.SRK };
  await perform(engine, EvictControl, values);
  await perform(engine, FlushContext, { flushHandle: objectHandle });
  return outPublic;
}

describe.skipIf(whyNoSwtpm !== null)(
  `on swtpm${whyNoSwtpm === null ? "" : ` (skipped: ${whyNoSwtpm})`}`,
  () => {
    describe("the certificate index", () => {
      test("row 3: none is made under the platform, with this boot's password", () =>
        onSwtpm(async (engine) => {
          const { row } = await prepareCertificateIndex(engine, boot, { authValue });
          expect(row).toBe("none");
          expect(await findTpmNvIndex(engine, nvIndex)).toMatchObject({
            attributes: 0x4206_0004,
            dataSize: size,
          });
          await writeTpmNvIndex(engine, nvIndex, certificate(900), { authValue });
          expect(await content(engine)).toMatchObject({ data: padded(certificate(900)) });
        }));

      test("row 2: never written is undefined; the owner's is left alone", () =>
        onSwtpm(async (engine) => {
          await defineOwn(engine, ownerAkCertAttributes(), 100);
          await prepareCertificateIndex(engine, { ...boot, create: false }, { authValue });
          expect(await findTpmNvIndex(engine, nvIndex)).toBeNull();
          await defineOwn(engine, ownerAkCertAttributes(), 100);
          await writeTpmNvIndexAsOwner(engine, nvIndex, certificate(100));
          for (const request of [boot, repair]) {
            expect(await prepareCertificateIndex(engine, request, { authValue })).toMatchObject({
              row: "owner's",
            });
          }
          expect(await content(engine)).toMatchObject({ data: certificate(100) });
        }));

      test("row 4, then row 1: a small vTPM is repaired once, and the certificate is kept", () =>
        onSwtpm(async (engine) => {
          await platformsWith(engine, certificate(900));
          const first = await prepareCertificateIndex(engine, repair, { authValue });
          expect(first).toMatchObject({ row: "small vTPM repaired", creator: "owner", warnings: [] });
          expect(await findTpmNvIndex(engine, nvIndex)).toMatchObject({
            attributes: 0x2006_0006,
            dataSize: 900,
          });
          expect(await content(engine)).toMatchObject({ data: certificate(900) });
          expect(await content(engine, MARKER)).toMatchObject({ data: Uint8Array.of(1) });
          await restartTpm(engine);
          const second = await prepareCertificateIndex(engine, repair, { authValue });
          expect(second).toMatchObject({ row: "repaired before", steps: [] });
          expect(await content(engine)).toMatchObject({ data: certificate(900) });
        }));

      test("row 1: repaired before, and a platform's index is there all the same", () =>
        onSwtpm(async (engine) => {
          await platformsWith(engine, certificate(900));
          await defineTpmNvIndex(engine, {
            nvIndex: MARKER,
            size: 1,
            attributes: platformAkCertAttributes(),
          });
          await prepareCertificateIndex(
            engine,
            { ...repair, attestationReport: true, reportSize: 100 },
            { authValue },
          );
          expect(await findTpmNvIndex(engine, nvIndex)).toMatchObject({
            attributes: 0x2006_0006,
            dataSize: size,
          });
          expect(await content(engine)).toMatchObject({ data: padded(certificate(900)) });
          expect(await findTpmNvIndex(engine, REPORT)).toBeNull();
        }));

      test("row 4: a marker that can't be made is a warning", () =>
        onSwtpm(async (engine) => {
          await platformsWith(engine, certificate(900));
          // Nothing but the marker is refused: the TPM itself sees a size that it does not take.
          const refusing: TpmEngine = {
            ...engine,
            execute(command, options) {
              const marks = Buffer.from(command).includes(Buffer.of(0x01, 0xc1, 0x01, 0xd2));
              const isDefine = command[9] === 0x2a;
              if (!marks || !isDefine) return engine.execute(command, options);
              const changed = command.slice();
              changed.fill(0xff, changed.length - 2);
              return engine.execute(changed, options);
            },
          };
          const { warnings, row } = await prepareCertificateIndex(refusing, repair, { authValue });
          expect(row).toBe("small vTPM repaired");
          expect(warnings).toMatchObject([{ code: "VMGS_TPM_MARKER_NOT_WRITTEN" }]);
          expect(await content(engine)).toMatchObject({ data: certificate(900) });
        }));

      test("row 5: the platform's is made again with the new password, and keeps the certificate if asked", () =>
        onSwtpm(async (engine) => {
          await platformsWith(engine, certificate(900));
          const other = new Secret(Uint8Array.of(9, 9, 9));
          expect(await prepareCertificateIndex(engine, boot, { authValue: other })).toMatchObject({
            row: "platform's",
          });
          expect(await content(engine)).toMatchObject({ data: padded(certificate(900)) });
          await writeTpmNvIndex(engine, nvIndex, certificate(800), { authValue: other });
          await prepareCertificateIndex(engine, { ...boot, preserve: false }, { authValue });
          expect(await content(engine)).toMatchObject({ state: "uninitialized" });
        }));

      test("row 6: the report index is made, and made again", () =>
        onSwtpm(async (engine) => {
          const request = { ...boot, attestationReport: true, reportSize: 2000 };
          for (let i = 0; i < 2; i++) {
            await prepareCertificateIndex(engine, request, { authValue });
            expect(await findTpmNvIndex(engine, REPORT)).toMatchObject({
              dataSize: 2000,
              attributes: 0x4206_0004,
            });
            await writeTpmNvIndex(engine, REPORT, Uint8Array.of(i), { authValue });
          }
        }));

      test("a size that the TPM does not take is refused before anything is changed", () =>
        onSwtpm(async (engine) => {
          await platformsWith(engine, certificate(900));
          const request = { ...boot, size: 4096 };
          await expect(prepareCertificateIndex(engine, request, { authValue })).rejects.toMatchObject({
            code: "VMGS_TPM_INDEX_SIZE",
            facts: { nvIndex, bytes: 4096, limit: 2048 },
          });
          expect(await content(engine)).toMatchObject({ data: padded(certificate(900)) });
        }));
    });

    describe("the guest secret key", () => {
      test("is imported under the SRK, once, and persists", () =>
        onSwtpm(async (engine) => {
          const blob = wrapGuestSecret(await makeSrk(engine), Uint8Array.of(1, 2, 3));
          const file = padded(blob, 2048);
          expect(await importGuestSecretKey(engine, file)).toBe(true);
          expect(await importGuestSecretKey(engine, file)).toBe(false);
          await restartTpm(engine);
          const found = await findTpmObject(engine, PersistentHandle.GUEST_SECRET_KEY);
          expect(found).toMatchObject({ kind: "KEYEDHASH" });
        }));

      test("without an SRK, for another TPM's SRK, or no key at all is an error", () =>
        onSwtpm(async (engine) => {
          const key = { ...srkTemplate(), unique: new Uint8Array(256).fill(0xb7) };
          const blob = wrapGuestSecret(key, Uint8Array.of(1));
          await expect(importGuestSecretKey(engine, blob)).rejects.toMatchObject({
            code: "VMGS_TPM_REFUSED",
            facts: { handle: PersistentHandle.SRK, responseCode: 0x18b },
          });
          await makeSrk(engine);
          await expect(importGuestSecretKey(engine, blob)).rejects.toMatchObject({
            code: "VMGS_TPM_REFUSED",
            facts: { commandCode: 0x156, handle: PersistentHandle.SRK },
          });
          await expect(importGuestSecretKey(engine, Uint8Array.of(1, 2))).rejects.toMatchObject({
            code: "VMGS_TPM_INPUT",
          });
        }));
    });

    describe("the first boot", () => {
      test("of a new TPM: keys, index, certificate, report; the next boot finds and keeps them", () =>
        onSwtpm(async (engine) => {
          const steps: string[] = [];
          const request = {
            indexSize: size,
            reportSize: 2000,
            report: Uint8Array.of(5),
            certificate: certificate(900),
          };
          const outcome = await runFirstBoot(engine, request, { onStep: (step) => steps.push(step) });
          expect(outcome).toMatchObject({
            restored: false,
            seedsRefreshed: false,
            physicalPresence: null,
            ak: { created: true, canRenew: true },
            index: { row: "none", creator: "platform" },
            certificate: "written",
            reportWritten: true,
            guestSecretKey: "none",
            state: null,
            warnings: [],
          });
          expect(steps[0]).toBe("restoring the state");
          expect(await content(engine, REPORT)).toMatchObject({ data: padded(Uint8Array.of(5), 2000) });
          await restartTpm(engine);
          const next = await runFirstBoot(engine, { indexSize: size });
          expect(next.ak.modulus).toEqual(outcome.ak.modulus);
          expect(next.ek.modulus).toEqual(outcome.ek.modulus);
          expect(next).toMatchObject({ index: { row: "platform's" }, certificate: "none" });
          expect(await content(engine)).toMatchObject({ data: padded(certificate(900)) });
        }));

      test("with another identity: other keys, and the old certificate is not kept", () =>
        onSwtpm(async (engine) => {
          const first = await runFirstBoot(engine, { indexSize: size, certificate: certificate(900) });
          const second = await runFirstBoot(engine, { indexSize: size, refreshSeeds: true });
          expect(second.ak.modulus).not.toEqual(first.ak.modulus);
          expect(second.ek.modulus).not.toEqual(first.ek.modulus);
          expect(await content(engine)).toMatchObject({ state: "uninitialized" });
        }));

      test("of a small vTPM keeps its AK, repairs the index, and does not renew what is the owner's", () =>
        onSwtpm(async (engine) => {
          const first = await runFirstBoot(engine, { indexSize: size, certificate: certificate(900) });
          const request = { indexSize: size, smallVtpm: true, certificate: certificate(700) };
          const planned = await planFirstBoot(engine, request);
          expect(planned).toMatchObject({
            ak: "keep",
            canRenew: true,
            index: { row: "small vTPM repaired" },
          });
          const outcome = await runFirstBoot(engine, request);
          expect(outcome.ak).toMatchObject({ created: false, modulus: first.ak.modulus });
          expect(outcome).toMatchObject({ certificate: "refused", index: { creator: "owner" } });
          expect(outcome.warnings).toMatchObject([{ code: "VMGS_TPM_RENEWAL_REFUSED" }]);
          expect(await content(engine)).toMatchObject({ data: certificate(900) });
          const next = await runFirstBoot(engine, { ...request, report: Uint8Array.of(1), reportSize: 100 });
          expect(next).toMatchObject({ index: { row: "repaired before" }, reportWritten: false });
          expect(next.warnings.map(({ code }) => code)).toContain("VMGS_TPM_REPORT_NOT_WRITTEN");
          const confidential = await runFirstBoot(engine, { ...request, confidential: true });
          expect(confidential.ak.created).toBe(true);
        }));

      test("runs what the firmware left: Clear, then the keys are made again", () =>
        onSwtpm(async (engine) => {
          await makeSrk(engine);
          await runFirstBoot(engine, { indexSize: size });
          const request = { indexSize: size, physicalPresence: { kind: "clear" } as const };
          expect(await planFirstBoot(engine, request)).toMatchObject({ ak: "make" });
          expect(await runFirstBoot(engine, request)).toMatchObject({
            physicalPresence: 0,
            ak: { created: true },
          });
          expect(await findTpmObject(engine, PersistentHandle.SRK)).toBeNull();
        }));

      test("with its guest secret key", () =>
        onSwtpm(async (engine) => {
          const guestSecretKey = wrapGuestSecret(await makeSrk(engine), Uint8Array.of(1));
          const request = { indexSize: size, guestSecretKey };
          expect(await runFirstBoot(engine, request)).toMatchObject({ guestSecretKey: "imported" });
          expect(await runFirstBoot(engine, request)).toMatchObject({ guestSecretKey: "present" });
        }));

      test("gives its state, and begins from one", () =>
        onSwtpm(async (engine) => {
          const { state, ak } = await runFirstBoot(engine, { indexSize: size, saveState: true });
          if (state === null) throw new Error("no state");
          await clearTpmPlatformContext(engine);
          await runFirstBoot(engine, { indexSize: size, refreshSeeds: true });
          const again = await runFirstBoot(engine, {
            indexSize: size,
            state: { format: "swtpm", bytes: state },
          });
          expect(again).toMatchObject({ restored: true, ak: { modulus: ak.modulus } });
        }));

      test("what is wrong with a request is told before anything is sent", () =>
        onSwtpm(async (engine) => {
          const silent: TpmEngine = { ...engine, execute: () => Promise.reject(new Error("it was sent")) };
          const cases = [
            [{ state: { format: "1.38", bytes: new Uint8Array(32_768) } }, "VMGS_TPM_ENGINE_CANNOT"],
            [{ certificate: new Uint8Array(5000) }, "VMGS_TPM_INDEX_SIZE"],
            [{ report: new Uint8Array(3000) }, "VMGS_TPM_INDEX_SIZE"],
            [{ guestSecretKey: Uint8Array.of(1) }, "VMGS_TPM_INPUT"],
          ] as const;
          for (const [request, code] of cases) {
            await expect(runFirstBoot(silent, request)).rejects.toMatchObject({ code });
          }
          const { state: _, ...stateless } = silent;
          await expect(runFirstBoot(stateless, { saveState: true })).rejects.toMatchObject({
            code: "VMGS_TPM_ENGINE_CANNOT",
          });
        }));

      test("looking changes nothing", () =>
        onSwtpm(async (engine) => {
          await runFirstBoot(engine, { indexSize: size, certificate: certificate(900) });
          const before = await engine.state?.save();
          await planFirstBoot(engine, {
            indexSize: size,
            refreshSeeds: true,
            physicalPresence: { kind: "clear" },
          });
          expect(await content(engine)).toMatchObject({ data: padded(certificate(900)) });
          expect(await engine.state?.save()).toEqual(before);
        }));
    });
  },
);
