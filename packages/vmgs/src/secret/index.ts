/** Keys: how they are kept from output, and how they are read from files. */
export { type ParsedKey, parseKeyFile } from "./key-file.ts";
export { Secret } from "./secret.ts";
