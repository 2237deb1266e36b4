/** What becomes of the vTPM's state when a boot opens the store (spec: tpm, first boot of the device). Pure. */

import { describeFileId, FileId } from "../../format/index.ts";
import { contentForm, type StoreState } from "../../store/index.ts";
import { repairTpmState, type TpmState } from "../../tpm/index.ts";
import type { TpmEvidence } from "../evidence/index.ts";
import { isKnownSize, isRecognised } from "../findings/index.ts";

/**
 * `none`: there is no store, or no state in it. `restored`: taken as it is. `repaired`: its list is cut where it breaks.
 * `damaged`: it is broken, and not repaired. `refused`: the engine is expected to refuse it. `unknown`: it can't be told.
 */
export type TpmOutcome = "none" | "restored" | "repaired" | "damaged" | "refused" | "unknown";

/** What a boot does with the state of the vTPM. */
export interface TpmForecast {
  readonly outcome: TpmOutcome;
  /** Bytes of the state, or null when there is none. */
  readonly bytes: number | null;
  /** Where a repair cuts the list, in bytes from the start of the state; null when nothing is cut. */
  readonly cutAt: number | null;
  /** A sentence for people. */
  readonly words: string;
}

export interface TpmCircumstances {
  readonly state: StoreState | null;
  /** The bytes of file 3, when they can be read. */
  readonly content: Uint8Array | null;
  readonly evidence: TpmEvidence | null;
}

/** Forecasts file 3. */
export function forecastTpm({ state, content, evidence }: TpmCircumstances): TpmForecast {
  const none = { bytes: null, cutAt: null };
  if (state === null) return { outcome: "none", ...none, words: "no store is opened" };
  const record = state.files.get(FileId.TPM_NVRAM);
  if (record === undefined) return { outcome: "none", ...none, words: withoutState(state) };
  const base = { bytes: record.byteLength, cutAt: null };
  if (content === null || evidence === null) {
    const locked = contentForm(state, record).kind === "locked";
    const words = locked ? "the state is encrypted; with --key it can be told" : "the state can't be read";
    return { outcome: locked ? "unknown" : "damaged", ...base, words };
  }
  if (!isKnownSize(content.length)) {
    const words = `the state has ${content.length} bytes, neither 32768 nor 16384: the engine is expected to refuse it, and the VM does not start`;
    return { outcome: "refused", ...base, words };
  }
  const tpm = evidence.state;
  if (tpm === null || !isRecognised(tpm)) {
    return { outcome: "unknown", ...base, words: "file 3 does not look like a state of a known build" };
  }
  return tpm.generation === "legacy" ? ofLegacy(content, tpm) : ofCurrent(tpm);
}

function withoutState({ files }: StoreState): string {
  return files.has(FileId.TPM_185_NVRAM)
    ? `only ${describeFileId(FileId.TPM_185_NVRAM)} is there: a 1.85 vTPM goes on, a 1.38 vTPM is made anew`
    : "there is no state: a new vTPM is made";
}

function ofCurrent({ byteLength: bytes, corruption }: TpmState): TpmForecast {
  if (corruption === null) {
    return { outcome: "restored", bytes, cutAt: null, words: `the state of ${bytes} bytes is restored` };
  }
  const words = `the list in the TPM state breaks at ${corruption.offset}; in a state of ${bytes} bytes a boot does not repair it, and what lies behind is lost`;
  return { outcome: "damaged", bytes, cutAt: null, words };
}

/** States of 16 KiB are walked before they are used. */
function ofLegacy(content: Uint8Array, { byteLength: bytes, objects, indices }: TpmState): TpmForecast {
  const { cut } = repairTpmState(content);
  if (cut === null) {
    const words = `the state of ${bytes} bytes is checked and restored; its list is sound`;
    return { outcome: "restored", bytes, cutAt: null, words };
  }
  const kept = objects.length + indices.length;
  const words = `the list in the TPM state breaks: the boot zeroes ${cut.bytes} bytes from ${cut.offset} on and keeps ${kept} entries`;
  return { outcome: "repaired", bytes, cutAt: cut.offset, words };
}
