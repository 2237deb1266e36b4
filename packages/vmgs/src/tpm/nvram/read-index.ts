import { copyBytes, decode, u64be } from "../../layout/index.ts";
import { nvIndexName, nvIndexType, nvIndexTypeName, TPM_NT, TPMA_NV } from "../protocol/index.ts";
import { content } from "./buffers.ts";
import type { EntryPlace } from "./entries.ts";
import { NV_INDEX_ENTRY_SIZE, nvIndexEntry } from "./entry-layout.ts";
import type { OrderlyCopy, OrderlyData } from "./orderly-ram.ts";
import type { TpmNvIndex, TpmStateProblem } from "./state.ts";

/** Reads an NV index of at least 120 bytes. What is wrong is added to `problems`. */
export async function readNvIndex(
  state: Uint8Array,
  { offset, entryBytes, handle }: EntryPlace,
  { copies, wasShutDown }: OrderlyData,
  problems: TpmStateProblem[],
): Promise<TpmNvIndex> {
  const report = (message: string) => problems.push({ offset, handle, message });
  const { nameAlg, dataSize, attributes: storedAttributes, ...entry } = decode(nvIndexEntry, state, offset);
  for (const { size, buffer } of [entry.authPolicy, entry.authValue]) {
    if (size > buffer.length) report(`a length of ${size} for a buffer of ${buffer.length} bytes`);
  }
  const orderly = TPMA_NV.has(storedAttributes, "ORDERLY");
  const copy = orderly ? copies.find((candidate) => candidate.handle === handle) : undefined;
  if (orderly && copy === undefined) report("an orderly index without its copy in RAM");
  const attributes = copy === undefined ? storedAttributes : liveAttributes(copy, wasShutDown);
  const stored = copyBytes(state, offset + NV_INDEX_ENTRY_SIZE, offset + entryBytes);
  const held = orderly ? copy?.data : stored;
  if (held !== undefined && held.length !== dataSize) {
    report(`an index of ${dataSize} bytes, of which ${held.length} are stored`);
  }
  const written = TPMA_NV.has(attributes, "WRITTEN");
  const data = written && held !== undefined ? held.slice(0, dataSize) : null;
  const authPolicy = content(entry.authPolicy);
  const nvPublic = { nvIndex: handle, nameAlg, attributes, authPolicy, dataSize };
  return {
    offset,
    entryBytes,
    handle,
    nameAlg,
    attributes,
    attributeNames: TPMA_NV.names(attributes),
    storedAttributes,
    type: nvIndexTypeName(attributes),
    written,
    creator: TPMA_NV.has(attributes, "PLATFORMCREATE") ? "platform" : "owner",
    orderly,
    policy: authPolicy.length === 0 ? null : authPolicy,
    authBytes: entry.authValue.size,
    dataSize,
    storedDataBytes: stored.length,
    data,
    value: numberIn(data, nvIndexType(attributes)),
    name: await nvIndexName(nvPublic),
  };
}

/** After a loss of power, an orderly index that is not a counter counts as never written. */
function liveAttributes({ attributes }: OrderlyCopy, wasShutDown: boolean): number {
  if (wasShutDown || nvIndexType(attributes) === TPM_NT.COUNTER) return attributes;
  return (attributes & ~TPMA_NV.mask.WRITTEN) >>> 0;
}

const NUMBER_BYTES = 8;

/** Counters and bit fields hold one number, big-endian. */
function numberIn(data: Uint8Array | null, type: number): bigint | null {
  const holdsNumber = type === TPM_NT.COUNTER || type === TPM_NT.BITS;
  return holdsNumber && data?.length === NUMBER_BYTES ? decode(u64be, data) : null;
}
