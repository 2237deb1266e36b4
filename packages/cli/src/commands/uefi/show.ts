import { uefiShowDocument, uefiVariableView, vendorWord } from "vmgskit/report";
import type { Variable } from "vmgskit/uefi";
import { type CommandDeclaration, OUTPUT_OPTIONS, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { print } from "../../messages.ts";
import { writeBytes } from "../../output-file.ts";
import { printDocument, showView } from "../../show.ts";
import { codeFor } from "./list-code.ts";
import { requireVariables, vendorOption } from "./variable-keys.ts";
import { openList, READ_OPTIONS, VENDOR_OPTION, variableArgument } from "./variable-list.ts";

export const show: CommandDeclaration = {
  name: "uefi show",
  summary: "show a UEFI variable and what its value means",
  description:
    "Load options, boot orders, device paths, certificates, flags and text are decoded; anything else is shown as hex. " +
    "Variables of that name of all vendors are shown, unless --vendor chooses one. A device path is written as firmware " +
    "prints it and as `vmgs uefi set --path` takes it; the EUI-64 of NVMe(...) begins with its last byte.",
  args: [storeArgument, variableArgument],
  options: [
    { flags: "--bytes", meaning: "show the bytes as well" },
    { flags: "--raw", meaning: "the exact bytes of the value" },
    ...OUTPUT_OPTIONS,
    VENDOR_OPTION,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi show vm.vmgs BootOrder", meaning: "the order of the boot options" },
    { command: "vmgs uefi show vm.vmgs db", meaning: "the certificates that boot loaders are checked with" },
    { command: "vmgs uefi show vm.vmgs PK --raw -o pk.esl", meaning: "the exact bytes into a file" },
  ],
  async run(context, args, options) {
    const [file, name] = args as [string, string];
    const raw = options.raw === true || options.output !== undefined;
    if (raw && context.json) throw new UsageError("--json excludes --raw and --output");
    const vendor = vendorOption(options);
    const opened = await openList(context, file, options);
    const found = requireVariables(opened.list, name, vendor);
    const now = new Date();
    if (raw) await writeBytes(context, options, only(found).data, { isPrivate: true });
    else if (context.json) await printDocument(context, await uefiShowDocument(opened, found, now));
    else {
      for (const [i, variable] of found.entries()) {
        if (i > 0) await print(context, "");
        await showView(context, await uefiVariableView(variable, { now, bytes: options.bytes === true }));
      }
    }
    return codeFor(opened.list);
  },
};

/** --raw gives one value. */
function only([first, ...others]: readonly Variable[]): Variable {
  if (first !== undefined && others.length === 0) return first;
  const words = [first, ...others].flatMap((variable) =>
    variable === undefined ? [] : vendorWord(variable.vendor),
  );
  throw new UsageError("several vendors have a variable of that name", `add --vendor: ${words.join(", ")}`);
}
