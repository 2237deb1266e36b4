import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** The file around the store. */
export const containerFindings = {
  "container-zero-bytes": {
    severity: "critical",
    title: "the file has 0 bytes",
    meaning: "There is no disk, so no boot can use the file. A copy that failed leaves such a file.",
    cure: "Copy the file again. To start over, delete it and make a new store.",
    actions: [offer("make a new store after the file was deleted", { kind: "provision" })],
  },
  "container-odd-size": {
    severity: "critical",
    title: "the length is not a multiple of 512 bytes",
    meaning: "No disk has such a length: bytes were cut off or added. Hosts refuse the file.",
    cure: "Fetch the file again in binary mode. A footer that was cut can be completed.",
    actions: [
      offer("see whether the footer can be completed", { kind: "repair" }),
      offer("save the files that can still be found", { kind: "carve" }),
    ],
  },
  "container-truncated": {
    severity: "critical",
    title: "the file is shorter than its footer says",
    meaning: "The end of the disk is missing, with the content that lay there. Hosts refuse the file.",
    cure: "Copy the whole file again. If only the size in the footer is wrong, it can be restored.",
    actions: [
      offer("see whether the footer can be restored", { kind: "repair" }),
      offer("save the files that can still be found", { kind: "carve" }),
    ],
  },
  "container-too-small": {
    severity: "critical",
    title: "the disk is too small for a store",
    meaning: "Two header blocks and two tables need 4 blocks of 4096 bytes.",
    cure: "Copy the whole file again. To start over, delete it and make a new store; 4 MiB is usual.",
    actions: [offer("make a new store after the file was deleted", { kind: "provision" })],
  },
  "container-other-format": {
    severity: "critical",
    title: "the file is not a fixed VHD, but something else",
    meaning:
      "A disk image of another format, a packed file, or text that came instead of a file: a boot finds no store in it.",
    cure: "Unpack it, convert it to a fixed VHD with the tools of its format, or download the file again.",
  },
  "container-unrecognized": {
    severity: "critical",
    title: "the file is neither a VHD nor a VMGS store",
    meaning: "It has no VHD footer, and neither header has the signature.",
    cure: "Check that it is the right file.",
    actions: [offer("look for remains of a store in it", { kind: "carve" })],
  },
  "container-blank-without-footer": {
    severity: "error",
    title: "a blank disk without a VHD footer",
    meaning:
      "All bytes are zero. A host that expects a fixed VHD refuses the file; one that takes raw disks formats it.",
    cure: "For Hyper-V, delete the file and make a blank VHD. A raw disk can be used as it is.",
    actions: [
      offer("make a blank VHD after the file was deleted", { kind: "provision", empty: true }),
      offer("show what a boot does with the raw disk", { kind: "boot", container: { kind: "raw" } }),
    ],
  },
  "container-footer-missing": {
    severity: "warning",
    title: "no VHD footer at the end",
    meaning: "The file is a raw image, or a VHD whose footer was cut off. Hyper-V opens fixed VHDs only.",
    cure: "If the file should be a VHD, make one from it. If it is a raw image, there is nothing to do.",
    actions: [offer("make a VHD from it", { kind: "convert", to: "vhd" })],
  },
  "container-footer-cookie": {
    severity: "error",
    title: "the VHD footer has lost its cookie",
    meaning: "The last 512 bytes are a VHD footer except for their first 8 bytes. Hosts refuse the file.",
    cure: "Restore the footer.",
    actions: [
      offer("see how the footer is restored", { kind: "repair" }),
      offer("make a sound copy beside the file", { kind: "convert", to: "vhd" }),
    ],
  },
  "container-footer-checksum": {
    severity: "error",
    title: "the checksum of the VHD footer is wrong",
    meaning: "The footer was changed or damaged. Hosts refuse the file; the store before it may be sound.",
    cure: "Restore the footer.",
    actions: [
      offer("see how the footer is restored", { kind: "repair" }),
      offer("make a sound copy beside the file", { kind: "convert", to: "vhd" }),
    ],
  },
  "container-footer-version": {
    severity: "error",
    title: "the VHD footer has an unknown version",
    meaning: "Only version 1.0 exists. Hosts refuse the file; the store before it may be sound.",
    cure: "Restore the footer.",
    actions: [
      offer("see how the footer is restored", { kind: "repair" }),
      offer("make a sound copy beside the file", { kind: "convert", to: "vhd" }),
    ],
  },
  "container-footer-size": {
    severity: "error",
    title: "the size in the VHD footer is not a multiple of 512",
    meaning: "The footer was patched by hand or damaged. Hosts refuse the file.",
    cure: "Restore the footer.",
    actions: [
      offer("see how the footer is restored", { kind: "repair" }),
      offer("make a sound copy beside the file", { kind: "convert", to: "vhd" }),
    ],
  },
  "container-footer-reserved": {
    severity: "info",
    title: "reserved bytes of the VHD footer are not zero",
    meaning: "No known program reads them. The program that made the disk wrote them.",
    cure: "Nothing to do.",
  },
  "container-not-fixed": {
    severity: "critical",
    title: "the VHD is dynamic or differencing",
    meaning: "A VMGS file is a fixed VHD; hosts refuse others for guest state.",
    cure: "If only the footer says so, restore it. Otherwise convert the file to a fixed VHD with the tools of its format.",
    actions: [offer("see whether the footer can be restored", { kind: "repair" })],
  },
  "container-disk-smaller": {
    severity: "warning",
    title: "the disk ends before the footer begins",
    meaning:
      "The disk size in the footer is smaller than the file; the bytes after the end of the disk are not used.",
    cure: "If the disk was shrunk by mistake, make a disk of all bytes of the file, without the old footer.",
    actions: [
      offer("make a disk of all bytes before the footer", {
        kind: "convert",
        container: { kind: "raw" },
        to: "vhd",
        bytes: "BYTES",
      }),
    ],
  },
  "container-too-large": {
    severity: "warning",
    title: "the disk is larger than 4 GiB",
    meaning: "The reference's tool refuses such files.",
    cure: "Make a smaller disk.",
    actions: [offer("make a smaller disk", { kind: "convert", bytes: 4194304, moveFiles: true })],
  },
  "container-partial-block": {
    severity: "info",
    title: "the disk is not a whole number of blocks",
    meaning: "The store can't use the bytes after the last whole block of 4096 bytes.",
    cure: "Nothing to do.",
  },
  "container-sector-size-unknown": {
    severity: "warning",
    title: "the sector size of a raw image is not known",
    meaning:
      "Only the second header shows it, and there is none. Writing with the wrong sector size would break the store.",
    cure: "Find out which sector size the host uses, and state it when you change the store.",
    actions: [
      offer("compare: the store with sectors of 512 bytes", {
        kind: "history",
        container: { sectorSize: 512 },
      }),
      offer("compare: the store with sectors of 4096 bytes", {
        kind: "history",
        container: { sectorSize: 4096 },
      }),
    ],
  },
} as const satisfies Record<string, CatalogueEntry>;
