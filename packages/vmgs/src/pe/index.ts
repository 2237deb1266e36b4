/**
 * Resources of PE32+ files: firmware travels in DLLs that hold nothing else. Reads only the ranges that it needs; every
 * offset in the file is untrusted.
 *
 * @packageDocumentation
 */
export { readResource, readResourceSync } from "./read.ts";
export {
  MAX_RESOURCE_BYTES,
  type ReadResourceOptions,
  type ResourceKey,
} from "./resource.ts";
