import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** The small files of a guest: clock, watchdog, physical presence, key protectors, provenance. */
export const guestFileFindings = {
  "guest-file-stops-boot": {
    severity: "error",
    title: "a file of the guest stops the boot",
    meaning:
      "The next boot opens the store and then ends because of this file. The partition starts, nothing appears on the serial port, and the VM is turned off after 120 seconds.",
    cure: "Look for a sound version. Without one, delete the file: the boot makes a new one. Never delete the key protector of an encrypted store.",
    actions: [
      offer("look for a sound version", { kind: "history" }),
      offer("read the file of the generation before", {
        kind: "readFile",
        fileId: "ID",
        generation: "previous",
      }),
      offer("delete the file", { kind: "deleteFile", fileId: "ID" }),
    ],
  },
  "guest-file-not-as-expected": {
    severity: "warning",
    title: "a file of the guest is not what the format says",
    meaning: "A boot treats it as absent, or fails on VMs with the feature that reads it.",
    cure: "Look at its fields. A small file can be deleted: the boot makes a new one.",
    actions: [
      offer("show its fields", { kind: "hexdump", fileId: "ID" }),
      offer("look for a sound version", { kind: "history" }),
      offer("delete the file", { kind: "deleteFile", fileId: "ID" }),
    ],
  },
  "guest-clears-tpm": {
    severity: "error",
    title: "the next boot clears the vTPM",
    meaning:
      "A physical presence operation is pending that clears the vTPM. Keys that are sealed to it are lost: BitLocker then asks for its recovery key.",
    cure: "If the guest did not ask for it, remove the request before the next boot. Otherwise have the recovery keys at hand.",
    actions: [offer("remove the request", { kind: "deleteFile", fileId: "TPM_PPI" })],
  },
  "guest-physical-presence": {
    severity: "info",
    title: "a physical presence operation is pending",
    meaning: "The next boot carries it out on the vTPM. It does not clear keys.",
    cure: "Nothing to do.",
    actions: [
      offer("remove the request, if the guest did not ask for it", { kind: "deleteFile", fileId: "TPM_PPI" }),
    ],
  },
  "guest-watchdog-fired": {
    severity: "info",
    title: "the watchdog ended the last boot",
    meaning: "The guest hung. The next boot reports that to the guest once and clears it.",
    cure: "Look for the reason in the guest.",
    actions: [offer("clear the report", { kind: "deleteFile", fileId: "GUEST_WATCHDOG" })],
  },
  "guest-clock-behind": {
    severity: "warning",
    title: "the guest's clock is more than two days behind",
    meaning: "A boot limits the difference to two days, so the guest's clock jumps.",
    cure: "If the guest needs the difference, let it set its clock after the boot.",
    actions: [offer("begin with the host's clock", { kind: "deleteFile", fileId: "RTC_SKEW" })],
  },
  "key-change-unfinished": {
    severity: "warning",
    title: "the last change of the datastore key did not finish",
    meaning:
      "The key protector has the keys of both entries. The egress key may already lock the store; the next boot tries both.",
    cure: "Boot once. With a copy of the store, keep the key protector that was in it.",
  },
  "key-protector-damaged": {
    severity: "error",
    title: "the key protector of an encrypted store gives no key",
    meaning:
      "The entry that unlocks the store is empty, or a length in it is above its buffer: the boot can't derive the key from it.",
    cure: "Look for a sound key protector.",
    actions: [
      offer("look for an older one", { kind: "history" }),
      offer("read that of the generation before", { kind: "readFile", fileId: "ID", generation: "previous" }),
    ],
  },
  "key-scheme-left": {
    severity: "warning",
    title: "no scheme protects the key any more",
    meaning:
      "VM_UNIQUE_ID says that another scheme took over, but there is no key protector: there is no way to know where the key comes from.",
    cure: "Look for the key protector. With the key the store can be made usable without one.",
    actions: [
      offer("look for the key protector", { kind: "history" }),
      offer("remove the encryption", { kind: "decrypt" }),
    ],
  },
  "key-hardware-bound": {
    severity: "info",
    title: "the hardware-sealed key is bound to one build of OpenHCL",
    meaning: "A servicing update of OpenHCL can't unseal it. Another source of the key must be there then.",
    cure: "Nothing to do while another source works.",
  },
  "provenance-mismatch": {
    severity: "error",
    title: "the provenance document is not that of this store",
    meaning:
      "The document is signed for another VMGSID than the platform seed gives, or there is no seed that gives one. The store was put together from parts, or copied; the boot fails.",
    cure: "Fetch the store again from where it was made.",
    actions: [offer("look for the files that belong together", { kind: "history" })],
  },
  "provenance-signed": {
    severity: "info",
    title: "the store has a signed provenance document",
    meaning:
      "Its signature and chain are valid. The root of the chain is not checked against any trust list; whether the signer is the right one is for you to decide.",
    cure: "Compare the signer with the one that you expect.",
  },
  "provenance-contradicts-marker": {
    severity: "warning",
    title: "marker and provenance document disagree on who made the store",
    meaning:
      "The marker is a claim without proof; the document proves who signed it. One of them was changed, copied or is missing.",
    cure: "Trust the document, where there is one; find out where the store came from.",
  },
} as const satisfies Record<string, CatalogueEntry>;
