/** What holds for every command of `vmgstool`: one declaration makes parsing, help and the man page. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CommandDeclaration, commandsIn, optionName } from "../src/declaration/index.ts";
import { loadAll } from "../src/program.ts";
import { commands } from "../src/vmgstool/commands/index.ts";
import { translateLegacy } from "../src/vmgstool/legacy.ts";
import { buildToolProgram, normalizeArguments } from "../src/vmgstool/program.ts";
import { errorsOf } from "./support/cli.ts";
import { runExecutable } from "./support/executable.ts";
import { expectValidErrors } from "./support/schemas.ts";
import { vmgstool } from "./support/vmgstool.ts";

const all = await loadAll(commands);
const spaced = (text: string) => text.replaceAll(/\s+/g, " ");

/** What a command gets of its arguments. */
async function parsed(argv: readonly string[], declared: CommandDeclaration) {
  let got: unknown;
  const output = { columns: 80, writeOut: () => {}, writeErr: () => {} };
  const program = buildToolProgram(commands, [declared], output, async (_command, _args, options) => {
    got = options;
  });
  await program.parseAsync(normalizeArguments(argv, declared), { from: "user" });
  return got as Record<string, unknown>;
}

/** Arguments that a command takes, with each option in its long form. */
function completeArguments({ name, options }: CommandDeclaration): string[] {
  const given = options.filter(({ flags }) => !["--json", "--raw-stdout"].includes(optionName(flags).long));
  return [
    ...name.split(" "),
    ...given.flatMap(({ flags, choices }) => {
      const { long, value } = optionName(flags);
      return value === null ? [long] : [long, choices?.[0] ?? "1"];
    }),
  ];
}

describe.each(all)("$name", (command: CommandDeclaration) => {
  const words = command.name.split(" ");

  test("has help with a sentence, options and examples", async () => {
    const { code, stdout, stderr } = await vmgstool([...words, "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: vmgstool ${command.name} `));
    const help = spaced(stdout);
    expect(help.toLowerCase()).toContain(`${command.summary.toLowerCase()}.`);
    for (const { flags, meaning } of command.options) expect(help).toContain(`${flags} ${meaning}`);
    for (const { command: example } of command.examples) expect(stdout).toContain(`\n    ${example}\n`);
    expect((await vmgstool([...words, "-h"])).stdout).toBe(stdout);
    expect((await vmgstool(["help", ...words])).stdout).toBe(stdout);
    if (words.length > 1) {
      expect((await vmgstool([words[0] ?? "", "help", words[1] ?? ""])).stdout).toBe(stdout);
    }
  });

  test("is called the same in the overview", () => {
    const entry = commandsIn(commands).find(({ name }) => name === command.name);
    expect(entry?.summary).toBe(command.summary);
    expect(command.examples.length).toBeGreaterThan(0);
  });

  test("has examples that are calls of it", async () => {
    for (const { command: example } of command.examples) {
      const [program, ...argv] = example.split(" ");
      expect([program, ...argv.slice(0, words.length)]).toEqual(["vmgstool", ...words]);
      await parsed(argv, command);
    }
  });

  test("takes every alias and every short form for the same", async () => {
    const long = completeArguments(command);
    const expected = await parsed(long, command);
    const spellings = command.options.flatMap(({ flags, aliases = [] }) => {
      const { long: name, short } = optionName(flags);
      return [...aliases, ...(short === null ? [] : [short])].map((other) => [name, other] as const);
    });
    for (const [name, other] of spellings) {
      const argv = long.map((word) => (word === name ? other : word));
      expect(await parsed(argv, command), other).toEqual(expected);
      const at = long.indexOf(name);
      const value = expected[camelCase(name)];
      if (typeof value !== "string") continue;
      const joined = [...long.slice(0, at), `${other}=${value}`, ...long.slice(at + 2)];
      expect(await parsed(joined, command), `${other}=`).toEqual(expected);
    }
  });

  test("refuses what it does not know, arguments, and options that are missing or given twice", async () => {
    const complete = completeArguments(command);
    const [option] = command.options.map(({ flags }) => optionName(flags).long);
    const calls = [
      [...words, "--nonsense"],
      [...complete, "x"],
      [...complete, option ?? "", "1"],
    ];
    if (command.options.some(({ required }) => required)) calls.push(words);
    for (const argv of calls) {
      const { code, stdout, stderr } = await vmgstool(argv);
      expect([code, stdout], argv.join(" ")).toEqual([2, ""]);
      expect(stderr).toMatch(/^vmgstool: .+\nhint: `vmgstool help [a-z -]+` shows how\n$/);
    }
  });
});

function camelCase(long: string): string {
  return long.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

test("a value that looks like an option is one that was forgotten", async () => {
  for (const argv of [
    ["dump", "-f", "-i", "3"],
    ["dump", "-f", "a.vmgs", "-i", "-1"],
    ["dump", "-f", "a.vmgs", "-i", "3", "-d", "--raw-stdout"],
  ]) {
    expect((await vmgstool(argv)).code, argv.join(" ")).toBe(2);
  }
});

test("help of a command is found behind -v and in a group; of another name there is none", async () => {
  const { stdout } = await vmgstool(["help", "uefi-nvram", "dump"]);
  expect((await vmgstool(["-v", "help", "uefi-nvram", "dump"])).stdout).toBe(stdout);
  expect((await vmgstool(["uefi-nvram", "help"])).stdout).toBe(
    (await vmgstool(["help", "uefi-nvram"])).stdout,
  );
  expect(await vmgstool(["help", "nope"])).toMatchObject({ code: 2, stdout: "" });
  expect(await vmgstool(["help", "uefi-nvram", "nope"])).toMatchObject({ code: 2, stdout: "" });
});

test("the old spellings are those of the specification, in any case", () => {
  expect(translateLegacy(["-C", "-FilePath", "a", "-FILESIZE", "1", "-ea", "x", "-fc", "-k", "k"])).toEqual([
    ...["create", "--file-path", "a", "--file-size", "1", "--encryption-algorithm", "x", "--force-create"],
    ...["--key-path", "k"],
  ]);
  const firsts = ["-c", "-w", "-r", "-rh", "-qs", "-uk", "-e"];
  const longs = ["-create", "-write", "-dump", "-dumpHeaders", "-querysize", "-updatekey", "-encrypt"];
  for (const [index, first] of firsts.entries()) {
    expect(translateLegacy([first])).toEqual(translateLegacy([longs[index] ?? ""]));
  }
  expect(translateLegacy(["-r", "-i", "3", "-d", "-ow", "--raw-stdout"])).toEqual([
    ...["dump", "--file-id", "3", "--data-path", "--allow-overwrite", "--raw-stdout"],
  ]);
  for (const other of ["-x", "create", "/c", "--create", "", "-constructor", "-v"]) {
    expect(translateLegacy([other, "-f"])).toBeNull();
  }
});

test("an old spelling is told, on standard error", async () => {
  const { stdout, stderr } = await vmgstool(["-qs", "-f", "missing.vmgs", "-i", "3"]);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^vmgstool: -qs is an old spelling; use vmgstool query-size\n/);
});

test("errors are documents with --json", async () => {
  const missing = await vmgstool(["query-size", "-f", "missing.vmgs", "-i", "3", "--json"]);
  expect([missing.code, missing.stdout]).toEqual([1, ""]);
  const usage = await vmgstool(["query-size", "--json"]);
  expect([usage.code, usage.stdout]).toEqual([2, ""]);
  const errors = [...errorsOf(missing), ...errorsOf(usage)];
  expect(errors.map(({ code }) => code)).toEqual(["VMGS_FILE_NOT_FOUND", "VMGS_USAGE"]);
  expectValidErrors(errors);
});

test("the man page names every command, option and exit code", () => {
  const page = readFileSync(new URL("../man/vmgstool.1", import.meta.url), "utf8").replaceAll("\\-", "-");
  for (const { name, options, examples } of all) {
    expect(page).toContain(`.SH ${name.toUpperCase()}\n`);
    for (const { flags } of options) expect(page).toContain(`\n\\fB${flags}\\fR\n`);
    for (const { command } of examples) expect(page).toContain(`\n\\fB${command}\\fR\n`);
  }
});

test("the executable runs, and gives the exit code", async () => {
  expect(await runExecutable("vmgstool", ["query-size", "-f", "missing.vmgs", "-i", "3"])).toMatchObject({
    exit: 1,
    stdout: "",
  });
  expect(await runExecutable("vmgstool", [])).toMatchObject({ exit: 2, stdout: "" });
  const { exit, stdout } = await runExecutable("vmgstool", ["--help"]);
  expect([exit, stdout.split("\n")[0]]).toEqual([0, "Usage: vmgstool [-v] COMMAND [options]"]);
});
