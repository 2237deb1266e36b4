import { readLegacyExport } from "vmgskit/uefi";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { InputLimit, readInput } from "../../inputs.ts";
import { JSON_OPTION, OUTPUT_OPTION, TRUNCATE_OPTION } from "../options.ts";
import { checkReportOptions, reportVariables } from "../uefi-report.ts";
import { textOf } from "../values.ts";

export const uefiDumpFromJson: CommandDeclaration = {
  name: "uefi-nvram dump-from-json",
  summary: "show the UEFI variables in the JSON export of a version 1 file",
  args: [],
  options: [
    {
      flags: "-f, --file-path <FILE>",
      meaning: "the JSON file; - = standard input",
      aliases: ["--filepath"],
      required: true,
    },
    OUTPUT_OPTION,
    TRUNCATE_OPTION,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgstool uefi-nvram dump-from-json -f export.json", meaning: "show what was exported" },
  ],
  async run(context, _args, options) {
    checkReportOptions(options);
    const path = textOf(options, "filePath");
    const source = await readInput(context, { path, role: "the JSON file", limit: InputLimit.variables });
    const { list } = readLegacyExport(source);
    return reportVariables(context, options, { list, warnings: [] });
  },
};
