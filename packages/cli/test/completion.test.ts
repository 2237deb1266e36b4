/** Shell completion: what is offered, and the scripts in the shells that are installed. */

import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "../src/commands/index.ts";
import { commandsIn, optionName } from "../src/declaration/index.ts";
import { topics } from "../src/topics/index.ts";
import { vmgs } from "./support/cli.ts";
import { executable } from "./support/executable.ts";
import { makeFolder } from "./support/folder.ts";

interface Offered {
  readonly values: readonly string[];
  readonly files: boolean;
}

async function complete(...words: string[]): Promise<Offered> {
  const { code, stdout, stderr } = await vmgs(["complete", "--", ...words]);
  expect([code, stderr]).toEqual([0, ""]);
  const lines = stdout.trimEnd().split("\n");
  const last = lines.pop();
  expect(last).toMatch(/^:[04]$/);
  return { values: lines.map((line) => line.split("\t")[0] ?? ""), files: last === ":0" };
}

const FILES: Offered = { values: [], files: true };
const NOTHING: Offered = { values: [], files: false };
const only = (...values: string[]): Offered => ({ values, files: false });

describe("vmgs complete offers", () => {
  test("commands, behind general options too", async () => {
    const all = only(...commands.map(({ name }) => name));
    expect(await complete("")).toEqual(all);
    expect(await complete()).toEqual(all);
    expect(await complete("ins")).toEqual(only("inspect"));
    expect(await complete("-q", "--no-color", "ma")).toEqual(only("marker", "man"));
    expect(await complete("zzz")).toEqual(NOTHING);
    expect(await complete("zzz", "")).toEqual(NOTHING);
  });

  test("files for a store, a source, a key, an output and a backup", async () => {
    expect(await complete("inspect", "")).toEqual(FILES);
    expect(await complete("inspect", "a.vmgs", "b")).toEqual(FILES);
    expect(await complete("put", "a.vmgs", "3", "")).toEqual(FILES);
    for (const option of ["--key", "--output", "-o"])
      expect(await complete("cat", option, "")).toEqual(FILES);
    expect(await complete("rekey", "a.vmgs", "--new-key=")).toEqual(FILES);
    expect(await complete("rm", "--backup", "x")).toEqual(FILES);
    expect(await complete("cat", "a.vmgs", "3", "")).toEqual(NOTHING);
  });

  test("file IDs by their names, in any case", async () => {
    const { values, files } = await complete("cat", "a.vmgs", "");
    expect(files).toBe(false);
    expect(values).toContain("PROVISIONING_MARKER");
    expect(values).not.toContain("FILE_TABLE");
    expect(await complete("cat", "a.vmgs", "bios")).toEqual(only("BIOS_NVRAM"));
    expect(await complete("mv", "a.vmgs", "17", "RTC")).toEqual(only("RTC_SKEW"));
    expect(await complete("rm", "a.vmgs", "1", "2", "RTC")).toEqual(only("RTC_SKEW"));
    expect(await complete("hexdump", "--file", "RTC")).toEqual(only("RTC_SKEW"));
    expect(await complete("encrypt", "--file=RTC")).toEqual(only("--file=RTC_SKEW"));
  });

  test("values of options, in both ways of writing them", async () => {
    expect(await complete("inspect", "--generation", "")).toEqual(only("current", "previous"));
    expect(await complete("inspect", "--generation=p")).toEqual(only("--generation=previous"));
    expect((await complete("provision", "--provisioner", "")).values).toContain("openhcl");
    expect(await complete("provision", "--size", "")).toEqual(NOTHING);
    expect(await complete("inspect", "--json=")).toEqual(NOTHING);
  });

  test("options, long and short, and arguments only behind --", async () => {
    expect((await complete("marker", "--")).values).toEqual(
      expect.arrayContaining(["--json", "--raw", "--output", "--key", "--quiet", "--help"]),
    );
    expect((await complete("marker", "-")).values).toEqual(expect.arrayContaining(["-o", "-q", "-v", "-h"]));
    expect((await complete("-")).values).toEqual(expect.arrayContaining(["--version", "-V", "--quiet"]));
    expect((await complete("marker", "-")).values).not.toContain("--version");
    expect(await complete("cat", "--", "-a.vmgs", "RTC")).toEqual(only("RTC_SKEW"));
    expect(await complete("inspect", "--", "--j")).toEqual(FILES);
  });

  test("commands and topics for help, commands for man, shells for completion", async () => {
    const { values } = await complete("help", "");
    expect(values).toEqual(expect.arrayContaining([...commands, ...topics].map(({ name }) => name)));
    expect(await complete("help", "life")).toEqual(only("lifetimes"));
    expect(await complete("man", "he")).toEqual(only("hexdump", "help"));
    expect(await complete("completion", "")).toEqual(only("bash", "zsh", "fish", "powershell"));
  });

  test("something for every option of every command", async () => {
    for (const { name, load } of commandsIn(commands)) {
      for (const { flags, choices } of (await load()).options) {
        const { long, value } = optionName(flags);
        const offered = await complete(...name.split(" "), long, "");
        if (value === null) continue;
        const known = choices !== undefined || ["FILE", "ID", "NAME", "URL"].includes(value);
        expect(offered.files || offered.values.length > 0, `${name} ${long}`).toBe(known);
      }
    }
  });
});

describe("vmgs completion", () => {
  test.each(["bash", "zsh", "fish", "powershell"])("prints a script for %s", async (shell) => {
    const { code, stdout, stderr } = await vmgs(["completion", shell]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("vmgs complete ");
    // What was typed is handed over as words; no shell may run it.
    expect(stdout).not.toMatch(/\beval\b|Invoke-Expression "/);
  });

  test("of another shell is a usage error", async () => {
    const { code, stderr } = await vmgs(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are bash, zsh, fish, powershell");
  });
});

const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

describe("the script", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await makeFolder();
    const bin = join(folder, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "vmgs"), `#!/bin/sh\nexec '${process.execPath}' '${executable}' "$@"\n`, {
      mode: 0o755,
    });
    await writeFile(join(folder, "full.vmgs"), "");
    env = { ...process.env, HOME: folder, PATH: `${bin}${delimiter}${process.env.PATH}` };
  });

  function inShell(shell: string, args: readonly string[], input = ""): string {
    const { status, stdout, stderr } = spawnSync(shell, [...args], {
      cwd: folder,
      env,
      input,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return stdout;
  }

  test("of bash parses, can be sourced twice, and offers in a real bash", ({ skip }) => {
    if (!has("bash")) skip("bash is not installed");
    const helper = fileURLToPath(new URL("support/complete.bash", import.meta.url));
    expect(inShell("bash", ["-c", "vmgs completion bash | bash -n"])).toBe("");
    const lines = inShell("bash", ["--norc", helper]).trimEnd().split("\n");
    expect(lines).toEqual([
      "vmgs insp => inspect",
      "vmgs inspect  => (files)",
      "vmgs inspect --gen => --generation",
      "vmgs inspect --generation  => current previous",
      "vmgs inspect --generation= => current previous",
      "vmgs inspect --generation=p => previous",
      "vmgs cat a:b.vmgs bios => BIOS_NVRAM",
      "vmgs cat 'my file.vmgs' BI => BIOS_NVRAM",
      "vmgs cat $(touch ran) BI => BIOS_NVRAM",
      "vmgs help life => lifetimes",
      "nothing that was typed ran",
    ]);
  });

  test("of zsh parses, and can be sourced", ({ skip }) => {
    if (!has("zsh")) skip("zsh is not installed");
    expect(inShell("zsh", ["-f", "-c", "vmgs completion zsh > script.zsh && zsh -n script.zsh"])).toBe("");
    const defined = inShell("zsh", [
      "-f",
      "-c",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is zsh that fills it in
      "autoload -Uz compinit; compinit -u -D; source <(vmgs completion zsh); print ${_comps[vmgs]}",
    ]);
    expect(defined).toBe("_vmgs\n");
  });

  test("of fish parses, and offers in a real fish", ({ skip }) => {
    if (!has("fish")) skip("fish is not installed");
    inShell("fish", [
      "--no-config",
      "-c",
      "vmgs completion fish > script.fish; and fish --no-config -n script.fish",
    ]);
    const ask = (line: string) =>
      inShell("fish", ["--no-config", "-c", `source script.fish; complete -C "${line}"`])
        .trimEnd()
        .split("\n")
        .map((found) => found.split("\t")[0]);
    expect(ask("vmgs insp")).toEqual(["inspect"]);
    expect(ask("vmgs inspect ful")).toEqual(["full.vmgs"]);
    expect(ask("vmgs inspect --key=ful")).toEqual(["--key=full.vmgs"]);
    expect(ask("vmgs inspect --generation=p")).toEqual(["--generation=previous"]);
    expect(ask("vmgs cat full.vmgs BIOS")).toEqual(["BIOS_NVRAM"]);
  });

  test("of PowerShell parses", ({ skip }) => {
    if (!has("pwsh")) skip("PowerShell is not installed");
    const parse =
      "$e=$null;[void][Management.Automation.Language.Parser]::ParseInput(($input|Out-String),[ref]$null,[ref]$e);$e.Count";
    expect(
      inShell("pwsh", ["-NoProfile", "-Command", `vmgs completion powershell | & { ${parse} }`]).trim(),
    ).toBe("0");
  });
});
