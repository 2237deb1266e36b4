/** All commands of `vmgs`. Names and summaries are here, so that the overview loads no command. */

import type { CommandNode } from "../declaration/index.ts";
import { keyCommands } from "./key/index.ts";
import { provenanceCommands } from "./provenance/index.ts";
import { tpmCommands } from "./tpm/index.ts";
import { uefiCommands } from "./uefi/index.ts";

export const commands: readonly CommandNode[] = [
  {
    name: "provision",
    summary: "create or boot a store as OpenHCL does, and write the provisioning marker",
    load: async () => (await import("./provision.ts")).provision,
  },
  {
    name: "marker",
    summary: "show who formatted a store, why, and with which vTPM parameters",
    load: async () => (await import("./marker.ts")).marker,
  },
  {
    name: "inspect",
    summary: "show everything about a store: headers, files, encryption, marker, block map",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  {
    name: "show",
    summary: "show what the files of a store hold, in words",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "doctor",
    summary: "find what is wrong with a store, what it means, and what to do",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "boot",
    summary: "show what OpenHCL's next boot will do with a store, without writing",
    load: async () => (await import("./boot.ts")).boot,
  },
  {
    name: "hexdump",
    summary: "show the bytes of headers, tables, blocks and files, with field names",
    load: async () => (await import("./hexdump.ts")).hexdump,
  },
  { name: "cat", summary: "read a file of a store", load: async () => (await import("./cat.ts")).cat },
  { name: "put", summary: "write a file into a store", load: async () => (await import("./put.ts")).put },
  { name: "rm", summary: "delete files from a store", load: async () => (await import("./rm.ts")).rm },
  {
    name: "mv",
    summary: "give a file of a store another ID",
    load: async () => (await import("./mv.ts")).mv,
  },
  {
    name: "set",
    summary: "change the values in a small file of the guest",
    load: async () => (await import("./set.ts")).set,
  },
  {
    name: "encrypt",
    summary: "encrypt a plain store and the files that hold secrets",
    load: async () => (await import("./encrypt.ts")).encrypt,
  },
  {
    name: "rekey",
    summary: "replace the datastore key with a new one",
    load: async () => (await import("./rekey.ts")).rekey,
  },
  {
    name: "decrypt",
    summary: "rewrite all files in plain and remove encryption",
    load: async () => (await import("./decrypt.ts")).decrypt,
  },
  { name: "key", summary: "datastore keys: derive, check, make, protect", commands: keyCommands },
  {
    name: "provenance",
    summary: "the signed provenance of a store",
    commands: provenanceCommands,
  },
  {
    name: "wipe",
    summary: "overwrite all old content in a store with zeros",
    load: async () => (await import("./wipe.ts")).wipe,
  },
  {
    name: "tpm",
    summary: "virtual TPMs: their state in a store, provisioning, conformance",
    commands: tpmCommands,
  },
  { name: "uefi", summary: "show and change the UEFI variables of a store", commands: uefiCommands },
  {
    name: "history",
    summary: "show the generations of a store, and what happened between them",
    load: async () => (await import("./history.ts")).history,
  },
  {
    name: "diff",
    summary: "show what differs between two stores, or since the previous generation",
    load: async () => (await import("./diff.ts")).diff,
  },
  {
    name: "carve",
    summary: "save old versions of files, and other remains in free blocks",
    load: async () => (await import("./carve.ts")).carve,
  },
  {
    name: "undo",
    summary: "go back to the previous generation of a store",
    load: async () => (await import("./undo.ts")).undo,
  },
  {
    name: "repair",
    summary: "plan the repair of a damaged store, and carry it out after a backup",
    load: async () => (await import("./repair.ts")).repair,
  },
  {
    name: "convert",
    summary: "make a raw image of a VHD, a VHD of a raw image, or a store of another size",
    load: async () => (await import("./convert.ts")).convert,
  },
  {
    name: "migrate",
    summary: "make a version 3 store with the UEFI variables of a version 1 file of Windows",
    load: async () => (await import("./migrate.ts")).migrate,
  },
  {
    name: "explain",
    summary: "explain a finding, an error code, a file of a store or a guest state lifetime",
    load: async () => (await import("./explain.ts")).explain,
  },
  {
    name: "help",
    summary: "explain a command or a concept",
    load: async () => (await import("./help.ts")).help(commands),
  },
  {
    name: "completion",
    summary: "print a completion script for a shell",
    load: async () => (await import("./completion.ts")).completion,
  },
  {
    name: "man",
    summary: "print a man page",
    load: async () => (await import("./man.ts")).man(commands),
  },
];
