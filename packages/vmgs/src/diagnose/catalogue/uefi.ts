import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** UEFI variables, secure boot and the custom settings of the firmware. */
export const uefiFindings = {
  "uefi-list-unrecognized": {
    severity: "error",
    title: "file 1 does not look like a list of UEFI variables",
    meaning:
      "Not one entry can be read: the file is something else, is encrypted with another key, or is damaged from its first byte. A boot of OpenHCL fails.",
    cure: "Look for a sound list. Without one, remove the file: firmware begins with an empty list.",
    actions: [
      offer("look for a sound list", { kind: "history" }),
      offer("remove all UEFI variables; firmware begins anew from the host's template", {
        kind: "deleteFile",
        fileId: "BIOS_NVRAM",
      }),
    ],
  },
  "uefi-list-damaged": {
    severity: "error",
    title: "parts of the UEFI variables can't be read",
    meaning:
      "OpenHCL skips names without a NUL and loses these variables; any other damage, and more than 131072 bytes, ends the boot.",
    cure: "Look for a sound list. A change of a variable can leave out what can't be read.",
    actions: [
      offer("show what can be read", { kind: "listVariables" }),
      offer("look for a sound list", { kind: "history" }),
    ],
  },
  "uefi-space-low": {
    severity: "warning",
    title: "the UEFI variables nearly fill their space",
    meaning:
      "The list must stay below 131072 bytes. When it is full, firmware can store no new boot entry, and updates of db and dbx fail.",
    cure: "Find out what takes the space.",
    actions: [
      offer("list the variables with their sizes", { kind: "listVariables" }),
      offer("remove all boot entries; firmware finds them anew", { kind: "resetBootEntries" }),
    ],
  },
  "uefi-boot-entries-repeated": {
    severity: "warning",
    title: "many boot entries are equal",
    meaning:
      "Something adds the same entry again and again, such as an installer at each boot, until the variables fill their space.",
    cure: "Remove all entries; firmware finds them anew. Find out in the guest what adds them.",
    actions: [offer("remove all boot entries; firmware finds them anew", { kind: "resetBootEntries" })],
  },
  "uefi-boot-order-dangling": {
    severity: "warning",
    title: "BootOrder or BootNext names entries that are not there",
    meaning: "Firmware skips them. A VM whose other entries fail too has nothing to boot.",
    cure: "Remove all entries; firmware finds them anew.",
    actions: [
      offer("show the entries", { kind: "showBootEntries" }),
      offer("remove all boot entries; firmware finds them anew", { kind: "resetBootEntries" }),
    ],
  },
  "uefi-boot-entry-unreadable": {
    severity: "warning",
    title: "boot entries can't be read",
    meaning: "Firmware can't use them: their option, or their device path, is damaged.",
    cure: "Remove all entries; firmware finds them anew.",
    actions: [
      offer("show the entries", { kind: "showBootEntries" }),
      offer("remove all boot entries; firmware finds them anew", { kind: "resetBootEntries" }),
    ],
  },
  "uefi-secure-boot-no-pk": {
    severity: "error",
    title: "secure boot keys without a platform key",
    meaning:
      "Secure boot is enabled, or has databases, but there is no PK: firmware is in setup mode, enforces nothing, and every program in the guest can write the databases.",
    cure: "Enrol a platform key again, or let firmware begin anew from the host's template.",
    actions: [
      offer("show the databases of secure boot", { kind: "showSecureBoot" }),
      offer("remove all UEFI variables; firmware begins anew from the host's template", {
        kind: "deleteFile",
        fileId: "BIOS_NVRAM",
      }),
    ],
  },
  "uefi-nothing-trusted": {
    severity: "error",
    title: "secure boot trusts nothing, so nothing starts",
    meaning:
      "There is a platform key and secure boot is not off, but db is missing, or has no certificate and no hash that dbx does not revoke. Firmware starts no boot loader.",
    cure: "Add certificates to db, or let firmware begin anew from the host's template.",
    actions: [
      offer("show the databases of secure boot", { kind: "showSecureBoot" }),
      offer("add certificates", { kind: "setVariable", name: "db", append: true }),
      offer("remove all UEFI variables; firmware begins anew from the host's template", {
        kind: "deleteFile",
        fileId: "BIOS_NVRAM",
      }),
    ],
  },
  "uefi-windows-revoked": {
    severity: "error",
    title: "no boot loader of Windows can start",
    meaning:
      "dbx revokes Windows Production PCA 2011, and db does not have Windows UEFI CA 2023. Boot loaders of others are not affected.",
    cure: "Add Windows UEFI CA 2023 to db. If the guest does not run Windows, there is nothing to do.",
    actions: [offer("add the certificate", { kind: "setVariable", name: "db", append: true })],
  },
  "uefi-kek-missing": {
    severity: "warning",
    title: "there is no KEK",
    meaning: "db and dbx can't be updated from the guest: updates are signed with a key in KEK.",
    cure: "Enrol Microsoft's KEK CAs.",
    actions: [offer("enrol a certificate", { kind: "setVariable", name: "KEK", append: true })],
  },
  "uefi-kek-2011-only": {
    severity: "warning",
    title: "KEK has Microsoft's CA of 2011 only",
    meaning:
      "Updates of db and dbx are signed with Microsoft Corporation KEK 2K CA 2023: they will be refused.",
    cure: "Let the guest's operating system add the CA of 2023 to KEK, or add it now.",
    actions: [offer("add the certificate", { kind: "setVariable", name: "KEK", append: true })],
  },
  "uefi-test-key": {
    severity: "warning",
    title: "a secure boot key is a public test key",
    meaning:
      "Its name says DO NOT TRUST or DO NOT SHIP. The private keys of such keys have leaked (CVE-2024-8105, PKfail): anyone who has one can sign what this VM starts.",
    cure: "Replace it with a key of your own.",
    actions: [offer("show where it is", { kind: "showSecureBoot" })],
  },
  "uefi-no-certificate": {
    severity: "warning",
    title: "entries of secure boot databases are not certificates",
    meaning:
      "They authorise and trust nothing. A PK of no bytes makes user mode without an owner; text in PEM must be converted to DER first.",
    cure: "Find out which variable has them and what else is in it. Then set that variable again to all of its certificates, in DER, PEM or as a signature list: what is not given again is gone.",
    actions: [
      offer("show the databases of secure boot", { kind: "showSecureBoot" }),
      offer("read how a variable is set", { kind: "readTopic", topic: "uefi set" }),
    ],
  },
  "uefi-2011-only": {
    severity: "warning",
    title: "secure boot trusts Microsoft's CAs of 2011 only",
    meaning:
      "They expire in 2026. Boot loaders that are signed with the CAs of 2023 do not start in this VM.",
    cure: "Let the guest's operating system add the CAs of 2023 to db and KEK.",
  },
  "uefi-dbx-empty": {
    severity: "warning",
    title: "dbx is empty: nothing is revoked",
    meaning: "Boot loaders with known holes start under secure boot.",
    cure: "Let the guest's operating system install the revocation list.",
  },
  "uefi-database-unreadable": {
    severity: "error",
    title: "a secure boot database can't be read",
    meaning: "PK, KEK, db or dbx is not a list of signatures: firmware may refuse to start anything.",
    cure: "Look for a sound one.",
    actions: [
      offer("show what can be read", { kind: "showSecureBoot" }),
      offer("look for a sound list", { kind: "history" }),
    ],
  },
  "uefi-certificate-expired": {
    severity: "info",
    title: "secure boot certificates are not valid now",
    meaning: "Firmware does not look at the dates, so they still count.",
    cure: "Nothing to do for that. Check that their successors are also there.",
  },
  "uefi-security-versions": {
    severity: "info",
    title: "dbx demands versions of Windows' boot managers",
    meaning:
      "Security version numbers look like hashes in dbx. Windows' boot managers refuse to start when their own is lower, such as those of old installation media.",
    cure: "Nothing to do.",
  },
  "uefi-custom-stops-boot": {
    severity: "error",
    title: "the custom UEFI settings can't be read, and are needed",
    meaning:
      "There are no UEFI variables, so a boot applies the settings of file 9. It is not JSON as the host writes it, so OpenHCL ends the boot. A byte order mark is enough for that.",
    cure: "Write it again, or remove it.",
    actions: [offer("remove it", { kind: "deleteFile", fileId: "CUSTOM_UEFI" })],
  },
  "uefi-custom-unreadable": {
    severity: "warning",
    title: "the custom UEFI settings can't be read",
    meaning:
      "File 9 is not JSON as the host writes it. It is ignored while there are UEFI variables; without them the boot would fail.",
    cure: "Write it again, or remove it.",
    actions: [offer("remove it", { kind: "deleteFile", fileId: "CUSTOM_UEFI" })],
  },
} as const satisfies Record<string, CatalogueEntry>;
