/** All commands of `vmgstool`. Names and summaries are here, so that the overview loads no command. */

import type { CommandNode } from "../../declaration/index.ts";

export const commands: readonly CommandNode[] = [
  {
    name: "create",
    summary: "make a VMGS file and format it",
    load: async () => (await import("./create.ts")).create,
  },
  {
    name: "write",
    summary: "write a file into the store",
    load: async () => (await import("./write.ts")).write,
  },
  { name: "dump", summary: "read a file of the store", load: async () => (await import("./dump.ts")).dump },
  {
    name: "dump-headers",
    summary: "show both headers side by side",
    load: async () => (await import("./dump-headers.ts")).dumpHeaders,
  },
  {
    name: "query-size",
    summary: "print how many bytes a file of the store has",
    load: async () => (await import("./query-size.ts")).querySize,
  },
  {
    name: "update-key",
    summary: "replace the key of an encrypted store",
    load: async () => (await import("./update-key.ts")).updateKey,
  },
  {
    name: "encrypt",
    summary: "encrypt a plain store",
    load: async () => (await import("./encrypt.ts")).encrypt,
  },
  {
    name: "query-encryption",
    summary: "answer by the exit code whether and how the store is encrypted",
    load: async () => (await import("./query-encryption.ts")).queryEncryption,
  },
  {
    name: "move",
    summary: "give a file of the store another ID",
    load: async () => (await import("./move.ts")).move,
  },
  {
    name: "delete",
    summary: "delete a file of the store",
    load: async () => (await import("./delete.ts")).deleteFile,
  },
  {
    name: "dump-file-table",
    summary: "list the files of the store",
    load: async () => (await import("./dump-file-table.ts")).dumpFileTable,
  },
  {
    name: "uefi-nvram",
    summary: "UEFI variables: show them, remove them",
    commands: [
      {
        name: "uefi-nvram dump",
        summary: "show the UEFI variables",
        load: async () => (await import("./uefi-dump.ts")).uefiDump,
      },
      {
        name: "uefi-nvram dump-from-json",
        summary: "show the UEFI variables in the JSON export of a version 1 file",
        load: async () => (await import("./uefi-dump-from-json.ts")).uefiDumpFromJson,
      },
      {
        name: "uefi-nvram remove-boot-entries",
        summary: "remove all boot entries, so that firmware looks for something to boot anew",
        load: async () => (await import("./uefi-remove-boot-entries.ts")).uefiRemoveBootEntries,
      },
      {
        name: "uefi-nvram remove-entry",
        summary: "remove one UEFI variable",
        load: async () => (await import("./uefi-remove-entry.ts")).uefiRemoveEntry,
      },
    ],
  },
  {
    name: "copy-igvmfile",
    summary: "copy firmware from a resource DLL into GUEST_FIRMWARE (8)",
    load: async () => (await import("./copy-igvmfile.ts")).copyIgvmfile,
  },
  {
    name: "test",
    summary: "make keys and stores for tests",
    commands: [
      {
        name: "test make-key",
        summary: "make a key file",
        load: async () => (await import("./test-make-key.ts")).testMakeKey,
      },
      {
        name: "test two-keys",
        summary: "make a store that has both key slots in use",
        load: async () => (await import("./test-two-keys.ts")).testTwoKeys,
      },
    ],
  },
];
