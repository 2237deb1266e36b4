/** Actions as complete commands of `vmgs` that can be pasted: real file, quoted for the shell, options included. */

import type { Action, ActionContainer, ActionFileId } from "vmgskit/report";

/** What a user has to put in; every command names it the same way. */
const KEY = "vm.key";
const NEW_KEY = "new.key";
const CERTIFICATE = "certificate.der";

/** What the user named for this run: a command that is offered names it again. */
export interface Named {
  /** Path of the datastore key. */
  readonly key?: string;
  readonly newKey?: string;
  readonly disk?: string;
  readonly sectorSize?: string;
  readonly save?: string;
}

/** The command that does an action with a file. */
export function commandOf(action: Action, file: string, named: Named = {}): string {
  const place = file.startsWith("-") ? `./${file}` : file;
  const words = (WRITERS[action.kind] as (action: Action, call: Call) => readonly string[])(action, {
    file: place,
    named,
    backup: ["--backup", `${place}.bak`],
    key: "withKey" in action && action.withKey === true ? ["--key", named.key ?? KEY] : [],
    disk: diskOptions("container" in action ? action.container : undefined, named),
  });
  return ["vmgs", ...words].map(shellWord).join(" ");
}

type OfKind<K extends Action["kind"]> = Extract<Action, { readonly kind: K }>;

interface Call {
  readonly file: string;
  readonly named: Named;
  readonly backup: readonly string[];
  readonly key: readonly string[];
  readonly disk: readonly string[];
}

type Writers = { readonly [K in Action["kind"]]: (action: OfKind<K>, call: Call) => readonly string[] };

const generation = (action: { readonly generation?: "previous" }) =>
  action.generation === undefined ? [] : ["--generation", action.generation];

function diskOptions(container: ActionContainer | undefined, named: Named): string[] {
  const kind = container?.kind ?? named.disk;
  const sectorSize = container?.sectorSize ?? named.sectorSize;
  return [
    ...(kind === undefined ? [] : ["--disk", kind]),
    ...(sectorSize === undefined ? [] : ["--sector-size", String(sectorSize)]),
  ];
}

const saved = (fileId: ActionFileId) => `${String(fileId).toLowerCase()}.bin`;
/** A new file beside the old one: `a.vmgs` gives `a.WORD.vmgs`. */
const beside = (file: string, word: string) => file.replace(/(\.[^./\\]*)?$/, `.${word}$1`);
const given = (flag: string, value: string | number | undefined) =>
  value === undefined ? [] : [flag, String(value)];
const wanted = (flag: string, is: boolean | undefined) => (is === true ? [flag] : []);

const WRITERS: Writers = {
  inspect: (action, { file, key, disk }) => ["inspect", file, ...generation(action), ...key, ...disk],
  doctor: (_action, { file, key, disk }) => ["doctor", file, ...key, ...disk],
  boot: (_action, { file, disk }) => ["boot", file, ...disk],
  show: (_action, { file, key, disk }) => ["show", file, ...key, ...disk],
  history: ({ files }, { file, disk }) => ["history", file, ...wanted("--files", files), ...disk],
  repair: (action, { file, named, backup, key, disk }) => [
    "repair",
    file,
    ...given("--choose-header", action.chooseHeader),
    ...(action.drop ?? []).flatMap((fileId) => ["--drop", String(fileId)]),
    ...wanted("--go-back", action.goBack),
    ...(action.apply ? ["--apply", ...backup] : []),
    ...(action.save ? ["--save", named.save ?? `${file}.saved`] : []),
    ...key,
    ...(action.withNewKey ? ["--new-key", named.newKey ?? NEW_KEY] : []),
    ...disk,
  ],
  carve: (_action, { file, key, disk }) => ["carve", file, "-o", `${file}.found`, ...key, ...disk],
  readFile: (action, { file, key, disk }) => [
    "cat",
    file,
    String(action.fileId),
    "-o",
    saved(action.fileId),
    ...wanted("--raw", action.raw),
    ...generation(action),
    ...key,
    ...disk,
  ],
  writeFile: ({ fileId, form, replace, wipe }, { file, backup, key, disk }) => [
    "put",
    file,
    String(fileId),
    saved(fileId),
    ...(form === undefined ? [] : [form === "plain" ? "--plain" : "--encrypt"]),
    // What comes from the store goes back, whatever a boot thinks of it.
    ...wanted("--force", form !== "plain"),
    ...wanted("--wipe", wipe),
    ...(replace ? backup : []),
    ...key,
    ...disk,
  ],
  deleteFile: ({ fileId }, { file, backup, key, disk }) => [
    "rm",
    file,
    String(fileId),
    ...backup,
    ...key,
    ...disk,
  ],
  moveFile: ({ from, to }, { file, key, disk }) => ["mv", file, String(from), String(to), ...key, ...disk],
  convert: (action, { file, key, disk }) => [
    "convert",
    file,
    beside(file, "sound"),
    ...given("--to", action.to),
    ...given("--new-size", action.bytes),
    ...wanted("--move", action.moveFiles),
    ...key,
    ...disk,
  ],
  provision: ({ lifetime, empty }, { file, backup, disk }) => [
    "provision",
    file,
    ...wanted("--empty", empty),
    ...(lifetime === undefined ? [] : ["--lifetime", lifetime, ...backup]),
    ...(empty ? [] : disk),
  ],
  encrypt: (_action, { file, named, backup, disk }) => [
    "encrypt",
    file,
    "--key",
    named.key ?? KEY,
    "--wipe",
    ...backup,
    ...disk,
  ],
  decrypt: (_action, { file, named, backup, disk }) => [
    "decrypt",
    file,
    "--key",
    named.key ?? KEY,
    ...backup,
    ...disk,
  ],
  rekey: ({ rewrite }, { file, named, backup, disk }) => [
    "rekey",
    file,
    "--key",
    named.key ?? KEY,
    "--new-key",
    named.newKey ?? NEW_KEY,
    ...(rewrite ? ["--rewrite", "--wipe"] : []),
    ...backup,
    ...disk,
  ],
  undo: (_action, { file, key, disk }) => ["undo", file, ...key, ...disk],
  wipe: (_action, { file, backup, disk }) => ["wipe", file, ...backup, ...disk],
  hexdump: ({ block, fileId }, { file, key, disk }) => [
    "hexdump",
    file,
    ...given("--block", block),
    ...given("--file", fileId),
    ...key,
    ...disk,
  ],
  rawMarker: (_action, { file, disk }) => ["marker", "--raw", file, ...disk],
  listVariables: (action, { file, key, disk }) => [
    "uefi",
    "list",
    file,
    ...generation(action),
    ...key,
    ...disk,
  ],
  setVariable: ({ name, append }, { file, backup, key, disk }) => [
    "uefi",
    "set",
    file,
    name,
    CERTIFICATE,
    ...wanted("--append", append),
    ...backup,
    ...key,
    ...disk,
  ],
  showBootEntries: (_action, { file, key, disk }) => ["uefi", "boot", file, ...key, ...disk],
  resetBootEntries: (_action, { file, backup, key, disk }) => [
    "uefi",
    "reset-boot",
    file,
    ...backup,
    ...key,
    ...disk,
  ],
  showSecureBoot: (_action, { file, key, disk }) => ["uefi", "secure-boot", file, ...key, ...disk],
  inspectTpm: (_action, { file, key, disk }) => ["tpm", "inspect", file, ...key, ...disk],
  repairTpm: (_action, { file, key, disk }) => [
    "tpm",
    "repair",
    file,
    "--backup",
    "TPM_NVRAM_BACKUP",
    ...key,
    ...disk,
  ],
  readAkCertificate: (_action, { file, key, disk }) => [
    "tpm",
    "extract-cert",
    file,
    "-o",
    "ak.der",
    ...key,
    ...disk,
  ],
  readV1Data: (_action, { file }) => ["cat", file, "DATA", "-o", "data.json"],
  readTopic: ({ topic }) => ["help", ...topic.split(" ")],
};

/** A word as a shell takes it. One with control characters can't break the line: bash and zsh read its escapes. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replaceAll(/['\\\p{Cc}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return /['\\]/.test(character) ? `\\${character}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `$'${escaped}'`;
}
