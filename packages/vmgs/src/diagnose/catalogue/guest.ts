import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** The vTPM's state, and the rest of what belongs to the guest. */
export const guestFindings = {
  "tpm-start-fails": {
    severity: "error",
    title: "the vTPM does not start with its state",
    meaning:
      "The next boot reads the state, and the vTPM's engine aborts or never answers, or the key at 0x81000003 is not one that the boot can read. The VM does not start.",
    cure: "Look for an older state that starts. A list that breaks can be cut; without either, give the guest a new vTPM.",
    actions: [
      offer("look for an older state", { kind: "history" }),
      offer("cut the list where it breaks", { kind: "repairTpm" }),
      offer("give the guest a new vTPM; what was sealed to the old one is lost", {
        kind: "deleteFile",
        fileId: "TPM_NVRAM",
      }),
    ],
  },
  "tpm-state-full": {
    severity: "warning",
    title: "the vTPM's memory is full",
    meaning:
      "The next boot evicts the attestation key at 0x81000003 and has no room to make it persistent again: attestation ends. The vTPM keeps room for 8 counters.",
    cure: "Before the next boot, remove NV indices or persistent keys that the guest does not need.",
    actions: [offer("list them", { kind: "inspectTpm" })],
  },
  "tpm-state-size": {
    severity: "error",
    title: "the TPM state has an unknown size",
    meaning:
      "Known services make 32768 bytes, an older one made 16384. The engine is expected to refuse others, and the VM then does not start.",
    cure: "Look for an older state of the right size. Without one, give the guest a new vTPM.",
    actions: [
      offer("look for an older state", { kind: "history" }),
      offer("give the guest a new vTPM; what was sealed to the old one is lost", {
        kind: "deleteFile",
        fileId: "TPM_NVRAM",
      }),
    ],
  },
  "tpm-state-unrecognized": {
    severity: "warning",
    title: "file 3 does not look like a TPM state",
    meaning: "Its firmware version is not that of revision 1.38, so that nothing in it can be judged.",
    cure: "Find out what wrote it.",
    actions: [offer("look for an older state", { kind: "history" })],
  },
  "tpm-state-truncated": {
    severity: "critical",
    title: "the TPM state is truncated",
    meaning:
      "The list of NV indices and keys breaks. A boot cuts a list that runs past the end in states of 16 KiB only; with others the VM does not start. What lies after the break is lost either way.",
    cure: "Cut the list where it breaks. The lost entries are gone.",
    actions: [offer("cut the list where it breaks", { kind: "repairTpm" })],
  },
  "tpm-state-damaged": {
    severity: "error",
    title: "parts of the TPM state are damaged",
    meaning:
      "Some fields or entries hold invalid values. The vTPM may fail at its start, or when it uses them.",
    cure: "Look at the whole state, and look for an older one that is undamaged.",
    actions: [
      offer("show the state of the vTPM", { kind: "inspectTpm" }),
      offer("look for an older state", { kind: "history" }),
    ],
  },
  "tpm-name-mismatch": {
    severity: "critical",
    title: "the name of a TPM key is not that of its public area",
    meaning: "The TPM keeps both together, so the state was damaged or tampered with: do not trust this key.",
    cure: "Treat the store as evidence.",
    actions: [
      offer("show the key", { kind: "inspectTpm" }),
      offer("look for the key before it was changed", { kind: "history" }),
    ],
  },
  "tpm-state-legacy": {
    severity: "warning",
    title: "a TPM state of 16 KiB",
    meaning:
      "An older service made it. A boot checks and repairs its list. Its NV memory is small, so large indices may not fit.",
    cure: "Nothing to do while the VM runs.",
    actions: [offer("show what the next boot does with it", { kind: "boot" })],
  },
  "tpm-akcert-legacy-platform": {
    severity: "error",
    title: "a 4096-byte platform certificate index in a 16 KiB state",
    meaning:
      "The known bad case: there is no room to renew the certificate. A boot that repairs small vTPMs replaces the index with a small one for the owner.",
    cure: "Boot it once with a current OpenHCL that repairs small vTPMs.",
    actions: [offer("show what else that boot does", { kind: "boot" })],
  },
  "tpm-mitigated": {
    severity: "info",
    title: "the small vTPM was repaired",
    meaning:
      "The marker index 0x01c101d2 is there: a boot has replaced the platform's certificate index with a small one for the owner.",
    cure: "Nothing to do.",
  },
  "tpm-ak-replaced": {
    severity: "warning",
    title: "the key at the handle of the AK will be replaced",
    meaning:
      "The key at 0x81000003 has other attributes than the platform's AK, so a guest may have put it there. The next boot evicts it, makes an AK and has a certificate made for it.",
    cure: "Nothing to do, unless something relies on this key: it is gone after the next boot.",
  },
  "tpm-ak-renewal-refused": {
    severity: "warning",
    title: "the AK certificate will not be renewed",
    meaning:
      "The key at 0x81000003 has other attributes than the platform's AK, so a guest may have put it there. Renewal is refused, and attestation ends when the certificate expires.",
    cure: "If the guest should have a new AK, it must evict that key; the platform makes a new one at the next boot.",
  },
  "tpm-akcert-expired": {
    severity: "warning",
    title: "the AK certificate is not valid now",
    meaning: "It has expired, or is not valid yet. Attestation with it fails until it is renewed.",
    cure: "A boot requests a new one. If the certificate stays invalid, find out what prevents the renewal.",
  },
  "tpm-akcert-other-key": {
    severity: "warning",
    title: "the AK certificate is for another key",
    meaning:
      "The key in it is not that of the AK at 0x81000003: the key was replaced, or the state was put together from two. Attestation with it fails.",
    cure: "A boot that makes a new AK gets a certificate for it. Otherwise find out where the key came from.",
    actions: [offer("read the certificate", { kind: "readAkCertificate" })],
  },
  "tpm-akcert-unreadable": {
    severity: "warning",
    title: "the AK certificate index holds no whole certificate",
    meaning:
      "The index was written, but its data does not begin like a certificate, is cut, or can't be parsed.",
    cure: "A boot writes a new certificate. Check again after the boot.",
  },
  "tpm-lockout": {
    severity: "warning",
    title: "the vTPM is locked",
    meaning:
      "There were too many failed authorizations. The vTPM refuses authorizations of protected objects until the recovery time has passed.",
    cure: "Wait, or reset the lockout in the guest.",
  },
  "tpm-two-states": {
    severity: "warning",
    title: "states of two vTPMs",
    meaning:
      "Files 3 (revision 1.38) and 19 (revision 1.85) are both there. Only one is in use; the guest loses its keys when the host starts the other.",
    cure: "Find out which one the host starts before you remove the other.",
  },
  "guest-hibernated": {
    severity: "warning",
    title: "the guest is hibernated",
    meaning:
      "There is a hibernation token (file 14): the guest resumes from its own disk, and expects its TPM and UEFI variables to be unchanged.",
    cure: "Make no changes until the guest has been resumed and shut down.",
  },
} as const satisfies Record<string, CatalogueEntry>;
