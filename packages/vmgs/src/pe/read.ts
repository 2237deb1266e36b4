/** Reading a resource from where a file lives. */

import {
  type ByteSource,
  checkByteSource,
  checkSyncByteSource,
  type SyncByteSource,
} from "../source/index.ts";
import { run, runSync } from "../steps/index.ts";
import {
  checkReadResourceOptions,
  checkResourceKey,
  type ReadResourceOptions,
  type ResourceKey,
  readResourceSteps,
} from "./resource.ts";

/**
 * The content of a resource of a PE32+ file. Beside the content a few KiB are read, however large the file is.
 *
 * @throws VmgsError VMGS_PE_FORMAT, VMGS_PE_NO_RESOURCE, VMGS_PE_RESOURCE_SIZE, and what the source throws
 */
export function readResource(
  source: ByteSource,
  key: ResourceKey,
  options?: ReadResourceOptions,
): Promise<Uint8Array> {
  checkByteSource(source, "source");
  checkResourceKey(key, "key");
  if (options !== undefined) checkReadResourceOptions(options, "options");
  return run(readResourceSteps(source.byteLength, key, options), source);
}

/** The same, without waiting. Errors as `readResource`. */
export function readResourceSync(
  source: SyncByteSource,
  key: ResourceKey,
  options?: ReadResourceOptions,
): Uint8Array {
  checkSyncByteSource(source, "source");
  checkResourceKey(key, "key");
  if (options !== undefined) checkReadResourceOptions(options, "options");
  return runSync(readResourceSteps(source.byteLength, key, options), source);
}
