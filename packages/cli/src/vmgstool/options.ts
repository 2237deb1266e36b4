/** Options that several commands share, with the spellings of all versions. */

import type { OptionDeclaration } from "../declaration/index.ts";

export const FILE_OPTION: OptionDeclaration = {
  flags: "-f, --file-path <FILE>",
  meaning: "the VMGS file",
  aliases: ["--filepath"],
  required: true,
};

export const KEY_OPTION: OptionDeclaration = {
  flags: "-k, --key-path <FILE>",
  meaning: "key file: 32 raw bytes, 64 hex digits or base64; - = standard input; else $VMGS_KEY_FILE",
  aliases: ["--keypath"],
};

export const ID_OPTION: OptionDeclaration = {
  flags: "-i, --file-id <ID>",
  meaning: "file in the store: a name in any case, decimal or 0x hexadecimal",
  aliases: ["--fileid"],
  required: true,
};

export const ALGORITHM_OPTION: OptionDeclaration = {
  flags: "-e, --encryption-algorithm <ALGORITHM>",
  meaning: "encryption algorithm",
  choices: ["AES_GCM"],
  aliases: ["--encryptionalgorithm"],
};

export const DATA_OPTION: OptionDeclaration = {
  flags: "-d, --data-path <FILE>",
  meaning: "where the data is; - = standard input",
  aliases: ["--datapath"],
};

export const ALLOW_OVERWRITE_OPTION: OptionDeclaration = {
  flags: "--allow-overwrite",
  meaning: "replace what the file ID holds",
  aliases: ["--allowoverwrite"],
};

export const FORCE_CREATE_OPTION: OptionDeclaration = {
  flags: "--force-create",
  meaning: "replace a VMGS file that exists; what is in it is lost",
  aliases: ["--forcecreate"],
};

export const OUTPUT_OPTION: OptionDeclaration = {
  flags: "-o, --output-path <FILE>",
  meaning: "write the text to a file; - = standard output",
  output: true,
  aliases: ["--outpath"],
};

export const TRUNCATE_OPTION: OptionDeclaration = { flags: "-t, --truncate", meaning: "shorten long data" };

export const JSON_OPTION: OptionDeclaration = {
  flags: "--json",
  meaning: "one JSON document on standard output",
};

/** Before the command, as in the reference. */
export const VERBOSE_OPTION: OptionDeclaration = {
  flags: "-v, --verbose",
  meaning: "say more on standard error",
};
