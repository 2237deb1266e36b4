import { closest } from "fastest-levenshtein";
import { explainedNames, explain as explainName } from "vmgskit/report";
import type { CommandDeclaration } from "../declaration/index.ts";
import { NotFoundError } from "../exit-codes.ts";
import { print } from "../messages.ts";
import { showView } from "../show.ts";

export const explain: CommandDeclaration = {
  name: "explain",
  summary: "explain a finding, an error code, a file of a store or a guest state lifetime",
  description:
    "Works offline and needs no store. The texts are those of docs/findings.md and docs/errors.md.",
  args: [
    {
      name: "NAME",
      meaning: "finding, error code, file name or ID, lifetime",
      required: true,
      many: true,
      complete: () => explainedNames().map((value) => ({ value, meaning: "" })),
    },
  ],
  options: [],
  examples: [
    { command: "vmgs explain encryption-zero-metadata-key", meaning: "a finding of `vmgs doctor`" },
    { command: "vmgs explain 6", meaning: "a file of a store" },
    { command: "vmgs explain reprovision-on-failure", meaning: "a guest state lifetime" },
  ],
  async run(context, args) {
    const names = args[0] as readonly string[];
    const views = names.map((name) => {
      const view = explainName(name);
      if (view !== null) return view;
      const nearest = closest(name.toLowerCase(), explainedNames());
      throw new NotFoundError(`nothing is called ${JSON.stringify(name)}`, `vmgs explain ${nearest}`);
    });
    for (const [i, view] of views.entries()) {
      if (i > 0) await print(context, "");
      await showView(context, view);
    }
    return 0;
  },
};
