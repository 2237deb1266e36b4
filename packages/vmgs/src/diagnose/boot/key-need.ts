/** Whether a boot needs a key, and where it comes from. Pure. */

import type { KeyProtection } from "../../guest/index.ts";
import { isEncrypted, usedKeySlots } from "../../store/index.ts";
import type { AssumedVm } from "../assumed-vm.ts";
import { type Gathered, protectionBy, type StoreEvidence } from "../evidence/index.ts";
import { whyNoKeySource } from "../key-source.ts";

/** Whether a boot needs a key, and who has it. */
export interface KeyNeed {
  readonly needed: boolean;
  /** Kind of guest state protection: who has the key. `none` for a plain store, `unknown` when the store does not show it. */
  readonly protection: KeyProtection;
  /** Key slots in use. */
  readonly keySlots: number;
  /** Whether the key that was given opens the store; null when none was given, or none is needed. */
  readonly opens: boolean | null;
  /** Why no key can open the store, or null. */
  readonly impossible: string | null;
  /** Why the VM has no source of the key, so that the boot fails, or null. */
  readonly noSource: string | null;
  /** A sentence for people. */
  readonly words: string;
}

const PLAIN: KeyNeed = {
  needed: false,
  protection: "none",
  keySlots: 0,
  opens: null,
  impossible: null,
  noSource: null,
  words: "none: the store is not encrypted",
};

const WORDS: Readonly<Record<KeyProtection, string>> = {
  none: "none",
  tenantKey: "tenant key: its holder unwraps the key in the key protector (file 6), after attestation",
  gspKey: "GspKey: the host's guest state protection service decrypts the seed in the key protector (file 6)",
  tenantKeyAndGsp:
    "tenant key and GspKey: both the holder of the tenant key and the host's service are needed for the key protector (file 6)",
  gspById: "GspById: the host derives the key from the VM unique ID (file 7)",
  hardware: "hardware only: the processor that sealed the key unseals it (file 11); another processor can't",
  unknown:
    "unknown: no key protector (6), VM unique ID (7) or hardware key protector (11) that can give a key",
};

/** Finds which key a boot needs to unlock the store. */
export async function keyNeedOf(
  { store, files }: Gathered,
  keyGiven: boolean,
  vm: AssumedVm,
): Promise<KeyNeed> {
  const state = store?.state ?? null;
  if (store === null || state === null || !isEncrypted(state)) {
    return state === null ? { ...PLAIN, words: "none: no store is opened" } : PLAIN;
  }
  const protection = await protectionBy(files, state);
  const keySlots = usedKeySlots(state.header).length;
  return {
    needed: true,
    protection,
    keySlots,
    opens: keyGiven ? state.unlocked !== null : null,
    impossible: whyImpossible(store, keySlots),
    noSource: await whyNoKeySource(files, state, vm),
    words: WORDS[protection],
  };
}

function whyImpossible({ keyError }: StoreEvidence, keySlots: number): string | null {
  if (keySlots === 0) return "the store is encrypted, but no key slot is in use";
  // With two slots in use the key may just be the one that is stale.
  return keyError?.code === "VMGS_EXTENDED_FILE_TABLE" && keySlots === 1 ? keyError.message : null;
}
