import type { CommandDeclaration } from "../../declaration/index.ts";
import { readNvram } from "../nvram.ts";
import { FILE_OPTION, JSON_OPTION, KEY_OPTION, OUTPUT_OPTION, TRUNCATE_OPTION } from "../options.ts";
import { readGivenKey, withStore } from "../stores.ts";
import { checkReportOptions, reportVariables } from "../uefi-report.ts";
import { textOf } from "../values.ts";

export const uefiDump: CommandDeclaration = {
  name: "uefi-nvram dump",
  summary: "show the UEFI variables",
  description: "What can't be read is shown raw and named; the exit code is then 1.",
  args: [],
  options: [FILE_OPTION, KEY_OPTION, OUTPUT_OPTION, TRUNCATE_OPTION, JSON_OPTION],
  examples: [
    { command: "vmgstool uefi-nvram dump -f vm.vmgs -t", meaning: "all variables, long data shortened" },
    { command: "vmgstool uefi-nvram dump -f vm.vmgs -k vm.key -o nvram.txt", meaning: "into a file" },
  ],
  async run(context, _args, options) {
    checkReportOptions(options);
    const file = textOf(options, "filePath");
    const key = await readGivenKey(context, options);
    return withStore(context, { file, key }, async ({ store, warnings }) =>
      reportVariables(context, options, { list: await readNvram(store), warnings }),
    );
  },
};
