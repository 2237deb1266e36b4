/** Why the next boot would not take the content of a file as it is (spec: guest-files, 1). Knows bytes, not stores. */

import { checkBytes, checkWhole } from "../../arguments/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import { describeFileId, FileId } from "../../format/index.ts";
import { TPM_NVRAM_SIZE } from "../../tpm/index.ts";
import { readCustomUefi, readVariableList } from "../../uefi/index.ts";
import { interpretTpm } from "../evidence/index.ts";
import { isRecognised } from "../findings/index.ts";

/** Lengths that a boot takes, and what it does with others. */
interface SizeRule {
  readonly least: number;
  readonly most: number;
  /** A sentence without its subject. */
  readonly otherwise: string;
}

const exactly = (bytes: number, otherwise: string): SizeRule => ({ least: bytes, most: bytes, otherwise });

const SIZES = new Map<number, SizeRule>([
  [FileId.TPM_PPI, exactly(28, "the vTPM does not start")],
  [FileId.RTC_SKEW, exactly(8, "the boot crashes")],
  [FileId.ATTEST, { least: 0, most: 2048, otherwise: "the boot fails" }],
  // With a wrapped key from the disk encryption settings 40 bytes are enough.
  [FileId.KEY_PROTECTOR, { least: 40, most: 2060, otherwise: "the boot fails" }],
  [FileId.VM_UNIQUE_ID, { least: 16, most: Number.POSITIVE_INFINITY, otherwise: "the boot fails" }],
  [FileId.GUEST_WATCHDOG, exactly(1, "the boot fails where a guest watchdog is configured")],
  [FileId.GUEST_SECRET_KEY, { least: 0, most: 2048, otherwise: "the key is not imported" }],
  [FileId.HIBERNATION_TOKEN, exactly(8, "the token is taken for absent")],
]);

/**
 * Why the next boot would refuse this content of a file, or ignore it; null when it takes it, or does not read it. Of
 * the content only sizes and offsets are named.
 */
export async function contentRefusal(fileId: number, content: Uint8Array): Promise<string | null> {
  checkWhole(fileId, "fileId");
  checkBytes(content, "content");
  const rule = SIZES.get(fileId);
  if (rule !== undefined) return sizeRefusal(fileId, content.length, rule);
  switch (fileId) {
    case FileId.BIOS_NVRAM:
      return variablesRefusal(content);
    case FileId.TPM_NVRAM:
      return stateRefusal(content);
    case FileId.CUSTOM_UEFI:
      return customUefiRefusal(content);
    default:
      return null;
  }
}

function sizeRefusal(fileId: number, bytes: number, { least, most, otherwise }: SizeRule): string | null {
  if (bytes >= least && bytes <= most) return null;
  return `${describeFileId(fileId)} has ${sizeWords(least, most)} bytes, not ${bytes}; with others ${otherwise}`;
}

function sizeWords(least: number, most: number): string {
  if (least === most) return String(least);
  if (least === 0) return `at most ${most}`;
  return Number.isFinite(most) ? `${least} to ${most}` : `at least ${least}`;
}

function variablesRefusal(content: Uint8Array): string | null {
  const { problems, probablyLocked } = readVariableList(content);
  const [problem] = problems;
  if (problem === undefined) return null;
  const what = probablyLocked ? "it is not a list of variables, or it is encrypted" : problem.message;
  return `firmware can't read the list of UEFI variables: at offset ${problem.offset}: ${what}`;
}

async function stateRefusal(content: Uint8Array): Promise<string | null> {
  const { current, legacy } = TPM_NVRAM_SIZE;
  if (content.length !== current && content.length !== legacy) {
    return `the state of a vTPM has ${current} or ${legacy} bytes, not ${content.length}; the vTPM does not start`;
  }
  const { state } = await interpretTpm(content);
  if (state === null || !isRecognised(state))
    return "the content is not the state of a vTPM of revision 1.38";
  if (state.corruption === null || content.length === legacy) return null;
  return `the list of entries in the state of the vTPM breaks at offset ${state.corruption.offset}`;
}

function customUefiRefusal(content: Uint8Array): string | null {
  try {
    readCustomUefi(content);
    return null;
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    return `CUSTOM_UEFI can't be read, and a boot without UEFI variables fails: ${error.message}`;
  }
}
