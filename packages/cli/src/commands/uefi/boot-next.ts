import { removedWords, setWords } from "vmgskit/report";
import { setBootNext, VendorGuid } from "vmgskit/uefi";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { bootEntry, entryArgument } from "./boot-entries.ts";
import { changeVariables, WRITE_OPTIONS } from "./variable-change.ts";

const KEY = { vendor: VendorGuid.EFI_GLOBAL_VARIABLE, name: "BootNext" };

export const bootNext: CommandDeclaration = {
  name: "uefi boot-next",
  summary: "boot from one option at the next boot only",
  description: "Sets BootNext, which firmware tries first and removes. --unset removes it without a boot.",
  args: [storeArgument, { ...entryArgument, required: false }],
  options: [{ flags: "--unset", meaning: "boot in the usual order again" }, ...WRITE_OPTIONS],
  examples: [
    { command: "vmgs uefi boot-next vm.vmgs 0002", meaning: "boot from Boot0002 once" },
    { command: "vmgs uefi boot-next vm.vmgs --unset", meaning: "boot in the usual order again" },
  ],
  async run(context, args, options) {
    const [file, entry] = args as [string, string | undefined];
    const unset = options.unset === true;
    if (unset !== (entry === undefined)) throw new UsageError("give either ENTRY or --unset");
    await changeVariables(context, file, options, (list) => {
      const changed = setBootNext(list, entry === undefined ? null : bootEntry(list, entry));
      return {
        list: changed,
        done: entry === undefined ? removedWords(list, [KEY]) : setWords(list, changed, KEY),
      };
    });
    return 0;
  },
};
