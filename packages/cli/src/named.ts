/** What the user named for a run, for the commands that are offered afterwards. */

import type { Named } from "./action-command.ts";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { keyPath } from "./stores.ts";

/** Options that an offered command has to repeat. A key on standard input is gone by then. */
export function namedBy(context: CommandContext, options: OptionValues): Named {
  const key = keyPath(context, options);
  const { newKey, disk, sectorSize, save } = options as Readonly<Record<string, string | undefined>>;
  return {
    ...(key !== undefined && key !== "-" && { key }),
    ...(newKey !== undefined && newKey !== "-" && { newKey }),
    ...(disk !== undefined && { disk }),
    ...(sectorSize !== undefined && { sectorSize }),
    ...(save !== undefined && { save }),
  };
}
