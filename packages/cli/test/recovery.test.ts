/** The commands that look at the past of a store, and bring a damaged one back. */

import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { saveTogether } from "../src/saved-folder.ts";
import { callsIn } from "./support/calls.ts";
import { errorsOf, vmgs } from "./support/cli.ts";
import {
  contents,
  filesIn,
  fingerprint,
  makeEncryptedStore,
  makeFolder,
  makeStore,
} from "./support/folder.ts";
import { goldenStores, unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";

const golden = async (name: string) => {
  const folder = await makeFolder();
  return { folder, ...(await unpackGolden(name, folder)) };
};

/** Whether a file holds exactly these bytes. Comparing buffers with `toEqual` takes minutes. */
const isImage = async (file: string, image: Uint8Array) => (await readFile(file)).equals(image);

interface Document {
  readonly [name: string]: unknown;
}

/** Runs a command with --json, validates what it prints, and returns code and document. */
async function json(argv: readonly string[]): Promise<{ code: number; document: Document }> {
  const run = await vmgs([...argv, "--json"]);
  if (run.stdout === "") {
    expectValidErrors(errorsOf(run));
    return { code: run.code, document: {} };
  }
  const document = JSON.parse(run.stdout) as Document;
  expectValid(document);
  return { code: run.code, document };
}

/** All that can be asked of a store without changing it. */
const questions = (file: string, folder: string, keyOptions: readonly string[]) => [
  ["history", file, "--files"],
  ["carve", file, "--dry-run", ...keyOptions],
  ["repair", file, ...keyOptions],
  ["diff", file, "--previous", ...keyOptions],
  ["convert", file, "--dry-run", join(folder, "out"), "--to", "raw"],
];

test.each(goldenStores.map(({ name }) => name))(
  "golden %s: valid documents, and nothing is written",
  async (name) => {
    const { folder, file, diskOptions, keyOptions } = await golden(name);
    const before = await fingerprint(file);
    const names = await filesIn(folder);
    for (const argv of questions(file, folder, keyOptions)) {
      const { code } = await json([...argv, ...diskOptions]);
      expect([0, 1, 3, 4], argv.join(" ")).toContain(code);
    }
    expect(await fingerprint(file)).toBe(before);
    expect(await filesIn(folder)).toEqual(names);
  },
);

test.each([
  "corrupt-both-headers-checksum",
  "corrupt-entry-past-end",
  "corrupt-enc-data-flip",
  "zero-metadata-key",
  "real-vm-plain",
  "fragmented",
])("golden %s: what people see fits 60 columns", async (name) => {
  const { folder, file, keyOptions } = await golden(name);
  for (const argv of questions(file, folder, keyOptions)) {
    const run = await vmgs(argv, { terminal: "stdout", columns: 60, env: { NO_COLOR: "1" } });
    for (const line of run.stdout.split("\n")) {
      if (!line.includes(folder)) expect(line.length, line).toBeLessThanOrEqual(60);
    }
  }
});

describe("vmgs history", () => {
  test("tells what the last changes did", async () => {
    const { file } = await makeStore();
    const { code, stdout } = await vmgs(["history", file]);
    expect(code).toBe(0);
    expect(stdout).toContain("added            TPM_NVRAM (3): 32 KiB");
  });

  test("of a store that can't be opened gives exit code 3", async () => {
    const { file } = await golden("corrupt-both-headers-checksum");
    const { code, stdout } = await vmgs(["history", file]);
    expect(code).toBe(3);
    expect(stdout).toContain("lost header 1: damaged header 1, sequence 4");
  });
});

describe("vmgs carve", () => {
  test("saves old versions with a manifest, for its owner only, and replaces nothing", async () => {
    const { folder, file } = await makeStore();
    await vmgs(["put", file, "3", "--force"], { stdin: contents[1] });
    const out = join(folder, "out");
    const { code, stdout } = await vmgs(["carve", file, "-o", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 piece saved");
    expect(await filesIn(out)).toEqual(["manifest.json", "previous.3.TPM_NVRAM.bin"]);
    const saved = join(out, "previous.3.TPM_NVRAM.bin");
    expect(new Uint8Array(await readFile(saved))).toEqual(contents[3]);
    if (process.platform !== "win32") expect((await stat(saved)).mode & 0o077).toBe(0);
    const manifest = JSON.parse(await readFile(join(out, "manifest.json"), "utf8")) as Document;
    expectValid(manifest);
    const before = await fingerprint(saved);
    const again = await vmgs(["carve", file, "-o", out]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("exists already");
    expect(await fingerprint(saved)).toBe(before);
  });

  test("saves nothing at all when one name is taken", async () => {
    const { folder, file } = await makeStore();
    await vmgs(["put", file, "3", "--force"], { stdin: contents[1] });
    const out = join(folder, "out");
    await mkdir(out);
    await writeFile(join(out, "previous.3.TPM_NVRAM.bin"), "mine");
    expect((await vmgs(["carve", file, "-o", out])).code).toBe(1);
    expect(await filesIn(out)).toEqual(["previous.3.TPM_NVRAM.bin"]);
    expect(await readFile(join(out, "previous.3.TPM_NVRAM.bin"), "utf8")).toBe("mine");
  });

  test("decrypts with the key, and saves ciphertext without", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    await vmgs(["put", file, "3", "--force", "--key", keyFile], { stdin: contents[1] });
    await vmgs(["carve", file, "-o", join(folder, "locked")]);
    expect(await filesIn(join(folder, "locked"))).toContain("previous.3.TPM_NVRAM.encrypted");
    await vmgs(["carve", file, "-o", join(folder, "open"), "--key", keyFile]);
    const saved = await readFile(join(folder, "open", "previous.3.TPM_NVRAM.bin"));
    expect(new Uint8Array(saved)).toEqual(contents[3]);
  });

  test("a wrong key saves nothing", async () => {
    const { folder, file } = await makeEncryptedStore();
    const wrong = join(folder, "wrong.key");
    await writeFile(wrong, testKey(7));
    const { code } = await vmgs(["carve", file, "-o", join(folder, "out"), "--key", wrong]);
    expect(code).toBe(4);
    expect(await filesIn(folder)).not.toContain("out");
  });

  test("works on a file that was cut within its footer", async () => {
    const { file, folder } = await golden("corrupt-truncated-1-byte");
    expect((await vmgs(["carve", file, "-o", join(folder, "out")])).code).toBe(0);
  });

  test("needs a folder, or --dry-run", async () => {
    const { file } = await makeStore();
    expect((await vmgs(["carve", file])).code).toBe(2);
  });
});

describe("files that are saved together", () => {
  const failing = (folder: string) =>
    saveTogether(folder, ["a", "b"], new AbortController().signal, async (save) => {
      await save("a", "content");
      throw new Error("the disk is full");
    });

  test("leave neither a part nor their folder when one fails, so that the command can be run again", async () => {
    const folder = await makeFolder();
    const made = join(folder, "made");
    await expect(failing(made)).rejects.toThrow("the disk is full");
    expect(await filesIn(folder)).toEqual([]);
    await writeFile(join(folder, "mine"), "mine");
    await expect(failing(folder)).rejects.toThrow("the disk is full");
    expect(await filesIn(folder)).toEqual(["mine"]);
  });

  test("spare what another made meanwhile", async () => {
    const folder = await makeFolder();
    const racing = saveTogether(folder, ["a"], new AbortController().signal, async (save) => {
      await writeFile(join(folder, "a"), "of another");
      await save("a", "content");
    });
    await expect(racing).rejects.toThrow("exists already");
    expect(await readFile(join(folder, "a"), "utf8")).toBe("of another");
  });
});

describe("vmgs diff", () => {
  test("gives 0 for the same content and 3 for another", async () => {
    const { file } = await makeStore();
    const other = await makeStore();
    expect((await vmgs(["diff", file, other.file])).code).toBe(0);
    await vmgs(["put", other.file, "1", "--force"], { stdin: "other" });
    const { code, stdout } = await vmgs(["diff", file, other.file]);
    expect(code).toBe(3);
    expect(stdout).toContain("~ BIOS_NVRAM (1): content differs, 4.9 KiB -> 5 bytes");
  });

  test("compares with the previous generation", async () => {
    const { file } = await makeStore();
    const { code, document } = await json(["diff", file, "--previous"]);
    expect(code).toBe(3);
    expect(document.files).toMatchObject([{ kind: "came", id: 3 }]);
  });

  test("compares what is encrypted with the key", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const plain = await makeStore();
    const { document } = await json(["diff", plain.file, file, "--other-key", keyFile]);
    expect(document.files).toMatchObject([
      { kind: "stored", id: 1 },
      { kind: "stored", id: 3 },
    ]);
  });

  test("says which of the stores can't be opened", async () => {
    const { file, folder } = await makeStore();
    const { code, stderr } = await vmgs(["diff", file, join(folder, "none")]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(folder, "none")}: does not exist`);
  });

  test("takes two stores, or --previous", async () => {
    const { file } = await makeStore();
    expect((await vmgs(["diff", file])).code).toBe(2);
    expect((await vmgs(["diff", file, file, "--previous"])).code).toBe(2);
  });
});

describe("vmgs repair", () => {
  test("only plans unless told to apply, and applies only after a backup", async () => {
    const { file, folder, image } = await golden("corrupt-both-headers-checksum");
    const planned = await vmgs(["repair", file]);
    expect(planned.code).toBe(3);
    expect(planned.stdout).toContain("Plan 1. restore header 1 (sequence 4)");
    expect(await isImage(file, image)).toBe(true);
    expect((await vmgs(["repair", file, "--apply"])).code).toBe(2);
    const backup = join(folder, "backup");
    const done = await vmgs(["repair", file, "--apply", "--backup", backup]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(await isImage(backup, image)).toBe(true);
    expect((await vmgs(["inspect", file])).code).toBe(0);
    expect((await vmgs(["repair", file])).stdout).toContain("nothing to repair");
    expect(await filesIn(folder)).not.toContain("corrupt-both-headers-checksum.vmgs.lock");
  });

  test.each(["corrupt-both-headers-checksum", "corrupt-entry-valid-huge"])(
    "prints the whole command that carries out the plan: %s",
    async (name) => {
      const { file, diskOptions } = await golden(name);
      const { stdout } = await vmgs(["repair", file, ...diskOptions]);
      const [, line = ""] = /carry it out:\n(.*)\n$/.exec(stdout) ?? [];
      const [argv = []] = callsIn(line);
      expect(await vmgs(argv)).toMatchObject({ code: 0, stderr: "" });
      expect((await vmgs(["inspect", file])).code).toBe(0);
    },
  );

  test("writes nothing when the backup exists", async () => {
    const { file, folder, image } = await golden("corrupt-both-headers-checksum");
    const backup = join(folder, "backup");
    await writeFile(backup, "mine");
    expect((await vmgs(["repair", file, "--apply", "--backup", backup])).code).toBe(1);
    expect(await isImage(file, image)).toBe(true);
    expect(await readFile(backup, "utf8")).toBe("mine");
  });

  test("drops an entry only when its content is saved", async () => {
    const { file, folder, image } = await golden("corrupt-entry-valid-huge");
    const backup = join(folder, "backup");
    const refused = await vmgs(["repair", file, "--apply", "--backup", backup]);
    expect(refused.code).toBe(2);
    await mkdir(join(folder, "taken"));
    await writeFile(join(folder, "taken", "3.TPM_NVRAM.bin"), "mine");
    const taken = await vmgs([
      "repair",
      file,
      "--apply",
      "--backup",
      backup,
      "--save",
      join(folder, "taken"),
    ]);
    expect(taken.code).toBe(1);
    expect(await filesIn(folder)).not.toContain("backup");
    expect(await isImage(file, image)).toBe(true);
    const { code, document } = await json([
      ...["repair", file, "--apply", "--backup", backup],
      ...["--save", join(folder, "lost")],
    ]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ applied: true, outcome: { opens: true, files: [1, 18] } });
    const saved = await readFile(join(folder, "lost", "3.TPM_NVRAM.bin"));
    expect(saved).toEqual(Buffer.from(image.subarray(6 * 4096, 14 * 4096)));
  });

  test("takes decisions as it offers them", async () => {
    const undecided = await golden("corrupt-equal-sequences");
    const offered = (await json(["repair", undecided.file])).document.choices as { option: string }[];
    expect(offered.map(({ option }) => option)).toEqual(["--choose-header 0", "--choose-header 1"]);
    const broken = await golden("corrupt-entry-past-end");
    expect((await json(["repair", broken.file])).document.choices).toMatchObject([{ option: "--go-back" }]);
    for (const [{ file, folder }, decision, files] of [
      [undecided, ["--choose-header", "1"], [1, 3, 18]],
      [broken, ["--go-back"], [3, 18]],
    ] as const) {
      const apply = ["--apply", "--backup", join(folder, "backup")];
      const { code, document } = await json(["repair", file, ...decision, ...apply]);
      expect([code, document.outcome]).toMatchObject([0, { opens: true, files }]);
    }
  });

  test("restores a footer, also one that was cut off", async () => {
    const { file, folder } = await golden("corrupt-truncated-1-byte");
    const apply = ["--apply", "--backup", join(folder, "a")];
    expect((await vmgs(["repair", file, ...apply])).code).toBe(0);
    expect((await json(["inspect", file])).document.container).toMatchObject({ kind: "vhd" });
    const missing = await golden("corrupt-footer-missing");
    const vhd = ["--disk", "vhd", "--apply", "--backup", join(folder, "b")];
    expect((await vmgs(["repair", missing.file, ...vhd])).code).toBe(0);
    expect((await json(["inspect", missing.file])).document.container).toMatchObject({ kind: "vhd" });
  });

  test("names what can't be repaired, and what to do", async () => {
    const { file, folder, image } = await golden("corrupt-truncated-middle");
    const { code, stdout } = await vmgs(["repair", file, "--apply", "--backup", join(folder, "backup")]);
    expect(code).toBe(3);
    expect(stdout).toContain("Not repaired:");
    expect(stdout).toContain(`vmgs carve ${file} -o ${file}.found`);
    expect(await isImage(file, image)).toBe(true);
    expect(await filesIn(folder)).not.toContain("backup");
  });

  test("cures the zero metadata key with the key, and rolls it", async () => {
    const { file, folder, keyOptions } = await golden("zero-metadata-key");
    expect((await vmgs(["repair", file])).code).toBe(3);
    const newKey = join(folder, "new.key");
    await writeFile(newKey, testKey(5));
    const apply = ["--new-key", newKey, "--apply", "--backup", join(folder, "backup")];
    expect((await vmgs(["repair", file, ...keyOptions, ...apply])).code).toBe(0);
    const { document } = await json(["inspect", file, "--key", newKey]);
    expect(document.encryption).toMatchObject({ zeroMetadataKey: false, unlocked: true });
    expect((await vmgs(["inspect", file, ...keyOptions])).code).toBe(4);
  });

  test("waits for nobody: a locked store is told", async () => {
    const { file, folder } = await golden("corrupt-both-headers-checksum");
    await writeFile(`${file}.lock`, JSON.stringify({ pid: process.pid, host: "other", since: "x" }));
    const { code, stderr } = await vmgs(["repair", file, "--apply", "--backup", join(folder, "backup")]);
    expect(code).toBe(1);
    expect(stderr).toContain("lock");
    expect((await vmgs(["repair", file])).code).toBe(3);
  });
});

describe("vmgs convert", () => {
  test("makes a new file and leaves the old one", async () => {
    const { file, folder } = await makeStore();
    const before = await fingerprint(file);
    const raw = join(folder, "vm.raw");
    expect((await vmgs(["convert", file, raw, "--to", "raw", "--new-sector-size", "4096"])).code).toBe(0);
    expect(await fingerprint(file)).toBe(before);
    const { document } = await json(["inspect", raw]);
    expect(document.container).toMatchObject({ kind: "raw", sectorSize: 4096, storeBytes: 2 ** 20 });
    const back = join(folder, "back.vmgs");
    expect((await vmgs(["convert", raw, back, "--to", "vhd"])).code).toBe(0);
    expect((await vmgs(["diff", file, back])).code).toBe(0);
  });

  test("replaces nothing", async () => {
    const { file, folder } = await makeStore();
    const other = join(folder, "other");
    await writeFile(other, "mine");
    const refused = await vmgs(["convert", file, other]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`the output file ${other}`);
    expect(await readFile(other, "utf8")).toBe("mine");
  });

  test("in place only after a backup, and then as a whole", async () => {
    const { file, folder } = await makeStore();
    const before = await readFile(file);
    expect((await vmgs(["convert", file, "--in-place", "--new-size", "2M"])).code).toBe(2);
    const backup = join(folder, "backup");
    expect((await vmgs(["convert", file, "--in-place", "--new-size", "2M", "--backup", backup])).code).toBe(
      0,
    );
    expect(await isImage(backup, before)).toBe(true);
    expect((await stat(file)).size).toBe(2 * 2 ** 20 + 512);
    expect((await vmgs(["diff", backup, file])).stdout).toContain(
      "store size: 1048576 bytes -> 2097152 bytes",
    );
    expect(await filesIn(folder)).toEqual(["backup", "vm.vmgs"]);
  });

  test("does not cut files off, and moves them when told", async () => {
    const { file, folder } = await makeStore();
    await vmgs(["put", file, "20"], { stdin: new Uint8Array(300_000) });
    await vmgs(["put", file, "3", "--force"], { stdin: contents[3] });
    await vmgs(["rm", file, "20"]);
    const out = join(folder, "small.vmgs");
    for (const size of ["0", "12K", "1000001"]) {
      const wrong = await vmgs(["convert", file, out, "--new-size", size]);
      expect([wrong.code, wrong.stderr]).toEqual([
        2,
        expect.stringMatching(/^vmgs: --new-size: \d+ bytes are /),
      ]);
    }
    const refused = await vmgs(["convert", file, out, "--new-size", "96K"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("hint: add --move");
    expect(await filesIn(folder)).toEqual(["vm.vmgs"]);
    const { code, document } = await json(["convert", file, out, "--new-size", "96K", "--move"]);
    expect(code).toBe(0);
    expect(document.moved).toEqual([3]);
    const { stdout } = await vmgs(["diff", file, out]);
    expect(stdout).not.toContain("Files");
  });
});

test.each(["marker", "inspect", "hexdump", "cat"])(
  "vmgs %s reads the previous generation",
  async (command) => {
    const { file } = await makeStore();
    await vmgs(["put", file, "18"], { stdin: '{"provisioner":"other"}' });
    const args: Record<string, string[]> = { cat: ["18"], hexdump: ["--file", "18"] };
    const call = [command, file, ...(args[command] ?? [])];
    const [current, previous] = [await vmgs(call), await vmgs([...call, "--generation", "previous"])];
    expect([current.code, previous.code]).toEqual([0, 0]);
    expect(previous.stdout).toContain(command === "hexdump" ? "penhcl" : "openhcl");
    expect(current.stdout).not.toBe(previous.stdout);
  },
);
