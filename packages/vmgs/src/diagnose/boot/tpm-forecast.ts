/** What becomes of the vTPM's state when a boot opens the store (spec: tpm, first boot of the device). Pure. */

import { describeFileId, FileId } from "../../format/index.ts";
import type { StoreState } from "../../store/index.ts";
import { contentForm } from "../../store/rooms.ts";
import { akAttributes, describeStartFailure, type TpmStart } from "../../tpm/index.ts";
import type { TpmEvidence } from "../evidence/index.ts";
import { isRecognised } from "../findings/index.ts";

/**
 * `none`: there is no store, or no state in it. `restored`: taken as it is. `repaired`: its list is cut where it breaks.
 * `damaged`: it can't be read, or loses its AK. `refused`: the VM does not start with it. `unknown`: it is encrypted.
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
    const words = locked ? "the state is encrypted; the forecast needs the key" : "the state can't be read";
    return { outcome: locked ? "unknown" : "damaged", ...base, words };
  }
  return ofContent(evidence);
}

function withoutState({ files }: StoreState): string {
  return files.has(FileId.TPM_185_NVRAM)
    ? `only ${describeFileId(FileId.TPM_185_NVRAM)} is there: a 1.85 vTPM goes on, a 1.38 vTPM is made anew`
    : "there is no state: a new vTPM is made";
}

function ofContent({ byteLength: bytes, state, start }: TpmEvidence): TpmForecast {
  const { failure, cutAt, entries } = start;
  if (failure !== null) {
    const words = `the vTPM does not start with its state (${describeStartFailure(failure)}), and so the VM does not`;
    return { outcome: "refused", bytes, cutAt, words };
  }
  const unknown = state === null || !isRecognised(state) ? ", though it is not that of a known build" : "";
  const ak = akWords(start);
  if (cutAt === null) {
    const broken = state?.corruption
      ? `; its list breaks at ${state.corruption.offset}, and the boot leaves it so`
      : "";
    const words = `the state of ${bytes} bytes is restored${unknown}${broken}${ak}`;
    return { outcome: start.ak?.fate === "lost" ? "damaged" : "restored", bytes, cutAt, words };
  }
  const zeroed = `the boot zeroes ${bytes - cutAt} bytes from ${cutAt} on and keeps ${entries} entries`;
  return { outcome: "repaired", bytes, cutAt, words: `the list in the TPM state breaks: ${zeroed}${ak}` };
}

/** What becomes of a key that is not the platform's AK, or of an AK that has no room any more. */
function akWords({ ak }: TpmStart): string {
  if (ak === null || ak.attributes === null) return "";
  if (ak.fate === "lost") return "; the AK is evicted, and there is no room for the new one";
  if (ak.attributes === akAttributes()) return "";
  return ak.fate === "kept"
    ? "; the key at the AK's handle is kept, and its certificate is not renewed"
    : "; the key at the AK's handle is evicted and a new AK made, with a new certificate";
}
