/** What the files of the firmware say: the variables (1), and the settings for a first boot (9). */

import type { VmgsError } from "../../errors/index.ts";
import { FileId } from "../../format/index.ts";
import type { ListProblem, VariableList } from "../../uefi/index.ts";
import type { FileEvidence } from "./files.ts";
import type { UefiEvidence } from "./firmware-files.ts";

/** What is known of both files. */
export interface FirmwareEvidence {
  /** Null when there is no such file, or it can't be read. */
  readonly uefi: UefiEvidence | null;
  /** Whether a boot finds no variables, so that it applies the settings of file 9; null when that is not known. */
  readonly withoutVariables: boolean | null;
  /** Why file 9 can't be read; null when it can, or is not there. */
  readonly customUefiError: VmgsError | null;
}

/**
 * Why no boot loader is started from what is stored: the reference ends the boot at a list that it can't read, and at
 * settings that it can't read while there are no variables; firmware starts nothing when nothing is trusted.
 */
export type FirmwareStop =
  | { readonly kind: "list"; readonly problem: ListProblem }
  | { readonly kind: "custom"; readonly error: VmgsError }
  | { readonly kind: "nothing-trusted" };

/** @param now the moment that certificates are judged by */
export async function interpretFirmware(
  files: readonly FileEvidence[],
  now: Date,
): Promise<FirmwareEvidence> {
  const fileOf = (id: number) => files.find(({ record }) => record.fileId === id);
  const variables = fileOf(FileId.BIOS_NVRAM);
  const custom = fileOf(FileId.CUSTOM_UEFI)?.content ?? null;
  const content = variables?.content ?? null;
  if (content === null && custom === null)
    return { uefi: null, withoutVariables: withoutVariables(variables, null), customUefiError: null };
  const { interpretVariables, whyNoCustomUefi } = await import("./firmware-files.ts");
  const uefi = content && (await interpretVariables(content, now));
  return {
    uefi,
    withoutVariables: withoutVariables(variables, uefi),
    customUefiError: custom && whyNoCustomUefi(custom),
  };
}

function withoutVariables(file: FileEvidence | undefined, uefi: UefiEvidence | null): boolean | null {
  if (file === undefined) return true;
  return uefi === null ? null : uefi.list.variables.length === 0 && unreadableByBoot(uefi.list) === null;
}

/** The problem at which the reference gives up. It skips a name without a NUL, an old corruption that it knows. */
function unreadableByBoot({ problems }: VariableList): ListProblem | null {
  return problems.find(({ id }) => id !== "name-not-terminated") ?? null;
}

/** What stops a boot that opens the store, or null. */
export function firmwareStop(evidence: FirmwareEvidence): FirmwareStop | null {
  const { uefi, withoutVariables: isEmpty, customUefiError: error } = evidence;
  const problem = uefi && unreadableByBoot(uefi.list);
  if (problem !== null) return { kind: "list", problem };
  if (error !== null && isEmpty === true) return { kind: "custom", error };
  return uefi?.secureBoot.obstacle === "nothing-trusted" ? { kind: "nothing-trusted" } : null;
}
