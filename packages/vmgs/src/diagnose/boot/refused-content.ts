/** Why the next boot would not take the content of a file as it is (spec: guest-files, 1). Knows bytes, not stores. */

import { checkBytes, checkWhole } from "../../arguments/index.ts";
import { FileId } from "../../format/index.ts";
import { describeProblem, type GuestFileReading, guestFileIds } from "../../guest/index.ts";
import { TPM_NVRAM_SIZE } from "../../tpm/index.ts";
import { interpretTpm } from "../evidence/index.ts";
import { isRecognised } from "../findings/index.ts";

/**
 * Why the next boot would refuse this content of a file, or ignore it; null when it takes it, or does not read it. Of
 * the content only sizes and offsets are named.
 */
export async function contentRefusal(fileId: number, content: Uint8Array): Promise<string | null> {
  checkWhole(fileId, "fileId");
  checkBytes(content, "content");
  if (guestFileIds.includes(fileId)) {
    const { readGuestFile } = await import("../evidence/small-file.ts");
    const reading = await readGuestFile(fileId, content);
    if (reading !== null) return guestFileRefusal(reading);
  }
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

/** A file that a boot would not use, or only as the boot that fails. */
function guestFileRefusal({ fileId, valid, problems, boot }: GuestFileReading): string | null {
  const problem = problems.find(({ code }) => code === boot.reason);
  if (valid || problem === undefined) return null;
  switch (boot.outcome) {
    case "fails":
      return `${describeProblem(fileId, problem)}; ${boot.when === null ? "the boot fails" : "the boot of some VMs fails"}`;
    case "ignored":
      return `${describeProblem(fileId, problem)}; the boot takes the file as absent`;
    case "used":
    case "limited":
    case "notRead":
      return null;
  }
}

async function variablesRefusal(content: Uint8Array): Promise<string | null> {
  const { readVariableList } = await import("../evidence/firmware-files.ts");
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

async function customUefiRefusal(content: Uint8Array): Promise<string | null> {
  const { whyNoCustomUefi } = await import("../evidence/firmware-files.ts");
  const error = whyNoCustomUefi(content);
  return error && `CUSTOM_UEFI can't be read, and a boot without UEFI variables fails: ${error.message}`;
}
