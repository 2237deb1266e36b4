/** Planning a repair. Every step is tried out on an overlay; the file itself is only read. */

import { checkWhole, eachOf, oneOf, optionsOf } from "../../arguments/index.ts";
import { type Container, type ContainerOptions, containerOptionChecks } from "../../disk/index.ts";
import { isVmgsError, VmgsError } from "../../errors/index.ts";
import { checkUserFileId, type HeaderSlot } from "../../format/index.ts";
import { checkKey, datastoreKey, type Secret } from "../../secret/index.ts";
import { type ByteSource, checkByteSource } from "../../source/index.ts";
import {
  type Cipher,
  checkCipher,
  type RunOptions,
  run,
  runOptionChecks,
  webCipher,
} from "../../steps/index.ts";
import { listFiles } from "../../store/index.ts";
import { geometryOf, openSteps, readHeaders } from "../../store/rooms.ts";
import { isGptDisk } from "../../v1/rooms.ts";
import { openForRecovery } from "../recovery-disk.ts";
import { type FooterRepair, judgeFooter } from "./footer.ts";
import { repairHeaders } from "./headers.ts";
import { type OverlayDisk, overlayDisk } from "./overlay.ts";
import { repairTables } from "./tables.ts";
import type { DraftPlan, RepairOutcome, RepairPlan, RepairWrite } from "./types.ts";

/** What is known and what was decided, in addition to what the file itself holds. */
export interface RepairOptions extends ContainerOptions, RunOptions {
  /** Datastore key: encrypted files are checked, and the zero metadata key flaw can be cured. */
  readonly key?: Uint8Array | Secret;
  /** A new datastore key, which replaces the old one when the flaw is cured. */
  readonly newKey?: Uint8Array | Secret;
  /** `previous`: go on with the generation before. */
  readonly generation?: "previous";
  /** The header to go on with, when both are valid and do not show which is newer. */
  readonly header?: HeaderSlot;
  /** Files whose entries may be dropped where files share blocks. */
  readonly drop?: readonly number[];
  readonly cipher?: Cipher;
}

const checkRepairOptions = optionsOf({
  ...containerOptionChecks,
  ...runOptionChecks,
  key: checkKey,
  newKey: checkKey,
  generation: oneOf(["previous"]),
  header: oneOf([0, 1]),
  drop: eachOf(checkWhole),
  cipher: checkCipher,
});

/**
 * Finds out what is wrong with a file, and what can be done about it for certain. Nothing is written: `writes` are for
 * `applyRepair`, or for the program that holds the file.
 *
 * @param source the whole file: never a disk, which is without its footer
 * @throws VmgsError as `openForRecovery`; VMGS_WRONG_KEY, VMGS_KEY_LENGTH, VMGS_INSUFFICIENT_SPACE,
 *   VMGS_INVALID_FILE_ID for a table among the files to drop, and what the source throws
 */
export async function planRepair(source: ByteSource, options: RepairOptions = {}): Promise<RepairPlan> {
  checkByteSource(source, "source");
  checkRepairOptions(options, "options");
  const { byteLength: fileBytes } = source;
  const { cipher = webCipher, key, newKey, generation, header, drop = [] } = options;
  for (const fileId of drop) checkUserFileId(fileId);
  const draft: DraftPlan = { findings: [], steps: [], choices: [], unrepaired: [], notes: [], saves: [] };
  const opened = await openForRecovery(source, options);
  const isV1 = await run(isGptDisk(opened.container.diskBytes), source, cipher, options);
  const footer = await run(judgeFooter(fileBytes, options), source, cipher, options);
  // A version 1 file without a footer is a raw image: its GPT says where it ends.
  if (footer?.kind === "loss" && !isV1) {
    draft.findings.push(footer.problem);
    draft.unrepaired.push({
      problem: "the end of the file can't be restored",
      advice: footer.advice,
      actions: footer.actions,
    });
    return { ...draft, fileBytes, writes: [], outcome: notOpened(footer.problem) };
  }
  if (footer?.kind === "offer") draft.notes.push(footer.note);
  const restored = footer?.kind === "repair" ? footer : null;
  if (footer?.kind === "repair") {
    const { finding, title, evidence } = footer;
    draft.findings.push(finding);
    draft.steps.push({ kind: "footer", title, evidence });
  }
  const disk = overlayDisk(source, options, restored === null ? opened.container : containerOf(restored));
  if (isV1) {
    draft.findings.push(NOT_FOR_V1.message);
    draft.unrepaired.push({ problem: NOT_FOR_V1.message, advice: NOT_FOR_V1.hint, actions: [] });
  } else if (!disk.container.sectorSizeKnown) {
    draft.notes.push(
      "the sector size of the raw image is not known, so headers are not written: name it to repair them",
    );
  } else if (await isTooSmall(disk, draft)) {
    return { ...draft, fileBytes, writes: [], outcome: notOpened("the disk is too small for a store") };
  } else {
    const secret = key === undefined ? undefined : datastoreKey(key);
    const decisions = { key: secret, cipher, goBack: generation === "previous", chosen: header };
    const usable = await repairHeaders(disk, draft, decisions);
    const next = newKey === undefined ? undefined : datastoreKey(newKey);
    if (usable) await repairTables(disk, draft, { key: secret, newKey: next, cipher, drop });
  }
  const outcome = isV1 ? notOpened(NOT_FOR_V1.message) : await tryOpening(disk);
  return {
    ...draft,
    fileBytes: restored === null ? fileBytes : restored.offset + restored.bytes.length,
    writes: writesOf(disk, restored),
    outcome,
  };
}

function containerOf({ offset, bytes }: FooterRepair): Container {
  return {
    kind: "vhd",
    fileBytes: offset + bytes.length,
    diskBytes: offset,
    sectorSize: 512,
    sectorSizeKnown: true,
    footerBytes: null,
    warnings: [],
  };
}

const NOT_FOR_V1 = new VmgsError(
  "VMGS_V1_FORMAT",
  "a GPT disk, as version 1 files of Windows are; only the VHD footer around it can be repaired",
);

async function isTooSmall(disk: OverlayDisk, draft: DraftPlan): Promise<boolean> {
  try {
    await run(readHeaders(geometryOf(disk)), disk);
    return false;
  } catch (error) {
    if (isVmgsError(error, "VMGS_DISK_TOO_SMALL")) {
      draft.findings.push(error.message);
      draft.unrepaired.push({ problem: error.message, advice: error.hint, actions: [] });
      return true;
    }
    if (isVmgsError(error, "VMGS_EMPTY_STORE")) return false;
    throw error;
  }
}

function notOpened(error: string): RepairOutcome {
  return { opens: false, error, sequence: null, files: [] };
}

/** Opens the result of the plan. */
async function tryOpening(disk: OverlayDisk): Promise<RepairOutcome> {
  try {
    const state = await run(openSteps(disk), disk);
    const files = listFiles(state).map(({ id }) => id);
    return { opens: true, error: null, sequence: state.header.sequence, files };
  } catch (error) {
    if (isVmgsError(error) && error.code !== "VMGS_IO") return notOpened(error.message);
    throw error;
  }
}

/** The footer comes last: until then the file opens, or does not, as before. */
function writesOf({ writes }: OverlayDisk, footer: FooterRepair | null): RepairWrite[] {
  if (footer === null) return [...writes];
  const { offset, bytes } = footer;
  return [...writes, { kind: "write", offset, bytes }, { kind: "flush" }];
}
