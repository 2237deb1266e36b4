import { removedWords } from "vmgskit/report";
import { removeVariables } from "vmgskit/uefi";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { changeVariables, WRITE_OPTIONS } from "./variable-change.ts";
import { chooseKey, requireVariables, vendorOption } from "./variable-keys.ts";
import { VENDOR_OPTION, variableArgument } from "./variable-list.ts";

export const unset: CommandDeclaration = {
  name: "uefi unset",
  summary: "remove UEFI variables",
  description:
    "Removes all of them in one transaction, or none when one does not exist. Where several vendors have a variable of " +
    "that name, --vendor chooses.",
  args: [storeArgument, { ...variableArgument, many: true }],
  options: [VENDOR_OPTION, ...WRITE_OPTIONS],
  examples: [
    { command: "vmgs uefi unset vm.vmgs BootNext", meaning: "boot in the usual order again" },
    {
      command: "vmgs uefi unset vm.vmgs MokList --vendor SHIM_LOCK --dry-run",
      meaning: "show what would be removed",
    },
  ],
  async run(context, args, options) {
    const [file, names] = args as [string, readonly string[]];
    const vendor = vendorOption(options);
    await changeVariables(context, file, options, (list) => {
      const keys = [...new Set(names)].map((name) => {
        requireVariables(list, name, vendor);
        return chooseKey(list, name, vendor);
      });
      return { list: removeVariables(list, keys), done: removedWords(list, keys) };
    });
    return 0;
  },
};
