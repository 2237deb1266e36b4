/**
 * The declared structures of a VMGS file and the tools to decode, encode, check and picture them.
 *
 * @packageDocumentation
 */
export * from "./format/index.ts";
export * from "./layout/index.ts";
