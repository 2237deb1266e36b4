import type { CatalogueEntry } from "./entry.ts";

/** Keys, nonces, and what is encrypted. */
export const encryptionFindings = {
  "encryption-zero-metadata-key": {
    severity: "critical",
    title: "the metadata key is zero: anybody can read the store",
    meaning:
      "Builds of the reference from early 2026 to 25 August 2026 zeroed the key that encrypts the extended file table. Whoever has the file can read every file in it without the datastore key.",
    cure: "`vmgs rekey FILE --key OLD --new-key NEW --rewrite --wipe`, or `vmgs repair FILE --key OLD --new-key NEW`, gives all files new keys. Treat what was in them as known: replace the vTPM's keys and other secrets where that matters, and destroy old copies.",
  },
  "encryption-no-key-slot": {
    severity: "critical",
    title: "encrypted, but no key slot is in use",
    meaning: "No key can open the store. Plain files can still be read.",
    cure: "`vmgs history FILE` may show a header with key slots; `vmgs repair FILE` tells whether anything is encrypted at all.",
  },
  "encryption-table-unreadable": {
    severity: "critical",
    title: "the extended file table can't be decrypted",
    meaning:
      "The key is right, but the table with the keys of all files is damaged: no encrypted file can be read.",
    cure: "`vmgs inspect FILE --generation previous --key KEY` may still work; `vmgs repair FILE` goes back to it.",
  },
  "encryption-two-keys": {
    severity: "warning",
    title: "two datastore keys are in use",
    meaning:
      "A key is being rolled. Every write refreshes one slot only, so that the other key stops working at the next one.",
    cure: "Finish it with `vmgs rekey FILE --key OLD --new-key NEW`, which leaves one key.",
  },
  "encryption-stale-slot": {
    severity: "warning",
    title: "a key slot is stale",
    meaning: "It holds an old metadata key: its datastore key opens the slot, but not the store.",
    cure: "Use the other key; `vmgs rekey FILE --key OLD --new-key NEW` removes the stale slot.",
  },
  "encryption-nonce-reuse": {
    severity: "error",
    title: "a nonce was used twice",
    meaning:
      "Two different ciphertexts carry the same nonce. By chance that does not happen: a random generator failed, or a store was restored and written again. Under the same key both contents can be found out.",
    cure: "`vmgs rekey FILE --key OLD --new-key NEW --rewrite --wipe` encrypts everything with new keys and nonces.",
  },
  "encryption-weak-file-key": {
    severity: "critical",
    title: "a file's key is zero, or that of another file",
    meaning: "Every file has a random key of its own. Without one its content is not protected.",
    cure: "`vmgs rekey FILE --key OLD --new-key NEW --rewrite --wipe` gives all files new keys.",
  },
  "encryption-file-damaged": {
    severity: "error",
    title: "an encrypted file does not match its tag",
    meaning: "Content, nonce, tag or key was changed: the file can't be read.",
    cure: "`vmgs cat FILE ID --generation previous --key KEY` may give an older one, `vmgs carve FILE --key KEY -o found` others. Then write it with `vmgs put`.",
  },
  "encryption-entry-changed": {
    severity: "warning",
    title: "an encrypted file and its entry one generation ago contradict each other",
    meaning:
      "Every write puts a file into other blocks. This one lies where it lay one generation ago, yet its nonce, tag or length differ. Either the file table was damaged or tampered with, and the file can't be read; or a power failure tore the table of a change that never happened, which had the place of the previous table, and nothing is lost. The key tells which.",
    cure: "`vmgs doctor FILE --key KEY` tells whether the file can be read. If not, `vmgs cat FILE ID --generation previous --key KEY` gives the content by its old entry; then write it with `vmgs put`.",
  },
  "encryption-content-wiped": {
    severity: "error",
    title: "the stored bytes of an encrypted file are all zero",
    meaning:
      "Ciphertext never looks so, but for the shortest files: the blocks were wiped, and the content is lost.",
    cure: "`vmgs cat FILE ID --generation previous --key KEY` may give an older one, `vmgs carve FILE --key KEY -o found` others.",
  },
  "encryption-file-plain": {
    severity: "warning",
    title: "a file with secrets is plain in an encrypted store",
    meaning: "Adding a key does not encrypt the files that exist. Whoever has the store can read this one.",
    cure: "`vmgs cat FILE ID --key KEY -o content` and `vmgs put FILE ID content --encrypt --force --key KEY --wipe`. `cat` needs the key, too: where an entry says plain by mistake, it would give ciphertext without.",
  },
  "encryption-plain-leftover": {
    severity: "error",
    title: "secrets in plain in the unused space of an encrypted store",
    meaning:
      "Free blocks, or the blocks of files behind their ends, hold pieces of the vTPM's state or of UEFI variables from before they were encrypted. Whoever has the file can read them without any key.",
    cure: "`vmgs wipe FILE` clears them, without a key; the previous generation ends with it. Treat what copies of the file held as known.",
  },
  "encryption-secrets-open": {
    severity: "info",
    title: "secrets in a store without encryption",
    meaning:
      "Whoever has the file has the vTPM's seeds and keys, and what is sealed to them, such as BitLocker's.",
    cure: "Usual where the host protects the file. `vmgs encrypt FILE --key KEY` encrypts it where the platform can give the key at boot.",
  },
  "encryption-protection-unknown": {
    severity: "warning",
    title: "an encrypted store that does not say where its key comes from",
    meaning:
      "No key protector (6), VM unique ID (7) or hardware key protector (11) is there that can give a key: no host knows how to unlock it at boot.",
    cure: "Find out who encrypted it; with the key, `vmgs decrypt FILE --key KEY` makes it usable without one.",
  },
} as const satisfies Record<string, CatalogueEntry>;
