/** Carries out what the boot flow decides, as OpenHCL's boot does. */

import { checkBytes, checkFlag, checkObject, oneOf, optionsOf } from "../arguments/index.ts";
import { checkDisk, checkWritableDisk, type Disk, type WritableDisk } from "../disk/index.ts";
import { isVmgsError, VmgsError, type Warning } from "../errors/index.ts";
import { encodeMarker, FileId, type ProvisioningReason } from "../format/index.ts";
import { checkKey, type Secret } from "../secret/index.ts";
import { type Cipher, checkCipher } from "../steps/index.ts";
import {
  formatStore,
  isReprovisioned,
  openStore,
  openWritableStore,
  resumeStore,
  type WritableStore,
} from "../store/index.ts";
import { checkSectorSize } from "../store/rooms.ts";
import {
  type BootDecision,
  type DiskCondition,
  decideBoot,
  type GuestStateLifetime,
  guestStateLifetimes,
} from "./boot-decision.ts";
import { checkMarkerParameters, type MarkerParameters, provisioningMarker } from "./marker-parameters.ts";

/** How a disk is provisioned. */
export interface ProvisionOptions {
  /** Default: `default`. */
  readonly lifetime?: GuestStateLifetime;
  /** Bytes of `saveStore`: the boot resumes and neither reads nor formats. */
  readonly savedState?: Uint8Array;
  /** What the marker says; false: none is written. */
  readonly marker?: MarkerParameters | false;
  /** Datastore key for a store that is formatted now. An existing one is not changed. */
  readonly key?: Uint8Array | Secret;
  /** Allow formatting 4 or 5 blocks, to which nothing can ever be written. */
  readonly allowTiny?: boolean;
  readonly cipher?: Cipher;
}

const checkProvisionOptions = optionsOf({
  lifetime: oneOf(guestStateLifetimes),
  savedState: checkBytes,
  marker: (value, name) => {
    if (value !== false) checkMarkerParameters(value, name);
  },
  key: checkKey,
  allowTiny: checkFlag,
  cipher: checkCipher,
});

/** What a boot did with the disk. */
export interface ProvisionOutcome {
  readonly decision: BootDecision;
  /** The store in use, or null when the boot uses none. */
  readonly store: WritableStore | null;
  /** Exact bytes of the marker that was written, or null. */
  readonly marker: Uint8Array | null;
  /** A marker that could not be written is a warning, never a failed boot. */
  readonly warnings: readonly Warning[];
}

/** Looks at a disk without writing, as the boot flow sees it. */
export async function examineDisk(disk: Disk): Promise<DiskCondition> {
  checkDisk(disk, "disk");
  try {
    const { state } = await openStore(disk);
    return { kind: "valid", reprovisioned: isReprovisioned(state) };
  } catch (error) {
    if (isVmgsError(error, "VMGS_EMPTY_STORE")) return { kind: "empty" };
    if (isVmgsError(error)) return { kind: "unusable", error };
    throw error;
  }
}

/**
 * Boots a guest state disk: opens, formats or refuses it as the lifetime says, and leaves the marker on a store that
 * was formatted.
 *
 * @throws VmgsError VMGS_LIFETIME_REFUSED when the boot fails, with the reason as `cause`; and what formatting throws
 */
export async function provisionDisk(
  disk: WritableDisk,
  options: ProvisionOptions = {},
): Promise<ProvisionOutcome> {
  checkWritableDisk(disk, "disk");
  checkProvisionOptions(options, "options");
  const { lifetime = "default", savedState, cipher } = options;
  if (savedState !== undefined) {
    const resume = { ...(cipher && { cipher }), verify: false };
    const store = await resumeStore(disk, savedState, resume);
    return { decision: { action: "resume" }, store, marker: null, warnings: [] };
  }
  // An ephemeral guest state decides without a look at the disk.
  const condition: DiskCondition = lifetime === "ephemeral" ? { kind: "empty" } : await examineDisk(disk);
  const decision = decideBoot(condition, { lifetime });
  switch (decision.action) {
    case "format":
      return formatAndMark(disk, decision, options);
    case "open":
      return { decision, store: await openForBoot(disk, decision, cipher), marker: null, warnings: [] };
    case "fail":
      throw new VmgsError(
        "VMGS_LIFETIME_REFUSED",
        `the boot fails (${decision.event}): ${decision.error?.message}`,
        decision.error?.facts,
        { cause: decision.error },
      );
    case "ignore":
    case "resume":
      return { decision, store: null, marker: null, warnings: [] };
  }
}

type FormatDecision = Extract<BootDecision, { action: "format" }>;
type OpenDecision = Extract<BootDecision, { action: "open" }>;

async function openForBoot(
  disk: WritableDisk,
  { clearReprovisioned }: OpenDecision,
  cipher: Cipher | undefined,
): Promise<WritableStore> {
  const store = await openWritableStore(disk, cipher && { cipher });
  if (clearReprovisioned) await store.commit([{ kind: "markReprovisioned", value: false }]);
  return store;
}

async function formatAndMark(
  disk: WritableDisk,
  decision: FormatDecision,
  options: ProvisionOptions,
): Promise<ProvisionOutcome> {
  const { marker = {}, key, allowTiny = false, cipher } = options;
  const { reason, setReprovisioned } = decision;
  // Values that can't be written are the caller's fault: refuse them before anything is lost.
  const bytes = marker === false ? null : encodeMarker(provisioningMarker(reason, marker), marker.versionKey);
  if (reason !== "failure") checkSectorSize(disk);
  const store = await formatStore(disk, {
    reason,
    allowTiny,
    ...(key && { key }),
    ...(cipher && { cipher }),
  });
  if (setReprovisioned) await store.commit([{ kind: "markReprovisioned", value: true }]);
  if (bytes === null) return { decision, store, marker: null, warnings: [] };
  const warning = await writeMarker(store, bytes);
  return {
    decision,
    store,
    marker: warning === null ? bytes : null,
    warnings: warning === null ? [] : [warning],
  };
}

/** Writes the marker in plain, also into an encrypted store; a failure becomes a warning. */
async function writeMarker(store: WritableStore, bytes: Uint8Array): Promise<Warning | null> {
  try {
    await store.write(FileId.PROVISIONING_MARKER, bytes);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { code: "VMGS_MARKER_NOT_WRITTEN", message: `the marker was not written: ${why}` };
  }
}

/** Whether the store was formatted in this session, for whatever reason. */
export function wasProvisionedThisBoot(store: {
  readonly provisioningReason: ProvisioningReason | null;
}): boolean {
  checkObject(store, "store", "provisioningReason");
  return store.provisioningReason !== null;
}
