/** What must hold for the certificate index of any TPM (spec: tpm, conformance list). */

import { isVmgsError } from "../../errors/index.ts";
import { hexNumber } from "../../layout/index.ts";
import { Secret } from "../../secret/index.ts";
import {
  ask,
  findTpmNvIndex,
  prepareCertificateIndex,
  readTpmNvIndex,
  type TpmNvContent,
  writeTpmNvIndex,
  writeTpmNvIndexAsOwner,
} from "../operations/index.ts";
import {
  describeNvAttributes,
  describeResponseCode,
  NV_ReadPublic,
  NV_Write,
  NvIndexHandle,
  ownerAkCertAttributes,
  platformAkCertAttributes,
  TPM_RC,
  TPMA_NV,
} from "../protocol/index.ts";
import { type Bench, sameBytes, testPattern, withIndex, withoutIndex } from "./bench.ts";
import type { ConformanceCheck } from "./check.ts";

const nvIndex = NvIndexHandle.AK_CERTIFICATE;

function expectState(bench: Bench, when: string, content: TpmNvContent, state: TpmNvContent["state"]): void {
  bench.expect(content.state === state, `${when} the index is ${content.state}`);
}

async function expectAttributes(bench: Bench, when: string, wanted: number): Promise<void> {
  const found = await findTpmNvIndex(bench.engine, nvIndex, bench.options);
  const attributes = found?.attributes ?? 0;
  const words = found === null ? "there is no index" : describeNvAttributes(attributes);
  bench.expect(
    attributes === wanted,
    `${when} ${hexNumber(attributes, 8)} (${words}), expected ${hexNumber(wanted, 8)}`,
  );
}

/** Expects the outcome of an action to be a refusal by the TPM, with one of some codes if given. */
async function expectRefusal(
  bench: Bench,
  what: string,
  action: () => Promise<unknown>,
  ...codes: number[]
): Promise<void> {
  try {
    await action();
    bench.expect(false, `${what} succeeds`);
  } catch (error) {
    if (!isVmgsError(error, "VMGS_TPM_REFUSED")) throw error;
    const code = error.facts.responseCode ?? 0;
    bench.expect(
      codes.length === 0 || codes.includes(code),
      `${what} returns ${describeResponseCode(code).words}`,
    );
  }
}

/** Checks of the certificate index. */
export const indexChecks: readonly ConformanceCheck[] = [
  {
    id: "index-states",
    title: "the certificate index goes from unallocated to uninitialized to available, padded with zeros",
    async run(bench) {
      const { engine, options, password: authValue, indexSize } = bench;
      await withoutIndex(bench);
      expectState(bench, "undefined,", await readTpmNvIndex(engine, nvIndex, options), "unallocated");
      await withIndex(bench);
      expectState(bench, "defined,", await readTpmNvIndex(engine, nvIndex, options), "uninitialized");
      await writeTpmNvIndex(engine, nvIndex, testPattern(indexSize), { authValue, ...options });
      const written = testPattern(Math.floor(indexSize / 2) + 1);
      await writeTpmNvIndex(engine, nvIndex, written, { authValue, ...options });
      const content = await readTpmNvIndex(engine, nvIndex, options);
      expectState(bench, "written,", content, "available");
      const padded = new Uint8Array(indexSize);
      padded.set(written);
      const same = content.state === "available" && sameBytes(content.data, padded);
      const what = `${written.length} bytes, then ${indexSize - written.length} zeros`;
      bench.expect(same, `${same ? "it holds" : "it does not hold"} ${what}`);
    },
  },
  {
    id: "index-attributes",
    title: "NV_ReadPublic reports exactly the platform's attributes, and WRITTEN after the first write",
    async run(bench) {
      await withIndex(bench);
      await expectAttributes(bench, "before the first write", platformAkCertAttributes());
      const { engine, options, password: authValue } = bench;
      await writeTpmNvIndex(engine, nvIndex, testPattern(8), { authValue, ...options });
      await expectAttributes(bench, "after it", (platformAkCertAttributes() | TPMA_NV.mask.WRITTEN) >>> 0);
    },
  },
  {
    id: "index-absent",
    title: "looking for an absent index returns 0x18b",
    async run(bench) {
      await withoutIndex(bench);
      const reply = await ask(bench.engine, NV_ReadPublic, { nvIndex }, bench.options);
      const code = reply.ok ? TPM_RC.SUCCESS : reply.responseCode;
      bench.expect(code === TPM_RC.HANDLE_1, `NV_ReadPublic returns ${describeResponseCode(code).words}`);
    },
  },
  {
    id: "index-bounds",
    title: "a write beyond the index is refused",
    async run(bench) {
      const { engine, options, password: authValue, indexSize } = bench;
      await withIndex(bench);
      for (const [offset, length] of [
        [indexSize - 1, 2],
        [indexSize, 1],
      ] as const) {
        const values = { authHandle: nvIndex, nvIndex, data: testPattern(length), offset };
        const reply = await ask(engine, NV_Write, values, { authValue, ...options });
        const code = reply.ok ? TPM_RC.SUCCESS : reply.responseCode;
        const what = `${length === 1 ? "1 byte" : `${length} bytes`} at ${offset} of ${indexSize}`;
        bench.expect(!reply.ok, `writing ${what} returns ${describeResponseCode(code).words}`);
      }
      expectState(bench, "afterwards", await readTpmNvIndex(engine, nvIndex, options), "uninitialized");
    },
  },
  {
    id: "index-password",
    title: "a wrong password is refused",
    async run(bench) {
      await withIndex(bench);
      const { engine, options } = bench;
      const authValue = new Secret(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
      await expectRefusal(
        bench,
        "writing with another password",
        () => writeTpmNvIndex(engine, nvIndex, testPattern(8), { authValue, ...options }),
        TPM_RC.AUTH_FAIL_SESSION_1,
        TPM_RC.BAD_AUTH_SESSION_1,
      );
      expectState(bench, "afterwards", await readTpmNvIndex(engine, nvIndex, options), "uninitialized");
    },
  },
  {
    id: "index-owner",
    title: "an index that the owner made survives",
    async run(bench) {
      const { engine, options, indexSize, password: authValue } = bench;
      await withIndex(bench, ownerAkCertAttributes());
      const data = testPattern(indexSize);
      await writeTpmNvIndexAsOwner(engine, nvIndex, data, options);
      if (bench.canRestart) await bench.restart();
      const request = {
        create: true,
        preserve: false,
        repairSmallVtpm: false,
        attestationReport: false,
        size: indexSize,
      };
      await prepareCertificateIndex(engine, request, { authValue, ...options });
      const content = await readTpmNvIndex(engine, nvIndex, options);
      const same = content.state === "available" && sameBytes(content.data, data);
      const survived = bench.canRestart ? "a restart and a boot's preparation" : "a boot's preparation";
      bench.expect(same, `after ${survived} it ${same ? "holds what it held" : "holds something else"}`);
      const written = (ownerAkCertAttributes() | TPMA_NV.mask.WRITTEN) >>> 0;
      await expectAttributes(bench, "its attributes are", written);
    },
  },
];
