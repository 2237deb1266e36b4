/** What holds for every command: help, man pages, completion and parsing come from one declaration. */

import { describe, expect, test } from "vitest";
import { commands } from "../src/commands/index.ts";
import {
  type CommandDeclaration,
  commandsIn,
  findNode,
  GENERAL_OPTIONS,
  optionName,
} from "../src/declaration/index.ts";
import { buildProgram, loadAll } from "../src/program.ts";
import { topics } from "../src/topics/index.ts";
import { callsIn } from "./support/calls.ts";
import { errorsOf, vmgs } from "./support/cli.ts";
import { expectValidErrors } from "./support/schemas.ts";

const all = await loadAll(commands);
const suggestions = async (...words: string[]) => {
  const { stdout } = await vmgs(["complete", "--", ...words]);
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(":"))
    .map((line) => line.split("\t")[0]);
};

/** A man page as people read it, without the escapes of troff. */
const readable = (page: string) =>
  page
    .replaceAll("\\-", "-")
    .replaceAll("\\(ti", "~")
    .replaceAll("\\(aq", "'")
    .replaceAll("\\(ga", "`")
    .replaceAll(/\\f[BIR]/g, "");
const spaced = (text: string) => text.replaceAll(/\s+/g, " ");

describe.each(all)("$name", (command: CommandDeclaration) => {
  const words = command.name.split(" ");

  test("has help with a sentence, usage, arguments, options and examples", async () => {
    const { code, stdout, stderr } = await vmgs([...words, "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    const help = spaced(stdout);
    expect(stdout).toMatch(new RegExp(`^Usage: vmgs ${command.name} `));
    expect(help.toLowerCase()).toContain(`${command.summary.toLowerCase()}.`);
    for (const { name, meaning } of command.args) expect(help).toContain(`${name} ${meaning}`);
    for (const { flags, meaning } of [...command.options, ...GENERAL_OPTIONS]) {
      expect(help).toContain(`${flags} ${meaning}`);
    }
    for (const { command: example } of command.examples) expect(stdout).toContain(`\n    ${example}\n`);
    expect((await vmgs([...words, "-h"])).stdout).toBe(stdout);
    expect((await vmgs(["help", ...words])).stdout.startsWith(stdout)).toBe(true);
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("has a man page with the same arguments, options and examples", async () => {
    const { code, stdout } = await vmgs(["man", ...words]);
    expect(code).toBe(0);
    const page = readable(stdout);
    expect(page).toContain(`vmgs-${words.join("-")} - ${command.summary}`);
    for (const { name, meaning } of command.args) expect(page).toContain(`\n${name}\n${meaning}`);
    for (const { flags, meaning } of [...command.options, ...GENERAL_OPTIONS]) {
      expect(page).toContain(`\n${flags}\n${meaning}`);
    }
    for (const { command: example, meaning } of command.examples)
      expect(page).toContain(`\n${example}\n${meaning}`);
  });

  test("completes the same options, and the values of those that have choices", async () => {
    const offered = await suggestions(...words, "-");
    for (const { flags, choices } of [...command.options, ...GENERAL_OPTIONS]) {
      const { long, short } = optionName(flags);
      expect(offered).toContain(long);
      if (short !== null) expect(offered).toContain(short);
      if (choices === undefined) continue;
      expect(await suggestions(...words, long, "")).toEqual(choices);
      expect(await suggestions(...words, `${long}=`)).toEqual(choices.map((choice) => `${long}=${choice}`));
    }
  });

  test("is called the same in the overview", () => {
    const entry = commandsIn(commands).find(({ name }) => name === command.name);
    expect(entry?.summary).toBe(command.summary);
    expect(command.summary).not.toMatch(/\.$/);
    expect(command.examples.length).toBeGreaterThan(0);
    expect(command.examples.length).toBeLessThanOrEqual(3);
  });

  test("has examples that are calls of vmgs", async () => {
    for (const { command: example } of command.examples) {
      for (const argv of callsIn(example)) {
        const called: string[] = [];
        const output = { version: "0", columns: 80, writeOut: () => {}, writeErr: () => {} };
        const program = buildProgram(commands, all, output, async ({ name }) => void called.push(name));
        await program.parseAsync(argv, { from: "user" });
        expect(called, example).toEqual([findNode(commands, argv)?.name]);
      }
    }
  });

  test("refuses what it does not know, with a hint and exit code 2", async () => {
    for (const argv of [
      [...words, "--no-such-option"],
      [...words, ...command.args.map(() => "x"), "x", "x", "--nonsense"],
    ]) {
      const { code, stdout, stderr } = await vmgs(argv);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^vmgs: unknown option '--no\S*'\nhint: .+\n$/);
    }
    const missing = await vmgs(words);
    const needs = command.args.some(({ required }) => required);
    if (!needs) return;
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("missing required argument");
  });
});

test("options that mean the same are the same in every command", () => {
  const seen = new Map<string, string>();
  const special = new Set(["--key", "--file", "--raw", "--force", "--dry-run", "--backup", "--clear"]);
  for (const { options } of all) {
    for (const { flags, meaning } of options) {
      const { long } = optionName(flags);
      if (special.has(long)) continue;
      expect(seen.get(long) ?? `${flags} ${meaning}`).toBe(`${flags} ${meaning}`);
      seen.set(long, `${flags} ${meaning}`);
    }
  }
});

test("the store is the first argument of every command that has one, the file ID the second", () => {
  for (const { name, args } of all) {
    if (["help", "completion", "man", "explain"].includes(name) || args.length === 0) continue;
    expect(args[0]?.name, name).toBe("FILE");
  }
});

describe("the overview", () => {
  test("lists commands and topics, on standard error when nothing was asked", async () => {
    const asked = await vmgs(["--help"]);
    expect([asked.code, asked.stderr]).toEqual([0, ""]);
    for (const { name, summary } of commands) expect(spaced(asked.stdout)).toContain(` ${name} ${summary}`);
    for (const { name } of topics) expect(asked.stdout).toContain(name);
    expect((await vmgs(["help"])).stdout).toBe(asked.stdout);
    expect(await vmgs([])).toMatchObject({ code: 2, stdout: "", stderr: asked.stdout });
    expect(await vmgs(["--quiet"])).toMatchObject({ code: 2, stdout: "" });
    expect((await vmgs(["man"])).stdout).toContain("vmgs\\-inspect");
  });

  test("has a version", async () => {
    expect((await vmgs(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await vmgs(["-V"])).code).toBe(0);
  });
});

describe("help TOPIC", () => {
  test.each(topics)("$name fits 72 characters", async ({ name, title, text }) => {
    const { code, stdout } = await vmgs(["help", name]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${title}\n\n${text}\n`);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(72);
    expect((await vmgs(["man"])).stdout).toContain(title.toUpperCase().slice(0, 10));
  });

  test("marker is a command and a concept, and shows both", async () => {
    const { stdout } = await vmgs(["help", "marker"]);
    expect(stdout).toContain("Usage: vmgs marker");
    expect(stdout).toContain("The provisioning marker");
  });

  test("that is unknown is a usage error that lists what is known", async () => {
    const { code, stderr } = await vmgs(["help", "nonsense"]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no help for "nonsense"\nhint: there is help for: provision, marker,');
    expect((await vmgs(["man", "nonsense"])).code).toBe(2);
  });
});

describe("a mistake in the command line", () => {
  test("is answered with the nearest right word", async () => {
    expect((await vmgs(["insepct", "x"])).stderr).toBe(
      "vmgs: unknown command 'insepct'\nhint: Did you mean inspect?\n",
    );
    expect((await vmgs(["inspect", "x", "--jsn"])).stderr).toContain("hint: Did you mean --json?");
    expect((await vmgs(["inspect", "x", "--disk", "vhdx"])).stderr).toContain(
      "hint: `vmgs help inspect` shows how",
    );
    expect((await vmgs(["nothing-like-it"])).stderr).toContain("hint: `vmgs help` shows all commands");
  });

  test("is a JSON document when JSON was asked for", async () => {
    const run = await vmgs(["inspect", "--json"]);
    expect([run.code, run.stdout]).toEqual([2, ""]);
    expectValidErrors(errorsOf(run));
    expect(errorsOf(run)).toMatchObject([{ code: "VMGS_USAGE", file: null }]);
  });

  test("can't hide behind general options", async () => {
    expect((await vmgs(["-q", "--no-color", "help", "store"])).code).toBe(0);
    expect((await vmgs(["--verbose", "insepct"])).stderr).toContain("Did you mean inspect?");
  });
});
