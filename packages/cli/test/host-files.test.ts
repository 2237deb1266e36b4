/** Files of the host: what a command makes, replaces, or must leave alone. */

import { chmod, chown, link, lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "../src/commands/index.ts";
import { type CommandDeclaration, optionName } from "../src/declaration/index.ts";
import { loadAll } from "../src/program.ts";
import { commands as toolCommands } from "../src/vmgstool/commands/index.ts";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { fingerprint, makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { testKey } from "./support/secrets.ts";
import { vmgstool } from "./support/vmgstool.ts";

const isRoot = process.getuid?.() === 0;

describe("several commands make the same new file at once", () => {
  test.each([
    ["vmgs provision", (file: string) => vmgs(["provision", file, "--size", "1M"])],
    ["vmgstool create", (file: string) => vmgstool(["create", "-f", file])],
  ])("%s: one succeeds, and its store stays", async (_, make) => {
    const folder = await makeFolder();
    const file = join(folder, "vm.vmgs");
    const runs = await Promise.all([1, 2, 3, 4, 5].map(() => make(file)));
    expect(runs.filter(({ code }) => code === 0)).toHaveLength(1);
    for (const { code, stderr } of runs) {
      if (code !== 0) expect(stderr).toMatch(/exists already|open for writing/);
    }
    expect((await vmgs(["inspect", file])).code).toBe(0);
    expect(await readdir(folder)).toEqual(["vm.vmgs"]);
  });
});

/** What Node.js gives for a byte that is not UTF-8. */
const LOST = "\ufffd";

test.each<(file: string, out: string) => string[]>([
  (file, out) => ["convert", file, out],
  (file, out) => ["cat", file, "18", "-o", out],
  (file, out) => ["uefi", "export", file, "-o", out],
  (file, out) => ["rm", file, "18", "--backup", out],
  (file, out) => ["carve", file, "-o", out],
  (_, out) => ["provision", out],
])("no file gets another name than was asked for, %s", async (argv) => {
  const { folder, file } = await makeStore();
  const before = [await readdir(folder), await fingerprint(file)];
  for (const name of [`out${LOST}.vmgs`, join(`a${LOST}`, "out")]) {
    const { code, stderr } = await vmgs(argv(file, join(folder, name)));
    expect(code).not.toBe(0);
    expect(stderr).toContain("bytes of this one are not UTF-8");
  }
  expect([await readdir(folder), await fingerprint(file)]).toEqual(before);
});

describe("a file that is replaced", () => {
  test("by convert --in-place stays behind its link, with mode, owner and holes; the backup has them too", async () => {
    const { folder, file } = await makeStore();
    if (isRoot) await chown(file, 1234, 2345);
    await chmod(file, 0o660);
    const linked = join(folder, "link.vmgs");
    await symlink("vm.vmgs", linked);
    const backup = join(folder, "vm.bak");
    await prepare(["convert", linked, "--in-place", "--new-size", "64M", "--backup", backup]);
    expect((await lstat(linked)).isSymbolicLink()).toBe(true);
    for (const path of [file, backup]) {
      const { mode, uid, gid, blocks } = await stat(path);
      expect(mode & 0o777).toBe(0o660);
      if (isRoot) expect([uid, gid]).toEqual([1234, 2345]);
      expect(blocks * 512).toBeLessThan(2 ** 18);
    }
    expect((await vmgs(["inspect", file])).code).toBe(0);
  });

  test("is refused when it has other names, with the cure", async () => {
    const { folder, file } = await makeStore();
    await link(file, join(folder, "other.vmgs"));
    const before = await fingerprint(file);
    for (const argv of [
      ["convert", file, "--in-place", "--new-size", "8M", "--backup", join(folder, "vm.bak")],
      ["put", file, "5"],
      ["provision", file, "--lifetime", "reprovision", "--force"],
    ]) {
      const { code, stderr } = await vmgs(argv, { stdin: "x" });
      expect(code).toBe(1);
      expect(stderr).toContain("2 names (hard links)");
      expect(stderr).toContain("hint: Copy the file, and give the copy its name");
    }
    expect(await fingerprint(file)).toBe(before);
  });
});

describe("a secret is for its owner only", () => {
  test.each([
    ["vmgs", ["cat", "FILE", "3", "--force", "-o", "OUT"]],
    ["vmgs", ["cat", "FILE", "18", "--force", "-o", "OUT"], 0o644],
    ["vmgs", ["tpm", "prepare", "--force", "-o", "OUT"]],
    ["vmgstool", ["dump", "-f", "FILE", "-i", "3", "-k", "KEY", "-d", "OUT"]],
    ["vmgstool", ["dump", "-f", "FILE", "-i", "18", "-k", "KEY", "-d", "OUT"], 0o644],
    ["vmgstool", ["test", "make-key", "--force-create", "--key-path", "OUT"]],
  ] as const)("%s %j, over a file that all may read", async (tool, line, mode: number = 0o600) => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    const out = join(folder, "out");
    await writeFile(out, "old", { mode: 0o644 });
    await chmod(out, 0o644);
    const places: Readonly<Record<string, string>> = { FILE: file, KEY: keyFile, OUT: out };
    const argv = line.map((word) => places[word] ?? word);
    const env = { VMGS_KEY_FILE: keyFile };
    const key = line[0] === "cat" ? ["--key", keyFile] : [];
    const run = await (tool === "vmgs" ? vmgs([...argv, ...key], {}) : vmgstool(argv, { env }));
    expect(run).toMatchObject({ code: 0 });
    expect((await stat(out)).mode & 0o777).toBe(mode);
    expect(await readFile(out, "utf8")).not.toBe("old");
  });
});

test.each([
  ["vmgs provision", 0o600],
  ["vmgstool create", 0o666],
] as const)("a store that %s makes has the mode %o, less what the umask takes", async (line, mode) => {
  const folder = await makeFolder();
  const file = join(folder, "new.vmgs");
  const run = line === "vmgs provision" ? vmgs(["provision", file]) : vmgstool(["create", "-f", file]);
  expect(await run).toMatchObject({ code: 0 });
  expect((await stat(file)).mode & 0o777).toBe(mode & ~process.umask());
});

describe("no output over an input", () => {
  let declarations: [string, CommandDeclaration][];
  beforeAll(async () => {
    declarations = [
      ...(await loadAll(commands)).map((command) => ["vmgs", command] as [string, CommandDeclaration]),
      ...(await loadAll(toolCommands)).map(
        (command) => ["vmgstool", command] as [string, CommandDeclaration],
      ),
    ];
  });

  /** Every option that takes a file, and every argument, with a value that is understood. */
  const fileOptions = ({ options }: CommandDeclaration) =>
    options.filter(({ flags }) => optionName(flags).value === "FILE");

  test("of any command, in any pair, by any name of the file", async () => {
    let pairs = 0;
    for (const [tool, command] of declarations) {
      const inputs = fileOptions(command).filter(({ output }) => output !== true);
      const outputs = fileOptions(command).filter(({ output }) => output === true);
      for (const { flags: out } of outputs) {
        for (const { flags: input } of inputs) {
          const folder = await makeFolder();
          const [file, other] = [join(folder, "a"), join(folder, "b")];
          await writeFile(file, testKey(1));
          await link(file, other);
          const required = command.options.filter(
            ({ required, flags }) => required && flags !== out && flags !== input,
          );
          const argv = [
            ...command.name.split(" "),
            ...command.args
              .filter((arg) => arg.required)
              .map(({ choices }) => choices?.[0] ?? join(folder, "vm.vmgs")),
            ...required.flatMap(({ flags, choices }) => [optionName(flags).long, choices?.[0] ?? "3"]),
            ...[optionName(out).long, other, optionName(input).long, file],
          ];
          const run = await (tool === "vmgs" ? vmgs(argv) : vmgstool(argv));
          expect(run.stderr, argv.join(" ")).toContain("names the same file as");
          expect(await readFile(file), argv.join(" ")).toEqual(Buffer.from(testKey(1)));
          pairs++;
        }
      }
    }
    expect(pairs).toBeGreaterThan(30);
  });

  test("nor over the store, the key of the environment, or another output", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    const env = { VMGS_KEY_FILE: keyFile };
    const before = [await fingerprint(file), await fingerprint(keyFile)];
    const fresh = join(folder, "new");
    const linked = join(folder, "link");
    await symlink(folder, linked);
    for (const run of [
      await vmgs(["cat", file, "3", "--force", "-o", keyFile], { env }),
      await vmgs(["cat", file, "3", "--force", "-o", join(linked, "vm.vmgs")], { env }),
      await vmgs(["rekey", file, "--new-key", fresh, "--backup", join(linked, "new")], { env }),
      await vmgstool(["dump", "-f", file, "-i", "3", "-d", keyFile], { env }),
      await vmgstool(["create", "-f", keyFile, "-k", keyFile, "-e", "AES_GCM", "--force-create"]),
      await vmgstool([
        "test",
        "two-keys",
        "-f",
        fresh,
        "--first-key-path",
        join(folder, "k"),
        "--second-key-path",
        join(linked, "k"),
      ]),
    ]) {
      expect(run.stderr).toContain("names the same file as");
    }
    expect([await fingerprint(file), await fingerprint(keyFile)]).toEqual(before);
    expect((await readdir(folder)).sort()).toEqual(["link", "vm.key", "vm.vmgs"]);
  });
});

test("what interrupted runs left is named by doctor, and nothing else is", async () => {
  const { folder, file } = await makeStore();
  const left = join(folder, ".vm.vmgs.0123456789ab.vmgs-tmp");
  await writeFile(left, "");
  await writeFile(join(folder, ".other.vmgs.0123456789ab.vmgs-tmp"), "");
  await writeFile(join(folder, "vm.vmgs.1234.tmp"), "");
  expect(await vmgsJson(["doctor", file])).toMatchObject({ leftovers: [left] });
  expect((await vmgs(["doctor", file])).stdout).toContain(`rm '${left}'`);
  const before = await readdir(folder);
  await prepare(["convert", file, "--in-place", "--new-size", "2M", "--backup", join(folder, "vm.bak")]);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(before));
});
