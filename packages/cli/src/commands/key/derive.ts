import { VmgsError } from "vmgskit";
import { keyDeriveDocument, keyDeriveView } from "vmgskit/report";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_SOURCE_OPTIONS,
  OUTPUT_OPTIONS,
  READING_OPTIONS,
  storeArgument,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { givesKeySources } from "../../key-options.ts";
import { deriveFor, noneOpens, readKeySources } from "../../key-sources.ts";
import { printDocument, showView } from "../../show.ts";
import { checkKeyOutput, writeKey } from "./write-key.ts";

export const derive: CommandDeclaration = {
  name: "key derive",
  summary: "derive the datastore key from a store's own protectors",
  description:
    "Unwraps the key in KEY_PROTECTOR with the tenant's private key, or derives it from the seed of the host and " +
    "VM_UNIQUE_ID, and tries each result on the key slots of the store. Nothing is written but the key that opens the " +
    "store, where -o names. The exit code is 4 when none does.",
  args: [storeArgument],
  options: [
    ...KEY_SOURCE_OPTIONS,
    {
      flags: "--unverified",
      meaning: "also for a store that is not encrypted, where no key can be tried: take the first key",
    },
    ...OUTPUT_OPTIONS,
    JSON_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs key derive vm.vmgs --tenant-key tenant.pem -o vm.key", meaning: "recover the key" },
    {
      command: "vmgs key derive vm.vmgs --tenant-key tenant.pem --gsp-seed gsp.bin",
      meaning: "only show which entry opens the store",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    if (!givesKeySources(options)) {
      throw new UsageError("nothing to derive from: give --tenant-key, --gsp-seed or --host-seed");
    }
    checkKeyOutput(context, options);
    const derivation = await deriveFor(context, file, options, await readKeySources(context, options));
    const { encrypted, candidates, opening } = derivation;
    if (!encrypted && options.unverified !== true) {
      throw new VmgsError(
        "VMGS_NOT_ENCRYPTED",
        "the store is not encrypted, so no derived key can be verified",
      );
    }
    const found = encrypted ? opening : (candidates[0] ?? null);
    const output = found === null ? undefined : (options.output as string | undefined);
    if (found !== null && output !== undefined) await writeKey(context, options, found.key);
    if (output !== "-") {
      const document = keyDeriveDocument(file, derivation, output ?? null);
      if (context.json) await printDocument(context, document);
      else if (found !== null) await showView(context, keyDeriveView(document));
    }
    if (found === null) throw noneOpens(derivation);
    return 0;
  },
};
