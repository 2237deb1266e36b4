/** What the findings are made of. */

import type { KeyProtection } from "../../guest/index.ts";
import type { V1Examination } from "../../v1/index.ts";
import type { AssumedVm } from "../assumed-vm.ts";
import type { Gathered, GuestEvidence, LeftoverEvidence } from "../evidence/index.ts";

/** All that was read, and the moment that dates are judged by. */
export interface Evidence extends Gathered {
  readonly guest: GuestEvidence;
  /** What protects the datastore key; `none` where no encrypted store is opened. */
  readonly protection: KeyProtection;
  /** Why the VM has no source of the store's key; null when it has one, or needs none. */
  readonly noKeySource: string | null;
  /** Secrets in unused space; null when it was not searched. */
  readonly leftovers: LeftoverEvidence | null;
  /** Null where the file is not of version 1. */
  readonly v1: V1Examination | null;
  readonly now: Date;
  /** The VM that is assumed. */
  readonly vm: AssumedVm;
}
