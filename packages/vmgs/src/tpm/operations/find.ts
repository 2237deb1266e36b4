/** Looking up objects and NV indices (spec: tpm, engine and helper). */

import { checkWhole } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import {
  describeHandle,
  GetCapability,
  NV_ReadPublic,
  type NvPublic,
  PCR_BANK,
  type PublicArea,
  ReadPublic,
  TPM_ALG,
  TPM_CAP,
  TPM_RC,
} from "../protocol/index.ts";
import { ask, perform, refusal } from "./perform.ts";

/**
 * The public area of an object, or null when nothing is there.
 *
 * @throws VmgsError VMGS_TPM_REFUSED for any refusal but "no such object", and as `ask`
 */
export async function findTpmObject(
  engine: TpmEngine,
  objectHandle: number,
  options: TpmWaitOptions = {},
): Promise<PublicArea | null> {
  checkEngine(engine, "engine");
  checkWhole(objectHandle, "objectHandle");
  checkTpmWaitOptions(options, "options");
  const reply = await ask(engine, ReadPublic, { objectHandle }, options);
  if (reply.ok) return reply.values.outPublic;
  if (reply.responseCode === TPM_RC.HANDLE_1) return null;
  throw refusal(ReadPublic, { objectHandle }, reply.responseCode);
}

/**
 * What an NV index is, or null when there is none.
 *
 * @throws VmgsError VMGS_TPM_REFUSED for any refusal but "no such index"; VMGS_TPM_REPLY when the reply is about another
 * one; and as `ask`
 */
export async function findTpmNvIndex(
  engine: TpmEngine,
  nvIndex: number,
  options: TpmWaitOptions = {},
): Promise<NvPublic | null> {
  checkEngine(engine, "engine");
  checkWhole(nvIndex, "nvIndex");
  checkTpmWaitOptions(options, "options");
  const reply = await ask(engine, NV_ReadPublic, { nvIndex }, options);
  if (reply.ok) {
    const { nvPublic } = reply.values;
    if (nvPublic.nvIndex === nvIndex) return nvPublic;
    const message = `reply to NV_ReadPublic: it is about ${describeHandle(nvPublic.nvIndex)}, not ${describeHandle(nvIndex)}`;
    throw new VmgsError("VMGS_TPM_REPLY", message, { commandCode: NV_ReadPublic.code, nvIndex });
  }
  if (reply.responseCode === TPM_RC.HANDLE_1) return null;
  throw refusal(NV_ReadPublic, { nvIndex }, reply.responseCode);
}

/**
 * What a TPM says of one of its properties (TPM_PT), or null when it has no such property.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function readTpmProperty(
  engine: TpmEngine,
  property: number,
  options: TpmWaitOptions = {},
): Promise<number | null> {
  checkEngine(engine, "engine");
  checkWhole(property, "property");
  checkTpmWaitOptions(options, "options");
  const values = { capability: TPM_CAP.TPM_PROPERTIES, property, propertyCount: 1 };
  const { capabilityData } = await perform(engine, GetCapability, values, options);
  if (capabilityData.kind !== "TPM_PROPERTIES") throw otherCapability(capabilityData.kind);
  const [first] = capabilityData.entries;
  return first?.property === property ? first.value : null;
}

const MOST_HANDLES = 254;

/**
 * The handles that a TPM has in use, from `first` to the end of its kind.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function listTpmHandles(
  engine: TpmEngine,
  first: number,
  options: TpmWaitOptions = {},
): Promise<readonly number[]> {
  checkEngine(engine, "engine");
  checkWhole(first, "first");
  checkTpmWaitOptions(options, "options");
  const values = { capability: TPM_CAP.HANDLES, property: first, propertyCount: MOST_HANDLES };
  const { capabilityData } = await perform(engine, GetCapability, values, options);
  if (capabilityData.kind !== "HANDLES") throw otherCapability(capabilityData.kind);
  return capabilityData.entries;
}

const MOST_BANKS = 16;

/**
 * The PCR banks that a TPM has, in use or not: a bitmap of `PCR_BANK`.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function listTpmPcrBanks(engine: TpmEngine, options: TpmWaitOptions = {}): Promise<number> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  const values = { capability: TPM_CAP.PCRS, property: 0, propertyCount: MOST_BANKS };
  const { capabilityData } = await perform(engine, GetCapability, values, options);
  if (capabilityData.kind !== "PCRS") throw otherCapability(capabilityData.kind);
  const algorithms = capabilityData.entries.map(({ hash }) => hash);
  const names = PCR_BANK.names(0xffff_ffff);
  return PCR_BANK.of(...names.filter((name) => algorithms.includes(TPM_ALG[name])));
}

function otherCapability(kind: string): VmgsError {
  const message = `reply to GetCapability: ${kind} was not asked for`;
  return new VmgsError("VMGS_TPM_REPLY", message, { commandCode: GetCapability.code });
}
