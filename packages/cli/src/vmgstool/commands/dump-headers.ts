import { header } from "vmgskit/format";
import { openDiskFileSync } from "vmgskit/node";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { printJson } from "../../messages.ts";
import { headerLines, readBothHeaders } from "../headers.ts";
import { FILE_OPTION, JSON_OPTION } from "../options.ts";
import { checkSize } from "../stores.ts";
import { textOf } from "../values.ts";

export const dumpHeaders: CommandDeclaration = {
  name: "dump-headers",
  summary: "show both headers side by side",
  description:
    "The exit code is 0 when one of them can be followed, 1 when none can, 3 for a blank disk, 5 for version 1.",
  args: [],
  options: [FILE_OPTION, JSON_OPTION],
  examples: [{ command: "vmgstool dump-headers -f vm.vmgs", meaning: "see what is wrong with a store" }],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    using disk = openDiskFileSync(file, { container: "vhd" });
    checkSize(disk.container.fileBytes);
    const { headers, verdict } = readBothHeaders(disk);
    if (context.json) {
      const described = headers.map(({ slot, header: value, problem, blank }) => ({
        slot,
        valid: problem === null,
        blank,
        problem: problem?.message ?? null,
        fields: header.toJson(value),
      }));
      await printJson(context, "vmgstool.dump-headers/1", {
        file,
        headers: described,
        active: verdict.active,
      });
    } else await context.stdout.write(headerLines(headers, verdict));
    if (verdict.error !== null) throw verdict.error;
    return 0;
  },
};
