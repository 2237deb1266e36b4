/** What does not come along from a version 1 file, in words. */

import type { NotMigrated } from "../../migration/index.ts";
import { clip } from "./sizes.ts";

/** What to know before the first boot of a migrated store. */
export const migrationNotes: readonly string[] = [
  "no vTPM comes along: the guest meets a new one, and what is sealed to the old one, such as BitLocker, asks for its recovery key",
  "the next boot of the new store is the first that OpenHCL sees of this VM",
];

/** One thing that has no place in the new store. Quotes untrusted text. */
export function notMigratedWords(one: NotMigrated): string {
  switch (one.kind) {
    case "lastUpdateTime":
      return `time of the last update, ${clip(one.value)}`;
    case "state": {
      const type = one.type === null ? "" : ` (${clip(one.type)})`;
      return `state ${clip(one.state)} of device ${clip(one.device)}${type}`;
    }
    case "variable":
      return `variable ${clip(JSON.stringify(one.name))}: ${one.reason}`;
  }
}
