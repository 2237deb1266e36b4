/** What can be done after an error: words with actions in them. Renderers write each action as a command or a button. */

import type { Action } from "../../action/index.ts";
import type { ErrorCode } from "../../errors/index.ts";

/** A sentence without a full stop; actions stand where their commands belong. */
export type Hint = readonly (string | Action)[];

const PREVIOUS: Hint = [
  { kind: "repair" },
  " shows what can be done, ",
  { kind: "inspect", generation: "previous" },
  " shows the generation before",
];
const FOOTER: Hint = [{ kind: "repair" }, " shows whether the footer can be restored"];
const REMAINS: Hint = ["restore a backup; ", { kind: "carve" }, " saves what is left of its data"];
const BYTES: Hint = [{ kind: "rawMarker" }, " gives its bytes as they are"];

/** Hints by error code, for errors after which one action of this library helps. */
export const errorHints: Readonly<Partial<Record<ErrorCode, Hint>>> = {
  VMGS_DISK_EMPTY: ["delete it; ", { kind: "provision" }, " then makes a new store in its place"],
  VMGS_VHD_CHECKSUM: [
    { kind: "repair" },
    " restores the footer; ",
    { kind: "doctor", container: { kind: "raw" } },
    " looks inside without it",
  ],
  VMGS_VHD_VERSION: FOOTER,
  VMGS_VHD_SIZE: FOOTER,
  VMGS_SEQUENCE_CONFLICT: [
    { kind: "repair" },
    " offers both; ",
    { kind: "history", files: true },
    " shows them",
  ],
  VMGS_EMPTY_STORE: ["the disk is blank: ", { kind: "provision" }, " formats it"],
  VMGS_V1_FORMAT: [
    "this needs a version 3 store; ",
    { kind: "inspect" },
    " and ",
    { kind: "listVariables" },
    " read this file, ",
    { kind: "readTopic", topic: "windows" },
    " lists what else does",
  ],
  VMGS_V1_NO_VALID_HEADER: REMAINS,
  VMGS_V1_GPT: REMAINS,
  VMGS_V1_STATE_NOT_FOUND: [{ kind: "inspect" }, " lists the devices and their states"],
  VMGS_NO_VALID_HEADER: [
    { kind: "repair" },
    " shows what can be done, ",
    { kind: "carve" },
    " saves what can be found; to start over: ",
    { kind: "provision", lifetime: "reprovision-on-failure" },
  ],
  VMGS_FILE_TABLE_OUT_OF_RANGE: PREVIOUS,
  VMGS_CORRUPT_FILE_TABLE: PREVIOUS,
  VMGS_EXTENDED_FILE_TABLE: PREVIOUS,
  VMGS_GENERATION_WIPED: [
    "the current generation is the only one left; an older one can only come from a backup",
  ],
  VMGS_UNDO_IMPOSSIBLE: [{ kind: "history", files: true }, " shows what is left of it"],
  VMGS_WIPE_INCOMPLETE: [{ kind: "wipe" }, " overwrites what is left; it needs no key"],
  VMGS_OVERLAPPING_FILES: [{ kind: "repair" }, " shows which of them can be dropped"],
  VMGS_FILE_NOT_ALLOCATED: [{ kind: "inspect" }, " lists the files of the store"],
  VMGS_INSUFFICIENT_SPACE: [
    { kind: "inspect" },
    " shows what is free; delete files, or make a larger store: ",
    { kind: "convert", bytes: 8 * 1024 * 1024 },
  ],
  VMGS_KEYS_FULL: [{ kind: "rekey" }, " puts a new key in the place of the old one"],
  VMGS_NOT_ENCRYPTED: [{ kind: "encrypt" }, " encrypts it"],
  VMGS_LAST_KEY: [{ kind: "decrypt" }, " rewrites the files in plain and removes the key"],
  VMGS_MARKER_TOO_LARGE: BYTES,
  VMGS_MARKER_MALFORMED: BYTES,
  VMGS_TPM_INPUT: [
    { kind: "readTopic", topic: "tpm prepare" },
    " and ",
    { kind: "readTopic", topic: "tpm provision" },
    " say what is possible",
  ],
  VMGS_LIFETIME_REFUSED: [
    "to format it anew, and lose what is in it: ",
    { kind: "provision", lifetime: "reprovision-on-failure" },
  ],
  VMGS_UEFI_VARIABLE_NOT_FOUND: [{ kind: "listVariables" }, " lists the variables"],
};
