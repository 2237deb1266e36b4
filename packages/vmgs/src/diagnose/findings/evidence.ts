/** What the findings are made of. */

import type { V1Examination } from "../../v1/index.ts";
import type { AssumedVm } from "../assumed-vm.ts";
import type { Gathered, GuestEvidence } from "../evidence/index.ts";

/** All that was read, and the moment that dates are judged by. */
export interface Evidence extends Gathered {
  readonly guest: GuestEvidence;
  /** Null where the file is not of version 1. */
  readonly v1: V1Examination | null;
  readonly now: Date;
  /** The VM that is assumed. */
  readonly vm: AssumedVm;
}
