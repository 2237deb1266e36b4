/** `vmgs key`: datastore keys. Names and summaries are here, so that the overview loads no command. */

import type { CommandEntry } from "../../declaration/index.ts";

export const keyCommands: readonly CommandEntry[] = [
  {
    name: "key derive",
    summary: "derive the datastore key from a store's own protectors",
    load: async () => (await import("./derive.ts")).derive,
  },
  {
    name: "key check",
    summary: "show which key slot of a store a datastore key opens",
    load: async () => (await import("./check.ts")).check,
  },
  {
    name: "key generate",
    summary: "make a random datastore key",
    load: async () => (await import("./generate.ts")).generate,
  },
  {
    name: "key protect",
    summary: "wrap a store's datastore key for a tenant's certificate",
    load: async () => (await import("./protect.ts")).protect,
  },
];
