import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** Headers, file tables and space. */
export const storeFindings = {
  "headers-blank": {
    severity: "info",
    title: "the disk was never formatted",
    meaning:
      "Both headers are zero, as on a disk that a host has just made. The next boot formats it (reason `empty`).",
    cure: "Nothing to do: the next boot formats the disk.",
    actions: [offer("do now what the boot would do", { kind: "provision" })],
  },
  "headers-wiped": {
    severity: "critical",
    title: "both headers are zero, but the disk holds data",
    meaning:
      "A disk that was never formatted is zero throughout: the headers of a store were wiped. The next boot treats it as blank and formats it: everything is lost.",
    cure: "Do not boot the disk. Look for the file table and rebuild a header.",
    actions: [
      offer("see whether a header can be rebuilt", { kind: "repair" }),
      offer("save the files", { kind: "carve" }),
    ],
  },
  "headers-v1": {
    severity: "critical",
    title: "a GPT of which neither copy can be used",
    meaning:
      "A version 1 file of Windows, or another disk, with a damaged partition table. A boot of OpenHCL fails with InvalidFormat.",
    cure: "Restore a backup.",
    actions: [offer("save what is left of its data", { kind: "carve" })],
  },
  "headers-version": {
    severity: "critical",
    title: "neither header has version 3.0",
    meaning: "No known implementation reads any version other than 3.0. A boot fails with InvalidFormat.",
    cure: "Use an undamaged copy.",
    actions: [offer("save files by what they look like", { kind: "carve" })],
  },
  "headers-none-valid": {
    severity: "critical",
    title: "neither header is valid",
    meaning:
      "A boot fails with InvalidFormat, or formats the disk where the lifetime allows it. File tables and files may still be there.",
    cure: "Rebuild a header where that is possible.",
    actions: [
      offer("see whether a header can be rebuilt", { kind: "repair" }),
      offer("list old file tables", { kind: "history" }),
      offer("save the files", { kind: "carve" }),
    ],
  },
  "headers-sequence-conflict": {
    severity: "critical",
    title: "the sequence numbers of both headers do not follow each other",
    meaning:
      "Both headers are valid, and there is no way to know which is current. A boot fails with CorruptFormat.",
    cure: "Compare the generations that both headers lead to, then choose one.",
    actions: [
      offer("show what each header leads to", { kind: "history", files: true }),
      offer("show both choices", { kind: "repair" }),
    ],
  },
  "header-active-lost": {
    severity: "error",
    title: "the newer header is damaged",
    meaning:
      "The previous generation is read instead: the last change is lost, and the next boot does not report it.",
    cure: "If the last change matters, bring it back before the next boot.",
    actions: [
      offer("show the last change", { kind: "history" }),
      offer("see whether it can be brought back", { kind: "repair" }),
    ],
  },
  "header-other-damaged": {
    severity: "warning",
    title: "the header that is not active is damaged",
    meaning:
      "If its sequence number is the one before the active header's, nothing is lost, but there is no previous generation to fall back to until the next write. If it is any other, the damaged header may have been the newer one, and its generation is not read.",
    cure: "Write the header anew; any change of the store overwrites it.",
    actions: [
      offer("write it anew, or decide which one was newer", { kind: "repair" }),
      offer("show what else can be found", { kind: "history" }),
    ],
  },
  "header-single": {
    severity: "info",
    title: "only one header was ever written",
    meaning: "The store was formatted and never changed, so there is no previous generation.",
    cure: "Nothing to do.",
  },
  "header-other-sector-size": {
    severity: "error",
    title: "a header lies where a disk with another sector size has it",
    meaning:
      "The second header lies one sector after the first. One was written with 512-byte and one with 4096-byte sectors, so each side follows a different header, perhaps an old one.",
    cure: "Find out which sector size the host uses, and make a fixed VHD from that view.",
    actions: [
      offer("show the store with sectors of 4096 bytes", {
        kind: "history",
        container: { sectorSize: 4096 },
      }),
      offer("show the store with sectors of 512 bytes", { kind: "history", container: { sectorSize: 512 } }),
      offer("make a fixed VHD of what is read now", { kind: "convert", to: "vhd" }),
    ],
  },
  "header-reprovisioned": {
    severity: "info",
    title: "the `reprovisioned` flag is set",
    meaning:
      "The store was formatted because the host asked for it. A boot with lifetime reprovision opens it as it is; a boot with another lifetime clears the flag.",
    cure: "Nothing to do.",
    actions: [offer("show what each lifetime does", { kind: "boot" })],
  },
  "header-previous-unreadable": {
    severity: "info",
    title: "the previous generation can't be opened",
    meaning: "Its header is valid, but its file table is not: blocks of it were used again, or damaged.",
    cure: "Nothing to do while the current generation is sound.",
    actions: [offer("show what else is left", { kind: "history" })],
  },
  "table-out-of-range": {
    severity: "critical",
    title: "the file table lies past the end of the disk",
    meaning: "The disk was shrunk, or the header is damaged. A boot fails.",
    cure: "Go back one generation where that is sound.",
    actions: [
      offer("see whether the previous generation is sound", { kind: "repair" }),
      offer("save the files that can still be found", { kind: "carve" }),
    ],
  },
  "table-entry-impossible": {
    severity: "critical",
    title: "entries of the file table are impossible",
    meaning:
      "A file would lie in the header blocks, past the end, or be longer than its blocks. A boot fails with CorruptFormat.",
    cure: "Drop such entries, or go back one generation.",
    actions: [
      offer("see both ways", { kind: "repair" }),
      offer("save the files that can still be found", { kind: "carve" }),
    ],
  },
  "table-overlap": {
    severity: "error",
    title: "files share blocks",
    meaning: "Writing one of them destroys the other. OpenHCL does not notice; this tool refuses to write.",
    cure: "Compare both files, then drop the one that is wrong.",
    actions: [
      offer("read the file", { kind: "readFile", fileId: "ID" }),
      offer("look for a generation before it happened", { kind: "history" }),
      offer("see what can be dropped", { kind: "repair" }),
    ],
  },
  "table-own-entries": {
    severity: "error",
    title: "the file table does not describe itself as it should",
    meaning:
      "Entry 0 or 63 is missing or disagrees with the header. Writers may destroy a table, so this tool refuses to write.",
    cure: "Write both entries anew.",
    actions: [offer("see the entries that will be written", { kind: "repair" })],
  },
  "table-attributes-differ": {
    severity: "warning",
    title: "the file table and the extended one disagree about a file",
    meaning:
      "One says encrypted, the other not. A writer without the key replaced the file, or an old writer forgot the copy. Readers that believe the wrong one can't read it.",
    cure: "Find out with the key which entry is right, and write it to both tables.",
    actions: [offer("find out which is right", { kind: "repair", withKey: true })],
  },
  "table-extended-attributes": {
    severity: "info",
    title: "the extended file table is not marked as encrypted",
    meaning:
      "Old writers left the attributes of file 63 at 0. Readers that follow the specification accept that.",
    cure: "Nothing to do; the next change with the key sets them.",
  },
  "table-extended-not-zero": {
    severity: "warning",
    title: "the extended file table of a plain store is not zero",
    meaning:
      "It holds remains from when the store was encrypted, including keys of files, or remains of another disk.",
    cure: "If the old keys still matter, make a new store and copy the files. Changes leave the table as it is.",
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
    meaning: "There is no key for it, so it can't be read: the header or the entry is wrong.",
    cure: "Mark the file as plain where it has neither nonce nor tag. Otherwise look for an older one that can be read, or replace the file.",
    actions: [
      offer("see whether it can be marked as plain", { kind: "repair" }),
      offer("look for an older one", { kind: "history" }),
    ],
  },
  "table-unassigned-file": {
    severity: "info",
    title: "a file without a meaning",
    meaning: "The file ID is valid, but no meaning is assigned to it. A newer or unknown program wrote it.",
    cure: "Nothing to do.",
  },
  "space-too-small": {
    severity: "warning",
    title: "nothing can be written",
    meaning:
      "A change needs a free block for the file table and one for the file; the store has too few blocks for that.",
    cure: "Make a larger disk.",
    actions: [offer("make a larger disk", { kind: "convert", bytes: 4194304 })],
  },
  "space-low": {
    severity: "warning",
    title: "too little space to write a file again",
    meaning:
      "New content goes to free blocks before the old ones are released. A file that a boot writes would not fit, and the write would fail.",
    cure: "Delete what is not needed, or make a larger disk.",
    actions: [
      offer("show what takes the space", { kind: "inspect" }),
      offer("make a larger disk", { kind: "convert", bytes: 8388608 }),
    ],
  },
  "slack-data": {
    severity: "warning",
    title: "data after the end of a file",
    meaning:
      "Writers fill the last sector with zeros. Other bytes there are damage, the effect of a wrong length in the table, or hidden on purpose.",
    cure: "Look at the bytes. The next write of the file clears them, and wiping does so now.",
    actions: [
      offer("show the bytes", { kind: "hexdump", block: "BLOCK" }),
      offer("clear them", { kind: "wipe" }),
    ],
  },
  "slack-leftover": {
    severity: "info",
    title: "old data in the rest of a file's blocks",
    meaning:
      "The blocks hold older content after the last written sector, perhaps secrets that were deleted.",
    cure: "Nothing to do where the files are plain as well.",
    actions: [offer("clear it", { kind: "wipe" })],
  },
  "slack-unknown": {
    severity: "warning",
    title: "old data after the ends of files in an encrypted store",
    meaning:
      "The blocks hold older content after the last written sector. It was not recognised: old ciphertext, or plain content from before the store was encrypted.",
    cure: "Clear it; that needs no key. The previous generation is lost.",
    actions: [offer("clear it", { kind: "wipe" })],
  },
} as const satisfies Record<string, CatalogueEntry>;
