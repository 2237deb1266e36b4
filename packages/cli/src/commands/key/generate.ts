import { randomBytes } from "node:crypto";
import { DATASTORE_KEY_SIZE, Secret } from "vmgskit";
import { type CommandDeclaration, OUTPUT_OPTIONS } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { say } from "../../messages.ts";
import { escapeText } from "../../terminal/index.ts";
import { writeKey } from "./write-key.ts";

export const generate: CommandDeclaration = {
  name: "key generate",
  summary: "make a random datastore key",
  description: "Keep the key as safe as the guest itself: without the key an encrypted store can't be read.",
  args: [],
  options: OUTPUT_OPTIONS,
  examples: [
    { command: "vmgs key generate -o vm.key", meaning: "make a key" },
    { command: "vmgs encrypt vm.vmgs --key vm.key --wipe", meaning: "and encrypt a store with it" },
  ],
  async run(context, _args, options) {
    const output = options.output as string | undefined;
    if (output === undefined) throw new UsageError("-o FILE is needed", "a key is not written to a terminal");
    const bytes = randomBytes(DATASTORE_KEY_SIZE);
    const key = new Secret(bytes);
    bytes.fill(0);
    await writeKey(context, options, key);
    if (output !== "-")
      await say(context, `${escapeText(output)}: key of ${DATASTORE_KEY_SIZE} random bytes`);
    return 0;
  },
};
