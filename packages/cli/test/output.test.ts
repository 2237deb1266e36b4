/** What reaches a terminal, a pipe or a parser: safe text, colours where they are wanted, lines that fit. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { chooseColors } from "../src/terminal/colors.ts";
import { drawBlockMap, wrapText } from "../src/terminal/index.ts";
import { formatTable } from "../src/terminal/table.ts";
import { prepare, type Run, vmgs } from "./support/cli.ts";
import { type MadeStore, makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { goldenStores, unpackGolden } from "./support/golden.ts";

let store: MadeStore;

beforeAll(async () => {
  store = await makeStore();
});

/** Escape, a C1 control, an override of the writing direction, a line separator, an isolate, and half a pair. */
const EVIL = "\u001b[2J\u0007\u009b31m\u202egnp.exe\u2028\u2066\u200b\ufeff\ud800 end";

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/;

function expectSafe(run: Run): void {
  expect(run.stdout).not.toMatch(UNSAFE);
  expect(run.stderr).not.toMatch(UNSAFE);
}

describe("untrusted text", () => {
  test.each(["terminal", "pipe"] as const)("of a marker never reaches a %s raw", async (kind) => {
    const { file } = await makeStore();
    const fields = {
      provisioner: EVIL,
      reason: EVIL,
      tpm_version: EVIL,
      hcl_version: EVIL,
      [EVIL]: [EVIL, { [EVIL]: 1 }],
    };
    await prepare(["put", file, "18"], { stdin: JSON.stringify(fields) });
    const circumstances = {
      terminal: kind === "terminal" ? "both" : "none",
      env: { NO_COLOR: "1" },
    } as const;
    for (const command of ["marker", "inspect", "hexdump"]) {
      for (const json of [[], ["--json"]]) {
        const extra = command === "hexdump" ? ["--file", "18"] : [];
        const run = await vmgs([command, file, ...extra, ...json], circumstances);
        expect(run.code).toBe(0);
        expectSafe(run);
      }
    }
    const shown = await vmgs(["marker", file], circumstances);
    expect(shown.stdout).toContain("\\u001b[2J\\u0007\\u009b31m\\u202egnp.exe\\u2028\\u2066\\u200b\\ufeff");
    const parsed = JSON.parse((await vmgs(["marker", file, "--json"], circumstances)).stdout) as Record<
      string,
      unknown
    >;
    expect(parsed.fields).toMatchObject({ provisioner: EVIL });
  });

  test("of a marker that is no JSON is not quoted, and not sent to a terminal", async () => {
    const { file } = await unpackGolden("marker-malformed", await makeFolder());
    for (const argv of [
      ["marker", file],
      ["inspect", file],
      ["marker", file, "--json"],
      ["marker", "--raw", file],
    ]) {
      expectSafe(await vmgs(argv, { terminal: "both", env: { NO_COLOR: "1", VMGS_DEBUG: "1" } }));
    }
    expect((await vmgs(["marker", "--raw", file], { terminal: "stdout" })).code).toBe(2);
  });

  test("of file names and arguments is escaped", async () => {
    const folder = await makeFolder();
    const name = join(folder, `a${EVIL.replaceAll("\ud800", "")}.vmgs`);
    await prepare(["provision", name]);
    for (const argv of [
      ["inspect", name],
      ["marker", name, "--json"],
      ["cat", name, "3"],
      ["rm", name, "18"],
      ["inspect", `${name}x`],
      ["inspect", `${name}x`, "--json"],
      ["cat", name, EVIL],
      [EVIL],
      ["inspect", `--${EVIL}`],
      ["help", EVIL],
      ["put", name, "3", EVIL],
    ]) {
      expectSafe(await vmgs(argv, { env: { VMGS_DEBUG: "1" } }));
    }
  });

  test("that looks like text but hides something is not sent to a terminal", async () => {
    const { file } = await makeStore();
    await prepare(["put", file, "20", "-q"], { stdin: "harmless\u200f\u202e" });
    expect((await vmgs(["cat", file, "20"], { terminal: "stdout" })).code).toBe(2);
    await prepare(["put", file, "20", "-q"], { stdin: "harmless\n\tindeed ä€😀\n" });
    expect((await vmgs(["cat", file, "20"], { terminal: "stdout" })).code).toBe(0);
  });

  test("of golden stores is safe, whatever is wrong with them", async () => {
    const folder = await makeFolder();
    for (const { name } of goldenStores.filter((golden) =>
      /^(corrupt-(sig|ver|foot|v1)|marker)/.test(golden.name),
    )) {
      const { file } = await unpackGolden(name, folder);
      for (const command of ["inspect", "marker", "hexdump"]) {
        for (const json of [[], ["--json"]]) expectSafe(await vmgs([command, file, ...json]));
      }
      expectSafe(await vmgs(["hexdump", file, "--footer"]));
    }
  });
});

describe("colours", () => {
  const ESCAPE = "\u001b[";
  const coloured = async (circumstances: Parameters<typeof vmgs>[1], ...options: string[]) =>
    (await vmgs(["inspect", store.file, ...options], circumstances)).stdout.includes(ESCAPE);

  test("are shown in a terminal, and not in a pipe", async () => {
    expect(await coloured({ terminal: "stdout" })).toBe(true);
    expect(await coloured({})).toBe(false);
  });

  test("are turned off by --no-color, NO_COLOR and a dumb terminal, and on by CLICOLOR_FORCE", async () => {
    expect(await coloured({ terminal: "stdout" }, "--no-color")).toBe(false);
    expect(await coloured({ terminal: "stdout", env: { NO_COLOR: "1" } })).toBe(false);
    expect(await coloured({ terminal: "stdout", env: { NO_COLOR: "" } })).toBe(true);
    expect(await coloured({ terminal: "stdout", env: { TERM: "dumb" } })).toBe(false);
    expect(await coloured({ env: { CLICOLOR_FORCE: "1" } })).toBe(true);
    expect(await coloured({ env: { CLICOLOR_FORCE: "0" } })).toBe(false);
    expect(await coloured({ env: { CLICOLOR_FORCE: "1", NO_COLOR: "1" } })).toBe(false);
    expect((await vmgs(["--no-color", "inspect", store.file], { terminal: "stdout" })).stdout).not.toContain(
      ESCAPE,
    );
  });

  test("of messages depend on where messages go", async () => {
    const missing = ["inspect", "no such file"];
    expect((await vmgs(missing, { terminal: "stdout" })).stderr).not.toContain(ESCAPE);
    expect((await vmgs(missing, { terminal: "stderr" })).stderr).toContain(ESCAPE);
    expect((await vmgs(["insepct"], { terminal: "stderr" })).stderr).toContain(ESCAPE);
    expect((await vmgs(["insepct", "--no-color"], { terminal: "stderr" })).stderr).not.toContain(ESCAPE);
  });

  test("are never in JSON", async () => {
    const env = { CLICOLOR_FORCE: "1" };
    for (const command of ["inspect", "marker", "hexdump"]) {
      expect((await vmgs([command, store.file, "--json"], { terminal: "both", env })).stdout).not.toContain(
        ESCAPE,
      );
    }
    expect(
      (await vmgs(["inspect", "no such file", "--json"], { terminal: "both", env })).stderr,
    ).not.toContain(ESCAPE);
  });
});

describe("quiet mode", () => {
  test("silences messages and never results", async () => {
    for (const argv of [
      ["inspect", store.file],
      ["marker", store.file],
      ["hexdump", store.file],
      ["cat", store.file, "18"],
    ]) {
      expect((await vmgs([...argv, "--quiet"])).stdout).toBe((await vmgs(argv)).stdout);
    }
    expect((await vmgs(["-q", "inspect", "no such file"])).stderr).toContain("does not exist");
  });
});

describe("a terminal of 60 columns", () => {
  const narrow = { terminal: "stdout", columns: 60, env: { NO_COLOR: "1" } } as const;
  const expectFits = (run: Run, columns: number) => {
    for (const line of run.stdout.split("\n").slice(1))
      expect(line.length, line).toBeLessThanOrEqual(columns);
  };

  test("holds every line of inspect, marker and hexdump", async () => {
    const { file } = await makeEncryptedStore();
    for (const path of [store.file, file]) {
      for (const argv of [
        ["inspect", path, "--hash"],
        ["marker", path],
        ["hexdump", path, "--header", "--table", "--footer"],
      ]) {
        for (const columns of [60, 72, 80, 100])
          expectFits(await vmgs(argv, { ...narrow, columns }), columns);
      }
    }
  });

  test("holds what golden stores say too", async () => {
    const folder = await makeFolder();
    const names = [
      "corrupt-both-headers-checksum",
      "full",
      "fragmented",
      "reprovisioned-then-default-boot",
      "zero-metadata-key",
    ];
    for (const name of [
      ...names,
      "provisioned-request",
      "sizes",
      "encrypted-two-keys",
      "marker-null-reason",
    ]) {
      const { file } = await unpackGolden(name, folder);
      expectFits(await vmgs(["inspect", file], narrow), 60);
    }
  });

  test("shows the same numbers as a wide one", async () => {
    const words = (text: string) =>
      text
        .split(/\s+/)
        .filter((word) => /^[0-9a-f]+$/.test(word))
        .sort();
    const wide = await vmgs(["inspect", store.file]);
    const tight = await vmgs(["inspect", store.file], narrow);
    const found = new Set(words(tight.stdout));
    for (const word of words(wide.stdout.slice(0, wide.stdout.indexOf("Blocks"))))
      expect(found).toContain(word);
  });

  test("holds help", async () => {
    const { stdout } = await vmgs(["help", "provision"], narrow);
    const lines = stdout.slice(0, stdout.indexOf("Examples:")).split("\n");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(60);
  });

  test("cuts nothing in a pipe", async () => {
    const { stdout } = await vmgs(["inspect", store.file, "--hash"], { columns: 60 });
    expect(stdout).toMatch(/ {2}[0-9a-f]{64}$/m);
  });
});

describe("wrapped text", () => {
  test("is cut at spaces, and inside words only when it must be", () => {
    expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapText("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
    expect(wrapText("a  b", 80)).toEqual(["a  b"]);
    expect(wrapText("", 5)).toEqual([""]);
  });
});

describe("a table", () => {
  const colors = chooseColors({ env: {}, isTerminal: false, refused: true });

  test("leaves out columns without content, and keeps its head without rows", () => {
    const columns = [{ title: "a" }, { title: "flags" }];
    expect(formatTable(columns, [["1", ""]], { colors, width: 80 })).toBe("  a\n  1\n");
    expect(formatTable(columns, [], { colors, width: 80 })).toContain("a  flags");
  });
});

describe("the block map", () => {
  const colors = chooseColors({ env: {}, isTerminal: false, refused: true });
  const options = { colors, width: Number.POSITIVE_INFINITY };
  const header = { owner: "header", block: 0, blocks: 2 } as const;

  test("has one row for 64 blocks, fewer in a narrow terminal", () => {
    const blocks = [
      header,
      { owner: 3, block: 2, blocks: 100 },
      { owner: "free", block: 102, blocks: 26 },
    ] as const;
    const { rows, legend } = drawBlockMap(blocks, options);
    expect(rows).toEqual([`  0  HH${"0".repeat(62)}`, ` 64  ${"0".repeat(38)}${".".repeat(26)}`]);
    expect(legend).toEqual(["H headers", ". free (4096 bytes a block)", "0 TPM_NVRAM"]);
    expect(drawBlockMap(blocks, { colors, width: 58 }).rows).toHaveLength(4);
  });

  test("stays short for a huge store, and tells where one owner goes on", () => {
    const huge = 2 ** 31;
    const { rows } = drawBlockMap(
      [header, { owner: 1, block: 2, blocks: huge }, { owner: "free", block: huge + 2, blocks: huge }],
      options,
    );
    expect(rows.length).toBeLessThan(8);
    expect(rows[1]).toContain(` x${huge / 64 - 1}`);
  });

  test("marks blocks with two owners, also inside long stretches", () => {
    const blocks = [
      header,
      { owner: 1, block: 2, blocks: 1000 },
      { owner: 3, block: 500, blocks: 10 },
    ] as const;
    const { rows, legend } = drawBlockMap(blocks, options);
    expect(rows.join("").match(/!/g)).toHaveLength(10);
    expect(legend).toContain("! two owners");
  });
});

test("there is no progress in a pipe, nor with --no-progress, however many stores are read", async () => {
  const files = Array.from({ length: 150 }, () => store.file);
  expect((await vmgs(["marker", "--json", ...files])).stderr).toBe("");
  expect((await vmgs(["marker", "--json", "--no-progress", ...files], { terminal: "both" })).stderr).toBe("");
});

test("Ctrl-C gets through while many stores are read", async () => {
  const interruption = new AbortController();
  setImmediate(() => interruption.abort());
  const files = Array.from({ length: 500 }, () => store.file);
  const { code, stdout, stderr } = await vmgs(["marker", "--json", ...files], {
    signal: interruption.signal,
  });
  expect(code).toBe(130);
  expect(stdout.split("\n").length).toBeLessThan(500);
  expect(stderr).toContain('"code":"VMGS_INTERRUPTED"');
});

test("a file that is not regular is an output like any other", async () => {
  expect((await vmgs(["cat", store.file, "3", "-o", "/dev/null"])).code).toBe(0);
  const folder = await makeFolder();
  await writeFile(join(folder, "x"), "");
  expect((await vmgs(["cat", store.file, "3", "-o", join(folder, "x", "y")])).stderr).toContain(
    "is not a folder",
  );
});
