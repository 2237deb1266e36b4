/** Makes all checks on a TPM (spec: tpm, conformance list). */

import { checkCallback, checkSignal, optionsOf } from "../../arguments/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import { checkEngine } from "../engine/engine.ts";
import { type TpmEngine, type TpmWaitOptions, tpmErrorKind } from "../engine/index.ts";
import { findTpmObject, initializeTpm, perform, readTpmProperty } from "../operations/index.ts";
import { EvictControl, PersistentHandle, TPM_PT, TPM_RH } from "../protocol/index.ts";
import { AK_CERTIFICATE_INDEX_SIZE } from "../vtpm-parameters.ts";
import { createBench, type Evidence, withoutIndex } from "./bench.ts";
import type { ConformanceCheck, ConformanceReport, ConformanceResult, ConformanceTpm } from "./check.ts";
import { indexChecks } from "./index-checks.ts";
import { keyChecks } from "./key-checks.ts";

/** Every check, in the order in which they are made. */
export const conformanceChecks: readonly ConformanceCheck[] = [...keyChecks, ...indexChecks];

/** What can be set for the checks. */
export interface ConformanceOptions extends TpmWaitOptions {
  /** Called before each check with its title. */
  readonly onCheck?: ((title: string) => void) | undefined;
}

const checkConformanceOptions = optionsOf({
  onCheck: checkCallback,
  signal: checkSignal,
});

/**
 * Checks that a TPM does what virtual TPMs rely on. This destroys what is in the TPM: it gets new seeds and is cleared,
 * and its AK and its certificate index are removed.
 *
 * A check fails when something is not as it should be, when the TPM refuses a command, and when its replies are invalid.
 * When the engine itself fails, the checks that are left are skipped.
 *
 * @throws VmgsError when the TPM can't even be started; the reason of the signal
 */
export async function runTpmConformance(
  engine: TpmEngine,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  checkEngine(engine, "engine");
  checkConformanceOptions(options, "options");
  const { signal, onCheck = () => undefined } = options;
  const waiting = { signal };
  await initializeTpm(engine, waiting);
  const tpm = await describeTpm(engine, waiting);
  const indexSize = Math.min(AK_CERTIFICATE_INDEX_SIZE, tpm.largestIndex ?? AK_CERTIFICATE_INDEX_SIZE);
  const results: ConformanceResult[] = [];
  let broken: string | null = null;
  for (const check of conformanceChecks) {
    onCheck(check.title);
    const reason: string | null = broken ?? whySkipped(check, engine);
    const result: ConformanceResult =
      reason === null ? await make(check, engine, indexSize, waiting) : skipped(check, reason);
    results.push(result);
    if (result.code !== null && engineFailed(result)) broken = `the engine failed before: ${result.reason}`;
  }
  if (broken === null) await cleanUp(engine, indexSize, waiting);
  return { engine: engine.name, tpm, indexSize, results };
}

function whySkipped(
  { needsRestart = false }: ConformanceCheck,
  { name, powerCycle }: TpmEngine,
): string | null {
  return needsRestart && powerCycle === undefined ? `${name} can't be restarted from here` : null;
}

function skipped({ id, title }: ConformanceCheck, reason: string): ConformanceResult {
  return { id, title, outcome: "skipped", evidence: [], reason, code: null, milliseconds: 0 };
}

const engineFailed = ({ code }: ConformanceResult) =>
  code === "VMGS_TPM_ENGINE" || code === "VMGS_TPM_TIMEOUT" || code === "VMGS_TPM_ENGINE_CANNOT";

async function make(
  { id, title, run }: ConformanceCheck,
  engine: TpmEngine,
  indexSize: number,
  options: TpmWaitOptions,
): Promise<ConformanceResult> {
  const evidence: Evidence[] = [];
  const start = performance.now();
  const finish = (outcome: "pass" | "fail", reason: string | null, code: ConformanceResult["code"]) => {
    const milliseconds = Math.round(performance.now() - start);
    return { id, title, outcome, evidence, reason, code, milliseconds };
  };
  try {
    await run(createBench(engine, indexSize, evidence, options));
  } catch (error) {
    if (!isVmgsError(error) || tpmErrorKind(error) === null) throw error;
    return finish("fail", error.message, error.code);
  }
  const wrong = evidence.find(({ holds }) => !holds);
  return wrong === undefined ? finish("pass", null, null) : finish("fail", wrong.text, null);
}

/** What the checks left; a TPM that does not let it be removed keeps it. */
async function cleanUp(engine: TpmEngine, indexSize: number, options: TpmWaitOptions): Promise<void> {
  try {
    await withoutIndex(createBench(engine, indexSize, [], options));
    const objectHandle = PersistentHandle.AK;
    if ((await findTpmObject(engine, objectHandle, options)) === null) return;
    const values = { auth: TPM_RH.OWNER, objectHandle, persistentHandle: objectHandle };
    await perform(engine, EvictControl, values, options);
  } catch (error) {
    if (tpmErrorKind(error) === null) throw error;
  }
}

async function describeTpm(engine: TpmEngine, options: TpmWaitOptions): Promise<ConformanceTpm> {
  const manufacturer = await readTpmProperty(engine, TPM_PT.MANUFACTURER, options);
  const revision = await readTpmProperty(engine, TPM_PT.REVISION, options);
  return {
    manufacturer: manufacturer === null ? null : fourCharacters(manufacturer),
    revision: revision === null ? null : (revision / 100).toFixed(2),
    largestIndex: await readTpmProperty(engine, TPM_PT.NV_INDEX_MAX, options),
  };
}

function fourCharacters(number: number): string {
  const characters = [24, 16, 8, 0].map((shift) => String.fromCharCode((number >>> shift) & 0xff));
  return characters
    .join("")
    .replaceAll(/[^ -~]/g, "")
    .trim();
}
