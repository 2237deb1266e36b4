import { type GuestStateLifetime, guestStateLifetimes, isVmgsError, VmgsError } from "vmgskit";
import { type BootForecast, forecastBoot } from "vmgskit/diagnose";
import { nodeCipher } from "vmgskit/node";
import { bootDocument, bootView, unreadableBootDocument } from "vmgskit/report";
import { assumedVm, VM_OPTIONS } from "../assumed-vm.ts";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
  storesArgument,
} from "../declaration/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print } from "../messages.ts";
import { namedBy } from "../named.ts";
import { openSourceForReading } from "../reading.ts";
import { printDocument, showView } from "../show.ts";
import { containerOptions, storeKeys, triedKey } from "../stores.ts";

export const boot: CommandDeclaration = {
  name: "boot",
  summary: "show what OpenHCL's next boot will do with a store, without writing",
  description:
    "For each guest state lifetime: whether the boot opens the store, formats it and what is lost then, or fails and " +
    "with which event; which kind of key it needs; what becomes of the vTPM's state and of the small files of the guest. The exit code is 3 when the boot " +
    "would fail or lose data. Without --lifetime all four are shown, and the default lifetime decides the exit code, " +
    "because that is the default on hosts.",
  args: [storesArgument],
  options: [
    {
      flags: "--lifetime <LIFETIME>",
      meaning: "guest state lifetime",
      choices: guestStateLifetimes,
      fallback: "all four",
    },
    ...VM_OPTIONS,
    JSON_OPTION,
    KEY_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs boot vm.vmgs", meaning: "all four lifetimes side by side" },
    { command: "vmgs boot vm.vmgs --lifetime reprovision", meaning: "one lifetime decides the exit code" },
    { command: "vmgs boot --json *.vmgs", meaning: "one JSON document a line" },
  ],
  async run(context, args, options) {
    const keyOf = storeKeys(context, options);
    const asked = options.lifetime as GuestStateLifetime | undefined;
    const vm = assumedVm(options);
    const files = args[0] as readonly string[];
    let bad = false;
    const code = await forEachFile(context, files, async (file) => {
      const { key, keyFailure } = await triedKey(keyOf, file);
      const forecast = await look(context, file, options, asked, {
        ...containerOptions(options),
        vm,
        ...(key && { key }),
      });
      const error = forecast.error ?? keyFailure;
      const document = bootDocument(file, forecast, asked ?? null, error && describeError(error, file));
      bad ||= document.outcome !== "starts";
      if (context.json) await printDocument(context, document);
      else {
        if (file !== files[0]) await print(context, "");
        await showView(context, bootView(document), namedBy(context, options));
      }
      if (keyFailure !== null) throw keyFailure;
      // The forecast stands; a key that does not fit is the caller's mistake.
      if (forecast.key.opens === false && forecast.key.impossible === null) {
        throw new VmgsError("VMGS_WRONG_KEY", "the key that was given does not open the store");
      }
    });
    return bad && (code === ExitCode.done || code === ExitCode.keyNeeded) ? ExitCode.foundBad : code;
  },
};

async function look(
  context: CommandContext,
  file: string,
  options: OptionValues,
  asked: GuestStateLifetime | undefined,
  settings: Parameters<typeof forecastBoot>[1],
): Promise<BootForecast> {
  try {
    await using source = await openSourceForReading(context, file, options);
    return await forecastBoot(source, { ...settings, cipher: nodeCipher });
  } catch (error) {
    if (context.json && isVmgsError(error)) {
      await printDocument(context, unreadableBootDocument(file, asked ?? null, describeError(error, file)));
    }
    throw error;
  }
}
