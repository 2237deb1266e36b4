import { MOST_VARIABLES, uefiListDocument, uefiListView } from "vmgskit/report";
import type { Variable, VariableList } from "vmgskit/uefi";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { showReport } from "../../show.ts";
import { codeFor } from "./list-code.ts";
import { namePattern, vendorOption } from "./variable-keys.ts";
import { openList, READ_OPTIONS, VENDOR_OPTION } from "./variable-list.ts";

export const list: CommandDeclaration = {
  name: "uefi list",
  summary: "list the UEFI variables of a store",
  description:
    "Attributes are NV non-volatile, BS boot services, RT runtime, AT time-based authenticated. Of a damaged list it " +
    `shows what can be read, then what can't and where; the exit code is then 3. At most ${MOST_VARIABLES} variables are ` +
    "shown; --json has all.",
  args: [storeArgument],
  options: [
    {
      flags: "--name <PATTERN>",
      meaning: "only names that match: * any characters, ? one; not case-sensitive",
    },
    VENDOR_OPTION,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi list vm.vmgs", meaning: "everything in BIOS_NVRAM" },
    { command: "vmgs uefi list vm.vmgs --name 'Boot*'", meaning: "boot order and boot options" },
    {
      command: "vmgs cat vm.vmgs BIOS_NVRAM -o - | vmgs uefi list --bare -",
      meaning: "a list outside a store",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const vendor = vendorOption(options);
    const opened = await openList(context, file, options);
    const shown = filtered(opened.list, vendor, options);
    await showReport(context, uefiListDocument(opened, shown), () => uefiListView(opened, shown));
    return codeFor(opened.list);
  },
};

function filtered({ variables }: VariableList, vendor: string | null, options: OptionValues): Variable[] {
  const pattern = options.name === undefined ? null : namePattern(options.name as string);
  return variables.filter(
    (variable) =>
      (vendor === null || variable.vendor === vendor) && (pattern === null || pattern.test(variable.name)),
  );
}
