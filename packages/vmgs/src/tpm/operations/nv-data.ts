/** Defining, reading and writing NV indices (spec: tpm, engine and helper). */

import {
  checkBytes,
  checkNumber,
  checkObject,
  checkWhole,
  optional,
  withMembers,
} from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { checkSecret, Secret } from "../../secret/index.ts";
import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import {
  describeHandle,
  describeNvAttributes,
  MAX_NV_BUFFER,
  NV_DefineSpace,
  NV_Read,
  NV_ReadPublic,
  NV_UndefineSpace,
  NV_Write,
  type NvPublic,
  TPM_ALG,
  TPM_RC,
  TPM_RH,
  TPMA_NV,
} from "../protocol/index.ts";
import { findTpmNvIndex } from "./find.ts";
import { ask, checkPerformOptions, type PerformOptions, perform, refusal } from "./perform.ts";

/** What an NV index holds. */
export type TpmNvContent =
  | { readonly state: "unallocated" }
  /** It was never written. */
  | { readonly state: "uninitialized"; readonly nvPublic: NvPublic }
  | {
      readonly state: "available";
      readonly nvPublic: NvPublic;
      /** As many bytes as the index has. */
      readonly data: Uint8Array<ArrayBuffer>;
    };

/**
 * Reads an NV index with the owner's authorization, in portions of 1024 bytes.
 *
 * @throws VmgsError VMGS_TPM_INPUT when the owner may not read it, VMGS_TPM_REPLY when less comes than was asked for,
 * VMGS_TPM_REFUSED, and as `ask`
 */
export async function readTpmNvIndex(
  engine: TpmEngine,
  nvIndex: number,
  options: TpmWaitOptions = {},
): Promise<TpmNvContent> {
  checkEngine(engine, "engine");
  checkWhole(nvIndex, "nvIndex");
  checkTpmWaitOptions(options, "options");
  const nvPublic = await findTpmNvIndex(engine, nvIndex, options);
  if (nvPublic === null) return { state: "unallocated" };
  requireAttributes(nvPublic, "read by its owner", "OWNERREAD");
  const data = new Uint8Array(nvPublic.dataSize);
  for (let offset = 0; offset < data.length; offset += MAX_NV_BUFFER) {
    const size = Math.min(MAX_NV_BUFFER, data.length - offset);
    const values = { authHandle: TPM_RH.OWNER, nvIndex, size, offset };
    const reply = await ask(engine, NV_Read, values, options);
    if (!reply.ok) {
      if (reply.responseCode === TPM_RC.NV_UNINITIALIZED) return { state: "uninitialized", nvPublic };
      throw refusal(NV_Read, values, reply.responseCode);
    }
    const part = reply.values.data;
    if (part.length !== size) {
      const message = `reply to NV_Read: ${part.length} bytes of ${describeHandle(nvIndex)}, ${size} were asked for`;
      throw new VmgsError("VMGS_TPM_REPLY", message, {
        commandCode: NV_Read.code,
        nvIndex,
        bytes: part.length,
      });
    }
    data.set(part, offset);
  }
  return { state: "available", nvPublic, data };
}

/**
 * Fills an NV index that the platform made: writes the data, then zeros up to its size, in portions of 1024 bytes, with
 * the authorization value of the index.
 *
 * @throws VmgsError VMGS_TPM_INDEX_SIZE when the data are longer than the index; VMGS_TPM_INPUT when it lacks AUTHWRITE or
 * PLATFORMCREATE; VMGS_TPM_REFUSED when there is no such index or the authorization is wrong; and as `ask`
 */
export async function writeTpmNvIndex(
  engine: TpmEngine,
  nvIndex: number,
  data: Uint8Array,
  options: PerformOptions = {},
): Promise<NvPublic> {
  checkEngine(engine, "engine");
  checkWhole(nvIndex, "nvIndex");
  checkBytes(data, "data");
  checkPerformOptions(options, "options");
  const nvPublic = await mustFind(engine, nvIndex, options);
  requireAttributes(nvPublic, "written by the platform", "AUTHWRITE", "PLATFORMCREATE");
  await writePortions(engine, nvPublic, data, { ...options, authHandle: nvIndex });
  return nvPublic;
}

/**
 * Fills an NV index with the owner's authorization, as `writeTpmNvIndex` does with that of the index.
 *
 * @throws VmgsError VMGS_TPM_INDEX_SIZE when the data are longer than the index; VMGS_TPM_INPUT when it lacks OWNERWRITE;
 * VMGS_TPM_REFUSED; and as `ask`
 */
export async function writeTpmNvIndexAsOwner(
  engine: TpmEngine,
  nvIndex: number,
  data: Uint8Array,
  options: PerformOptions = {},
): Promise<NvPublic> {
  checkEngine(engine, "engine");
  checkWhole(nvIndex, "nvIndex");
  checkBytes(data, "data");
  checkPerformOptions(options, "options");
  const nvPublic = await mustFind(engine, nvIndex, options);
  requireAttributes(nvPublic, "written by its owner", "OWNERWRITE");
  await writePortions(engine, nvPublic, data, { ...options, authHandle: TPM_RH.OWNER });
  return nvPublic;
}

async function mustFind(engine: TpmEngine, nvIndex: number, options: TpmWaitOptions): Promise<NvPublic> {
  const found = await findTpmNvIndex(engine, nvIndex, options);
  if (found === null) throw refusal(NV_ReadPublic, { nvIndex }, TPM_RC.HANDLE_1);
  return found;
}

function requireAttributes(
  { nvIndex, attributes }: NvPublic,
  purpose: string,
  ...needed: Parameters<typeof TPMA_NV.of>
): void {
  const missing = needed.filter((name) => !TPMA_NV.has(attributes, name));
  if (missing.length === 0) return;
  const message =
    `${describeHandle(nvIndex)} can't be ${purpose}: it lacks ${missing.join(" and ")} ` +
    `(${describeNvAttributes(attributes)})`;
  throw new VmgsError("VMGS_TPM_INPUT", message, { nvIndex });
}

interface WriteOptions extends PerformOptions {
  readonly authHandle: number;
}

async function writePortions(
  engine: TpmEngine,
  { nvIndex, dataSize }: NvPublic,
  content: Uint8Array,
  { authHandle, ...options }: WriteOptions,
): Promise<void> {
  if (content.length > dataSize) {
    const message = `${content.length} bytes do not fit ${describeHandle(nvIndex)}, which has ${dataSize}`;
    throw new VmgsError("VMGS_TPM_INDEX_SIZE", message, { nvIndex, bytes: content.length, limit: dataSize });
  }
  const padded = new Uint8Array(dataSize);
  padded.set(content);
  for (let offset = 0; offset < dataSize; offset += MAX_NV_BUFFER) {
    const data = padded.subarray(offset, offset + MAX_NV_BUFFER);
    await perform(engine, NV_Write, { authHandle, nvIndex, data, offset }, options);
  }
}

/** An index to be made. */
export interface NewTpmNvIndex {
  readonly nvIndex: number;
  /** Bytes. */
  readonly size: number;
  /** TPMA_NV; with PLATFORMCREATE the platform makes it, else the owner. */
  readonly attributes: number;
  /** Authorization value of the index; empty by default. */
  readonly authValue?: Secret | undefined;
}

const checkNewIndex = withMembers({
  nvIndex: checkNumber,
  size: checkNumber,
  attributes: checkNumber,
  authValue: optional(checkSecret),
});

/**
 * Makes an ordinary NV index without a policy, named with SHA-256.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function defineTpmNvIndex(
  engine: TpmEngine,
  given: NewTpmNvIndex,
  options: TpmWaitOptions = {},
): Promise<void> {
  checkEngine(engine, "engine");
  checkNewIndex(given, "given");
  checkTpmWaitOptions(options, "options");
  const { nvIndex, size, attributes, authValue } = given;
  const none = new Uint8Array(0);
  const publicInfo = { nvIndex, nameAlg: TPM_ALG.SHA256, attributes, authPolicy: none, dataSize: size };
  const auth = authValue?.expose() ?? none;
  await perform(engine, NV_DefineSpace, { authHandle: creatorOf(attributes), auth, publicInfo }, options);
}

/**
 * Removes an NV index, with the authorization of the hierarchy that made it.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function undefineTpmNvIndex(
  engine: TpmEngine,
  nvPublic: NvPublic,
  options: TpmWaitOptions = {},
): Promise<void> {
  checkEngine(engine, "engine");
  checkObject(nvPublic, "nvPublic", "nvIndex", "attributes");
  checkTpmWaitOptions(options, "options");
  const { nvIndex, attributes } = nvPublic;
  await perform(engine, NV_UndefineSpace, { authHandle: creatorOf(attributes), nvIndex }, options);
}

function creatorOf(attributes: number): number {
  return TPMA_NV.has(attributes, "PLATFORMCREATE") ? TPM_RH.PLATFORM : TPM_RH.OWNER;
}

/** Bytes of the authorization value that a boot gives its indices (spec: tpm, engine and helper). */
const AUTH_VALUE_SIZE = 8;

/** The authorization value of this boot's indices: 8 random bytes. */
export function createTpmAuthValue(): Secret {
  return new Secret(crypto.getRandomValues(new Uint8Array(AUTH_VALUE_SIZE)));
}
