/** The file around a store that may be broken, as documents show it. */

import { having, withMembers } from "../../arguments/index.ts";
import type { RecoveryDisk } from "../../recovery/index.ts";
import { checkProblemOrNull } from "../checks.ts";
import type { Problem } from "./problem.ts";

/** The file around the store. */
export interface RecoveryContainer {
  readonly kind: "vhd" | "raw";
  readonly sectorSize: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Bytes of the disk in it. */
  readonly storeBytes: number;
  /** What is wrong with it, or null. */
  readonly error: Problem | null;
}

const checkDisk = withMembers({ container: having("kind", "sectorSize", "fileBytes", "diskBytes") });

/** What is reported of the container of a disk. */
export function recoveryContainer(
  disk: Pick<RecoveryDisk, "container">,
  error: Problem | null,
): RecoveryContainer {
  checkDisk(disk, "disk");
  checkProblemOrNull(error, "error");
  const { kind, sectorSize, fileBytes, diskBytes } = disk.container;
  return { kind, sectorSize, bytes: fileBytes, storeBytes: diskBytes, error };
}
