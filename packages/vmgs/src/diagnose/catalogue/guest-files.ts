import type { CatalogueEntry } from "./entry.ts";

/** The small files of a guest: clock, watchdog, physical presence, key protectors, provenance. */
export const guestFileFindings = {
  "guest-file-stops-boot": {
    severity: "error",
    title: "a file of the guest stops the boot",
    meaning:
      "The next boot opens the store and then ends because of this file. The partition starts, nothing appears on the serial port, and the VM is turned off after 120 seconds.",
    cure: "`vmgs history FILE` may show a sound version, which `vmgs cat FILE ID --generation previous` reads. Without one, `vmgs rm FILE ID` lets the boot make a new file; only remove a key protector from a store that is not encrypted.",
  },
  "guest-file-not-as-expected": {
    severity: "warning",
    title: "a file of the guest is not what the format says",
    meaning: "A boot takes it as absent, or fails on VMs with the feature that reads it.",
    cure: "`vmgs hexdump FILE --file ID` shows its fields; `vmgs history FILE` may show a sound version.",
  },
  "guest-clears-tpm": {
    severity: "error",
    title: "the next boot clears the vTPM",
    meaning:
      "A physical presence operation is pending that clears the vTPM. Keys that are sealed to it are lost: BitLocker then asks for its recovery key.",
    cure: "If nobody in the guest asked for it, remove the request before the next boot: `vmgs rm FILE TPM_PPI`. Otherwise have the recovery keys at hand.",
  },
  "guest-physical-presence": {
    severity: "info",
    title: "a physical presence operation is pending",
    meaning: "The next boot carries it out on the vTPM. It does not clear keys.",
    cure: "Nothing to do.",
  },
  "guest-watchdog-fired": {
    severity: "info",
    title: "the watchdog ended the last boot",
    meaning: "The guest hung. The next boot reports that to the guest once and clears it.",
    cure: "Look for the reason in the guest.",
  },
  "guest-clock-behind": {
    severity: "warning",
    title: "the guest's clock is more than two days behind",
    meaning: "A boot limits the difference to two days, so the guest's clock jumps.",
    cure: "If the guest needs the difference, let it set its clock after the boot.",
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
    cure: "`vmgs history FILE` may show a sound key protector; `vmgs cat FILE KEY_PROTECTOR --generation previous -o kp.bin` reads it.",
  },
  "key-scheme-left": {
    severity: "warning",
    title: "no scheme protects the key any more",
    meaning:
      "VM_UNIQUE_ID says that another scheme took over, but there is no key protector: there is no way to know where the key comes from.",
    cure: "`vmgs history FILE` may show the key protector. With the key, `vmgs decrypt FILE --key KEY` makes the store usable without one.",
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
    cure: "Fetch the store again from where it was made. `vmgs history FILE` may show the files that belong together.",
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
