/** Two stores, or two generations of one, side by side: what `vmgs diff` shows. */

import { checkObject } from "../arguments/index.ts";
import { isVmgsError, VmgsError } from "../errors/index.ts";
import { FileId, type FileIdName, fileIdName, type MarkerReading } from "../format/index.ts";
import type { Json } from "../layout/index.ts";
import {
  isEncrypted,
  isReprovisioned,
  listFiles,
  type Store,
  type StoreFile,
  type StoreState,
  usedKeySlots,
} from "../store/index.ts";
import { readTpmState, recogniseTpmState, type TpmState } from "../tpm/index.ts";
import { readVariableList } from "../uefi/index.ts";
import { sameBytes } from "./tables.ts";
import { compareTpmStates, type TpmChange } from "./tpm.ts";
import { compareVariables, type VariableChange } from "./variables.ts";

/** A property of the whole store, in words. */
export interface PropertyChange {
  readonly property: string;
  readonly before: string;
  readonly after: string;
}

/** A file of one store, as far as it matters to another. */
export interface ComparedFile {
  readonly bytes: number;
  readonly encrypted: boolean;
}

/**
 * `stored`: the content is the same, but it is encrypted in one store only. `unknown`: it is encrypted and no key was
 * given, and what is stored differs.
 */
export interface FileChange {
  readonly kind: "came" | "went" | "changed" | "stored" | "unknown";
  readonly id: number;
  readonly name: FileIdName | null;
  readonly before: ComparedFile | null;
  readonly after: ComparedFile | null;
}

/** A field of the provisioning marker that differs. */
export interface MarkerChange {
  /** Name of the field. Untrusted text. */
  readonly field: string;
  /** Undefined where the field is missing. Untrusted. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** A part that is there on both sides and could not be compared. */
export interface NotCompared {
  readonly part: "variables" | "tpm" | "marker";
  readonly reason: string;
}

/** What differs between two stores, or two generations of one, without the values. */
export interface StoreComparison {
  /** True when nothing that is compared differs, and everything could be compared. */
  readonly same: boolean;
  readonly properties: readonly PropertyChange[];
  readonly files: readonly FileChange[];
  /** Variables of BIOS_NVRAM (file 1). */
  readonly variables: readonly VariableChange[];
  /** The state in TPM_NVRAM (file 3). */
  readonly tpm: readonly TpmChange[];
  readonly marker: readonly MarkerChange[];
  readonly notCompared: readonly NotCompared[];
}

/**
 * Compares content, not places: where files lie says nothing about what they are. Unlock both stores first to compare
 * what is encrypted. Throws only what reading throws beside damage: VMGS_IO.
 */
export async function compareStores(before: Store, after: Store): Promise<StoreComparison> {
  checkObject(before, "before", "state", "files", "readFile");
  checkObject(after, "after", "state", "files", "readFile");
  const properties = compareProperties(before.state, after.state);
  const files = await compareFiles(before, after);
  const notCompared: NotCompared[] = [];
  const part = async <T>(
    name: NotCompared["part"],
    fileId: number,
    compare: (a: Uint8Array, b: Uint8Array) => T[] | Promise<T[]>,
  ): Promise<T[]> => {
    const differs = files.some(({ id, kind }) => id === fileId && (kind === "changed" || kind === "unknown"));
    if (!differs) return [];
    try {
      return await compare(await before.readFile(fileId), await after.readFile(fileId));
    } catch (error) {
      if (!isDamage(error)) throw error;
      notCompared.push({ part: name, reason: error.message });
      return [];
    }
  };
  const variables = await part("variables", FileId.BIOS_NVRAM, (a, b) =>
    compareVariables(readVariableList(a), readVariableList(b)),
  );
  const tpm = await part("tpm", FileId.TPM_NVRAM, async (a, b) =>
    compareTpmStates(await tpmState(a), await tpmState(b)),
  );
  const marker = await compareMarkers(before, after, notCompared);
  const same = [properties, files, marker, notCompared].every(({ length }) => length === 0);
  return { same, properties, files, variables, tpm, marker, notCompared };
}

/** Any bytes can be read as a state; bytes that are not one would only give noise. */
async function tpmState(bytes: Uint8Array): Promise<TpmState> {
  if (recogniseTpmState(bytes) !== null) return readTpmState(bytes);
  throw new VmgsError("VMGS_TPM_INPUT", "one of the files holds no state of a TPM of revision 1.38");
}

/** Damage of what is read, as opposed to a medium that fails. */
function isDamage(error: unknown): error is VmgsError {
  return isVmgsError(error) && error.code !== "VMGS_IO" && error.code !== "VMGS_DISK_RANGE";
}

function compareProperties(before: StoreState, after: StoreState): PropertyChange[] {
  const words = (state: StoreState): [property: string, value: string][] => [
    ["store size", `${state.geometry.byteLength} bytes`],
    ["sector size", `${state.geometry.sectorSize} bytes`],
    ["sequence", String(state.header.sequence)],
    ["encryption", isEncrypted(state) ? "AES-256-GCM" : "none"],
    ["key slots in use", usedKeySlots(state.header).join(" and ") || "none"],
    ["reprovisioned", isReprovisioned(state) ? "set" : "not set"],
  ];
  const others = words(after);
  return words(before).flatMap(([property, value], i) => {
    const now = others[i]?.[1] ?? "";
    return value === now ? [] : [{ property, before: value, after: now }];
  });
}

async function compareFiles(before: Store, after: Store): Promise<FileChange[]> {
  const [old, now] = [before, after].map(
    ({ state }) => new Map(listFiles(state).map((file) => [file.id, file])),
  );
  const ids = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort((a, b) => a - b);
  const changes: FileChange[] = [];
  for (const id of ids) {
    const [a, b] = [old?.get(id), now?.get(id)];
    const kind = a === undefined ? "came" : b === undefined ? "went" : await judge(before, a, after, b);
    if (kind === null) continue;
    changes.push({ kind, id, name: fileIdName(id), before: describe(a), after: describe(b) });
  }
  return changes;
}

const describe = (file: StoreFile | undefined): ComparedFile | null =>
  file === undefined ? null : { bytes: file.bytes, encrypted: file.encrypted };

async function judge(
  before: Store,
  a: StoreFile,
  after: Store,
  b: StoreFile,
): Promise<FileChange["kind"] | null> {
  if (a.bytes !== b.bytes) return "changed";
  const [content, other] = [await readable(before, a), await readable(after, b)];
  if (content !== null && other !== null) {
    if (!sameBytes(content, other)) return "changed";
    return a.encrypted === b.encrypted ? null : "stored";
  }
  const raw = sameBytes(await before.readRaw(a.id), await after.readRaw(b.id));
  return raw && a.encrypted === b.encrypted ? null : "unknown";
}

/** Content, or null when it can't be read as what it is. */
async function readable(store: Store, { id, readable }: StoreFile): Promise<Uint8Array | null> {
  if (!readable) return null;
  try {
    return await store.readFile(id);
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

async function compareMarkers(
  before: Store,
  after: Store,
  notCompared: NotCompared[],
): Promise<MarkerChange[]> {
  try {
    const [a, b] = [await before.readMarker(), await after.readMarker()];
    return compareFields(a?.marker ?? null, b?.marker ?? null);
  } catch (error) {
    if (!isDamage(error)) throw error;
    notCompared.push({ part: "marker", reason: error.message });
    return [];
  }
}

function compareFields(before: MarkerReading | null, after: MarkerReading | null): MarkerChange[] {
  const [old, now] = [before, after].map((marker) => new Map(marker?.fields ?? []));
  const names = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
  return names
    .map((field) => ({ field, before: old?.get(field), after: now?.get(field) }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}
