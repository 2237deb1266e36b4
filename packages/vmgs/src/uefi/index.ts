/**
 * UEFI variables: the list in BIOS_NVRAM (file 1), what the values mean, and CUSTOM_UEFI (file 9). Knows bytes, not
 * stores. All text that comes from the data is untrusted: show it escaped.
 */
export { type AppendResult, appendValue } from "./append-value.ts";
export * from "./boot/index.ts";
export * from "./device-path/index.ts";
export * from "./json/index.ts";
export {
  type BootObstacle,
  describeDatabase,
  type SecureBootDatabase,
  type SecureBootEntry,
  type SecureBootState,
  type SignatureDatabase,
  secureBootDatabases,
  secureBootState,
  secureBootVariable,
  type Validity,
} from "./secure-boot.ts";
export * from "./signatures/index.ts";
export * from "./values/index.ts";
export * from "./variables/index.ts";
