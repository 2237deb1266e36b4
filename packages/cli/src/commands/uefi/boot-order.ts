import { setWords } from "vmgskit/report";
import { setBootOrder, VendorGuid } from "vmgskit/uefi";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { bootEntry, entryArgument, FIRST_OPTION } from "./boot-entries.ts";
import { changeVariables, WRITE_OPTIONS } from "./variable-change.ts";

const KEY = { vendor: VendorGuid.EFI_GLOBAL_VARIABLE, name: "BootOrder" };

export const bootOrder: CommandDeclaration = {
  name: "uefi boot-order",
  summary: "set the order in which firmware tries the boot options",
  description:
    "The order becomes exactly that of the arguments. Options that are not named stay in the store, and firmware does " +
    "not try them. With --first the named options go before the present order.",
  args: [storeArgument, { ...entryArgument, many: true }],
  options: [FIRST_OPTION, ...WRITE_OPTIONS],
  examples: [
    { command: "vmgs uefi boot-order vm.vmgs 0002 0000", meaning: "try Boot0002, then Boot0000" },
    {
      command: "vmgs uefi boot-order vm.vmgs 'Windows Boot Manager' --first",
      meaning: "try Windows before all others",
    },
  ],
  async run(context, args, options) {
    const [file, entries] = args as [string, readonly string[]];
    await changeVariables(context, file, options, (list) => {
      const numbers = entries.map((entry) => bootEntry(list, entry));
      const changed = setBootOrder(list, numbers, options.first === true);
      return { list: changed, done: setWords(list, changed, KEY) };
    });
    return 0;
  },
};
