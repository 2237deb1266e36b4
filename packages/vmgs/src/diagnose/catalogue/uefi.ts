import type { CatalogueEntry } from "./entry.ts";

/** UEFI variables, secure boot and the custom settings of the firmware. */
export const uefiFindings = {
  "uefi-list-unrecognized": {
    severity: "error",
    title: "file 1 does not look like a list of UEFI variables",
    meaning:
      "Not one entry can be read: the file is something else, is encrypted with another key, or is damaged from its first byte. A boot of OpenHCL fails.",
    cure: "`vmgs history FILE` may show a sound list. Firmware begins with an empty one when you remove it with `vmgs rm FILE BIOS_NVRAM`.",
  },
  "uefi-list-damaged": {
    severity: "error",
    title: "parts of the UEFI variables can't be read",
    meaning:
      "OpenHCL skips names without a NUL and loses these variables; any other damage, and more than 131072 bytes, ends the boot.",
    cure: "`vmgs uefi list FILE` shows what can still be read, `vmgs history FILE` may show a sound list; commands that change variables take `--drop-unreadable`.",
  },
  "uefi-space-low": {
    severity: "warning",
    title: "the UEFI variables nearly fill their space",
    meaning:
      "The list must stay below 131072 bytes. When it is full, firmware can store no new boot entry, and updates of db and dbx fail.",
    cure: "`vmgs uefi list FILE` shows what takes the space. `vmgs uefi boot FILE --reset` removes all boot entries, and firmware finds them anew.",
  },
  "uefi-boot-entries-repeated": {
    severity: "warning",
    title: "many boot entries are equal",
    meaning:
      "Something adds the same entry again and again, such as an installer at each boot, until the variables fill their space.",
    cure: "`vmgs uefi boot FILE --reset` removes all, and firmware finds them anew. Find out in the guest what adds them.",
  },
  "uefi-boot-order-dangling": {
    severity: "warning",
    title: "BootOrder or BootNext names entries that are not there",
    meaning: "Firmware skips them. A VM whose other entries fail too has nothing to boot.",
    cure: "`vmgs uefi boot FILE` shows the entries; `vmgs uefi boot FILE --reset` removes all, and firmware finds them anew.",
  },
  "uefi-boot-entry-unreadable": {
    severity: "warning",
    title: "boot entries can't be read",
    meaning: "Firmware can't use them: their option, or their device path, is damaged.",
    cure: "`vmgs uefi boot FILE` shows them; `vmgs uefi boot FILE --reset` removes all, and firmware finds them anew.",
  },
  "uefi-secure-boot-no-pk": {
    severity: "error",
    title: "secure boot keys without a platform key",
    meaning:
      "Secure boot is enabled, or has databases, but there is no PK: firmware is in setup mode, enforces nothing, and anybody in the guest can write the databases.",
    cure: "`vmgs uefi secure-boot FILE` shows what is there. Enrol a platform key again, or let firmware begin anew from the host's template: `vmgs rm FILE BIOS_NVRAM`.",
  },
  "uefi-nothing-trusted": {
    severity: "error",
    title: "secure boot trusts nothing, so nothing starts",
    meaning:
      "There is a platform key and secure boot is not off, but db is missing, or has no certificate and no hash that dbx does not revoke. Firmware starts no boot loader.",
    cure: "`vmgs uefi secure-boot FILE` shows what is there. Add certificates with `vmgs uefi set FILE db SOURCE`, or let firmware begin anew from the host's template: `vmgs rm FILE BIOS_NVRAM`.",
  },
  "uefi-windows-revoked": {
    severity: "error",
    title: "no boot loader of Windows can start",
    meaning:
      "dbx revokes Windows Production PCA 2011, and db does not have Windows UEFI CA 2023. Boot loaders of others are not affected.",
    cure: "Add Windows UEFI CA 2023 to db: `vmgs uefi set FILE db SOURCE --append`. If the guest does not run Windows, there is nothing to do.",
  },
  "uefi-kek-missing": {
    severity: "warning",
    title: "there is no KEK",
    meaning: "db and dbx can't be updated from the guest: updates are signed with a key in KEK.",
    cure: "Enrol Microsoft's KEK CAs: `vmgs uefi set FILE KEK SOURCE`.",
  },
  "uefi-kek-2011-only": {
    severity: "warning",
    title: "KEK has Microsoft's CA of 2011 only",
    meaning:
      "Updates of db and dbx are signed with Microsoft Corporation KEK 2K CA 2023: they will be refused.",
    cure: "Let the guest's operating system add the CA of 2023 to KEK, or do it with `vmgs uefi set FILE KEK SOURCE --append`.",
  },
  "uefi-test-key": {
    severity: "warning",
    title: "a secure boot key is a public test key",
    meaning:
      "Its name says DO NOT TRUST or DO NOT SHIP. The private keys of such keys have leaked (CVE-2024-8105, PKfail): anyone who has one can sign what this VM starts.",
    cure: "Enrol a key of your own in its place: `vmgs uefi secure-boot FILE` shows where it is.",
  },
  "uefi-no-certificate": {
    severity: "warning",
    title: "entries of secure boot databases are not certificates",
    meaning:
      "They authorise and trust nothing. A PK of no bytes makes user mode without an owner; text in PEM must be converted to DER first.",
    cure: "`vmgs uefi secure-boot FILE` shows which variable has them, and what else is in it. Set that variable anew (`vmgs help uefi set`) to all of its certificates, in DER, PEM or as a signature list: what is not given again is gone.",
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
    meaning: "PK, KEK, db or dbx is no list of signatures: firmware may refuse to start anything.",
    cure: "`vmgs uefi secure-boot FILE` shows what can be read; `vmgs history FILE` may show a sound one.",
  },
  "uefi-certificate-expired": {
    severity: "info",
    title: "secure boot certificates are not valid now",
    meaning: "Firmware does not look at the dates, so they still count.",
    cure: "Nothing to do for that; see whether their successors are there, too.",
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
      "There are no UEFI variables, so a boot applies the settings of file 9. It is no JSON as the host writes it, and OpenHCL ends the boot. A byte order mark is enough.",
    cure: "Write it again with `vmgs put FILE CUSTOM_UEFI SOURCE`, or remove it with `vmgs rm FILE CUSTOM_UEFI`.",
  },
  "uefi-custom-unreadable": {
    severity: "warning",
    title: "the custom UEFI settings can't be read",
    meaning:
      "File 9 is no JSON as the host writes it. It is ignored while there are UEFI variables; without them the boot would fail.",
    cure: "Write it again with `vmgs put FILE CUSTOM_UEFI SOURCE`, or remove it.",
  },
} as const satisfies Record<string, CatalogueEntry>;
