import type { CommandDeclaration } from "../../declaration/index.ts";
import { makeKeyFile, randomKey, repeatedKey } from "../key-files.ts";
import { say } from "../messages.ts";
import { FORCE_CREATE_OPTION } from "../options.ts";

export const testMakeKey: CommandDeclaration = {
  name: "test make-key",
  summary: "make a key file",
  description: "32 random bytes, or with --repeated one character 32 times, which is not secret.",
  args: [],
  options: [
    {
      flags: "--key-path <FILE>",
      meaning: "where it goes",
      aliases: ["--keypath"],
      fallback: "key.bin",
      output: true,
    },
    { flags: "--repeated <CHAR>", meaning: "an ASCII character instead of random bytes" },
    { ...FORCE_CREATE_OPTION, meaning: "replace a key file that exists" },
  ],
  examples: [{ command: "vmgstool test make-key --key-path vm.key", meaning: "a random key" }],
  async run(context, _args, options) {
    const path = (options.keyPath as string | undefined) ?? "key.bin";
    const repeated = options.repeated as string | undefined;
    const key = repeated === undefined ? randomKey() : repeatedKey(repeated);
    await makeKeyFile(context, path, key, options.forceCreate === true);
    await say(context, `${path}: key made`);
    return 0;
  },
};
