/** What must hold for the keys of any TPM (spec: tpm, conformance list). */

import {
  clearTpmPlatformContext,
  createTpmAk,
  createTpmEk,
  findTpmNvIndex,
  findTpmObject,
  listTpmHandles,
  perform,
  refreshTpmSeeds,
  type TpmKey,
} from "../operations/index.ts";
import {
  describeHandle,
  describeResponseCode,
  NvIndexHandle,
  PersistentHandle,
  SelfTest,
} from "../protocol/index.ts";
import { type Bench, sameBytes, shortHex, withIndex } from "./bench.ts";
import type { ConformanceCheck } from "./check.ts";

const FIRST_TRANSIENT = 0x8000_0000;

interface Identity {
  readonly AK: TpmKey;
  readonly EK: TpmKey;
}

async function identity(bench: Bench, force: boolean): Promise<Identity> {
  const { engine, options } = bench;
  const keys = {
    AK: await createTpmAk(engine, { force, ...options }),
    EK: await createTpmEk(engine, options),
  };
  for (const { warning } of Object.values(keys)) {
    if (warning !== null) bench.expect(false, warning);
  }
  return keys;
}

function compare(bench: Bench, before: Identity, after: Identity, same: boolean): void {
  for (const name of ["AK", "EK"] as const) {
    const [old, now] = [before[name].modulus, after[name].modulus];
    bench.expect(sameBytes(old, now) === same, `${name} ${shortHex(old)} before, ${shortHex(now)} after`);
  }
}

/** Checks of keys and of the TPM as a whole. */
export const keyChecks: readonly ConformanceCheck[] = [
  {
    id: "self-test",
    title: "the full self-test succeeds",
    async run({ engine, options, expect }) {
      await perform(engine, SelfTest, { fullTest: 1 }, options);
      expect(true, "SelfTest(full) returns success");
    },
  },
  {
    id: "identity-stable",
    title: "AK and EK are the same after a restart",
    needsRestart: true,
    async run(bench) {
      const before = await identity(bench, true);
      await bench.restart();
      // Made anew, so that it is the seeds that are compared, not what the TPM kept.
      compare(bench, before, await identity(bench, true), true);
    },
  },
  {
    id: "ak-persists",
    title: "the AK persists over a restart, the EK does not",
    needsRestart: true,
    async run(bench) {
      const { engine, options } = bench;
      const { AK } = await identity(bench, true);
      const transient = await listTpmHandles(engine, FIRST_TRANSIENT, options);
      bench.expect(
        transient.length === 0,
        `${transient.length} transient objects are left after making AK and EK`,
      );
      await bench.restart();
      const ak = await findTpmObject(engine, PersistentHandle.AK, options);
      const kept = ak?.kind === "RSA" && sameBytes(ak.unique, AK.modulus);
      bench.expect(
        kept,
        `after the restart ${describeHandle(PersistentHandle.AK)} is ${kept ? "the same" : "another one or gone"}`,
      );
      const ek = await findTpmObject(engine, PersistentHandle.EK, options);
      bench.expect(
        ek === null,
        `after the restart ${describeHandle(PersistentHandle.EK)} is ${ek === null ? "absent" : "there"}`,
      );
    },
  },
  {
    id: "identity-changes",
    title: "AK and EK change with the endorsement seed",
    async run(bench) {
      const before = await identity(bench, true);
      await refreshTpmSeeds(bench.engine, bench.options);
      const old = await findTpmObject(bench.engine, PersistentHandle.AK, bench.options);
      bench.expect(
        old === null,
        `after ChangeEPS ${describeHandle(PersistentHandle.AK)} is ${old === null ? "gone" : "still there"}`,
      );
      compare(bench, before, await identity(bench, true), false);
    },
  },
  {
    id: "clear",
    title: "Clear removes the AK and not the platform's index",
    async run(bench) {
      const { engine, options } = bench;
      await identity(bench, true);
      await withIndex(bench);
      const code = await clearTpmPlatformContext(engine, options);
      bench.expect(code === 0, `Clear by the platform returns ${describeResponseCode(code).words}`);
      const ak = await findTpmObject(engine, PersistentHandle.AK, options);
      bench.expect(ak === null, `after Clear the AK is ${ak === null ? "gone" : "still there"}`);
      const index = await findTpmNvIndex(engine, NvIndexHandle.AK_CERTIFICATE, options);
      bench.expect(
        index !== null,
        `after Clear the platform's index is ${index === null ? "gone" : "still there"}`,
      );
    },
  },
];
