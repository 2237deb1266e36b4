/** What the data of a variable is, by vendor and name. */

import { checkVariableKey } from "../variables/variable.ts";
import { VendorGuid } from "./known-vendors.ts";
import { parseNumberedName } from "./numbered-name.ts";

/** How the data of a variable must be read. */
export type ValueShape =
  /** Numbers of load options, u16 each. */
  | "optionNumbers"
  | "loadOption"
  | "devicePath"
  | "signatureLists"
  /** u8, 0 or 1. */
  | "flag"
  | "u8"
  | "u16"
  | "u32"
  /** u64 with named bits. */
  | "osIndications"
  /** GUIDs, 16 bytes each. */
  | "guids"
  /** ASCII, with or without a NUL at the end. */
  | "ascii"
  /** UCS-2, with or without a NUL at the end. */
  | "ucs2";

type Shapes = Readonly<Record<string, ValueShape>>;

/** UEFI 2.10, table 3.1. */
const globalVariables: Shapes = {
  AuditMode: "flag",
  BootCurrent: "u16",
  BootNext: "u16",
  BootOrder: "optionNumbers",
  BootOptionSupport: "u32",
  ConIn: "devicePath",
  ConInDev: "devicePath",
  ConOut: "devicePath",
  ConOutDev: "devicePath",
  dbDefault: "signatureLists",
  dbrDefault: "signatureLists",
  dbtDefault: "signatureLists",
  dbxDefault: "signatureLists",
  DeployedMode: "flag",
  DriverOrder: "optionNumbers",
  ErrOut: "devicePath",
  ErrOutDev: "devicePath",
  HwErrRecSupport: "u16",
  KEK: "signatureLists",
  KEKDefault: "signatureLists",
  Lang: "ascii",
  LangCodes: "ascii",
  OsIndications: "osIndications",
  OsIndicationsSupported: "osIndications",
  OsRecoveryOrder: "guids",
  PK: "signatureLists",
  PKDefault: "signatureLists",
  PlatformLang: "ascii",
  PlatformLangCodes: "ascii",
  SecureBoot: "flag",
  SetupMode: "flag",
  SignatureSupport: "guids",
  SysPrepOrder: "optionNumbers",
  Timeout: "u16",
  VendorKeys: "flag",
};

/** UEFI 2.10, section 32.6.1. */
const imageSecurityVariables: Shapes = {
  db: "signatureLists",
  dbr: "signatureLists",
  dbt: "signatureLists",
  dbx: "signatureLists",
};

/** rhboot/shim, mok.c and MokVars.txt. */
const shimVariables: Shapes = {
  MokDel: "signatureLists",
  MokIgnoreDB: "flag",
  MokList: "signatureLists",
  MokListTrusted: "flag",
  MokListX: "signatureLists",
  MokNew: "signatureLists",
  MokSBState: "flag",
  MokXDel: "signatureLists",
  MokXNew: "signatureLists",
  SbatLevel: "ascii",
};

/** systemd.io/BOOT_LOADER_INTERFACE. */
const systemdVariables: Shapes = {
  LoaderConfigTimeout: "ucs2",
  LoaderConfigTimeoutOneShot: "ucs2",
  LoaderDevicePartUUID: "ucs2",
  LoaderEntryDefault: "ucs2",
  LoaderEntryOneShot: "ucs2",
  LoaderEntrySelected: "ucs2",
  LoaderFirmwareInfo: "ucs2",
  LoaderFirmwareType: "ucs2",
  LoaderImageIdentifier: "ucs2",
  LoaderInfo: "ucs2",
  StubInfo: "ucs2",
};

const shapesByVendor = new Map<string, ReadonlyMap<string, ValueShape>>(
  (
    [
      [VendorGuid.EFI_GLOBAL_VARIABLE, globalVariables],
      [VendorGuid.EFI_IMAGE_SECURITY_DATABASE, imageSecurityVariables],
      [VendorGuid.SECURE_BOOT_ENABLE, { SecureBootEnable: "flag" }],
      [VendorGuid.CUSTOM_MODE, { CustomMode: "flag" }],
      [VendorGuid.VENDOR_KEYS, { VendorKeysNv: "flag" }],
      [VendorGuid.MTC, { MTC: "u32" }],
      [VendorGuid.SHIM_LOCK, shimVariables],
      [VendorGuid.SYSTEMD_BOOT, systemdVariables],
      [VendorGuid.MEMORY_OVERWRITE, { MemoryOverwriteRequestControl: "u8" }],
      [VendorGuid.MEMORY_OVERWRITE_LOCK, { MemoryOverwriteRequestControlLock: "u8" }],
    ] as [string, Shapes][]
  ).map(([vendor, shapes]) => [vendor, new Map(Object.entries(shapes))]),
);

/** How the data of this variable must be read, or null when that is not known. */
export function valueShape(key: { readonly vendor: string; readonly name: string }): ValueShape | null {
  checkVariableKey(key, "key");
  if (key.vendor === VendorGuid.EFI_GLOBAL_VARIABLE && parseNumberedName(key.name) !== null) {
    return "loadOption";
  }
  return shapesByVendor.get(key.vendor)?.get(key.name) ?? null;
}

const OPTION_NUMBERS: readonly string[] = ["BootNext", "BootCurrent"];

/** Whether the number in this variable is that of a Boot####. */
export function holdsOptionNumber(key: { readonly vendor: string; readonly name: string }): boolean {
  checkVariableKey(key, "key");
  return key.vendor === VendorGuid.EFI_GLOBAL_VARIABLE && OPTION_NUMBERS.includes(key.name);
}
