/** What is read from a state offline is what the reference engine says of itself, before the power went and after. */

import { describe, expect, test } from "vitest";
import {
  type EngineAnswers,
  type EngineHistory,
  type EngineIndex,
  engineHistories,
} from "../../../test/golden-tpm-engine.ts";
import { hexNumber, toHex } from "../../layout/index.ts";
import {
  algorithmName,
  type NvPublic,
  nvIndexName,
  nvIndexType,
  type PublicArea,
  rsaExponent,
  TPM_NT,
  TPM_RH,
  TPMA_NV,
} from "../protocol/index.ts";
import { readTpmState, type TpmHierarchy, type TpmNvIndex, type TpmObject, type TpmState } from "./index.ts";

/** How the engine was started when it answered; `before`: it had run since. */
type Phase = "before" | "afterStartupClear" | "afterStartupState";
type ShutdownType = "CLEAR" | "STATE" | null;

const hex32 = (value: number) => hexNumber(value, 8);
const hexOf = (bytes: Uint8Array | null) => toHex(bytes ?? new Uint8Array(0));

describe.each(engineHistories)("$name", ({ truth, bytes }) => {
  const shutdown = shutdownOf(truth);

  test.each(["before", "afterStartupClear", "afterStartupState"] as const)(
    "agrees with the engine: %s",
    async (phase) => {
      const answers = truth[phase];
      if (answers === null) return;
      const state = await readTpmState(await bytes());
      expect(state.problems).toEqual([]);
      expect(state.corruption).toBeNull();
      expect(objectsOf(state)).toEqual(withoutUnknown(answers.objects));
      expect(await indicesOf(state, phase, shutdown)).toEqual(
        Object.fromEntries(
          Object.entries(answers.indices).map(([handle, index]) => [handle, indexTruth(index)]),
        ),
      );
      expect(restOf(state, phase, shutdown)).toEqual(restTruth(answers, phase, shutdown));
    },
  );

  test("has the hierarchies, the way it was left and the room that the engine had", async () => {
    const state = await readTpmState(await bytes());
    const { owner, endorsement, lockout, saved } = state;
    const known = { owner, endorsement, lockout, ...(saved !== null && { platform: saved.platform }) };
    for (const [name, hierarchy] of Object.entries(known) as ["owner", TpmHierarchy][]) {
      const policy = hierarchy.policyAlg === null ? null : [hierarchy.policyAlg, hexOf(hierarchy.policy)];
      expect([name, policy, hierarchy.authSet]).toEqual([
        name,
        truth.hierarchyPolicies[name],
        truth.hierarchyAuthSet[name],
      ]);
    }
    expect(Number(state.totalResetCount)).toBe(truth.totalResetCount);
    expect(saved !== null).toBe(shutdown === "STATE");
    expect(state.objectRoom).toBe(truth.before.persAvail);
    expect(Number(state.maxCounter) + 1).toBe(truth.afterStartupClear.firstCounter);
    const words = { STATE: "shut down, STATE", CLEAR: "shut down, CLEAR", none: "not shut down in order" };
    expect(state.orderlyStateText).toContain(words[shutdown ?? "none"]);
  });
});

function shutdownOf({ leftBy }: EngineHistory): ShutdownType {
  if (leftBy === "no shutdown") return null;
  return leftBy.includes("STATE") ? "STATE" : "CLEAR";
}

function objectsOf({ objects }: TpmState) {
  return Object.fromEntries(objects.map((object) => [hex32(object.handle), objectOf(object)]));
}

const HIERARCHIES = { owner: TPM_RH.OWNER, endorsement: TPM_RH.ENDORSEMENT, platform: TPM_RH.PLATFORM };

function objectOf({ publicArea, hierarchy, authSet, flagNames, name, qualifiedName, ...checks }: TpmObject) {
  expect([checks.nameMatches, checks.qualifiedNameMatches]).not.toContain(false);
  return {
    ...(publicArea && keyOf(publicArea)),
    name: toHex(name),
    qn: toHex(qualifiedName),
    hier: hierarchy && hex32(HIERARCHIES[hierarchy]),
    authSet,
    primary: flagNames.includes("primary"),
  };
}

function keyOf(area: PublicArea) {
  return {
    policy: toHex(area.authPolicy),
    type: area.kind,
    nameAlg: algorithmName(area.nameAlg),
    attrs: hex32(area.objectAttributes),
    ...("symmetric" in area && { sym: area.symmetric.kind }),
    ...("scheme" in area && { scheme: area.scheme.kind }),
    ...(area.kind === "RSA" && { bits: area.keyBits, exp: rsaExponent(area), n: toHex(area.unique) }),
    ...(area.kind === "ECC" && { curve: area.curve, x: toHex(area.x), y: toHex(area.y) }),
  };
}

/** What only the history knows is not compared after a start; how a key was asked for never is. */
function withoutUnknown(objects: EngineAnswers["objects"]) {
  return Object.fromEntries(
    Object.entries(objects).map(([handle, { kind, ...object }]) => [handle, expect.objectContaining(object)]),
  );
}

const indexTruth = ({ handle, nameAlg, attrs, policy, size, name, data }: EngineIndex) => ({
  handle,
  nameAlg,
  attrs: hex32(attrs),
  policy,
  size,
  name,
  ...(data !== undefined && { data }),
});

async function indicesOf(state: TpmState, phase: Phase, shutdown: ShutdownType) {
  const indices = state.indices.map(async (index) => {
    const attributes = attributesIn(phase, index.attributes, shutdown);
    const name = await nameWith(index, attributes);
    if (attributes === index.attributes) expect(hexOf(index.name)).toBe(name);
    const isReadable = TPMA_NV.has(attributes, "WRITTEN") && !TPMA_NV.has(attributes, "READLOCKED");
    const known = {
      handle: hex32(index.handle),
      nameAlg: algorithmName(index.nameAlg),
      attrs: hex32(attributes),
      policy: hexOf(index.policy),
      size: index.dataSize,
      name,
    };
    return [hex32(index.handle), { ...known, ...(isReadable && { data: hexOf(index.data) }) }] as const;
  });
  return Object.fromEntries(await Promise.all(indices));
}

async function nameWith(index: TpmNvIndex, attributes: number): Promise<string> {
  const { handle, nameAlg, policy, dataSize } = index;
  const area: NvPublic = {
    nvIndex: handle,
    nameAlg,
    attributes,
    authPolicy: policy ?? new Uint8Array(0),
    dataSize,
  };
  return hexOf(await nvIndexName(area));
}

/** What a start makes of attributes (TPM 2.0 Part 3, Startup; Part 1, NV memory). */
function attributesIn(phase: Phase, attributes: number, shutdown: ShutdownType): number {
  if (phase !== "afterStartupClear") return attributes;
  const { WRITTEN, READLOCKED, WRITELOCKED } = TPMA_NV.mask;
  let after = attributes & ~READLOCKED;
  const isCounter = nvIndexType(attributes) === TPM_NT.COUNTER;
  const isReset = shutdown !== "STATE";
  const isCleared =
    TPMA_NV.has(attributes, "CLEAR_STCLEAR") || (TPMA_NV.has(attributes, "ORDERLY") && isReset);
  if (!isCounter && isCleared) after &= ~WRITTEN;
  if (!TPMA_NV.has(after >>> 0, "WRITTEN") || !TPMA_NV.has(after >>> 0, "WRITEDEFINE")) after &= ~WRITELOCKED;
  return after >>> 0;
}

/** A reset counts itself, and a failed try that was pending; the clock may then have been put back. */
function restOf(state: TpmState, phase: Phase, shutdown: ShutdownType) {
  const { lockout } = state;
  const isReset = phase === "afterStartupClear" && shutdown !== "STATE";
  const pending = isReset && state.orderlyStateText.includes("counts a failed try") ? 1 : 0;
  return {
    ownerAuth: state.owner.authSet,
    endoAuth: state.endorsement.authSet,
    lockAuth: lockout.authSet,
    disableClear: state.disableClear,
    locked: lockout.locked,
    failed: lockout.failedTries + pending,
    maxt: lockout.maxTries,
    rec: lockout.recoveryTime,
    lrec: lockout.lockoutRecovery,
    fw: state.firmwareVersion,
    clock: Number(state.clock),
    reset: state.resetCount + (isReset ? 1 : 0),
    ...((phase !== "before" || shutdown !== null) && { safe: state.clockSafe }),
    ...(phase !== "before" && { pcrs: state.pcrBanks.map(({ hash, select }) => [hash, toHex(select)]) }),
  };
}

/** Whether the clock was safe is lost with the power, and a pending PCR allocation shows from the next start on. */
function restTruth(answers: EngineAnswers, phase: Phase, shutdown: ShutdownType) {
  const { ownerAuth, endoAuth, lockAuth, disableClear, locked, failed, maxt, rec, lrec, fw, pcrs } = answers;
  const { clock, reset, safe } = answers.clock;
  return {
    ...{ ownerAuth, endoAuth, lockAuth, disableClear, locked, failed, maxt, rec, lrec, fw, clock, reset },
    ...(phase !== "before" && { pcrs }),
    ...((phase !== "before" || shutdown !== null) && { safe: safe === 1 }),
  };
}
