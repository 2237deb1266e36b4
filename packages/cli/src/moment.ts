/** The moment that certificates are judged by. */

import type { OptionDeclaration, OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";

export const AT_OPTION: OptionDeclaration = {
  flags: "--at <DATE>",
  meaning: "judge validity at this date: 2026-06-30",
  fallback: "now",
};

/** @throws UsageError */
export function momentOf(options: OptionValues): Date {
  const text = options.at as string | undefined;
  if (text === undefined) return new Date();
  const moment = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? new Date(text) : null;
  if (moment !== null && !Number.isNaN(moment.getTime())) return moment;
  throw new UsageError(
    `--at: ${JSON.stringify(text)} is not a date`,
    "write 2026-06-30, or 2026-06-30T12:00:00Z",
  );
}
