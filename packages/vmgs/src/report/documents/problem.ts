/** An error as documents carry it. */

import type { ErrorFacts, VmgsError } from "../../errors/index.ts";

/** What could not be done, for scripts and for people. */
export interface Problem extends ErrorFacts {
  /**
   * Stable code, listed in docs/errors.md.
   *
   * @pattern ^VMGS_[A-Z0-9_]+$
   */
  readonly code: string;
  /** One sentence with the facts of this case. May quote untrusted text. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | null;
}

/** An error of the library as a document carries it; null for none. */
export function problemOf(error: VmgsError | null): Problem | null {
  if (error === null) return null;
  const { code, message, hint, facts } = error;
  return { code, message, hint, ...facts };
}
