/** Where a TPM state lies: in a file of a store, or bare. Recognised by size and signature, never by name. */

import { stat } from "node:fs/promises";
import { FileId, isVmgsError, listFiles, parseFileId, type Secret, VmgsError, type Warning } from "vmgskit";
import type { CommandContext } from "../../context.ts";
import {
  type ArgumentDeclaration,
  fileIdSuggestions,
  type OptionDeclaration,
  type OptionValues,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { readInputStart } from "../../inputs.ts";
import { keyPath, type OpenedStore, openForReading, unlockIfEncrypted } from "../../stores.ts";

const MEANING = "the VMGS file, or a bare state of 16384 or 32768 bytes";

/** A store or a bare state. */
export const stateArgument: ArgumentDeclaration = { name: "FILE", meaning: MEANING, required: true };

/** Which file of a store is meant. */
export const STATE_FILE_OPTION: OptionDeclaration = {
  flags: "--file <ID>",
  meaning: "file of the store that holds the state",
  fallback: "TPM_NVRAM",
  complete: fileIdSuggestions,
};

/** A state, and where it was found. */
export interface FoundState {
  readonly bytes: Uint8Array;
  /** File of the store; null for a bare state. */
  readonly fileId: number | null;
  /** Whether it is stored encrypted. */
  readonly encrypted: boolean;
  readonly warnings: readonly Warning[];
}

/** The file that `--file` names. */
export function stateFileId(options: OptionValues): number {
  const id = options.file === undefined ? FileId.TPM_NVRAM : parseFileId(options.file as string);
  if (id !== FileId.TPM_185_NVRAM) return id;
  throw new UsageError(
    "file 19 holds the state of a vTPM of revision 1.85, which is laid out otherwise",
    "only states of revision 1.38 can be read: TPM_NVRAM (3), TPM_NVRAM_BACKUP (17), or a copy of one",
  );
}

/** Reads a state; of a store only with the key when it is encrypted. `-` is a bare state on standard input. */
export async function readState(
  context: CommandContext,
  file: string,
  options: OptionValues,
  key: Secret | undefined,
): Promise<FoundState> {
  const id = stateFileId(options);
  const bare =
    file === "-" ? await stateOnStdin(context, options) : await readBareState(context, file, options);
  if (bare !== null) {
    refuseStoreOptions(options);
    return { bytes: bare, fileId: null, encrypted: false, warnings: [] };
  }
  using opened = await openStore(context, file, options);
  const { store, warnings } = opened;
  if (key !== undefined) await unlockIfEncrypted(store, key);
  const encrypted = listFiles(store.state).find((one) => one.id === id)?.encrypted === true;
  return { bytes: await store.readFile(id), fileId: id, encrypted, warnings };
}

/** A file that is too small for a store, and looks like none, may be meant as a bare state: the error says so. */
async function openStore(context: CommandContext, file: string, options: OptionValues): Promise<OpenedStore> {
  try {
    return await openForReading(context, file, options);
  } catch (error) {
    const bytes = (await stat(file).catch(() => undefined))?.size ?? Number.POSITIVE_INFINITY;
    const looksLikeNone = isVmgsError(error, "VMGS_DISK_SIZE", "VMGS_VHD_FOOTER_MISSING");
    if (!looksLikeNone || bytes > SMALLEST_STORE) throw error;
    throw new VmgsError(
      "VMGS_TPM_STATE_SIZE",
      `no store (${error.message}), and no bare state, which has 16384 or 32768 bytes, not ${bytes}`,
      { bytes },
      { cause: error },
    );
  }
}

/** Options that only make sense for a store. */
function refuseStoreOptions(options: OptionValues): void {
  if (options.file !== undefined) throw new UsageError("a bare state has no files; --file is for stores");
  if (options.generation === "previous") throw new UsageError("a bare state has no previous generation");
}

const BARE_SIZES: readonly number[] = [16_384, 32_768];
/** Bytes up to which a file is hardly a store. */
const SMALLEST_STORE = 131_072;

async function stateOnStdin(context: CommandContext, options: OptionValues): Promise<Uint8Array> {
  if (keyPath(context, options) === "-")
    throw new UsageError("state and key can't both come from standard input");
  if (context.stdinIsTerminal) throw new UsageError("standard input is a terminal, not a state");
  const bytes = await readStateAt(context, "-");
  if (BARE_SIZES.includes(bytes.length)) return bytes;
  const found = bytes.length > Math.max(...BARE_SIZES) ? "more than 32768" : String(bytes.length);
  throw new VmgsError(
    "VMGS_TPM_STATE_SIZE",
    `standard input has ${found} bytes; a bare state has 16384 or 32768`,
    { bytes: bytes.length },
  );
}

/** The bytes of a bare state, or null for anything else; opening it as a store then shows what is wrong. */
export async function readBareState(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<Uint8Array | null> {
  if (options.disk !== undefined && options.disk !== "auto") return null;
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile() || !BARE_SIZES.includes(stats.size)) return null;
  const bytes = await readStateAt(context, file);
  return BARE_SIZES.includes(bytes.length) && !isStore(bytes) ? bytes : null;
}

/** One byte more than any bare state, so that its length says what it is not. */
function readStateAt(context: CommandContext, path: string): Promise<Uint8Array> {
  return readInputStart(context, { path, role: "the state file", limit: Math.max(...BARE_SIZES) + 1 });
}

const HEADER_PLACES = [0, 512, 4096] as const;

/** Whether the bytes are those of a tiny store: a header in one of its places, or the footer of a VHD. */
function isStore(bytes: Uint8Array): boolean {
  const textAt = (offset: number) => new TextDecoder("latin1").decode(bytes.subarray(offset, offset + 8));
  return (
    HEADER_PLACES.some((offset) => textAt(offset) === "GUESTRTS") || textAt(bytes.length - 512) === "conectix"
  );
}
