import { bootResetWords, danglingWarnings } from "vmgskit/report";
import { planBootReset } from "vmgskit/uefi";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { changeVariables, WRITE_OPTIONS } from "./variable-change.ts";

export const resetBoot: CommandDeclaration = {
  name: "uefi reset-boot",
  summary: "remove the boot order and all boot options, so that firmware looks for something to boot",
  description:
    "Removes BootOrder, BootNext and every Boot#### in one transaction. At the next boot firmware makes new options " +
    "for what it finds on disks and network adapters.",
  args: [storeArgument],
  options: WRITE_OPTIONS,
  examples: [
    { command: "vmgs uefi reset-boot vm.vmgs --dry-run", meaning: "show what would be removed" },
    { command: "vmgs uefi reset-boot vm.vmgs --backup old.vmgs", meaning: "reset, and keep a copy" },
  ],
  async run(context, args, options) {
    await changeVariables(context, args[0] as string, options, (list) => {
      const { list: without, removed, dangling } = planBootReset(list);
      return {
        list: without,
        done: bootResetWords(removed),
        warnings: danglingWarnings("BootOrder", dangling),
      };
    });
    return 0;
  },
};
