/** All man pages, for the build. `vmgs man COMMAND` prints one of them. */

import { commands } from "./commands/index.ts";
import { renderManPages } from "./man-pages.ts";
import { loadAll } from "./program.ts";
import { toolManPage } from "./vmgstool/index.ts";

/** All man pages, by file name. */
export async function manPages(): Promise<Map<string, string>> {
  const pages = renderManPages(commands, await loadAll(commands));
  return pages.set("vmgstool.1", await toolManPage());
}

export { commandOf } from "./action-command.ts";
