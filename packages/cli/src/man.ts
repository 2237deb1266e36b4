/** All man pages, for the build. `vmgs man COMMAND` prints one of them. */

import { commands } from "./commands/index.ts";
import { renderManPages } from "./man-pages.ts";
import { loadAll } from "./program.ts";

/** All man pages, by file name. */
export async function manPages(): Promise<Map<string, string>> {
  return renderManPages(commands, await loadAll(commands));
}
