import { decode, hexNumber, LayoutError } from "../../layout/index.ts";
import {
  describeHandle,
  objectName,
  type PublicArea,
  primaryQualifiedName,
  TPM_RH,
  TPMA_OBJECT,
} from "../protocol/index.ts";
import { content } from "./buffers.ts";
import type { EntryPlace } from "./entries.ts";
import { OBJECT_ENTRY_SIZE, objectEntry, objectFlags } from "./entry-layout.ts";
import { readPublicArea } from "./public-area.ts";
import type { TpmObject, TpmStateProblem } from "./state.ts";

const hierarchyHandles = {
  owner: TPM_RH.OWNER,
  endorsement: TPM_RH.ENDORSEMENT,
  platform: TPM_RH.PLATFORM,
} as const;

/** Reads a persistent object of at least 1824 bytes and checks its names. What is wrong is added to `problems`. */
export async function readObject(
  state: Uint8Array,
  { offset, entryBytes, handle }: EntryPlace,
  problems: TpmStateProblem[],
): Promise<TpmObject> {
  const report = (message: string) => problems.push({ offset, handle, message });
  if (entryBytes !== OBJECT_ENTRY_SIZE) report(`an object of ${entryBytes} bytes, not ${OBJECT_ENTRY_SIZE}`);
  const entry = decode(objectEntry, state, offset);
  if (entry.evictHandle !== handle) report(`the object itself says ${describeHandle(entry.evictHandle)}`);
  const unknown = objectFlags.unknown(entry.flags);
  if (unknown !== 0) report(`unknown flags ${hexNumber(unknown)}`);

  const publicArea = readable(() => readPublicArea(entry.publicArea), report);
  const name = content(entry.name);
  const qualifiedName = content(entry.qualifiedName);
  const hierarchy = hierarchyOf(entry.flags);
  const nameMatches = await matches(name, publicArea && objectName(publicArea));
  if (nameMatches === false) report("the name is not that of the public area: damaged or tampered with");
  const primary = objectFlags.has(entry.flags, "primary");
  const expected = publicArea && hierarchy && primary && qualified(publicArea, hierarchy, name);
  const qualifiedNameMatches = await matches(qualifiedName, expected || null);
  if (qualifiedNameMatches === false)
    report("the qualified name is not that of a primary object with this name");

  return {
    offset,
    entryBytes,
    handle,
    evictHandle: entry.evictHandle,
    flags: entry.flags,
    flagNames: objectFlags.names(entry.flags),
    hierarchy,
    publicArea,
    attributeNames: TPMA_OBJECT.names(publicArea?.objectAttributes ?? 0),
    authSet: content(entry.sensitiveArea.authValue).some((byte) => byte !== 0),
    name,
    qualifiedName,
    nameMatches,
    qualifiedNameMatches,
  };
}

function readable(read: () => PublicArea, report: (message: string) => void): PublicArea | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    report(`the public area can't be read: ${error.message}`);
    return null;
  }
}

function hierarchyOf(flags: number): TpmObject["hierarchy"] {
  if (objectFlags.has(flags, "endorsementHierarchy")) return "endorsement";
  if (objectFlags.has(flags, "platformHierarchy")) return "platform";
  return objectFlags.has(flags, "storageHierarchy") ? "owner" : null;
}

function qualified(area: PublicArea, hierarchy: keyof typeof hierarchyHandles, name: Uint8Array) {
  return primaryQualifiedName(area.nameAlg, hierarchyHandles[hierarchy], name);
}

async function matches(
  stored: Uint8Array,
  expected: Promise<Uint8Array | null> | null,
): Promise<boolean | null> {
  const bytes = await expected;
  if (bytes === null) return null;
  return bytes.length === stored.length && bytes.every((byte, i) => byte === stored[i]);
}
