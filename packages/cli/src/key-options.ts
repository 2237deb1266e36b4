/** Whether the options derive the datastore key from the store's own protectors. */

import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";

/**
 * True when a key should be derived.
 *
 * @throws UsageError for options that only go with it
 */
export function givesKeySources({
  tenantKey,
  gspSeed,
  hostSeed,
  wrappedDesKey,
  passphraseFile,
  entry,
}: OptionValues): boolean {
  const lone = [
    tenantKey === undefined && wrappedDesKey !== undefined && "--wrapped-des-key goes with --tenant-key",
    tenantKey === undefined && passphraseFile !== undefined && "--passphrase-file goes with --tenant-key",
    tenantKey === undefined &&
      gspSeed === undefined &&
      entry !== undefined &&
      "--entry goes with --tenant-key or --gsp-seed",
  ].find((message) => message !== false);
  if (lone !== undefined) throw new UsageError(lone);
  return tenantKey !== undefined || gspSeed !== undefined || hostSeed !== undefined;
}
