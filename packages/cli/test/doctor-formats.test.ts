/** `vmgs doctor` in its other forms: short, verdict only, SARIF, JUnit, GitHub annotations, Markdown; and the next boot. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { viewMarkdown } from "vmgskit/report";
import { vmgs } from "./support/cli.ts";
import { makeFolder } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";

let sound: string;
let critical: string;
let slack: string;
let missing: string;

beforeAll(async () => {
  const folder = await makeFolder();
  const unpack = async (name: string) => (await unpackGolden(name, folder)).file;
  sound = await unpack("provisioned-empty");
  critical = await unpack("zero-metadata-key");
  slack = await unpack("corrupt-slack-data");
  missing = join(folder, "missing.vmgs");
});

describe("--short", () => {
  test("is one line a store, then the totals", async () => {
    const { code, stdout } = await vmgs(["doctor", "--short", sound, critical]);
    expect([code, stdout.split("\n")]).toEqual([
      3,
      [
        `${sound}: sound; next boot, default: opens the store, nothing is lost`,
        `${critical}: critical (encryption-zero-metadata-key, guest-file-stops-boot, slack-unknown); next boot, default: opens the store, then fails`,
        "2 files: 1 sound, 1 critical",
        "",
      ],
    ]);
  });
});

test("-q shows the verdict only", async () => {
  const { stdout } = await vmgs(["doctor", "-q", sound]);
  expect(stdout).toBe(`${sound}: sound\n`);
});

test("the report ends with what `vmgs boot` foretells", async () => {
  for (const file of [sound, critical, slack]) {
    const { stdout } = await vmgs(["doctor", file]);
    const boot = await vmgs(["boot", "--lifetime", "default", file]);
    const forecast = boot.stdout.split("\n")[0]?.slice(file.length + 2);
    expect(stdout.slice(stdout.indexOf("\nNext boot\n"))).toContain(`\n  ${forecast}\n`);
  }
});

test("a finding is explained once for all files of the store that have it", async () => {
  const { file } = await unpackGolden("real-vm-plain", await makeFolder());
  // Its TPM_PPI is a pattern of another length, which is an error.
  const json = await vmgs(["doctor", file, "--json"]);
  const { findings } = JSON.parse(json.stdout) as { findings: { id: string; meaning: string }[] };
  const { stdout } = await vmgs(["doctor", file]);
  for (const { meaning } of findings) expect(stdout.split(meaning).length).toBeLessThanOrEqual(2);
});

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly invocations: readonly { readonly toolExecutionNotifications: readonly unknown[] }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly partialFingerprints: object;
    }[];
  }[];
}

describe("--format", () => {
  test("sarif is one log: rules, results that name them, files that could not be read", async () => {
    const { code, stdout } = await vmgs(["doctor", "--format", "sarif", slack, critical, missing]);
    expect(code).toBe(1);
    const [run] = (JSON.parse(stdout) as Sarif).runs;
    const { rules } = run?.tool.driver ?? { rules: [] };
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId);
    const prints = run?.results.map((result) => JSON.stringify(result.partialFingerprints)) ?? [];
    expect([new Set(prints).size, prints.length > 3]).toEqual([prints.length, true]);
    expect(run?.invocations[0]?.toolExecutionNotifications).toHaveLength(1);
  });

  test("junit counts a damaged store as failed, and one that can't be read as an error", async () => {
    const { stdout } = await vmgs(["doctor", "--format", "junit", critical, sound, missing]);
    expect(stdout).toContain(`<testsuite name="${critical}" tests="3" failures="2" errors="0"`);
    expect(stdout).toContain(`<testcase classname="${sound}" name="`);
    expect(stdout).toContain(`<testsuite name="${missing}" tests="1" failures="0" errors="1"`);
  });

  test("github is one annotation a finding", async () => {
    const { stdout } = await vmgs(["doctor", "--format", "github", critical]);
    expect(stdout).toMatch(/^::error file=[^\n]*,title=encryption-zero-metadata-key%3A [^\n]*::[^\n]+\n/);
  });

  test("json is what --json gives, and another form beside --json is a wrong call", async () => {
    const [format, json] = await Promise.all([
      vmgs(["doctor", "--format", "json", "--at", "2026-01-01", critical]),
      vmgs(["doctor", "--json", "--at", "2026-01-01", critical]),
    ]);
    expect(format).toEqual(json);
    expect((await vmgs(["doctor", "--json", "--format", "sarif", critical])).code).toBe(2);
  });

  test("markdown has a heading a store, and its text formats nothing", async () => {
    const { stdout } = await vmgs(["doctor", "--format", "markdown", critical]);
    expect(stdout).toContain("#### critical encryption-zero-metadata-key: the metadata key is zero");
    const hostile = "<img src=x onerror=alert(1)> [a](http://b) @team `x` **b** | c\n# d";
    const text = viewMarkdown({ place: hostile, headline: hostile, sections: [] }, { commandOf: () => "" });
    expect(text).not.toMatch(/<img|[^\\]\[a|[^\\]\*\*b|@team|\n# d|[^\\]`x/);
  });
});

test("a file name can't break a line of any form", async () => {
  const folder = await makeFolder();
  const file = join(folder, "a\n::error::b.vmgs");
  await writeFile(file, "not a store");
  for (const form of ["sarif", "junit", "github", "markdown"]) {
    const { stdout } = await vmgs(["doctor", "--format", form, file]);
    expect(stdout.split("\n").some((line) => line.startsWith("::error::b"))).toBe(false);
  }
});
