import { checkKeySlots, VmgsError } from "vmgskit";
import { nodeCipher } from "vmgskit/node";
import { keyCheckDocument, keyCheckView } from "vmgskit/report";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  READING_OPTIONS,
  storeArgument,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { openDiskForReading } from "../../reading.ts";
import { printDocument, showView } from "../../show.ts";
import { generationOf, readStoreKey } from "../../stores.ts";

export const check: CommandDeclaration = {
  name: "key check",
  summary: "show which key slot of a store a datastore key opens",
  description:
    "Tries the key on both key slots. A slot is stale when the key opens it, but the metadata key in it no longer opens " +
    "the store: the store was written with the other key since. The exit code is 4 when the key does not open the store.",
  args: [storeArgument],
  options: [KEY_OPTION, JSON_OPTION, GENERATION_OPTION, ...READING_OPTIONS],
  examples: [
    { command: "vmgs key check vm.vmgs --key vm.key", meaning: "for people" },
    { command: "vmgs key check vm.vmgs --key vm.key --json", meaning: "for scripts" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    await using disk = await openDiskForReading(context, file, options);
    const key = await readStoreKey(context, options, file);
    if (key === undefined) throw new UsageError("--key FILE is needed, or options that derive the key");
    const slots = await checkKeySlots(disk, key, { cipher: nodeCipher, generation: generationOf(options) });
    const document = keyCheckDocument(file, slots);
    if (context.json) await printDocument(context, document);
    else await showView(context, keyCheckView(document));
    if (document.opens !== null) return 0;
    throw new VmgsError("VMGS_WRONG_KEY", `the key ${document.words}`);
  },
};
