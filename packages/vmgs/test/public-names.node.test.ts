/**
 * The names that the public doors offer: a name that comes or goes is a decision, and a change of this snapshot. Types
 * and values alike, as the compiler sees them; `vitest -u` writes it anew.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const room = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports } = JSON.parse(readFileSync(join(room, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string }>;
};

/** Sources of the doors, by the name under which they are imported. */
const doors = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === "string"
    ? []
    : [
        {
          name: join("vmgskit", name),
          file: join(room, target.types.replace("dist/", "src/").replace(".d.ts", ".ts")),
        },
      ],
);

const program = ts.createProgram(
  doors.map(({ file }) => file),
  { noEmit: true, noResolve: false, allowImportingTsExtensions: true, module: ts.ModuleKind.NodeNext },
);
const checker = program.getTypeChecker();

function namesOf(file: string): string[] {
  const source = program.getSourceFile(file);
  const door = source && checker.getSymbolAtLocation(source);
  if (door === undefined) throw new Error(`no module in ${file}`);
  const names = checker.getExportsOfModule(door).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return target.flags & ts.SymbolFlags.Value ? symbol.name : `type ${symbol.name}`;
  });
  return names.sort();
}

test("the public doors offer these names, and no others", async () => {
  const text = doors.map(({ name, file }) => `# ${name}\n\n${namesOf(file).join("\n")}\n`).join("\n");
  await expect(text).toMatchFileSnapshot("public-names.txt");
});

test("what leaves keys in plain, or writes without a transaction's checks, is in no door", () => {
  const kept = /^(unseal|writeCommit$|writeContent$|wipeUnused$|writableStore$)|ExtendedFileTable$/;
  for (const { file } of doors.filter(({ name }) => name !== "vmgskit/format")) {
    expect(namesOf(file).filter((name) => kept.test(name))).toEqual([]);
  }
});
