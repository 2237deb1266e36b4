import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

const FOR_DIAGNOSIS = "The marker is for diagnosis only; nothing depends on it.";

/** The provisioning marker, and what contradicts it. */
export const markerFindings = {
  "marker-missing": {
    severity: "info",
    title: "no provisioning marker",
    meaning: "The program that formatted the store wrote none: an older build, or another tool.",
    cure: "Nothing to do.",
  },
  "marker-malformed": {
    severity: "warning",
    title: "the provisioning marker can't be read",
    meaning: `File 18 is not a JSON object in UTF-8, or is too large. ${FOR_DIAGNOSIS}`,
    cure: "Look at its bytes and find out which program wrote them.",
    actions: [offer("show its bytes", { kind: "rawMarker" })],
  },
  "marker-encrypted": {
    severity: "warning",
    title: "the provisioning marker is encrypted",
    meaning: "It should be readable without a key, so known programs always write it in plain.",
    cure: "Read it with the key and write it back in plain.",
    actions: [
      offer("read it", { kind: "readFile", fileId: "PROVISIONING_MARKER" }),
      offer("write it back in plain", {
        kind: "writeFile",
        fileId: "PROVISIONING_MARKER",
        form: "plain",
        replace: true,
      }),
    ],
  },
  "marker-fields": {
    severity: "warning",
    title: "fields of the marker are missing or of the wrong type",
    meaning: `Some of the facts that a marker should record are not known. ${FOR_DIAGNOSIS}`,
    cure: "Find out which program wrote it.",
  },
  "marker-unknown-fields": {
    severity: "info",
    title: "the marker has fields that are not known",
    meaning: "A newer or foreign writer added them.",
    cure: "Nothing to do.",
  },
  "marker-unknown-provisioner": {
    severity: "warning",
    title: "an unknown provisioner",
    meaning: "No known writer uses the provisioner or the reason in the marker.",
    cure: "Find out which program formatted the store.",
  },
  "marker-two-shapes": {
    severity: "warning",
    title: "the marker has both shapes of the version field",
    meaning: "`hcl_version` and `provisioner_version` exclude each other; no known program writes both.",
    cure: "Find out which program wrote it.",
  },
  "marker-control-characters": {
    severity: "warning",
    title: "control characters in the marker",
    meaning: "The marker holds text that a terminal would obey. This tool escapes it; others may not.",
    cure: "Do not print the marker with `cat`. Find out which program wrote it.",
  },
  "marker-misplaced": {
    severity: "warning",
    title: "the marker lies in file 17",
    meaning: "A development build put it there. File 17 is meant for a backup of the TPM state.",
    cure: "Move it to file 18.",
    actions: [offer("move it", { kind: "moveFile", from: 17, to: 18 })],
  },
  "marker-tpm-nvram-size": {
    severity: "warning",
    title: "the marker and the TPM state disagree on its size",
    meaning:
      "A 16 KiB state that was reported as 32 KiB is how states were once truncated; or the state was replaced after the store was formatted.",
    cure: "Look at the state. A truncated one can be repaired; otherwise find out what replaced it.",
    actions: [offer("show the state of the vTPM", { kind: "inspectTpm" })],
  },
  "marker-akcert-size": {
    severity: "warning",
    title: "the marker and the AK certificate index disagree on its size",
    meaning:
      "The index was made anew, by a repair or by the guest, or the TPM state is not the one the store was formatted for.",
    cure: "Find out what made the index: a small one for the owner is what the repair of a 16 KiB state leaves.",
    actions: [offer("show what the next boot does", { kind: "boot" })],
  },
  "marker-akcert-attrs": {
    severity: "warning",
    title: "the marker and the AK certificate index disagree on its attributes",
    meaning:
      "The index was made anew, by a repair or by the guest, or the TPM state is not the one the store was formatted for. WRITTEN and the lock bits are not compared.",
    cure: "A platform index that became the owner's is what the repair of a 16 KiB state leaves; anything else deserves a look.",
  },
  "marker-tpm-version": {
    severity: "warning",
    title: "the marker and the TPM state disagree on the TPM version",
    meaning: "The state of a 1.38 vTPM is file 3; the state of a 1.85 vTPM is file 19.",
    cure: "Find out which of the vTPMs the host starts.",
  },
} as const satisfies Record<string, CatalogueEntry>;
