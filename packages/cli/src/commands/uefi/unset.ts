import { removeVariables } from "vmgskit/uefi";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { shortText } from "./value-words.ts";
import { changeVariables, someNames, WRITE_OPTIONS } from "./variable-change.ts";
import { chooseKey, requireVariables, vendorOption, vendorWord } from "./variable-keys.ts";
import { VENDOR_OPTION, variableArgument } from "./variable-list.ts";

export const unset: CommandDeclaration = {
  name: "uefi unset",
  summary: "remove UEFI variables",
  description:
    "All of them go in one transaction, or none when one does not exist. Where several vendors have a variable of that " +
    "name, --vendor chooses.",
  args: [storeArgument, { ...variableArgument, many: true }],
  options: [VENDOR_OPTION, ...WRITE_OPTIONS],
  examples: [
    { command: "vmgs uefi unset vm.vmgs BootNext", meaning: "boot in the usual order again" },
    {
      command: "vmgs uefi unset vm.vmgs MokList --vendor SHIM_LOCK --dry-run",
      meaning: "see what it would do",
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
      const done = `removed ${someNames(keys.map((key) => `${shortText(key.name)} of ${vendorWord(key.vendor)}`))}`;
      return { list: removeVariables(list, keys), done };
    });
    return 0;
  },
};
