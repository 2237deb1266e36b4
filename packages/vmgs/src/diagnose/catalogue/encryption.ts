import { offer } from "../../action/index.ts";
import type { CatalogueEntry } from "./entry.ts";

/** Keys, nonces, and what is encrypted. */
export const encryptionFindings = {
  "encryption-zero-metadata-key": {
    severity: "critical",
    title: "the metadata key is zero: the store can be read without a key",
    meaning:
      "Builds of the reference from early 2026 to 25 August 2026 zeroed the key that encrypts the extended file table. Everyone who has the store can read every file in it without the datastore key.",
    cure: "Give all files new keys. Treat their content as leaked: replace the vTPM's keys and other secrets where that matters, and destroy old copies.",
    actions: [offer("give all files new keys", { kind: "rekey", rewrite: true })],
  },
  "encryption-no-key-slot": {
    severity: "critical",
    title: "encrypted, but no key slot is in use",
    meaning: "No key can open the store. Plain files can still be read.",
    cure: "Look for a header with key slots, and whether anything is encrypted at all.",
    actions: [
      offer("look for an older header", { kind: "history" }),
      offer("see whether anything is encrypted", { kind: "repair" }),
    ],
  },
  "encryption-table-unreadable": {
    severity: "critical",
    title: "the extended file table can't be decrypted",
    meaning:
      "The key is right, but the table with the keys of all files is damaged: no encrypted file can be read.",
    cure: "Go back to the previous generation where its table can be decrypted.",
    actions: [
      offer("look at the previous generation", { kind: "inspect", generation: "previous", withKey: true }),
      offer("see whether the store can go back", { kind: "repair", withKey: true }),
    ],
  },
  "encryption-two-keys": {
    severity: "warning",
    title: "two datastore keys are in use",
    meaning:
      "A change of the key is under way. Every write refreshes one slot only, so the other key stops working at the next write.",
    cure: "Finish the change of the key, which leaves one.",
    actions: [offer("leave one key", { kind: "rekey" })],
  },
  "encryption-stale-slot": {
    severity: "warning",
    title: "a key slot is stale",
    meaning: "It holds an old metadata key: its datastore key opens the slot, but not the store.",
    cure: "Use the other key, and remove the stale slot.",
    actions: [offer("remove the stale slot", { kind: "rekey" })],
  },
  "encryption-nonce-reuse": {
    severity: "error",
    title: "a nonce was used twice",
    meaning:
      "Two different ciphertexts carry the same nonce. That does not happen by chance: a random generator failed, or a store was restored and written again. If the key is the same, both contents can be reconstructed.",
    cure: "Encrypt everything with new keys and nonces.",
    actions: [offer("give all files new keys", { kind: "rekey", rewrite: true })],
  },
  "encryption-weak-file-key": {
    severity: "critical",
    title: "a file's key is zero, or that of another file",
    meaning: "Every file should have a random key of its own. Without one, its content is not protected.",
    cure: "Give all files new keys.",
    actions: [offer("give all files new keys", { kind: "rekey", rewrite: true })],
  },
  "encryption-file-damaged": {
    severity: "error",
    title: "an encrypted file does not match its tag",
    meaning: "Content, nonce, tag or key was changed: the file can't be read.",
    cure: "Look for an older content and write it back.",
    actions: [
      offer("read the file of the generation before", {
        kind: "readFile",
        fileId: "ID",
        generation: "previous",
      }),
      offer("write it back", { kind: "writeFile", fileId: "ID", replace: true }),
      offer("look for other versions", { kind: "carve", withKey: true }),
    ],
  },
  "encryption-entry-changed": {
    severity: "warning",
    title: "an encrypted file and its entry one generation ago contradict each other",
    meaning:
      "Every write puts a file into other blocks. This one lies where it lay one generation ago, yet its nonce, tag or length differ. Either the file table was damaged or tampered with, and the file can't be read; or a power failure tore the table of an uncommitted change, which had overwritten the previous table, and nothing is lost. The key decides which it is.",
    cure: "Find out with the key whether the file can be read. If it can't, take the content of the previous generation and write it back.",
    actions: [
      offer("see whether it can be read", { kind: "doctor", withKey: true }),
      offer("read the file of the generation before", {
        kind: "readFile",
        fileId: "ID",
        generation: "previous",
      }),
      offer("write it back", { kind: "writeFile", fileId: "ID", replace: true }),
    ],
  },
  "encryption-content-wiped": {
    severity: "error",
    title: "the stored bytes of an encrypted file are all zero",
    meaning:
      "Only the ciphertext of very short files can look like that: the blocks were wiped, and the content is lost.",
    cure: "Look for an older content and write it back.",
    actions: [
      offer("read the file of the generation before", {
        kind: "readFile",
        fileId: "ID",
        generation: "previous",
      }),
      offer("write it back", { kind: "writeFile", fileId: "ID", replace: true }),
      offer("look for other versions", { kind: "carve", withKey: true }),
    ],
  },
  "encryption-file-plain": {
    severity: "warning",
    title: "a file with secrets is plain in an encrypted store",
    meaning: "Adding a key does not encrypt existing files. Everyone who has the store can read this one.",
    cure: "Read the file and write it back encrypted, both with the key: where an entry says plain by mistake, reading without it gives ciphertext.",
    actions: [
      offer("read the file", { kind: "readFile", fileId: "ID" }),
      offer("write it back encrypted", {
        kind: "writeFile",
        fileId: "ID",
        form: "encrypted",
        replace: true,
        wipe: true,
      }),
    ],
  },
  "encryption-plain-leftover": {
    severity: "error",
    title: "secrets in plain in the unused space of an encrypted store",
    meaning:
      "Free blocks, or the unused ends of files, hold pieces of the vTPM's state, of seeds or of UEFI variables from before they were encrypted. Seeds show only once the store is unlocked. Anyone who has the file can read them without a key.",
    cure: "Clear them; that needs no key. The previous generation ends with it. Treat what copies of the file held as known.",
    actions: [offer("clear them", { kind: "wipe" })],
  },
  "encryption-secrets-open": {
    severity: "info",
    title: "secrets in a store without encryption",
    meaning:
      "Everyone who has the store has the vTPM's seeds and keys, and can unseal what is sealed to them, such as BitLocker keys.",
    cure: "Nothing to do where the host protects the file. Encrypt the store where the platform can give the key at boot.",
    actions: [offer("encrypt the store", { kind: "encrypt" })],
  },
  "encryption-protection-unknown": {
    severity: "error",
    title: "an encrypted store for whose key the VM has no source",
    meaning:
      "The boot can't unlock it: it tries ten times and ends. The source may be missing from the store, or be one that the assumed VM does not use.",
    cure: "If only the assumed VM lacks the source, look again with the VM as it is. Otherwise find out who encrypted the store: with the key it can be made usable without a source.",
    actions: [offer("remove the encryption", { kind: "decrypt" })],
  },
} as const satisfies Record<string, CatalogueEntry>;
