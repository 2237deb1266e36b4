/** `vmgs provenance`: who made a store, signed. */

import type { CommandEntry } from "../../declaration/index.ts";

export const provenanceCommands: readonly CommandEntry[] = [
  {
    name: "provenance show",
    summary: "show who signed a store, and whether the signature is for it",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "provenance create",
    summary: "sign a provenance document for a store, for tests",
    load: async () => (await import("./create.ts")).create,
  },
];
