/** Groups of commands: called by two words, offered, explained and documented like any other. */

import { describe, expect, test } from "vitest";
import { nameSuggestions } from "../src/commands/names.ts";
import { answer } from "../src/completion/index.ts";
import {
  type CommandDeclaration,
  type CommandNode,
  commandsIn,
  findNode,
  storeArgument,
} from "../src/declaration/index.ts";
import { manPageFile, renderManPages } from "../src/man-pages.ts";
import { buildProgram, commandOf, loadAll } from "../src/program.ts";

const declared = (name: string): CommandDeclaration => ({
  name,
  summary: `do ${name}`,
  args: [storeArgument],
  options: [{ flags: "--deep", meaning: "look deeper" }],
  examples: [],
  run: async () => 0,
});
const entry = (name: string) => ({ name, summary: `do ${name}`, load: async () => declared(name) });
const nodes: CommandNode[] = [
  entry("look"),
  { name: "set", summary: "work with sets", commands: [entry("set list"), entry("set look")] },
];
const all = await loadAll(nodes);
const offered = (...words: string[]) => answer(nodes, all, words).suggestions.map(({ value }) => value);

test("a command is found by its words, and a group by its own", () => {
  expect(commandsIn(nodes).map(({ name }) => name)).toEqual(["look", "set list", "set look"]);
  expect(findNode(nodes, ["look", "list"])?.name).toBe("look");
  expect(findNode(nodes, ["set", "look", "x"])?.name).toBe("set look");
  expect(findNode(nodes, ["set", "lost"])?.name).toBe("set");
  expect(findNode(nodes, ["list"])).toBeUndefined();
});

describe("the program", () => {
  const run = async (...argv: string[]) => {
    const called: unknown[] = [];
    const text: string[] = [];
    const write = (part: string) => void text.push(part);
    const output = { version: "1", columns: 80, writeOut: write, writeErr: write };
    const program = buildProgram(nodes, all, output, async ({ name }, args, options) => {
      called.push(name, args, options);
    });
    const error = await program.parseAsync(argv, { from: "user" }).then(
      () => null,
      (reason: Error) => reason.message,
    );
    return { called, text: text.join(""), error, program };
  };

  test("calls it with its arguments and options, and the general ones", async () => {
    const { called } = await run("set", "-q", "look", "a.vmgs", "--deep");
    expect(called.slice(0, 2)).toEqual(["set look", ["a.vmgs"]]);
    expect(called[2]).toMatchObject({ deep: true, quiet: true });
  });

  test("shows what a group has when no command is named", async () => {
    const { text, error } = await run("set");
    expect(error).not.toBeNull();
    expect(text).toContain("Usage: vmgs set COMMAND FILE... [options]");
    expect(text).toContain("do set list");
  });

  test("suggests within the group", async () => {
    expect((await run("set", "lits", "x")).error).toContain("Did you mean list?");
  });

  test("knows each command's help", async () => {
    const { program } = await run("look", "x");
    expect(commandOf(program, "set look")?.helpInformation()).toContain("Usage: vmgs set look");
    expect(commandOf(program, "set nothing")).toBeUndefined();
  });
});

test("completion offers groups, then their commands, then what those take", () => {
  expect(offered("")).toEqual(["look", "set"]);
  expect(offered("set", "")).toEqual(["list", "look"]);
  expect(offered("set", "li")).toEqual(["list"]);
  expect(offered("set", "list", "--d")).toEqual(["--deep"]);
  expect(answer(nodes, all, ["set", "list", ""]).files).toBe(true);
  expect(offered("set", "nothing", "")).toEqual([]);
  expect(nameSuggestions(nodes, ["set"]).map(({ value }) => value)).toEqual(["list", "look"]);
  expect(nameSuggestions(nodes, ["look"])).toEqual([]);
});

test("a group has a man page that lists its commands, and each of them has one", () => {
  const pages = renderManPages(nodes, all);
  expect([...pages.keys()]).toEqual([
    "vmgs.1",
    "vmgs-set.1",
    "vmgs-look.1",
    "vmgs-set-list.1",
    "vmgs-set-look.1",
  ]);
  expect(pages.get(manPageFile("set"))).toContain("\\fBvmgs\\-set\\-list\\fR(1)");
  expect(pages.get("vmgs-set-look.1")).toContain("\\fBvmgs set look\\fR FILE");
  expect(pages.get("vmgs-set-look.1")).toContain("SEE ALSO\n\\fBvmgs\\-set\\fR(1)");
  expect(pages.get("vmgs.1")).toContain("\\fBvmgs\\-set\\fR(1)");
});
