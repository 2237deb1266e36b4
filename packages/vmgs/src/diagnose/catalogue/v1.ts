import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** Version 1 files, as Windows keeps them. */
export const v1Findings = {
  "windows-other-disk": {
    severity: "critical",
    title: "a GPT disk without a guest state partition",
    meaning: "It is not guest state of any version, but the disk of something else.",
    cure: "Take the file that is named after the VM's ID and ends with .vmgs.",
  },
  "windows-unreadable": {
    severity: "critical",
    title: "a version 1 file that can't be read",
    meaning:
      "Its partition, or both of its headers, can't be found. Hyper-V will not find the guest state either.",
    cure: "Restore a backup.",
    actions: [offer("save what is left of its data", { kind: "carve" })],
  },
  "windows-fallback-copy": {
    severity: "error",
    title: "the current copy of the data is damaged, the other one can be read",
    meaning:
      "There are two copies of the data. The one that counts can't be read; the other is usually the generation before.",
    cure: "Shut the VM down and copy the file first. Then read the other copy.",
    actions: [
      offer("read the other copy", { kind: "listVariables", generation: "previous" }),
      offer("save remains", { kind: "carve" }),
    ],
  },
  "windows-both-copies": {
    severity: "critical",
    title: "neither copy of the data can be read",
    meaning: "The headers are sound, but what they lead to is not the JSON that it should be.",
    cure: "Restore a backup.",
    actions: [offer("save what is left of the data", { kind: "carve" })],
  },
  "windows-header-damaged": {
    severity: "warning",
    title: "one of the two headers is damaged",
    meaning:
      "The other header counts. If the damaged one was the newer, what is read is the generation before it, and the other copy is what it led to.",
    cure: "Compare both copies and keep a backup. The next write by Hyper-V replaces the damaged header.",
    actions: [offer("compare both copies", { kind: "history" })],
  },
  "windows-sequence-gap": {
    severity: "warning",
    title: "the sequence numbers of both headers do not follow each other",
    meaning: "The header with the larger number is taken for the newer one, which is not certain.",
    cure: "Compare both copies.",
    actions: [offer("compare both copies", { kind: "history" })],
  },
  "windows-other-copy": {
    severity: "warning",
    title: "the copy of the generation before can't be read",
    meaning: "The current copy is sound. There is nothing to go back to.",
    cure: "Keep a backup of the file. The next write by Hyper-V replaces that copy.",
  },
  "windows-gpt-copy": {
    severity: "warning",
    title: "one copy of the GPT is damaged",
    meaning:
      "The other copy leads to the partition. OpenHCL recognizes a version 1 file by its primary GPT only.",
    cure: "Keep a backup; repair the GPT with the tools for partitions, on a copy of the file.",
  },
  "windows-gpt-differs": {
    severity: "warning",
    title: "both copies of the GPT are valid and list other partitions",
    meaning: "The primary one is followed.",
    cure: "Compare both copies and keep a backup.",
    actions: [offer("show both copies", { kind: "hexdump" })],
  },
  "windows-cut": {
    severity: "warning",
    title: "the disk ends before its partition does",
    meaning: "The file was cut. What is read lies before the cut.",
    cure: "Fetch the file again, and compare its length with the original.",
  },
  "windows-data-problems": {
    severity: "warning",
    title: "the data has parts that can be read in two ways, or not at all",
    meaning: "The rest of the data is read. Where a name stands twice the last one counts.",
    cure: "Find out which parts are concerned.",
    actions: [
      offer("list the variables that can't be read", { kind: "listVariables" }),
      offer("show the JSON", { kind: "readV1Data" }),
    ],
  },
  "windows-no-variables": {
    severity: "info",
    title: "no UEFI variables",
    meaning: "The firmware has no NVRAM state yet: the VM was never started, or the state was removed.",
    cure: "Nothing to do.",
  },
  "windows-file": {
    severity: "info",
    title: "a version 1 file, as Windows keeps it",
    meaning:
      "Windows reads it; OpenHCL does not: its boot fails with InvalidFormat, or formats the file where the lifetime allows it.",
    cure: "Nothing to do.",
    actions: [offer("show what OpenHCL does with it", { kind: "boot" })],
  },
} as const satisfies Record<string, CatalogueEntry>;
