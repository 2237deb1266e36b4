/** The man pages: those that the build writes are those that `vmgs man` prints, and a formatter finds no fault. */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commands } from "../src/commands/index.ts";
import { knownNames } from "../src/commands/names.ts";
import { findNode, isGroup } from "../src/declaration/index.ts";
import { manPageFile } from "../src/man-pages.ts";
import { toolManPage } from "../src/vmgstool/index.ts";
import { vmgs } from "./support/cli.ts";

const folder = fileURLToPath(new URL("../man/", import.meta.url));
const ofVmgs = ["", ...knownNames(commands)].map((name) => manPageFile(name).replace(/\.1$/, ""));
const names = [...ofVmgs, "vmgstool"];

test("the build writes a page for every command, and no other", () => {
  expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.1`).sort());
});

/** `vmgs-uefi-list` is the page of `vmgs uefi list`; no command has a hyphen in a word that is part of another. */
function words(page: string): string[] {
  const name = knownNames(commands).find((known) => manPageFile(known) === `${page}.1`);
  return name === undefined ? [] : name.split(" ");
}

const formatter = (["man", "groff"] as const).find(
  (program) => spawnSync(program, ["--version"]).status === 0,
);

describe.each(names)("%s", (name) => {
  const page = readFileSync(join(folder, `${name}.1`), "utf8");

  test("is what its declarations say, and what vmgs man prints", async () => {
    const said = name === "vmgstool" ? await toolManPage() : (await vmgs(["man", ...words(name)])).stdout;
    expect(said).toBe(page);
  });

  test("has the sections that people look for, in order", () => {
    const sections = page
      .split("\n")
      .filter((line) => line.startsWith(".SH "))
      .map((line) => line.slice(4));
    expect(page).toMatch(/^\.TH VMGS/);
    expect(sections.slice(0, 2)).toEqual(["NAME", "SYNOPSIS"]);
    const node = findNode(commands, words(name));
    const isCommand = node !== undefined && !isGroup(node);
    expect(sections).toEqual(expect.arrayContaining(isCommand ? ["OPTIONS", "EXAMPLES"] : ["COMMANDS"]));
    for (const line of page.split("\n")) {
      if (line.startsWith(".")) expect(line).toMatch(/^\.(TH|SH|TP|nf|fi)( |$)/);
      // A hyphen that is not escaped is printed as another character, and can't be pasted.
      else expect(line).not.toMatch(/(?<!\\)-/);
    }
  });

  test("is formatted without a warning, in 80 columns", ({ skip }) => {
    if (formatter === undefined) skip("neither man nor groff is installed");
    const args =
      formatter === "man"
        ? ["--warnings", "-E", "UTF-8", "-l", join(folder, `${name}.1`)]
        : ["-man", "-ww", "-Tutf8", join(folder, `${name}.1`)];
    const env = { ...process.env, MANWIDTH: "80", LC_ALL: "C.UTF-8", MAN_KEEP_FORMATTING: "" };
    const { status, stdout, stderr } = spawnSync(formatter ?? "", args, { env, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toContain(name);
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});
