import type { CatalogueEntry } from "./entry.ts";

/** Headers, file tables and space. */
export const storeFindings = {
  "headers-blank": {
    severity: "info",
    title: "the disk was never formatted",
    meaning: "Both headers are zero, as a host mints a disk. The next boot formats it (reason `empty`).",
    cure: "Nothing to do; `vmgs provision FILE` does now what the boot would do.",
  },
  "headers-wiped": {
    severity: "critical",
    title: "both headers are zero, but the disk holds data",
    meaning:
      "A disk that was never formatted is zero throughout: the headers of a store were wiped. The next boot takes it for blank, formats it, and loses everything.",
    cure: "Do not boot it. `vmgs repair FILE` looks for the file table and rebuilds a header where it can; `vmgs carve FILE -o found` saves the files.",
  },
  "headers-v1": {
    severity: "critical",
    title: "a GPT of which neither copy can be used",
    meaning:
      "A version 1 file of Windows, or another disk, with a damaged partition table. A boot of OpenHCL fails with InvalidFormat.",
    cure: "Restore a backup; `vmgs carve FILE -o found` saves what is left of its data.",
  },
  "headers-version": {
    severity: "critical",
    title: "no header is of version 3.0",
    meaning: "Only version 3.0 is read by anybody. A boot fails with InvalidFormat.",
    cure: "Take a copy that is sound. `vmgs carve FILE -o found` gets files out by what they look like.",
  },
  "headers-none-valid": {
    severity: "critical",
    title: "neither header is valid",
    meaning:
      "A boot fails with InvalidFormat, or formats the disk where the lifetime allows it. File tables and files may still be there.",
    cure: "`vmgs repair FILE` rebuilds a header where it can; `vmgs history FILE` lists old tables, `vmgs carve FILE -o found` saves files.",
  },
  "headers-sequence-conflict": {
    severity: "critical",
    title: "the sequence numbers of both headers do not follow each other",
    meaning: "Both headers are valid, and nobody can tell which one counts. A boot fails with CorruptFormat.",
    cure: "`vmgs history FILE` shows what each of them leads to; `vmgs repair FILE --choose-header 0`, or 1, goes on with the one you choose.",
  },
  "header-active-lost": {
    severity: "error",
    title: "the newer header is damaged",
    meaning:
      "The previous generation is read instead: the last change is lost, and nobody is told at the next boot.",
    cure: "If the last change matters, `vmgs history FILE` shows it and `vmgs repair FILE` brings it back where it can. Do that before the next boot.",
  },
  "header-other-damaged": {
    severity: "warning",
    title: "the header that is not active is damaged",
    meaning:
      "If it says the sequence before the active one, nothing is lost, but there is no previous generation to fall back to until the next write. If it says another, it may have been the newer one, and what it led to is not followed.",
    cure: "`vmgs repair FILE` writes it anew, or asks when it may have been the newer one; `vmgs history FILE` shows what else can be found. Any change of the store overwrites it.",
  },
  "header-single": {
    severity: "info",
    title: "only one header was ever written",
    meaning: "The store was formatted and never changed, so there is no previous generation.",
    cure: "Nothing to do.",
  },
  "header-other-sector-size": {
    severity: "error",
    title: "a header lies where a disk with other sectors has it",
    meaning:
      "The second header lies one sector behind the first. One was written with 512-byte and one with 4096-byte sectors, so that each side follows another header, perhaps an old one.",
    cure: "Find out which sector size the host uses; `vmgs history FILE --sector-size 4096` and `512` show both views. `vmgs convert FILE sound.vmgs --to vhd` makes a fixed VHD of the right one.",
  },
  "header-reprovisioned": {
    severity: "info",
    title: "the `reprovisioned` flag is set",
    meaning:
      "The store was formatted because the host asked for it. A boot with lifetime reprovision opens it as it is; a boot with another lifetime clears the flag.",
    cure: "Nothing to do; `vmgs boot FILE` tells what each lifetime does.",
  },
  "header-previous-unreadable": {
    severity: "info",
    title: "the previous generation can't be opened",
    meaning: "Its header is valid, but its file table is not: blocks of it were used again, or damaged.",
    cure: "Nothing to do while the current generation is sound; `vmgs history FILE` shows what else is left.",
  },
  "table-out-of-range": {
    severity: "critical",
    title: "the file table lies past the end of the disk",
    meaning: "The disk was shrunk, or the header is damaged. A boot fails.",
    cure: "`vmgs repair FILE` goes back one generation where that is sound; `vmgs carve FILE -o found` saves files.",
  },
  "table-entry-impossible": {
    severity: "critical",
    title: "entries of the file table are impossible",
    meaning:
      "A file would lie in the header blocks, past the end, or be longer than its blocks. A boot fails with CorruptFormat.",
    cure: "`vmgs repair FILE` drops such entries or goes back one generation; `vmgs carve FILE -o found` saves files.",
  },
  "table-overlap": {
    severity: "error",
    title: "files share blocks",
    meaning: "Writing one of them destroys the other. OpenHCL does not notice; this tool refuses to write.",
    cure: "Look at both with `vmgs cat`; `vmgs repair FILE --drop ID` drops the one that is wrong. `vmgs history FILE` may show a generation before it happened.",
  },
  "table-own-entries": {
    severity: "error",
    title: "the file table does not describe itself as it should",
    meaning:
      "Entry 0 or 63 is missing or disagrees with the header. Writers may destroy a table; this tool refuses to write.",
    cure: "`vmgs repair FILE` writes both entries anew.",
  },
  "table-attributes-differ": {
    severity: "warning",
    title: "the file table and the extended one disagree about a file",
    meaning:
      "One says encrypted, the other not. A writer without the key replaced the file, or an old writer forgot the copy. Readers that believe the wrong one can't read it.",
    cure: "`vmgs repair FILE --key KEY` tells which is right and writes it so; or read it with `vmgs cat`, then write it again with `vmgs put`, both with the key.",
  },
  "table-extended-attributes": {
    severity: "info",
    title: "the extended file table is not marked as encrypted",
    meaning:
      "Old writers left the attributes of file 63 at 0. Readers that follow the specification do not mind.",
    cure: "Nothing to do; the next change with the key sets them.",
  },
  "table-extended-not-zero": {
    severity: "warning",
    title: "the extended file table of a plain store is not zero",
    meaning: "Remains of a time when the store was encrypted, keys of files among them, or of another disk.",
    cure: "`vmgs decrypt FILE` and any change leave it as it is; make a new store and copy the files when the old keys still matter.",
  },
  "table-reserved": {
    severity: "warning",
    title: "reserved fields are not zero",
    meaning: "A newer or foreign writer used them, or they were damaged. Nothing that is known reads them.",
    cure: "Find out who wrote the store. The next change writes zeros.",
  },
  "table-encrypted-in-plain-store": {
    severity: "error",
    title: "a file is marked as encrypted in a store without encryption",
    meaning: "There is no key for it, so that nobody can read it: the header or the entry is wrong.",
    cure: "`vmgs repair FILE` marks it as plain where it has neither nonce nor tag. Else `vmgs history FILE` may show it readable; if nothing does, replace it with `vmgs put FILE ID SOURCE --plain`.",
  },
  "table-unassigned-file": {
    severity: "info",
    title: "a file without a meaning",
    meaning: "The file ID is valid, but nobody has given it a meaning. A newer or foreign program wrote it.",
    cure: "Nothing to do.",
  },
  "space-too-small": {
    severity: "warning",
    title: "nothing can be written",
    meaning:
      "A change needs a free block for the file table and one for the file; the store has too few blocks for that.",
    cure: "`vmgs convert FILE larger.vmgs --new-size 4M` makes a larger disk.",
  },
  "space-low": {
    severity: "warning",
    title: "too little space to write a file again",
    meaning:
      "New content goes to free blocks before the old ones are released. A file that a boot writes would not fit, and the write would fail.",
    cure: "Delete what is not needed with `vmgs rm`, or make a larger disk with `vmgs convert FILE larger.vmgs --new-size 8M`.",
  },
  "slack-data": {
    severity: "warning",
    title: "data behind the end of a file",
    meaning:
      "Writers fill the last sector with zeros, so somebody put bytes there: damage, a wrong length in the table, or a hiding place.",
    cure: "Look with `vmgs hexdump FILE --block BLOCK`. `vmgs wipe FILE` clears it, and the next write of the file.",
  },
  "slack-leftover": {
    severity: "info",
    title: "old data in the rest of a file's blocks",
    meaning:
      "Behind the last written sector lies what the blocks held before, perhaps secrets that were deleted.",
    cure: "Nothing to do where the files are plain as well; `vmgs wipe FILE` clears it.",
  },
  "slack-unknown": {
    severity: "warning",
    title: "old data behind the ends of files in an encrypted store",
    meaning:
      "Behind the last written sector lies what the blocks held before. It was not recognised: old ciphertext, or plain content from before the store was encrypted.",
    cure: "`vmgs wipe FILE` clears it, without a key. The previous generation ends with it.",
  },
} as const satisfies Record<string, CatalogueEntry>;
