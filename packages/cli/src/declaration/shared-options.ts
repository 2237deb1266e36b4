/** Options that mean the same in every command (conventions: one command line for people and for scripts). */

import type { OptionDeclaration } from "./command.ts";

export const JSON_OPTION: OptionDeclaration = {
  flags: "--json",
  meaning: "one JSON document on standard output, one per line for several files",
};

/** What a datastore key is derived from, beside the store's own protectors. */
export const KEY_SOURCE_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--tenant-key <FILE>",
    meaning: "RSA private key of the tenant: PEM or DER, PKCS#8 or PKCS#1; unwraps the key in KEY_PROTECTOR",
  },
  {
    flags: "--passphrase-file <FILE>",
    meaning: "passphrase of an encrypted --tenant-key, in the first line",
  },
  {
    flags: "--wrapped-des-key <FILE>",
    meaning: "wrapped key of the disk encryption settings, raw or base64; where KEY_PROTECTOR is AES-wrapped",
  },
  { flags: "--gsp-seed <FILE>", meaning: "decrypted guest state protection seed, in the forms of --key" },
  { flags: "--host-seed <FILE>", meaning: "seed of the host for GspById, in the forms of --key" },
  {
    flags: "--entry <WHICH>",
    meaning: "entry of KEY_PROTECTOR that is used",
    choices: ["ingress", "egress", "both"],
    fallback: "both",
  },
];

/** The key of the store, and what it can be derived from. */
export const KEY_OPTION: OptionDeclaration = {
  flags: "--key <FILE>",
  meaning: "datastore key: 32 raw bytes, 64 hex digits or base64; - = standard input; else $VMGS_KEY_FILE",
  companions: { title: "Instead of --key, derive it:", options: KEY_SOURCE_OPTIONS },
};

/** The key that a store gets. It is never derived: the store has no protectors for it yet. */
export function newKeyOption(what: string): OptionDeclaration {
  return { flags: KEY_OPTION.flags, meaning: `${what}; ${KEY_OPTION.meaning}` };
}

/** All options of a declaration, those that others bring along included. */
export function withCompanions(options: readonly OptionDeclaration[]): OptionDeclaration[] {
  return options.flatMap((option) => [option, ...(option.companions?.options ?? [])]);
}

export const GENERATION_OPTION: OptionDeclaration = {
  flags: "--generation <WHICH>",
  meaning: "which header to follow",
  choices: ["current", "previous"],
  fallback: "current",
};

export const OUTPUT_OPTION: OptionDeclaration = {
  flags: "-o, --output <FILE>",
  meaning: "write the bytes to a file; - = standard output",
  output: true,
};

/** Where bytes go, and whether they may replace a file. */
export const OUTPUT_OPTIONS: readonly OptionDeclaration[] = [
  OUTPUT_OPTION,
  { flags: "--force", meaning: "replace the file that --output names" },
];

/** A copy before a change. */
export const BACKUP_OPTION: OptionDeclaration = {
  flags: "--backup <FILE>",
  meaning: "first copy the whole file there; it must not exist",
  output: true,
};

export const DISK_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--disk <KIND>",
    meaning: "container, when detection is not wanted",
    choices: ["auto", "vhd", "raw"],
    fallback: "auto",
  },
  { flags: "--sector-size <BYTES>", meaning: "sector size of a raw image", choices: ["512", "4096"] },
];

/** How a place elsewhere is reached, for commands that only read. */
export const PLACE_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--endpoint <ADDRESS>",
    meaning: "server of az:// and s3:// places, such as http://127.0.0.1:10000/devstoreaccount1",
  },
  {
    flags: "--insecure-http",
    meaning: "allow http:// to other machines, which is neither private nor authentic",
  },
];

/** How a file is opened by commands that only read. */
export const READING_OPTIONS: readonly OptionDeclaration[] = [...DISK_OPTIONS, ...PLACE_OPTIONS];

/** Options of commands that change a store. */
export const PLAN_OPTIONS: readonly OptionDeclaration[] = [
  { flags: "--dry-run", meaning: "show what would change; write nothing" },
  BACKUP_OPTION,
];

export const WIPE_OPTION: OptionDeclaration = {
  flags: "--wipe",
  meaning: "then overwrite all unused space, free blocks and ends of files, with zeros",
};

/** Options of commands that change files in a store. */
export const CHANGE_OPTIONS: readonly OptionDeclaration[] = [...PLAN_OPTIONS, WIPE_OPTION];

/** Options that the program itself has, before or after the command. */
export const GENERAL_OPTIONS: readonly OptionDeclaration[] = [
  { flags: "-q, --quiet", meaning: "no messages, only results and errors" },
  { flags: "-v, --verbose", meaning: "say more on standard error" },
  { flags: "--no-color", meaning: "no colours; NO_COLOR does the same" },
  { flags: "--no-progress", meaning: "no progress display" },
];

/** Every command has it; the parser itself answers. */
export const HELP_OPTION: OptionDeclaration = { flags: "-h, --help", meaning: "show help" };

/** Only `vmgs` itself has it. */
export const VERSION_OPTION: OptionDeclaration = { flags: "-V, --version", meaning: "show the version" };
