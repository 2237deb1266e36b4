/** What the findings are made of. */

import type { Gathered, GuestEvidence } from "../evidence/index.ts";

/** All that was read, and the moment that dates are judged by. */
export interface Evidence extends Gathered {
  readonly guest: GuestEvidence;
  readonly now: Date;
}
