import { isEncrypted, type Protection, protectionOf } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { printJson } from "../../messages.ts";
import { protectionExitCodes } from "../exit-codes.ts";
import { say } from "../messages.ts";
import { FILE_OPTION, JSON_OPTION } from "../options.ts";
import { withStore } from "../stores.ts";
import { textOf } from "../values.ts";

const WORDS: Readonly<Record<Protection, string>> = {
  gspKey: "encrypted, GspKey",
  gspById: "encrypted, GspById",
  unknown: "encrypted, by a kind of protection that the store does not show",
  none: "not encrypted",
};

export const queryEncryption: CommandDeclaration = {
  name: "query-encryption",
  summary: "answer by the exit code whether and how the store is encrypted",
  description:
    "0 encrypted, GspKey (KEY_PROTECTOR is there), 6 encrypted, GspById (VM_UNIQUE_ID is there), 7 encrypted, kind unknown, " +
    "2 not encrypted.",
  args: [],
  options: [FILE_OPTION, JSON_OPTION],
  examples: [{ command: "vmgstool query-encryption -f vm.vmgs", meaning: "look at the exit code" }],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    return withStore(context, { file }, async ({ store, warnings }) => {
      const protection = protectionOf(store.state);
      if (context.json) {
        const document = { file, encrypted: isEncrypted(store.state), protection, warnings };
        await printJson(context, "vmgstool.query-encryption/1", document);
      } else await say(context, `${file}: ${WORDS[protection]}`);
      return protectionExitCodes[protection];
    });
  },
};
