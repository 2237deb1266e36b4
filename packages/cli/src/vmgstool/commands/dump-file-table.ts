import { fileIdName, isLocked, listFiles } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { print, printJson } from "../../messages.ts";
import { warn } from "../messages.ts";
import { FILE_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { lockedWarnings, readGivenKey, withStore } from "../stores.ts";
import { textOf } from "../values.ts";

export const dumpFileTable: CommandDeclaration = {
  name: "dump-file-table",
  summary: "list the files of the store",
  description: "With the key of an encrypted store, what is encrypted is known for sure.",
  args: [],
  options: [FILE_OPTION, KEY_OPTION, JSON_OPTION],
  examples: [{ command: "vmgstool dump-file-table -f vm.vmgs", meaning: "list the files" }],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    const key = await readGivenKey(context, options);
    await withStore(context, { file, key }, async ({ store, warnings: opening }) => {
      const warnings = [...opening, ...lockedWarnings(store.state)];
      await warn(context, lockedWarnings(store.state), file);
      const files = listFiles(store.state, { all: true });
      if (context.json) {
        const described = files.map(({ id, name, block, blocks, bytes, allocatedBytes, encrypted }) => ({
          ...{ id, name, block, blocks, allocatedBytes, bytes, encrypted },
        }));
        const document = { file, locked: isLocked(store.state), files: described, warnings };
        await printJson(context, "vmgstool.dump-file-table/1", document);
        return;
      }
      await print(context, "FILE TABLE");
      await print(context, line("File ID", "File Name", "Allocated", "Valid", "Encrypted"));
      await print(context, WIDTHS.map((width) => "-".repeat(width)).join(" "));
      for (const { id, allocatedBytes, bytes, encrypted } of files) {
        const name = fileIdName(id) ?? String(id);
        const row = [String(id), name, String(allocatedBytes), String(bytes), String(encrypted)];
        await print(context, line(...(row as Row)));
      }
    });
    return 0;
  },
};

type Row = [id: string, name: string, allocated: string, valid: string, encrypted: string];

const WIDTHS = [7, 25, 9, 9, 9] as const;

function line(id: string, name: string, allocated: string, valid: string, encrypted: string): string {
  const [idWidth, nameWidth, allocatedWidth, validWidth, encryptedWidth] = WIDTHS;
  return [
    id.padStart(idWidth),
    centred(name, nameWidth),
    allocated.padStart(allocatedWidth),
    valid === "Valid" ? centred(valid, validWidth) : valid.padStart(validWidth),
    centred(encrypted, encryptedWidth),
  ].join(" ");
}

/** An odd space goes to the right. */
function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return (" ".repeat(Math.max(left, 0)) + text).padEnd(width);
}
