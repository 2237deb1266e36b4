import { removeVariable } from "vmgskit/uefi";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { reportChange } from "../messages.ts";
import { readNvramForChange, writeNvram } from "../nvram.ts";
import { FILE_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { readGivenKey, requireUnlocked, withWritableStore } from "../stores.ts";
import { textOf } from "../values.ts";

export const uefiRemoveEntry: CommandDeclaration = {
  name: "uefi-nvram remove-entry",
  summary: "remove one UEFI variable",
  description:
    "Name and vendor are compared exactly. A variable that is not there is an error, and nothing is written. In an " +
    "encrypted store the key is needed.",
  args: [],
  options: [
    FILE_OPTION,
    KEY_OPTION,
    { flags: "-n, --name <NAME>", meaning: "name of the variable", required: true },
    { flags: "-v, --vendor <GUID>", meaning: "GUID of its vendor", required: true },
    JSON_OPTION,
  ],
  examples: [
    {
      command:
        "vmgstool uefi-nvram remove-entry -f vm.vmgs -n Boot0000 -v 8be4df61-93ca-11d2-aa0d-00e098032b8c",
      meaning: "remove one boot entry",
    },
  ],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    const variable = { vendor: textOf(options, "vendor"), name: textOf(options, "name") };
    const key = await readGivenKey(context, options);
    await withWritableStore(context, { file, key }, async ({ store, warnings }) => {
      requireUnlocked(store.state);
      const list = removeVariable(await readNvramForChange(store), variable);
      const sequence = await writeNvram(store, list, context.signal);
      const done = `removed ${variable.name}`;
      await reportChange(context, { file, command: "uefi-nvram remove-entry", done, sequence, warnings });
    });
    return 0;
  },
};
