/** Commands on version 1 files of Windows. */

import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { errorsOf, vmgs, vmgsJson } from "./support/cli.ts";
import { filesIn, fingerprint, makeFolder, writeImage } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import { vmgstool } from "./support/vmgstool.ts";

const golden = fileURLToPath(new URL("../../vmgs/test/golden/vmgs-v1/", import.meta.url));

interface Golden {
  readonly name: string;
  readonly opens: boolean;
  readonly fallsBack?: boolean;
  readonly activeHeader?: number;
  readonly variables?: readonly (readonly [string, string, number, string])[] | null;
}

const all = readdirSync(golden)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(golden, name), "utf8")) as Golden);

let folder: string;
const pathOf = (name: string) => join(folder, `${name}.vmgs`);
const sound = () => pathOf("v1-sound");
const NVRAM = "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad/Nvram";

beforeAll(async () => {
  folder = await makeFolder();
  for (const { name } of all) {
    await writeImage(pathOf(name), gunzipSync(readFileSync(join(golden, `${name}.vmgs.gz`))));
  }
});

describe.each(all)("$name", ({ name, opens, fallsBack, activeHeader, variables }) => {
  test("inspect and uefi list show what is in it, or say why not, and it stays as it is", async () => {
    const before = await fingerprint(pathOf(name));
    const inspect = await vmgs(["inspect", pathOf(name), "--json"]);
    const document = JSON.parse(inspect.stdout) as { active: number | null; error: object | null };
    expectValid(document, "vmgs.inspect-v1/1");
    expect(document.error === null).toBe(opens);
    if (opens) expect(document.active).toBe(activeHeader);
    const list = await vmgs(["uefi", "list", pathOf(name), "--json"]);
    expect([inspect.code, list.code]).toEqual(opens ? [0, 0] : [1, 1]);
    for (const run of [inspect, list]) {
      const errors = errorsOf(run);
      expectValidErrors(errors);
      for (const { hint } of errors) expect(hint).toEqual(expect.any(String));
    }
    if (opens && variables !== null) {
      const listed = JSON.parse(list.stdout) as { variables: { vendor: string; name: string }[] };
      expect(listed.variables.map((one) => [one.vendor, one.name])).toEqual(
        variables?.map(([vendor, variable]) => [vendor, variable]),
      );
    }
    expect(await fingerprint(pathOf(name))).toBe(before);
  });

  test("history, doctor, boot, hexdump and carve take it, with valid documents", async () => {
    const documents: [argv: string[], schema: string][] = [
      [["history"], "vmgs.history-v1/1"],
      [["doctor"], "vmgs.doctor/1"],
      [["boot"], "vmgs.boot/1"],
      [["hexdump", "--header", "--table", "--block", "0"], "vmgs.hexdump/1"],
      [["carve", "--dry-run"], "vmgs.carve-v1/1"],
    ];
    for (const [[command, ...options], schema] of documents) {
      const run = await vmgs([command as string, pathOf(name), ...options, "--json"]);
      expectValid(JSON.parse(run.stdout), schema);
      const text = await vmgs([command as string, pathOf(name), ...options]);
      expect(text.stdout).not.toBe("");
    }
  });

  test("the other copy is read where there is one", async () => {
    const { code } = await vmgs(["uefi", "list", pathOf(name), "--generation", "previous"]);
    expect(code).toBe(opens || fallsBack ? 0 : 1);
  });

  test("its migrated store lists the same variables", async () => {
    if (!opens) return;
    const out = pathOf(`${name}-new`);
    expect((await vmgs(["migrate", pathOf(name), out])).code).toBe(0);
    const before = await vmgsJson(["uefi", "list", pathOf(name)]);
    if ((before.variables as readonly object[]).length > 0) {
      expect((await vmgsJson(["uefi", "list", out])).variables).toEqual(before.variables);
    } else expect((await vmgs(["uefi", "list", out])).code).toBe(5);
  });

  test("vmgstool refuses it as the reference does", async () => {
    // The reference looks for the primary GPT, and takes no file without a VHD footer.
    if (name === "v1-primary-gpt-lost" || name === "v1-raw") return;
    const { code, stderr } = await vmgstool(["dump-headers", "-f", pathOf(name)]);
    expect(code).toBe(5);
    expect(stderr).toMatch(/version 1/);
  });
});

test("inspect shows partition, headers, copies, devices and when the variables were last changed", async () => {
  const { stdout } = await vmgs(["inspect", sound()]);
  expect(stdout).toContain("fixed VHD, version 1 file of Windows");
  expect(stdout).toMatch(/primary GPT: sector 1, valid/);
  expect(stdout).toMatch(/active +8 +1\.0/);
  expect(stdout).toContain("2026-10-30T21:14:03.1234567Z");
  expect(stdout).toMatch(/ac6b8dc1.*Bios.*Nvram/s);
});

test("cat writes the JSON of a state, byte for byte what stands there", async () => {
  const whole = await vmgs(["cat", sound(), "DATA"]);
  const state = await vmgs(["cat", sound(), NVRAM]);
  expect(whole.stdout).toContain(state.stdout.trimEnd());
  expect(JSON.parse(state.stdout)).toHaveProperty("LastUpdateTime");
  expect((await vmgs(["cat", sound(), "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad/Other"])).code).toBe(5);
  expect((await vmgs(["cat", sound(), "BIOS_NVRAM"])).code).toBe(5);
});

test("marker says that there is none, and why", async () => {
  for (const name of ["v1-sound", "v1-primary-gpt-lost"]) {
    const { code, stderr } = await vmgs(["marker", pathOf(name)]);
    expect(code).toBe(5);
    expect(stderr).toContain("OpenHCL writes one when it formats a store, Windows writes none");
  }
});

test("diff compares two version 1 files, two copies, and a version 1 file with a version 3 store", async () => {
  const [a, b] = [sound(), pathOf("v1-first-lba-34")];
  expect((await vmgs(["diff", a, a])).code).toBe(0);
  const between = await vmgs(["diff", a, b, "--json"]);
  expect(between.code).toBe(3);
  expectValid(JSON.parse(between.stdout), "vmgs.diff/1");
  expect((await vmgs(["diff", a, "--previous"])).stdout).toMatch(/dbx/);
  const { file } = await unpackGolden("real-vm-plain", folder);
  const versions = await vmgs(["diff", a, file]);
  expect(versions.stdout).toContain("format version: 1.0 -> 3.0");
});

test("convert changes the container, not the size", async () => {
  const raw = join(folder, "converted.raw");
  expect((await vmgs(["convert", sound(), raw, "--to", "raw"])).code).toBe(0);
  const image = await readFile(sound());
  expect((await readFile(raw)).equals(image.subarray(0, image.length - 512))).toBe(true);
  expect(await vmgsJson(["uefi", "list", raw])).toMatchObject({ variables: { length: 6 } });
  const larger = await vmgs(["convert", sound(), join(folder, "larger.vmgs"), "--new-size", "8M"]);
  expect(larger.code).toBe(1);
  expect(larger.stderr).toContain("can't have another size");
});

test("migrate makes a store with the same variables, and says what was left behind", async () => {
  const out = join(folder, "migrated.vmgs");
  const plan = await vmgsJson(["migrate", sound(), out, "--dry-run"]);
  expectValid(plan, "vmgs.migrate/1");
  expect(await filesIn(folder)).not.toContain("migrated.vmgs");
  const { code, stdout } = await vmgs(["migrate", sound(), out]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/6 variables.*Left behind\s+time of the last update.*state Any.*recovery\s+key/s);
  const [before, after] = [await vmgsJson(["uefi", "list", sound()]), await vmgsJson(["uefi", "list", out])];
  expect(after.variables).toEqual(before.variables);
  expect((await vmgs(["marker", out])).stdout).toMatch(/unknown/);
  // The old file has a platform key and no db, so the new store has nothing to trust either.
  const { findings } = JSON.parse((await vmgs(["doctor", out, "--json"])).stdout) as {
    findings: { id: string }[];
  };
  expect(findings.map(({ id }) => id)).toEqual(["uefi-nothing-trusted", "uefi-kek-missing"]);
  expect((await vmgs(["migrate", sound(), out])).code).toBe(1);
  expect((await vmgs(["migrate", out, join(folder, "again.vmgs")])).stderr).toContain(
    "version 3 store already",
  );
});

describe("changing", () => {
  const copyOf = async (name: string) => {
    const file = join(folder, `${name}-changed.vmgs`);
    await writeFile(file, await readFile(sound()));
    return file;
  };
  const allowed = (file: string) => ["--write-v1", "--backup", `${file}.bak`];

  test("needs --write-v1 and --backup, and a dry run writes nothing", async () => {
    const file = await copyOf("refused");
    const before = await fingerprint(file);
    const calls = [
      ["uefi", "unset", file, "BootOrder"],
      ["uefi", "reset-boot", file],
    ];
    for (const call of calls) {
      for (const options of [[], ["--write-v1"], ["--backup", `${file}.bak`]]) {
        expect((await vmgs([...call, ...options])).code).toBe(2);
      }
      const plan = await vmgsJson([...call, "--write-v1", "--dry-run"]);
      expectValid(plan, "vmgs.change-v1/1");
      expect(plan.written).not.toBeNull();
    }
    expect(await fingerprint(file)).toBe(before);
    expect(await filesIn(folder)).not.toContain("refused-changed.vmgs.bak");
  });

  test("set, unset, reset-boot and import change the file, keep a backup, and leave the copy before", async () => {
    const file = await copyOf("set");
    const set = await vmgsJson(["uefi", "set", file, "BootNext", "--value", "0001", ...allowed(file)]);
    expectValid(set, "vmgs.change-v1/1");
    expect(set.written).toMatchObject({ sequence: 9, slot: 0, copy: 0 });
    expect((await readFile(`${file}.bak`)).equals(await readFile(sound()))).toBe(true);
    const names = async (...options: string[]) => {
      const { variables } = await vmgsJson(["uefi", "list", file, ...options]);
      return (variables as { name: string }[]).map(({ name }) => name);
    };
    expect(await names()).toContain("BootNext");
    expect(await names("--generation", "previous")).not.toContain("BootNext");
    const exported = join(folder, "exported.json");
    expect((await vmgs(["uefi", "export", file, "-o", exported])).code).toBe(0);
    const done = async (...argv: string[]) => {
      const { code, stderr } = await vmgs([
        ...argv,
        "--write-v1",
        "--backup",
        join(folder, `${argv.length}${argv[1]}.bak`),
      ]);
      expect([code, stderr]).toEqual([0, ""]);
    };
    await done("uefi", "reset-boot", file);
    expect(await names()).toEqual(["PK", "dbx"]);
    await done("uefi", "unset", file, "PK");
    await done("uefi", "import", file, exported);
    expect(await names()).toHaveLength(7);
    expect((await vmgs(["doctor", file])).code).toBe(0);
    const again = await vmgsJson([
      "uefi",
      "import",
      file,
      exported,
      "--write-v1",
      "--backup",
      join(folder, "no.bak"),
    ]);
    expect(again.written).toBeNull();
    expect(await filesIn(folder)).not.toContain("no.bak");
  });

  test("is refused for a version 3 store with --write-v1", async () => {
    const { file } = await unpackGolden("real-vm-plain", folder);
    expect((await vmgs(["uefi", "unset", file, "BootOrder", "--write-v1", "--dry-run"])).code).toBe(2);
  });
});

test("provision does not format a version 1 file without a copy, though a boot would take it for blank", async () => {
  const before = await fingerprint(pathOf("v1-primary-gpt-lost"));
  const { code, stderr } = await vmgs(["provision", pathOf("v1-primary-gpt-lost")]);
  expect(code).toBe(2);
  expect(stderr).toContain("version 1 file of Windows");
  const tried = await vmgs(["provision", pathOf("v1-primary-gpt-lost"), "--dry-run"]);
  expect(tried.code).toBe(0);
  expect(tried.stderr).toMatch(/without --dry-run this is refused: .* version 1 file of Windows/);
  expect(await fingerprint(pathOf("v1-primary-gpt-lost"))).toBe(before);
});

test("carve saves the copy of a file whose headers are lost", async () => {
  const found = join(folder, "found");
  const { code } = await vmgs(["carve", pathOf("v1-both-headers-bad"), "-o", found]);
  expect(code).toBe(0);
  const names = await filesIn(found);
  expect(names.filter((name) => name.endsWith(".whole.utf16.json"))).toHaveLength(2);
  expectValid(JSON.parse(await readFile(join(found, "manifest.json"), "utf8")), "vmgs.carve-v1/1");
});

/** Commands that need a version 3 store. */
const STORE_COMMANDS: readonly (readonly [command: readonly string[], rest: readonly string[]])[] = [
  [["show"], []],
  [["tpm", "inspect"], []],
  [["tpm", "repair"], []],
  [["tpm", "extract-cert"], []],
  [["put"], ["30", fileURLToPath(import.meta.url), "--dry-run"]],
  [["rm"], ["30"]],
  [["mv"], ["1", "2"]],
  [["decrypt"], []],
  [["wipe"], ["--dry-run"]],
];

test("commands that need a version 3 store say so, and none advises to format the file", async () => {
  for (const name of ["v1-sound", "v1-primary-gpt-lost"]) {
    for (const [command, rest] of STORE_COMMANDS) {
      const { code, stdout, stderr } = await vmgs([...command, pathOf(name), ...rest]);
      expect([command, code], stderr).toEqual([command, 1]);
      expect(stderr).toMatch(/version 1 (file|store)/);
      expect(stdout + stderr).not.toContain("vmgs provision");
    }
    const repair = await vmgs(["repair", pathOf(name)]);
    expect(repair.stdout).toContain("as version 1 files of Windows are");
    expect(repair.stdout).not.toContain("vmgs provision");
  }
});

test("a GPT disk of something else is named as such, whatever is asked of it", async () => {
  const reading: typeof STORE_COMMANDS = [
    [["marker"], []],
    [["inspect"], []],
    [["history"], []],
    [["cat"], ["DATA"]],
    [["uefi", "list"], []],
    [["uefi", "boot"], []],
    [["uefi", "secure-boot"], []],
    [["migrate"], [pathOf("none"), "--dry-run"]],
  ];
  for (const [command, rest] of [...STORE_COMMANDS, ...reading]) {
    const { code, stdout, stderr } = await vmgs([...command, pathOf("gpt-of-another-disk"), ...rest]);
    expect([command, code]).not.toEqual([command, 0]);
    expect(stdout + stderr, command.join()).toMatch(/the disk of\s+something else/);
    expect(stdout + stderr, command.join()).not.toContain("version 1 file of Windows");
  }
  const boot = await vmgs(["boot", pathOf("gpt-of-another-disk")]);
  expect(boot.stdout).toContain("a GPT disk without a guest state partition");
});

test("hexdump shows the VHD footer too, and a raw image has 512-byte sectors without a word about it", async () => {
  const { stdout } = await vmgs(["hexdump", sound(), "--footer"]);
  expect(stdout).toContain("conectix");
  const { warnings } = await vmgsJson(["inspect", pathOf("v1-raw")]);
  expect((warnings as { code: string }[]).map(({ code }) => code)).toEqual(["VMGS_RAW_WITHOUT_FOOTER"]);
});

test("repair restores the VHD footer around a version 1 file, and nothing in it", async () => {
  const image = await readFile(sound());
  const file = join(folder, "footer.vmgs");
  const damaged = Buffer.from(image);
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 448) ^ 0xff, damaged.length - 448);
  await writeFile(file, damaged);
  expect((await vmgs(["repair", file, "--apply", "--backup", `${file}.bak`])).stdout).toContain(
    "restore the VHD footer",
  );
  expect((await readFile(file)).equals(image)).toBe(true);
});

test("files of both versions side by side are each answered", async () => {
  const { file } = await unpackGolden("real-vm-plain", folder);
  for (const command of ["inspect", "marker", "doctor", "boot"]) {
    const { stdout } = await vmgs([command, sound(), file, pathOf("gpt-of-another-disk"), "--json"]);
    const documents = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { file: string });
    expect(documents.map((one) => one.file)).toEqual([sound(), file, pathOf("gpt-of-another-disk")]);
    for (const document of documents) expectValid(document);
  }
});

test("names and times in the data reach no terminal as they stand", async () => {
  const file = join(folder, "hostile.vmgs");
  const utf16 = (text: string) => Buffer.from(text, "utf16le");
  const image = await readFile(sound());
  for (const [text, hostile] of [
    ["Other device", "\\u001b[2J\u202e\u009bX"],
    ['"Any"', '"\u202e\u009b\u2028"'],
    ["2026-10-30T21:14", "\\u001b]0;h\\u0007"],
  ] as const) {
    expect(hostile.length).toBeLessThanOrEqual(text.length);
    for (let at = image.indexOf(utf16(text)); at >= 0; at = image.indexOf(utf16(text))) {
      image.set(utf16(hostile.padEnd(text.length, text.endsWith('"') ? " " : "y")), at);
    }
  }
  await writeFile(file, image);
  for (const command of [
    ["inspect", file],
    ["doctor", file],
    ["boot", file],
    ["history", file],
    ["diff", file, pathOf("v1-raw")],
    ["diff", file, "--previous"],
    ["uefi", "list", file],
    ["migrate", file, pathOf("none"), "--dry-run"],
    ["carve", file, "--dry-run"],
  ]) {
    for (const json of [[], ["--json"]]) {
      const { stdout, stderr } = await vmgs([...command, ...json]);
      expect(stdout).not.toBe("");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not get through
      expect(stdout + stderr, command.join()).not.toMatch(/[\u001b\u0080-\u009f\u202e\u2028]/);
    }
  }
});
