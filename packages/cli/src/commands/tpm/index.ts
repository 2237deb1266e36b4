/**
 * `vmgs tpm`: the state of the virtual TPM, and TPMs that run. Names and summaries are here, so that the overview loads
 * no command.
 */

import type { CommandEntry } from "../../declaration/index.ts";

export const tpmCommands: readonly CommandEntry[] = [
  {
    name: "tpm inspect",
    summary: "show what a vTPM's state holds: keys, indices, the AK certificate, damage; no secrets",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  {
    name: "tpm extract-cert",
    summary: "extract the AK certificate, or another one, from a vTPM's state",
    load: async () => (await import("./extract-cert.ts")).extractCert,
  },
  {
    name: "tpm extract",
    summary: "extract the data of an NV index from a vTPM's state",
    load: async () => (await import("./extract.ts")).extract,
  },
  {
    name: "tpm repair",
    summary: "cut a vTPM's state where its list of entries breaks",
    load: async () => (await import("./repair.ts")).repair,
  },
  {
    name: "tpm prepare",
    summary: "make the state of a new vTPM, with keys and seeds of its own, without running a TPM",
    load: async () => (await import("./prepare.ts")).prepare,
  },
  {
    name: "tpm provision",
    summary: "do to a TPM what the first boot of a virtual machine does",
    load: async () => (await import("./provision.ts")).provision,
  },
  {
    name: "tpm conformance",
    summary: "check that a TPM does what virtual TPMs rely on",
    load: async () => (await import("./conformance.ts")).conformance,
  },
];
