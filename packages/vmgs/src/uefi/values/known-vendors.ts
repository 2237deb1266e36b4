/** Vendor GUIDs of variables, each with its public source. */

import { checkText } from "../../arguments/index.ts";

/** GUIDs that the library itself uses. */
export const VendorGuid = {
  /** UEFI 2.10, section 3.3. */
  EFI_GLOBAL_VARIABLE: "8be4df61-93ca-11d2-aa0d-00e098032b8c",
  /** UEFI 2.10, section 32.6.1. */
  EFI_IMAGE_SECURITY_DATABASE: "d719b2cb-3d3a-4596-a3bc-dad00e67656f",
  /** tianocore/edk2, gEfiSecureBootEnableDisableGuid. */
  SECURE_BOOT_ENABLE: "f0a30bc7-af08-4556-99c4-001009c93a44",
  /** tianocore/edk2, gEfiCustomModeEnableGuid. */
  CUSTOM_MODE: "c076ec0c-7028-4399-a072-71ee5c448b9f",
  /** tianocore/edk2, gEfiCertDbGuid. */
  CERT_DB: "d9bee56e-75dc-49d9-b4d7-b534210f637a",
  /** tianocore/edk2, gEfiVendorKeysNvGuid. */
  VENDOR_KEYS: "9073e4e0-60ec-4b6e-9903-4c223c260f3c",
  /** tianocore/edk2, gMtcVendorGuid. */
  MTC: "eb704011-1402-11d3-8e77-00a0c969723b",
  /** Owner of Microsoft's signatures: "Windows Secure Boot Key Creation and Management Guidance" (Microsoft Learn). */
  MICROSOFT_SECURE_BOOT: "77fa9abd-0359-4d32-bd60-28f4e78f784b",
  /** microsoft/openvmm, vm/devices/firmware/uefi_specs/src/hyperv/nvram.rs, EFI_HYPERV_PRIVATE_GUID. */
  HYPER_V_PRIVATE: "610b9e98-c6f6-47f8-8b47-2d2da0d52a91",
  /** microsoft/mu_msvm, MsvmPkg/MsvmPkg.dec, gFrontPageNVVarGuid. */
  HYPER_V_FRONT_PAGE: "7f98efe9-50aa-4598-b7c1-cb72e1cc5224",
  /** rhboot/shim, SHIM_LOCK_GUID. */
  SHIM_LOCK: "605dab50-e046-4300-abb6-3dd810dd8b23",
  /** systemd.io/BOOT_LOADER_INTERFACE. */
  SYSTEMD_BOOT: "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
  /** TCG PC Client Platform Reset Attack Mitigation Specification. */
  MEMORY_OVERWRITE: "e20939be-32d4-41be-a150-897f85d49829",
  /** Microsoft Learn, "Secure MOR implementation". */
  MEMORY_OVERWRITE_LOCK: "bb983ccf-151d-40e1-a07b-4a17be168292",
  /** tianocore/edk2, gEfiTcg2PhysicalPresenceGuid. */
  TCG2_PHYSICAL_PRESENCE: "aeb9c5c1-94f1-4d02-bfd9-4602db2d3c54",
  /** UEFI 2.10, section 8.2.4. */
  HARDWARE_ERROR: "414e6bdd-e47b-47cc-b244-bb61020cf516",
  /** UEFI 2.10, section 8.5.6. */
  CAPSULE_REPORT: "39b68c46-f7fb-441b-b6ec-16b0f69821f3",
  /** tianocore/edk2, gEfiMemoryTypeInformationGuid. */
  MEMORY_TYPE_INFORMATION: "4c19049f-4137-4dd3-9c10-8b97a83ffdfa",
  /** Variables that Windows' boot loader writes; not documented, seen in public lists of variables. */
  WINDOWS_BOOT: "eaec226f-c9a3-477a-a826-ddc716cdc0e3",
} as const;

/** Name of a vendor GUID that has one. */
export type VendorName = keyof typeof VendorGuid;

const names = new Map<string, VendorName>(
  Object.entries(VendorGuid).map(([name, guid]) => [guid, name as VendorName]),
);

/** The name of a vendor GUID in lower case, or null when it has none. */
export function vendorName(guid: string): VendorName | null {
  checkText(guid, "guid");
  return names.get(guid) ?? null;
}
