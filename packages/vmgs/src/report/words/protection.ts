/** What protects a datastore key, in a few words. */

import type { KeyProtection } from "../../guest/index.ts";

/** Names as people know them. */
export const protectionWords: Readonly<Record<KeyProtection, string>> = {
  none: "none",
  tenantKey: "tenant key",
  gspKey: "GspKey",
  tenantKeyAndGsp: "tenant key and GspKey",
  gspById: "GspById",
  hardware: "hardware only",
  unknown: "unknown",
};
