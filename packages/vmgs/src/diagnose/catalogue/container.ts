import type { CatalogueEntry } from "./entry.ts";

/** The file around the store. */
export const containerFindings = {
  "container-zero-bytes": {
    severity: "critical",
    title: "the file has 0 bytes",
    meaning: "There is no disk, so no boot can use the file. A copy that failed leaves such a file.",
    cure: "Take a copy that is whole. To start over, delete the file and run `vmgs provision FILE`.",
  },
  "container-odd-size": {
    severity: "critical",
    title: "the length is no multiple of 512 bytes",
    meaning: "No disk has such a length: bytes were cut off or added. Hosts refuse the file.",
    cure: "Fetch it again in binary mode. `vmgs repair FILE` completes a footer that was cut; `vmgs carve FILE -o found` gets out what is left.",
  },
  "container-truncated": {
    severity: "critical",
    title: "the file is shorter than its footer says",
    meaning: "The end of the disk is missing, and with it whatever lay there. Hosts refuse the file.",
    cure: "Take a copy that is whole. If only the size is wrong, `vmgs repair FILE` restores it; else `vmgs carve FILE -o found` gets out the files that are still there.",
  },
  "container-too-small": {
    severity: "critical",
    title: "the disk is too small for a store",
    meaning: "Two header blocks and two tables need 4 blocks of 4096 bytes.",
    cure: "Take a copy that is whole. To start over, delete the file and run `vmgs provision FILE`; 4 MiB is usual.",
  },
  "container-other-format": {
    severity: "critical",
    title: "the file is something else than a fixed VHD",
    meaning:
      "A disk image of another format, a packed file, or text that came instead of a file: a boot finds no store in it.",
    cure: "Unpack it, convert it to a fixed VHD with the tools of its format, or download the file again.",
  },
  "container-unrecognized": {
    severity: "critical",
    title: "the file is neither a VHD nor a VMGS store",
    meaning: "It has no VHD footer, and neither of the places for a header holds the signature of one.",
    cure: "Check that it is the right file. `vmgs carve FILE -o found` looks for remains of a store in it.",
  },
  "container-blank-without-footer": {
    severity: "error",
    title: "a blank disk without a VHD footer",
    meaning:
      "All bytes are zero. A host that expects a fixed VHD refuses the file; one that takes raw disks formats it.",
    cure: "For Hyper-V, delete the file and run `vmgs provision FILE --empty`. For a raw disk say `--disk raw`.",
  },
  "container-footer-missing": {
    severity: "warning",
    title: "no VHD footer at the end",
    meaning: "The file is a raw image, or a VHD whose footer was cut off. Hyper-V opens fixed VHDs only.",
    cure: "If it should be a VHD, `vmgs convert FILE sound.vmgs --to vhd` makes one. If it is raw, say `--disk raw`.",
  },
  "container-footer-cookie": {
    severity: "error",
    title: "the VHD footer has lost its cookie",
    meaning: "The last 512 bytes are a VHD footer but for their first 8 bytes. Hosts refuse the file.",
    cure: "`vmgs repair FILE` restores the footer; `vmgs convert FILE sound.vmgs --to vhd` makes a sound copy beside it.",
  },
  "container-footer-checksum": {
    severity: "error",
    title: "the checksum of the VHD footer is wrong",
    meaning: "The footer was changed or damaged. Hosts refuse the file; the store before it may be sound.",
    cure: "`vmgs repair FILE` restores the footer; `vmgs convert FILE sound.vmgs --to vhd` makes a sound copy beside it.",
  },
  "container-footer-version": {
    severity: "error",
    title: "the VHD footer has an unknown version",
    meaning: "Only version 1.0 exists. Hosts refuse the file; the store before it may be sound.",
    cure: "`vmgs repair FILE` restores the footer; `vmgs convert FILE sound.vmgs --to vhd` makes a sound copy beside it.",
  },
  "container-footer-size": {
    severity: "error",
    title: "the size in the VHD footer is no multiple of 512",
    meaning: "The footer was patched by hand or damaged. Hosts refuse the file.",
    cure: "`vmgs repair FILE` restores the footer; `vmgs convert FILE sound.vmgs --to vhd` makes a sound copy beside it.",
  },
  "container-footer-reserved": {
    severity: "info",
    title: "reserved bytes of the VHD footer are not zero",
    meaning: "Nothing reads them. Some program that made the disk left something there.",
    cure: "Nothing to do.",
  },
  "container-not-fixed": {
    severity: "critical",
    title: "the VHD is dynamic or differencing",
    meaning: "A VMGS file is a fixed VHD; hosts refuse others for guest state.",
    cure: "If only the footer says so, `vmgs repair FILE` restores it. Else convert it to a fixed VHD with the tools of its format.",
  },
  "container-disk-smaller": {
    severity: "warning",
    title: "the disk ends before the footer begins",
    meaning: "The footer tells fewer bytes than the file has; what lies behind the disk's end is not used.",
    cure: "If the disk was shrunk by mistake, `vmgs convert FILE sound.vmgs --disk raw --to vhd --new-size BYTES` takes all of it. BYTES is diskBytes and behind together, so that the old footer stays out.",
  },
  "container-too-large": {
    severity: "warning",
    title: "the disk is larger than 4 GiB",
    meaning: "The reference's tool refuses such files.",
    cure: "`vmgs convert FILE smaller.vmgs --new-size 4M --move` makes a smaller disk.",
  },
  "container-partial-block": {
    severity: "info",
    title: "the disk is no whole number of blocks",
    meaning: "The bytes behind the last whole block of 4096 can't be used by the store.",
    cure: "Nothing to do.",
  },
  "container-sector-size-unknown": {
    severity: "warning",
    title: "the sector size of a raw image is not known",
    meaning:
      "Only the second header tells it, and there is none. Writing with the wrong sector size would break the store.",
    cure: "Say which it is, `--sector-size 512` or `--sector-size 4096`, when you change the store.",
  },
} as const satisfies Record<string, CatalogueEntry>;
