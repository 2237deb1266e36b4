/** A store that can be read: what most users hold. */

import { optionsOf } from "../arguments/index.ts";
import {
  type ContainerOptions,
  containerOptionChecks,
  type Disk,
  diskIn,
  diskInSync,
  type SyncDisk,
} from "../disk/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import type { ByteSource, SyncByteSource } from "../source/index.ts";
import {
  type Cipher,
  checkCipher,
  type RunOptions,
  run,
  runOptionChecks,
  runSync,
  type Steps,
  type SyncCipher,
  webCipher,
} from "../steps/index.ts";
import { listFiles, type StoreFile } from "./files.ts";
import { openSteps } from "./open-steps.ts";
import {
  type MarkerLocation,
  type ReadOptions,
  readFileSteps,
  readMarkerSteps,
  readRawSteps,
} from "./read-steps.ts";
import { checkGeneration, type Generation, type StoreState } from "./state.ts";
import { unlockSteps } from "./unlock-steps.ts";

/** How a store is opened for reading. The container's options are for whole files: a disk knows its container. */
export interface OpenOptions<C extends Cipher = Cipher> extends ContainerOptions, RunOptions {
  /** Which header to follow. Default: `current`. */
  readonly generation?: Generation;
  /** Datastore key, 32 bytes: the store is unlocked at once. */
  readonly key?: Uint8Array | Secret;
  /** AES-256-GCM. Default: WebCrypto. `vmgskit/node` has one that needs less memory for large files. */
  readonly cipher?: C;
}

export const checkOpenOptions = optionsOf({
  generation: checkGeneration,
  key: checkKey,
  cipher: checkCipher,
  ...containerOptionChecks,
  ...runOptionChecks,
});

/** A store that was opened for reading. Not one byte of the disk is ever written through it. */
export interface Store {
  /** Everything that was read of headers and tables. Immutable; unlocking puts another in its place. */
  readonly state: StoreState;
  /** Users' files, in ascending ID. */
  readonly files: readonly StoreFile[];
  /**
   * Opens the store with a datastore key (32 bytes).
   *
   * @throws VmgsError VMGS_KEY_LENGTH, VMGS_NOT_ENCRYPTED, VMGS_WRONG_KEY, VMGS_EXTENDED_FILE_TABLE
   */
  unlock(key: Uint8Array | Secret): Promise<void>;
  /**
   * Content of a file, decrypted.
   *
   * @throws VmgsError VMGS_INVALID_FILE_ID, VMGS_FILE_NOT_ALLOCATED, VMGS_NEEDS_UNLOCK, VMGS_AUTHENTICATION_FAILED
   */
  readFile(fileId: number, options?: ReadOptions): Promise<Uint8Array>;
  /** Stored bytes of a file: ciphertext where it is encrypted. */
  readRaw(fileId: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * The provisioning marker, or null when there is none.
   *
   * @throws VmgsError VMGS_MARKER_TOO_LARGE, VMGS_MARKER_MALFORMED
   */
  readMarker(): Promise<MarkerLocation | null>;
}

/** The same, without waiting: for scans of many local stores. */
export interface SyncStore {
  readonly state: StoreState;
  readonly files: readonly StoreFile[];
  /** As in `Store`, without waiting. */
  unlock(key: Uint8Array | Secret): void;
  /** As in `Store`, without waiting. */
  readFile(fileId: number, options?: ReadOptions): Uint8Array;
  /** As in `Store`, without waiting. */
  readRaw(fileId: number, options?: ReadOptions): Uint8Array;
  /** As in `Store`, without waiting. */
  readMarker(): MarkerLocation | null;
}

/**
 * Opens a store for reading.
 *
 * ```ts
 * const store = await openStore(blobSource(file));
 * const marker = await store.readMarker();
 * ```
 *
 * @throws VmgsError VMGS_EMPTY_STORE, VMGS_V1_FORMAT, VMGS_NO_VALID_HEADER, VMGS_SEQUENCE_CONFLICT,
 * VMGS_FILE_TABLE_OUT_OF_RANGE, VMGS_CORRUPT_FILE_TABLE and others of docs/errors.md; for a whole file also those of
 * `openDisk`, with a key those of `unlock`
 */
export async function openStore(source: ByteSource | Disk, options: OpenOptions = {}): Promise<Store> {
  checkOpenOptions(options, "options");
  const { cipher = webCipher, generation, key } = options;
  const disk = await diskIn(source, options);
  const store = new OpenStore(disk, cipher, await run(openSteps(disk, generation), disk, cipher, options));
  if (key !== undefined) await store.unlock(key);
  return store;
}

/**
 * Opens a store for reading, without waiting. Encrypted content needs a synchronous cipher.
 *
 * @throws VmgsError as `openStore`; VMGS_CIPHER_ASYNC
 */
export function openStoreSync(
  source: SyncByteSource | SyncDisk,
  options: Omit<OpenOptions<SyncCipher>, keyof RunOptions> = {},
): SyncStore {
  checkOpenOptions(options, "options");
  const { cipher, generation, key } = options;
  const disk = diskInSync(source, options);
  const store = new OpenSyncStore(disk, cipher, runSync(openSteps(disk, generation), disk, cipher));
  if (key !== undefined) store.unlock(key);
  return store;
}

// Classes, because a getter in an object literal makes engines give each object a shape of its own, which keeps all
// that the object refers to alive for long: a scan of many stores took twice the time.

class OpenStore implements Store {
  readonly #disk: Disk;
  readonly #cipher: Cipher;
  #state: StoreState;

  constructor(disk: Disk, cipher: Cipher, state: StoreState) {
    this.#disk = disk;
    this.#cipher = cipher;
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  get files() {
    return listFiles(this.#state);
  }

  async unlock(key: Uint8Array | Secret) {
    this.#state = await this.#drive(unlockSteps(this.#state, datastoreKey(key)));
  }

  readFile(fileId: number, options?: ReadOptions) {
    return this.#drive(readFileSteps(this.#state, fileId, options));
  }

  readRaw(fileId: number, options?: ReadOptions) {
    return this.#drive(readRawSteps(this.#state, fileId, options));
  }

  readMarker() {
    return this.#drive(readMarkerSteps(this.#state));
  }

  #drive<T>(steps: Steps<T>): Promise<T> {
    return run(steps, this.#disk, this.#cipher);
  }
}

class OpenSyncStore implements SyncStore {
  readonly #disk: SyncDisk;
  readonly #cipher: SyncCipher | undefined;
  #state: StoreState;

  constructor(disk: SyncDisk, cipher: SyncCipher | undefined, state: StoreState) {
    this.#disk = disk;
    this.#cipher = cipher;
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  get files() {
    return listFiles(this.#state);
  }

  unlock(key: Uint8Array | Secret) {
    this.#state = this.#drive(unlockSteps(this.#state, datastoreKey(key)));
  }

  readFile(fileId: number, options?: ReadOptions) {
    return this.#drive(readFileSteps(this.#state, fileId, options));
  }

  readRaw(fileId: number, options?: ReadOptions) {
    return this.#drive(readRawSteps(this.#state, fileId, options));
  }

  readMarker() {
    return this.#drive(readMarkerSteps(this.#state));
  }

  #drive<T>(steps: Steps<T>): T {
    return runSync(steps, this.#disk, this.#cipher);
  }
}
