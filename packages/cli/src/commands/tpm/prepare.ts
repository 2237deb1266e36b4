import { stat } from "node:fs/promises";
import {
  describeFileId,
  FileId,
  isEncrypted,
  isLocked,
  type StoreState,
  VmgsError,
  type Warning,
  type WritableStore,
} from "vmgskit";
import { type TpmOverview, tpmOverview, tpmStateDocument } from "vmgskit/report";
import { NvIndexHandle, PersistentHandle, prepareTpmState } from "vmgskit/tpm";
import { commitChanges } from "../../changes.ts";
import type { CommandContext } from "../../context.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  OUTPUT_OPTION,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { print, printJson, reportWarnings, say } from "../../messages.ts";
import { writeBytes, writeWhole } from "../../output-file.ts";
import { keyPath } from "../../stores.ts";
import { makeBackup, withWritableStore } from "../../stores-for-change.ts";
import { escapeText, formatSize } from "../../terminal/index.ts";
import { NEW_STATE_OPTIONS, newStateOf } from "./new-state.ts";

/** Where the state of a vTPM of revision 1.38 lies. */
const STATE = FileId.TPM_NVRAM;

export const prepare: CommandDeclaration = {
  name: "tpm prepare",
  summary: "make the state of a new vTPM, with keys and seeds of its own, without running a TPM",
  description:
    "Makes a state of revision 1.38 with fresh seeds and proofs, an SRK and an AK (RSA 2048), like that of a vTPM that " +
    "was started once. It is encrypted in an encrypted store. With -o it is a bare file that only its owner can read " +
    "(mode 0600). A state that is there already is only replaced with --force. OpenHCL makes its AK anew when it first " +
    "starts a state of 32768 bytes; an AK that must stay, and its certificate, need 16384.",
  args: [{ name: "FILE", meaning: "the VMGS file to put it into, as file 3; else -o", required: false }],
  options: [
    OUTPUT_OPTION,
    ...NEW_STATE_OPTIONS,
    {
      flags: "--force",
      meaning: "replace the state that is there: its keys, and what was sealed with them, are lost",
    },
    ...CHANGE_OPTIONS,
    KEY_OPTION,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs tpm prepare vm.vmgs --key vm.key", meaning: "give a new VM its vTPM" },
    {
      command: "vmgs tpm prepare vm.vmgs --ak-key ak.pem --ak-cert ak.der",
      meaning: "with a certificate that was issued for its AK",
    },
    { command: "vmgs tpm prepare -o tpm.bin --nvram-size 16384", meaning: "a bare state of the older size" },
  ],
  async run(context, args, options) {
    const file = args[0] as string | undefined;
    checkTarget(context, file, options);
    if (file === undefined) await prepareBare(context, options);
    else {
      await withWritableStore(context, file, options, (store, warnings) =>
        prepareInStore(context, store, file, options, warnings),
      );
    }
    return 0;
  },
};

function checkTarget(context: CommandContext, file: string | undefined, options: OptionValues): void {
  const { output } = options;
  if (file === undefined && output === undefined) {
    throw new UsageError("FILE is missing", "name a VMGS file, or a new file with -o");
  }
  if (file !== undefined && output !== undefined)
    throw new UsageError("FILE and --output exclude each other");
  if (output === "-" && context.json)
    throw new UsageError("--json and the state can't both go to standard output");
  if (options.authValue === "-" && file !== undefined && keyPath(context, options) === "-") {
    throw new UsageError("authorization value and key can't both come from standard input");
  }
  if (file === undefined && options.wipe === true) throw new UsageError("--wipe is for stores");
}

interface NewState extends TpmOverview {
  readonly bytes: Uint8Array;
  readonly warnings: readonly Warning[];
}

/** Makes the state and reads it back; the report is made from what was read. */
async function makeState(context: CommandContext, options: OptionValues): Promise<NewState> {
  const bytes = await prepareTpmState(await newStateOf(context, options));
  const understood = await tpmOverview(bytes);
  const problem = understood.certificate?.certificate?.problem ?? null;
  if (problem !== null) throw new VmgsError("VMGS_TPM_INPUT", `what --ak-cert names ${problem}`);
  return { bytes, ...understood, warnings: warningsOf(understood) };
}

function warningsOf({ state, certificate }: TpmOverview): Warning[] {
  const found: Warning[] = [];
  if (certificate?.isForAk === false) {
    const message =
      "the certificate is not for the key of the AK; --ak-key gives the AK the key that it is for";
    found.push({ code: "VMGS_TPM_CERTIFICATE_FOREIGN", message });
  }
  const small = state.generation === "legacy" && certificate?.index.creator === "platform";
  if (small && certificate.index.dataSize === 4096) {
    const message =
      "a state of 16384 bytes with a platform's certificate index of 4096 bytes is what had to be repaired";
    found.push({ code: "VMGS_TPM_SMALL_STATE", message });
  }
  return found;
}

async function prepareInStore(
  context: CommandContext,
  store: WritableStore,
  file: string,
  options: OptionValues,
  warnings: readonly Warning[],
): Promise<void> {
  checkStore(store.state, options);
  const encrypted = isEncrypted(store.state);
  const made = await makeState(context, options);
  const { next } = await commitChanges(context, store, {
    file,
    options,
    changes: [{ kind: "write", fileId: STATE, content: made.bytes, encrypt: encrypted }],
  });
  const own = [...storeWarnings(store.state), ...made.warnings];
  await reportWarnings(context, own, file);
  const told = { file, fileId: STATE, encrypted, sequence: next.header.sequence, options };
  await report(context, made, { ...told, warnings: [...warnings, ...own] });
}

function checkStore(state: StoreState, { force }: OptionValues): void {
  if (force !== true && state.files.has(STATE)) {
    const message = `the store has a vTPM already: ${describeFileId(STATE)}`;
    throw new VmgsError("VMGS_FILE_ALLOCATED", message, { fileId: STATE });
  }
  if (!isLocked(state)) return;
  throw new VmgsError(
    "VMGS_NEEDS_UNLOCK",
    "the store is locked; to write an encrypted file it must be unlocked",
  );
}

function storeWarnings(state: StoreState): Warning[] {
  const found: Warning[] = [];
  if (!isEncrypted(state)) {
    const message =
      "the store is not encrypted: everyone who has the file has the seeds and private keys of the vTPM";
    found.push({ code: "VMGS_TPM_STATE_PLAIN", message });
  }
  if (state.files.has(FileId.TPM_185_NVRAM)) {
    const message = "the store has the state of a vTPM of revision 1.85 too, as file 19";
    found.push({ code: "VMGS_TPM_TWO_STATES", message });
  }
  return found;
}

async function prepareBare(context: CommandContext, options: OptionValues): Promise<void> {
  const target = options.output as string;
  const dryRun = options.dryRun === true;
  const exists = target !== "-" && (await stat(target).catch(() => undefined)) !== undefined;
  if (exists && options.force !== true) {
    throw new VmgsError("VMGS_FILE_EXISTS", `the output file ${target} exists already`, { path: target });
  }
  const made = await makeState(context, options);
  context.signal.throwIfAborted();
  if (!dryRun) {
    if (exists) await makeBackup(target, options);
    if (target === "-") return writeBytes(context, options, made.bytes);
    await writeWhole(target, made.bytes, {
      isPrivate: true,
      replace: options.force === true,
      signal: context.signal,
    });
    context.changes.done(target, null);
  }
  await reportWarnings(context, made.warnings, target);
  const told = { file: target, fileId: null, encrypted: false, sequence: null, options };
  await report(context, made, { ...told, warnings: made.warnings });
}

interface Outcome {
  readonly file: string;
  /** Null for a bare state. */
  readonly fileId: number | null;
  readonly encrypted: boolean;
  /** Null when no store was changed. */
  readonly sequence: number | null;
  readonly options: OptionValues;
  readonly warnings: readonly Warning[];
}

async function report(context: CommandContext, made: NewState, outcome: Outcome): Promise<void> {
  const { file, fileId, encrypted, sequence, options, warnings } = outcome;
  const dryRun = options.dryRun === true;
  if (context.json) {
    const source = fileId === null ? "blob" : "store";
    const state = tpmStateDocument(made);
    const told = { file, source, fileId, encrypted, dryRun, sequence, state, warnings };
    await printJson(context, "vmgs.tpm-prepare/1", told);
    return;
  }
  const where = fileId === null ? "a bare state" : describeFileId(fileId);
  const how = encrypted ? ", encrypted" : "";
  const after = sequence === null ? "" : `; sequence ${sequence}`;
  const what = `${where}, ${formatSize(made.bytes.length)}${how}, with ${contentWords(made)}${after}`;
  const line = `${escapeText(file)}: ${dryRun ? "would have made" : "made"} ${what}`;
  // The plan is the result: quiet mode does not silence it.
  await (dryRun ? print(context, line) : say(context, line));
}

function contentWords({ state, certificate }: TpmOverview): string {
  const has = (handle: number) => state.objects.some((object) => object.handle === handle);
  const held = certificate?.der ? `a certificate of ${certificate.der.length} bytes` : "no certificate";
  const parts = [
    has(PersistentHandle.SRK) ? "an SRK" : [],
    has(PersistentHandle.AK) ? "an AK" : [],
    certificate === null ? [] : `an index of the ${certificate.index.creator} with ${held}`,
    state.indices.some(({ handle }) => handle === NvIndexHandle.MITIGATION_MARKER)
      ? "the mitigation marker"
      : [],
  ].flat();
  return parts.join(", ") || "no key and no index";
}
