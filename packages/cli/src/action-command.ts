/** Actions as complete commands of `vmgs` that can be pasted: real file, quoted for the shell, options included. */

import type { Action, ActionContainer, ActionFileId } from "vmgskit/report";

/** What a user has to put in; every command names it the same way. */
const KEY = "vm.key";
const NEW_KEY = "new.key";

/** The command that does an action with a file. */
export function commandOf(action: Action, file: string): string {
  return ["vmgs", ...argumentsOf(action, file)].map(shellWord).join(" ");
}

type OfKind<K extends Action["kind"]> = Extract<Action, { readonly kind: K }>;
type Writers = { readonly [K in Action["kind"]]: (action: OfKind<K>, file: string) => readonly string[] };

const backup = (file: string) => ["--backup", `${file}.bak`];
const key = ({ withKey }: { readonly withKey?: boolean }) => (withKey === true ? ["--key", KEY] : []);
const generation = (action: { readonly generation?: "previous" }) =>
  action.generation === undefined ? [] : ["--generation", action.generation];
const disk = ({ container }: { readonly container?: ActionContainer }) => [
  ...(container?.kind === undefined ? [] : ["--disk", container.kind]),
  ...(container?.sectorSize === undefined ? [] : ["--sector-size", String(container.sectorSize)]),
];
const saved = (fileId: ActionFileId) => `${String(fileId).toLowerCase()}.bin`;
/** A new file beside the old one: `a.vmgs` gives `a.WORD.vmgs`. */
const beside = (file: string, word: string) => file.replace(/(\.[^./\\]*)?$/, `.${word}$1`);

const WRITERS: Writers = {
  inspect: (action, file) => ["inspect", file, ...generation(action), ...key(action)],
  doctor: (action, file) => ["doctor", file, ...key(action), ...disk(action)],
  boot: (action, file) => ["boot", file, ...disk(action)],
  history: (action, file) => ["history", file, ...(action.files ? ["--files"] : []), ...disk(action)],
  repair: (action, file) => [
    "repair",
    file,
    ...(action.chooseHeader === undefined ? [] : ["--choose-header", String(action.chooseHeader)]),
    ...(action.drop === undefined ? [] : ["--drop", String(action.drop)]),
    ...(action.apply ? ["--apply", ...backup(file), "--save", `${file}.saved`] : []),
    ...key(action),
  ],
  carve: (action, file) => ["carve", file, "-o", `${file}.found`, ...key(action), ...disk(action)],
  readFile: (action, file) => [
    "cat",
    file,
    String(action.fileId),
    "-o",
    saved(action.fileId),
    ...(action.raw ? ["--raw"] : []),
    ...generation(action),
    ...key(action),
  ],
  writeFile: (action, file) => [
    "put",
    file,
    String(action.fileId),
    saved(action.fileId),
    ...(action.form === undefined ? [] : [action.form === "plain" ? "--plain" : "--encrypt"]),
    // What comes from the store goes back, whatever a boot thinks of it.
    ...(action.form === "plain" ? [] : ["--force"]),
    ...(action.replace ? backup(file) : []),
    ...key(action),
  ],
  deleteFile: (action, file) => ["rm", file, String(action.fileId), ...backup(file), ...key(action)],
  moveFile: ({ from, to }, file) => ["mv", file, String(from), String(to)],
  convert: (action, file) => [
    "convert",
    file,
    beside(file, "sound"),
    ...(action.to === undefined ? [] : ["--to", action.to]),
    ...(action.bytes === undefined ? [] : ["--new-size", String(action.bytes)]),
    ...(action.moveFiles ? ["--move"] : []),
    ...disk(action),
  ],
  provision: ({ lifetime }, file) => [
    "provision",
    file,
    ...(lifetime === undefined ? [] : ["--lifetime", lifetime]),
  ],
  encrypt: (_action, file) => ["encrypt", file, "--key", KEY, "--wipe", ...backup(file)],
  decrypt: (_action, file) => ["decrypt", file, "--key", KEY, ...backup(file)],
  rekey: ({ rewrite }, file) => [
    "rekey",
    file,
    "--key",
    KEY,
    "--new-key",
    NEW_KEY,
    ...(rewrite ? ["--rewrite", "--wipe"] : []),
    ...backup(file),
  ],
  wipe: (_action, file) => ["wipe", file, ...backup(file)],
  hexdump: ({ block, fileId }, file) => [
    "hexdump",
    file,
    ...(block === undefined ? [] : ["--block", String(block)]),
    ...(fileId === undefined ? [] : ["--file", String(fileId)]),
  ],
  rawMarker: (_action, file) => ["marker", "--raw", file],
  listVariables: (action, file) => ["uefi", "list", file, ...key(action)],
  showBootEntries: (action, file) => ["uefi", "boot", file, ...key(action)],
  resetBootEntries: (action, file) => ["uefi", "reset-boot", file, ...backup(file), ...key(action)],
  showSecureBoot: (action, file) => ["uefi", "secure-boot", file, ...key(action)],
  inspectTpm: (action, file) => ["tpm", "inspect", file, ...key(action)],
  repairTpm: (action, file) => ["tpm", "repair", file, ...backup(file), ...key(action)],
  readTopic: ({ topic }) => ["help", ...topic.split(" ")],
};

function argumentsOf(action: Action, file: string): readonly string[] {
  const place = file.startsWith("-") ? `./${file}` : file;
  return (WRITERS[action.kind] as (action: Action, file: string) => readonly string[])(action, place);
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
