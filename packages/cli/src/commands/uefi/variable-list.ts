/** Where the commands read variables from: a file of a store, or a list that was taken out of one. */

import { describeFileId, FileId, parseFileId, VmgsError, type Warning } from "vmgskit";
import type { VariablesOf } from "vmgskit/report";
import {
  customUefiVariables,
  MAX_LIST_BYTES,
  readCustomUefi,
  readVariableList,
  type VariableList,
  VendorGuid,
} from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import {
  type ArgumentDeclaration,
  fileIdSuggestions,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionDeclaration,
  type OptionValues,
  READING_OPTIONS,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { withGuestState } from "../../guest-states.ts";
import { readInputStart } from "../../inputs.ts";
import { reportWarnings } from "../../messages.ts";

/** Files of a store that hold variables. */
const FILES: readonly number[] = [FileId.BIOS_NVRAM, FileId.CUSTOM_UEFI];

export const variableArgument: ArgumentDeclaration = {
  name: "NAME",
  meaning: "variable name (case-sensitive)",
  required: true,
  complete: () => [],
};

export const VENDOR_OPTION: OptionDeclaration = {
  flags: "--vendor <NAME>",
  meaning: "vendor of the variable: a GUID, or a name as `vmgs uefi list` shows it",
  complete: () => Object.entries(VendorGuid).map(([value, guid]) => ({ value, meaning: guid })),
};

/** Options of the commands that read variables. */
export const READ_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--file <ID>",
    meaning: "file of the store that holds the variables: BIOS_NVRAM or CUSTOM_UEFI",
    fallback: "BIOS_NVRAM",
    complete: () => fileIdSuggestions().filter(({ value }) => FILES.includes(parseFileId(value))),
  },
  {
    flags: "--bare",
    meaning: "FILE is a variable list extracted from a store; - = standard input",
  },
  JSON_OPTION,
  KEY_OPTION,
  GENERATION_OPTION,
  ...READING_OPTIONS,
];

/** Bytes beyond which nothing is a variable list, however damaged. */
const MOST_BYTES = 16 * MAX_LIST_BYTES;

/**
 * Reads the list that the options name. Parts that can't be read are in it.
 *
 * @throws VmgsError VMGS_NEEDS_UNLOCK when it is encrypted, or looks so; VMGS_FILE_NOT_ALLOCATED, VMGS_UEFI_JSON
 */
export async function openList(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<VariablesOf> {
  const id = listFileOf(options);
  const bare = options.bare === true;
  const read = bare
    ? { bytes: await readBare(context, file, options), warnings: [] }
    : await readStored(context, file, options, id);
  if ("list" in read) return read;
  const { bytes, warnings } = read;
  const fileId = bare ? null : id;
  if (id === FileId.BIOS_NVRAM) {
    const list = readVariableList(bytes);
    // In an open store the store reports ciphertext; outside a store only this check can.
    if (bare) refuseNoise(list);
    return { file, list, fileId, warnings };
  }
  const { list, defaults } = customUefiVariables(readCustomUefi(bytes));
  const own: Warning[] = defaults.map((name) => ({
    code: "VMGS_UEFI_TEMPLATE_DEFAULT",
    message: `${name} takes the signatures of the machine's template, which are not in the document`,
  }));
  await reportWarnings(context, own, file);
  return { file, list, fileId, warnings: [...warnings, ...own] };
}

function listFileOf({ file }: OptionValues): number {
  if (file === undefined) return FileId.BIOS_NVRAM;
  const id = parseFileId(file as string);
  if (FILES.includes(id)) return id;
  throw new UsageError(`--file: ${describeFileId(id)} holds no variables; BIOS_NVRAM and CUSTOM_UEFI do`);
}

async function readStored(
  context: CommandContext,
  file: string,
  options: OptionValues,
  id: number,
): Promise<VariablesOf | { readonly bytes: Uint8Array; readonly warnings: readonly Warning[] }> {
  return withGuestState(context, file, options, async (state, warnings) => {
    if (state.version === 1) {
      if (id !== FileId.BIOS_NVRAM) {
        throw new UsageError("--file: a version 1 file has one list of variables", "leave --file out");
      }
      return { file, list: state.file.variables, fileId: null, warnings };
    }
    const { store } = state;
    checkSize(store.state.files.get(id)?.byteLength ?? 0);
    return { bytes: await store.readFile(id), warnings };
  });
}

/** Options that only make sense for a store. */
const STORE_ONLY = ["key", "generation", "disk", "sectorSize"] as const;

async function readBare(context: CommandContext, file: string, options: OptionValues): Promise<Uint8Array> {
  const extra = STORE_ONLY.find((name) => options[name] !== undefined);
  if (extra !== undefined) {
    throw new UsageError(
      `--bare excludes --${extra === "sectorSize" ? "sector-size" : extra}: FILE is not a store`,
    );
  }
  const input = { path: file, role: "the variable list", limit: MOST_BYTES + 1 } as const;
  const bytes = await readInputStart(context, input);
  checkSize(bytes.length);
  return bytes;
}

function checkSize(bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  throw new VmgsError(
    "VMGS_UEFI_FILE_TOO_LARGE",
    `a file of more than ${MOST_BYTES} bytes is not a variable list: at most ${MAX_LIST_BYTES} are allowed`,
    { limit: MAX_LIST_BYTES },
  );
}

/** An encrypted list that was read as it is stored. Nothing of it is worth showing. */
function refuseNoise(list: VariableList): void {
  const [problem] = list.problems;
  if (!list.probablyLocked || problem === undefined) return;
  const { offset } = problem;
  throw new VmgsError(
    "VMGS_NEEDS_UNLOCK",
    "this is not a variable list, or is an encrypted one that was read without its key",
    { offset },
  );
}
