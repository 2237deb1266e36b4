/** `vmgs uefi`: the UEFI variables of a store. */

import type { CommandEntry } from "../../declaration/index.ts";

export const uefiCommands: readonly CommandEntry[] = [
  {
    name: "uefi list",
    summary: "list the UEFI variables of a store",
    load: async () => (await import("./list.ts")).list,
  },
  {
    name: "uefi show",
    summary: "show a UEFI variable and what its value means",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "uefi set",
    summary: "set a UEFI variable",
    load: async () => (await import("./set.ts")).set,
  },
  {
    name: "uefi unset",
    summary: "remove UEFI variables",
    load: async () => (await import("./unset.ts")).unset,
  },
  {
    name: "uefi boot",
    summary: "show what firmware would boot, in its order",
    load: async () => (await import("./boot.ts")).boot,
  },
  {
    name: "uefi boot-order",
    summary: "set the order in which firmware tries the boot options",
    load: async () => (await import("./boot-order.ts")).bootOrder,
  },
  {
    name: "uefi boot-next",
    summary: "boot from one option at the next boot only",
    load: async () => (await import("./boot-next.ts")).bootNext,
  },
  {
    name: "uefi boot-entry",
    summary: "add, remove, enable or disable boot options",
    load: async () => (await import("./boot-entry.ts")).bootEntryCommand,
  },
  {
    name: "uefi reset-boot",
    summary: "remove the boot order and all boot options, so that firmware looks for something to boot",
    load: async () => (await import("./reset-boot.ts")).resetBoot,
  },
  {
    name: "uefi secure-boot",
    summary: "show the secure boot state: keys, certificates, revocations, expiry",
    load: async () => (await import("./secure-boot.ts")).secureBoot,
  },
  {
    name: "uefi export",
    summary: "write the UEFI variables as JSON",
    load: async () => (await import("./export.ts")).exportVariables,
  },
  {
    name: "uefi import",
    summary: "put UEFI variables from JSON into a store",
    load: async () => (await import("./import.ts")).importVariables,
  },
];
