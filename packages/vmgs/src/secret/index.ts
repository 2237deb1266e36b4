/** Keys: how they are kept from output, and how they are read from files. */
export { DATASTORE_KEY_SIZE, datastoreKey } from "./datastore-key.ts";
export { type ParsedKey, parseKeyFile } from "./key-file.ts";
export { checkKey, checkSecret, Secret } from "./secret.ts";
