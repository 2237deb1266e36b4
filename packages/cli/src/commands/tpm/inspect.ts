import { describeFileId, VmgsError } from "vmgskit";
import type { CommandContext } from "../../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
} from "../../declaration/index.ts";
import { ExitCode } from "../../exit-codes.ts";
import { printField } from "../../field-lines.ts";
import { forEachFile } from "../../many-files.ts";
import { describeError, print, printJson } from "../../messages.ts";
import { generationOf, type StoreKeys, storeKeys } from "../../stores.ts";
import { escapeText, formatSize } from "../../terminal/index.ts";
import { isDamaged, stateDocument, type Understood, understand } from "./document.ts";
import { showState } from "./show.ts";
import { type FoundState, readState, STATE_FILE_OPTION, stateArgument } from "./state-source.ts";

export const inspect: CommandDeclaration = {
  name: "tpm inspect",
  summary: "show what a vTPM's state holds: keys, indices, the AK certificate, damage; no secrets",
  description:
    "Reads the state of a vTPM of revision 1.38 (file 3 of a store) and never writes. A file of 16384 or 32768 bytes " +
    "without a VMGS header is taken for a bare state, - for one on standard input. Seeds, private keys and " +
    "authorization values are never shown. Damage gives exit code 3.",
  args: [{ ...stateArgument, many: true }],
  options: [STATE_FILE_OPTION, JSON_OPTION, KEY_OPTION, GENERATION_OPTION, ...DISK_OPTIONS],
  examples: [
    { command: "vmgs tpm inspect vm.vmgs --key vm.key", meaning: "for people" },
    { command: "vmgs tpm inspect vm.vmgs --file TPM_NVRAM_BACKUP", meaning: "the backup of the state" },
    { command: "vmgs cat vm.vmgs 3 | vmgs tpm inspect - --json", meaning: "a bare state, for scripts" },
  ],
  async run(context, args, options) {
    const files = args[0] as readonly string[];
    const keyOf = storeKeys(context, options);
    let damaged = false;
    const code = await forEachFile(context, files, async (file) => {
      damaged = (await inspectOne(context, file, options, keyOf)) || damaged;
    });
    return code === ExitCode.done && damaged ? ExitCode.foundBad : code;
  },
};

/** Tells one state; returns whether it is damaged. */
async function inspectOne(
  context: CommandContext,
  file: string,
  options: OptionValues,
  keyOf: StoreKeys,
): Promise<boolean> {
  let found: FoundState;
  let understood: Understood;
  try {
    found = await readState(context, file, options, await keyOf(file));
    understood = await understand(found.bytes);
  } catch (error) {
    if (context.json && error instanceof VmgsError) await printUnreadable(context, file, options, error);
    throw error;
  }
  if (context.json) await printDocument(context, file, options, found, understood);
  else await show(context, file, options, found, understood);
  return isDamaged(understood);
}

function printDocument(
  context: CommandContext,
  file: string,
  options: OptionValues,
  { fileId, encrypted, warnings }: FoundState,
  understood: Understood,
): Promise<void> {
  return printJson(context, "vmgs.tpm-inspect/1", {
    file,
    source: fileId === null ? "blob" : "store",
    fileId,
    encrypted,
    generation: generationOf(options),
    state: stateDocument(understood),
    warnings,
    error: null,
  });
}

function printUnreadable(
  context: CommandContext,
  file: string,
  options: OptionValues,
  error: VmgsError,
): Promise<void> {
  return printJson(context, "vmgs.tpm-inspect/1", {
    file,
    source: null,
    fileId: null,
    encrypted: null,
    generation: generationOf(options),
    state: null,
    warnings: [],
    error: describeError(error),
  });
}

const MADE_BY = {
  current: "made by HCL or OpenHCL",
  legacy: "made by the legacy service",
  unknown: "of unknown make",
};

async function show(
  context: CommandContext,
  file: string,
  options: OptionValues,
  { fileId, encrypted }: FoundState,
  understood: Understood,
): Promise<void> {
  const { colors } = context;
  const { byteLength, generation } = understood.state;
  const place =
    fileId === null ? "a bare file" : `${describeFileId(fileId)}${encrypted ? ", encrypted" : ""}`;
  const which = generationOf(options) === "previous" ? ", previous generation" : "";
  await print(context, colors.bold(escapeText(file)));
  await printField(context, "state", `revision 1.38, ${formatSize(byteLength)}, ${MADE_BY[generation]}`);
  await printField(context, "found in", `${place}${which}`);
  if (!encrypted) await printField(context, "secrets", PLAIN);
  await showState(context, understood);
}

const PLAIN = "not encrypted: whoever has the file has the seeds and private keys in it";
