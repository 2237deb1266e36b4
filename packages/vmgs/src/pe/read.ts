/** Reading a resource from where a file lives. */

import { checkObject } from "../arguments/index.ts";
import { run, runSync } from "../steps/index.ts";
import {
  checkReadResourceOptions,
  checkResourceKey,
  type ReadResourceOptions,
  type ResourceKey,
  readResourceSteps,
} from "./resource.ts";

/** A file that is read where it is needed. */
export interface PeFile {
  readonly byteLength: number;
  /** Fills `into` with the bytes from `offset` on, completely, or fails. */
  read(offset: number, into: Uint8Array): Promise<void>;
}

/** The same, at once. */
export interface SyncPeFile {
  readonly byteLength: number;
  /** As `read` of `PeFile`, without waiting. */
  readSync(offset: number, into: Uint8Array): void;
}

/**
 * The content of a resource of a PE32+ file. Beside the content a few KiB are read, however large the file is.
 *
 * @throws VmgsError VMGS_PE_FORMAT, VMGS_PE_NO_RESOURCE, VMGS_PE_RESOURCE_SIZE, and what the file throws
 */
export function readResource(
  file: PeFile,
  key: ResourceKey,
  options?: ReadResourceOptions,
): Promise<Uint8Array> {
  checkObject(file, "file", "byteLength", "read");
  checkResourceKey(key, "key");
  if (options !== undefined) checkReadResourceOptions(options, "options");
  return run(readResourceSteps(file.byteLength, key, options), file);
}

/** The same, without waiting. Errors as `readResource`. */
export function readResourceSync(
  file: SyncPeFile,
  key: ResourceKey,
  options?: ReadResourceOptions,
): Uint8Array {
  checkObject(file, "file", "byteLength", "readSync");
  checkResourceKey(key, "key");
  if (options !== undefined) checkReadResourceOptions(options, "options");
  return runSync(readResourceSteps(file.byteLength, key, options), file);
}
