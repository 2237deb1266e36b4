/** Whether bytes are a TPM state, for what is found without a name. Secrets stay here. */

import { checkBytes } from "../../arguments/index.ts";
import { decode, hexNumber, u32 } from "../../layout/index.ts";
import { walkEntries } from "./entries.ts";
import { DRBG_MAGIC, FIRMWARE_VERSION, fixedRegions, MAX_PCR_BANKS, persistentData } from "./state-layout.ts";
import { MIN_STATE_BYTES } from "./state-size.ts";

/** Why bytes are taken for the state of a TPM. */
export interface TpmStateEvidence {
  /** Bytes that the list of entries reaches; the state itself does not record its length. */
  readonly listEnd: number;
  /** Dynamic entries: objects and NV indices. */
  readonly entries: number;
  /** Whether the list of entries ends as it should. */
  readonly sound: boolean;
  /** Why this is a TPM state, one sentence each. Nothing secret. */
  readonly evidence: readonly string[];
}

const FIRMWARE_V1_OFFSET = fixedRegions.offsets.persistent + persistentData.offsets.firmwareV1;

/**
 * Whether bytes begin with a TPM state of revision 1.38: firmware version, seeds of the right size and a sane PCR
 * allocation, all in the fixed regions. Give as many bytes as may belong to it, at least 3520.
 */
export function recogniseTpmState(bytes: Uint8Array): TpmStateEvidence | null {
  checkBytes(bytes, "bytes");
  if (bytes.length < MIN_STATE_BYTES) return null;
  // Of nearly all bytes this is enough to say no.
  if (decode(u32, bytes, FIRMWARE_V1_OFFSET) !== FIRMWARE_VERSION[0]) return null;
  const { persistent, orderly } = decode(fixedRegions, bytes);
  const { firmwareV1, firmwareV2, pcrBankCount } = persistent;
  if (firmwareV2 !== FIRMWARE_VERSION[1]) return null;
  if (pcrBankCount === 0 || pcrBankCount > MAX_PCR_BANKS) return null;
  const { endorsementSeed, storageSeed, platformSeed } = persistent;
  const seeds = [endorsementSeed.size, storageSeed.size, platformSeed.size];
  if (seeds.some((size) => size === 0 || size !== seeds[0])) return null;
  const { entries, end, corruption } = walkEntries(bytes);
  const version = [firmwareV1, firmwareV2].map((half) => hexNumber(half, 8)).join(" ");
  const list = corruption === null ? "ends as it should" : `breaks at byte ${corruption.offset}`;
  const evidence = [
    `firmware version ${version} of revision 1.38, and three seeds of ${seeds[0]} bytes`,
    `the list of ${entries.length} objects and indices ${list}`,
  ];
  if (orderly.random.magic === DRBG_MAGIC) evidence.push("the random generator's magic number is right");
  return { listEnd: end, entries: entries.length, sound: corruption === null, evidence };
}
