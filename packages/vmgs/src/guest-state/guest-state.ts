/** One interface to guest state of either version. */

import { having, oneOf, withMembers } from "../arguments/index.ts";
import {
  type Container,
  type ContainerOptions,
  type Disk,
  type DiskInfo,
  diskIn,
  diskInSync,
  type SyncDisk,
} from "../disk/index.ts";
import { FileId } from "../format/index.ts";
import type { ByteSource, SyncByteSource } from "../source/index.ts";
import type { RunOptions, SyncCipher } from "../steps/index.ts";
import { run, runSync, type Steps } from "../steps/index.ts";
import {
  type Generation,
  type OpenOptions,
  openStore,
  openStoreSync,
  type Store,
  type SyncStore,
} from "../store/index.ts";
import { checkOpenOptions } from "../store/rooms.ts";
import { readVariableList, type VariableList } from "../uefi/index.ts";
import type { V1File } from "../v1/index.ts";
import { isGptDisk, openV1Steps } from "../v1/rooms.ts";

/** What files of both versions have. */
export interface AnyGuestState {
  readonly container: Container;
  readonly generation: Generation;
  /** When the variables were last changed, as a version 1 file has it, or null. Untrusted. */
  readonly lastUpdateTime: string | null;
}

/** A version 1 file, as Windows keeps it. It is never encrypted. */
export interface V1GuestState extends AnyGuestState {
  readonly version: 1;
  readonly file: V1File;
}

/** A version 3 store. */
export interface StoreGuestState<S extends Store | SyncStore> extends AnyGuestState {
  readonly version: 3;
  readonly store: S;
}

/** Guest state of either version. */
export type GuestState = V1GuestState | StoreGuestState<Store>;
/** The same, read without waiting. */
export type SyncGuestState = V1GuestState | StoreGuestState<SyncStore>;

/** The version of the format that a disk has: 1 for a GPT disk, else 3, whether or not a store opens there. */
export async function guestStateVersion(source: ByteSource | Disk): Promise<1 | 3> {
  const disk = await diskIn(source);
  return run(versionSteps(disk), disk);
}

/** The same, without waiting. */
export function guestStateVersionSync(source: SyncByteSource | SyncDisk): 1 | 3 {
  const disk = diskInSync(source);
  return runSync(versionSteps(disk), disk);
}

function* versionSteps({ byteLength }: DiskInfo): Steps<1 | 3> {
  return (yield* isGptDisk(byteLength)) ? 1 : 3;
}

/**
 * Opens a disk as what it is: a version 1 file or a version 3 store.
 *
 * ```ts
 * const state = await openGuestState(blobSource(file));
 * const { variables } = await readVariables(state);
 * ```
 *
 * @throws VmgsError as `openStore` for version 3, as `openV1` for version 1
 */
export async function openGuestState(
  source: ByteSource | Disk,
  options: OpenOptions = {},
): Promise<GuestState> {
  checkOpenOptions(options, "options");
  const disk = await diskIn(source, options);
  if ((await run(versionSteps(disk), disk)) === 1)
    return v1State(await run(openV1Steps(disk, options), disk, undefined, options));
  return storeState(disk, await openStore(disk, withoutContainer(options)), options.generation);
}

/**
 * The same, without waiting.
 *
 * @throws VmgsError as `openStoreSync` for version 3, as `openV1Sync` for version 1
 */
export function openGuestStateSync(
  source: SyncByteSource | SyncDisk,
  options: Omit<OpenOptions<SyncCipher>, keyof RunOptions> = {},
): SyncGuestState {
  checkOpenOptions(options, "options");
  const disk = diskInSync(source, options);
  if (runSync(versionSteps(disk), disk) === 1) return v1State(runSync(openV1Steps(disk, options), disk));
  return storeState(disk, openStoreSync(disk, withoutContainer(options)), options.generation);
}

function withoutContainer<O extends ContainerOptions>({ container, sectorSize, ...options }: O) {
  return options;
}

function v1State(file: V1File): V1GuestState {
  const { container, copy, lastUpdateTime } = file;
  return { version: 1, container, generation: copy.generation, lastUpdateTime, file };
}

function storeState<S extends Store | SyncStore>(
  { container }: DiskInfo,
  store: S,
  generation: Generation = "current",
): StoreGuestState<S> {
  return { version: 3, container, generation, lastUpdateTime: null, store };
}

const checkGuestState = withMembers({ version: oneOf([1, 3]), container: having() });

/**
 * The UEFI variables of guest state of either version. What can't be read is among the list's problems.
 *
 * @throws VmgsError VMGS_FILE_NOT_ALLOCATED, VMGS_NEEDS_UNLOCK, VMGS_AUTHENTICATION_FAILED of a version 3 store
 */
export async function readVariables(state: GuestState | SyncGuestState): Promise<VariableList> {
  checkGuestState(state, "state");
  if (state.version === 1) return state.file.variables;
  return readVariableList(await state.store.readFile(FileId.BIOS_NVRAM));
}
