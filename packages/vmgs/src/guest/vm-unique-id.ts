/** VM_UNIQUE_ID (7): the VM that the key was derived for, with protection GspById (spec: guest-files, 2). */

import { checkBytes } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { bytes as bytesOf, decode, field, guid, struct, u8 } from "../layout/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** The file: 20 bytes. */
export const vmUniqueId = struct("VM_UNIQUE_ID", {
  guid: field(guid, "BIOS GUID of the VM when the key was derived"),
  ported: field(u8, "1 = another scheme took over"),
  padding: field(bytesOf(3), "padding", { padding: true }),
});

/** Bytes that must be there: of a file with fewer than 20 the GUID alone counts. */
const LEAST_SIZE = 16;

/** What VM_UNIQUE_ID says. */
export interface VmUniqueIdFacts {
  /** BIOS GUID of the VM when the key was derived. */
  readonly guid: string;
  /** Whether this scheme is no longer in use. */
  readonly ported: boolean;
}

/** Reads VM_UNIQUE_ID. */
export function readVmUniqueId(bytes: Uint8Array): GuestFileReading<VmUniqueIdFacts> {
  checkBytes(bytes, "bytes");
  const size = vmUniqueId.size ?? 0;
  const short = lengthProblem(bytes, LEAST_SIZE, Number.POSITIVE_INFINITY);
  if (short !== null) {
    const problem = { ...short, message: `has ${bytes.length} bytes, fewer than a GUID` };
    return unreadable(FileId.VM_UNIQUE_ID, bytes, problem, { outcome: "fails", when: "attestation" });
  }
  const facts = {
    guid: decode(guid, bytes),
    ported: bytes.length >= size && decode(vmUniqueId, bytes).ported === 1,
  };
  const boot = { outcome: "used", reason: null, when: "attestation" } as const;
  const problem = bytes.length > size ? lengthProblem(bytes, LEAST_SIZE, size) : null;
  return { ...sound(FileId.VM_UNIQUE_ID, bytes, facts, boot), problems: problem === null ? [] : [problem] };
}
