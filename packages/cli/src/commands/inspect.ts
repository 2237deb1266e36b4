import { type Inspection, inspectDisk, isVmgsError } from "vmgskit";
import { nodeCipher } from "vmgskit/node";
import { inspectDocument, inspectView, unreadableInspectDocument } from "vmgskit/report";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  READING_OPTIONS,
  storesArgument,
} from "../declaration/index.ts";
import { isV1File } from "../guest-states.ts";
import { forEachFile } from "../many-files.ts";
import { describeError } from "../messages.ts";
import { namedBy } from "../named.ts";
import { openDiskForReading } from "../reading.ts";
import { printDocument, showView } from "../show.ts";
import { generationOf, storeKeys, triedKey } from "../stores.ts";

export const inspect: CommandDeclaration = {
  name: "inspect",
  summary: "show everything about a store: headers, files, encryption, marker, block map",
  description:
    "Reads and never writes. Of a store that can't be opened it shows what can be read, and why the rest can't. With " +
    "several files an unreadable one does not stop the others; the exit code is then 1. Of a version 1 file of Windows " +
    "it shows the partition, both headers, and both copies of the data.",
  args: [storesArgument],
  options: [
    JSON_OPTION,
    { flags: "--hash", meaning: "read every file and show the SHA-256 of its content" },
    KEY_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs inspect vm.vmgs", meaning: "for people" },
    { command: "vmgs inspect --json *.vmgs", meaning: "one JSON document a line" },
    { command: "vmgs inspect vm.vmgs --generation previous", meaning: "the store one transaction ago" },
  ],
  async run(context, args, options) {
    const keyOf = storeKeys(context, options);
    return forEachFile(context, args[0] as readonly string[], async (file) => {
      if (await isV1File(context, file, options)) {
        const { inspectV1File } = await import("./v1/inspect.ts");
        return inspectV1File(context, file, options);
      }
      const { key, keyFailure } = await triedKey(keyOf, file);
      let inspection: Inspection;
      try {
        await using disk = await openDiskForReading(context, file, options);
        const cipher = nodeCipher;
        const generation = generationOf(options);
        inspection = await inspectDisk(disk, {
          cipher,
          generation,
          hash: options.hash === true,
          ...(key && { key }),
        });
      } catch (error) {
        if (context.json && isVmgsError(error)) {
          await printDocument(
            context,
            unreadableInspectDocument(file, generationOf(options), describeError(error, file)),
          );
        }
        throw error;
      }
      const error = inspection.error ?? keyFailure;
      if (context.json) {
        await printDocument(context, inspectDocument(file, inspection, error && describeError(error, file)));
      } else
        await showView(
          context,
          inspectView(file, inspection, { hash: options.hash === true }),
          namedBy(context, options),
        );
      if (error !== null) throw error;
    });
  },
};
