/** The commands of `vmgstool` that change a store: what they change, what they refuse, and that they lose nothing. */

import { chmod, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type EncryptedStore,
  filesIn,
  fingerprint,
  type MadeStore,
  makeEncryptedStore,
  makeFolder,
  makeStore,
} from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";
import { transcripts } from "./support/transcripts.ts";
import { vmgstool, vmgstoolJson } from "./support/vmgstool.ts";

let store: MadeStore;
let locked: EncryptedStore;

beforeEach(async () => {
  store = await makeStore();
  locked = await makeEncryptedStore();
});

const contentOf = async (file: string, id: string, ...options: readonly string[]) =>
  (await vmgstool(["dump", "-f", file, "-i", id, "-d", "-", ...options])).stdout;

/** Commands on the store of `makeStore`; KEY stands for a key file, NEW for a second one. */
const CHANGES: readonly (readonly string[])[] = [
  ["write", "-i", "2", "-d", "-"],
  ["delete", "-i", "3"],
  ["move", "--src", "3", "--dst", "17"],
  ["encrypt", "-k", "KEY", "-e", "AES_GCM"],
  ["create", "--force-create", "-s", "1048576"],
];

describe.each(CHANGES)("%s %s", (...argv) => {
  const called = async ({ folder, file }: MadeStore) => {
    const key = join(folder, "a.key");
    await writeFile(key, testKey(3));
    return [...argv.map((word) => (word === "KEY" ? key : word)).filter(Boolean), "-f", file];
  };

  test("says what it did on standard error, and nothing on standard output", async () => {
    const { code, stdout, stderr } = await vmgstool(await called(store), { stdin: "x" });
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^vmgstool: \S+vm\.vmgs: .+; sequence \d+\n$/);
    expect(await filesIn(store.folder)).toEqual(["a.key", "vm.vmgs"]);
  });

  test("gives a document with --json", async () => {
    const document = await vmgstoolJson(await called(store), { stdin: "x" });
    expectValid(document);
    expect(document).toMatchObject({ file: store.file, command: argv[0], warnings: [] });
  });

  test("refuses a store that another holds, and one that is interrupted is as before", async () => {
    const words = await called(store);
    const before = await fingerprint(store.file);
    expect((await vmgstool(words, { stdin: "x", signal: AbortSignal.abort() })).code).toBe(130);
    await writeFile(`${store.file}.lock`, "somebody");
    expect((await vmgstool(words, { stdin: "x" })).code).toBe(1);
    expect(await fingerprint(store.file)).toBe(before);
  });
});

describe("write", () => {
  test("into an encrypted store without its key is plain, and says so", async () => {
    const { code, stderr } = await vmgstool(["write", "-f", locked.file, "-i", "2", "-d", "-"], {
      stdin: "open",
    });
    expect(code).toBe(0);
    expect(stderr).toContain("warning: TPM_PPI (2) is plain: everyone who has the store can read it\n");
    expect(await contentOf(locked.file, "2")).toBe("open");
    expect(await contentOf(locked.file, "2", "-k", locked.keyFile)).toBe("open");
  });

  test("over an encrypted file without the key makes it plain, and says so in the document", async () => {
    const words = ["write", "-f", locked.file, "-i", "3", "-d", "-"];
    const before = await fingerprint(locked.file);
    expect((await vmgstool(words, { stdin: "open" })).code).toBe(1);
    expect(await fingerprint(locked.file)).toBe(before);
    const document = await vmgstoolJson([...words, "--allow-overwrite"], { stdin: "open" });
    expect(document.warnings).toMatchObject([
      { code: "VMGS_WRITTEN_PLAIN", message: expect.stringContaining("was encrypted, and is now plain") },
    ]);
    expect(await contentOf(locked.file, "3", "-k", locked.keyFile)).toBe("open");
  });

  test("with the key is encrypted, of the command line or of the environment", async () => {
    const write = (id: string, ...options: readonly string[]) => [
      "write",
      "-f",
      locked.file,
      "-i",
      id,
      "-d",
      "-",
      ...options,
    ];
    expect((await vmgstool(write("2", "-k", locked.keyFile), { stdin: "sealed" })).stderr).toContain(
      ", encrypted; ",
    );
    const env = { VMGS_KEY_FILE: locked.keyFile };
    expect((await vmgstool(write("4"), { stdin: "sealed", env })).stderr).toContain(", encrypted; ");
    for (const id of ["2", "4"]) {
      expect(await contentOf(locked.file, id)).not.toBe("sealed");
      expect(await contentOf(locked.file, id, "-k", locked.keyFile)).toBe("sealed");
    }
  });

  test("replaces an empty file, but nothing else unless that is allowed", async () => {
    const words = ["write", "-f", store.file, "-i", "2", "-d", "-"];
    expect((await vmgstool(words, { stdin: "" })).code).toBe(0);
    expect((await vmgstool(words, { stdin: "first" })).code).toBe(0);
    const refused = await vmgstool(words, { stdin: "second" });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("hint: add --allow-overwrite to replace it");
    expect(await contentOf(store.file, "2")).toBe("first");
  });

  test("of a table of the store is refused, without advice that does not help", async () => {
    const before = await fingerprint(store.file);
    for (const extra of [[], ["--allow-overwrite"]]) {
      const words = ["write", "-f", store.file, "-i", "0", "-d", "-", ...extra];
      const { code, stderr } = await vmgstool(words, { stdin: "x" });
      expect([code, stderr]).toEqual([1, expect.stringContaining("belongs to the store itself")]);
      expect(stderr).not.toContain("--allow-overwrite");
    }
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("does not take data and key from one standard input", async () => {
    const words = ["write", "-f", locked.file, "-i", "2", "-d", "-"];
    expect((await vmgstool([...words, "-k", "-"], { stdin: "x" })).code).toBe(2);
    expect((await vmgstool(words, { stdin: "x", env: { VMGS_KEY_FILE: "-" } })).code).toBe(2);
  });

  test("of what does not fit changes nothing", async () => {
    const before = await fingerprint(store.file);
    const stdin = new Uint8Array(2 ** 20);
    const { code, stderr } = await vmgstool(["write", "-f", store.file, "-i", "2", "-d", "-"], { stdin });
    expect([code, stderr.includes("hint: delete files, or make a larger store")]).toEqual([1, true]);
    expect(await fingerprint(store.file)).toBe(before);
  });
});

describe("keys", () => {
  test("move needs the key, delete does not", async () => {
    const move = ["move", "-f", locked.file, "--src", "3", "--dst", "17"];
    expect((await vmgstool(move)).code).toBe(1);
    expect((await vmgstool([...move, "-k", locked.keyFile])).code).toBe(0);
    const env = { VMGS_KEY_FILE: join(locked.folder, "missing") };
    expect((await vmgstool(["delete", "-f", locked.file, "-i", "17"], { env })).code).toBe(0);
  });

  test("update-key leaves one key, the new one", async () => {
    const next = join(locked.folder, "next.key");
    await writeFile(next, testKey(5));
    const update = ["update-key", "-f", locked.file, "-n", next, "-e", "AES_GCM"];
    expect((await vmgstool([...update, "-k", locked.keyFile])).code).toBe(0);
    const size = ["dump", "-f", locked.file, "-i", "3", "-d", "-"];
    expect((await vmgstool([...size, "-k", next])).code).toBe(0);
    expect((await vmgstool([...size, "-k", locked.keyFile])).code).toBe(1);
    const env = { VMGS_KEY_FILE: next };
    expect(
      (await vmgstool(["update-key", "-f", store.file, "-n", next, "-e", "AES_GCM"], { env })).code,
    ).toBe(1);
    expect((await vmgstool([...update, "-k", "-", "-n", "-"].slice(0, 3))).code).toBe(2);
  });

  test("encrypt takes its key from the environment too, and refuses an encrypted store", async () => {
    const env = { VMGS_KEY_FILE: locked.keyFile };
    const encrypt = (file: string) => vmgstool(["encrypt", "-f", file, "-e", "AES_GCM"], { env });
    expect((await encrypt(store.file)).code).toBe(0);
    expect((await vmgstool(["query-encryption", "-f", store.file])).code).toBe(7);
    const refused = await encrypt(locked.file);
    expect([refused.code, refused.stderr.includes("encrypted already")]).toEqual([1, true]);
    expect((await vmgstool(["encrypt", "-f", store.file, "-e", "AES_GCM"])).code).toBe(2);
  });
});

describe("create", () => {
  const forced = ["create", "--force-create"];

  test("with a key that can't be one keeps the store that it would replace", async () => {
    const before = await fingerprint(store.file);
    const key = join(store.folder, "bad.key");
    for (const bad of [new Uint8Array(31).fill(1), new Uint8Array(32)]) {
      await writeFile(key, bad);
      expect((await vmgstool([...forced, "-f", store.file, "-k", key, "-e", "AES_GCM"])).code).toBe(1);
    }
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("takes no key of the environment unless it is told to encrypt", async () => {
    const env = { VMGS_KEY_FILE: locked.keyFile };
    const query = ["query-encryption", "-f", store.file];
    await vmgstool([...forced, "-f", store.file], { env });
    expect((await vmgstool(query)).code).toBe(2);
    await vmgstool([...forced, "-f", store.file, "-e", "AES_GCM"], { env });
    expect((await vmgstool(query)).code).toBe(7);
    expect((await vmgstool([...forced, "-f", store.file, "-e", "AES_GCM"])).code).toBe(2);
  });

  test("of another size replaces the file behind a link, and keeps its permissions", async () => {
    const link = join(store.folder, "link.vmgs");
    await symlink(store.file, link);
    await chmod(store.file, 0o640);
    expect((await vmgstool([...forced, "-f", link, "-s", "65536"])).code).toBe(0);
    const { size, mode } = await stat(store.file);
    expect([size, mode & 0o777]).toEqual([66_048, 0o640]);
    expect((await stat(link)).ino).toBe((await stat(store.file)).ino);
    expect(await filesIn(store.folder)).toEqual(["link.vmgs", "vm.vmgs"]);
  });

  test("replaces what is no VHD at all", async () => {
    await writeFile(store.file, "something else");
    expect((await vmgstool([...forced, "-f", store.file])).code).toBe(0);
    expect((await vmgstool(["dump-file-table", "-f", store.file])).code).toBe(0);
  });

  test("warns of a store that nothing can be written into", async () => {
    const file = join(store.folder, "tiny.vmgs");
    const { code, stderr } = await vmgstool(["create", "-f", file, "-s", "16384"]);
    expect([code, stderr.includes("warning: nothing can ever be written into")]).toEqual([0, true]);
    expect((await vmgstool(["create", "-f", join(store.folder, "b"), "-s", "24576"])).stderr).not.toContain(
      "warning",
    );
  });

  test("refuses sizes that are no sizes", async () => {
    const file = join(store.folder, "new.vmgs");
    for (const [size, exit] of [
      ["4294967296", 1],
      ["99999999999999999999", 1],
      ["4M", 2],
      ["0x10000", 2],
      ["", 2],
    ] as const) {
      expect((await vmgstool(["create", "-f", file, "-s", size])).code, size).toBe(exit);
    }
    expect(await filesIn(store.folder)).toEqual(["vm.vmgs"]);
  });
});

test("two-keys leaves no key behind when the store can't be made", async () => {
  const paths = ["--first-key-path", join(store.folder, "1"), "--second-key-path", join(store.folder, "2")];
  expect((await vmgstool(["test", "two-keys", "-f", store.file, ...paths])).code).toBe(1);
  expect(await filesIn(store.folder)).toEqual(["vm.vmgs"]);
  const same = ["--first-key-path", "k", "--second-key-path", "k"];
  expect((await vmgstool(["test", "two-keys", "-f", store.file, ...same])).code).toBe(2);
});

describe("copy-igvmfile", () => {
  const dllOf = (name: string) => {
    const start = transcripts.find((transcript) => transcript.name === "copy-igvmfile")?.files[name];
    if (start === undefined || !("hex" in start)) throw new Error(`no ${name}`);
    return Buffer.from(start.hex, "hex");
  };
  const copy = (file: string, ...options: readonly string[]) => [
    "copy-igvmfile",
    "-f",
    file,
    "-r",
    "SNP",
    ...options,
  ];

  test("takes the DLL from standard input as well", async () => {
    const dll = join(store.folder, "fw.dll");
    await writeFile(dll, dllOf("fw.dll"));
    expect((await vmgstool(copy(store.file, "-d", dll))).code).toBe(0);
    const firmware = await contentOf(store.file, "8");
    const document = await vmgstoolJson(copy(store.file, "-d", "-", "--allow-overwrite"), {
      stdin: dllOf("fw.dll"),
    });
    expectValid(document);
    expect(await contentOf(store.file, "8")).toBe(firmware);
  });

  test("tells what is wrong with the DLL, where, and touches nothing", async () => {
    const before = await fingerprint(store.file);
    const dll = join(store.folder, "bad.dll");
    for (const [name, words] of [
      ["pe32.dll", "optional header: magic is PE32, not PE32+"],
      ["lower.dll", 'the file has no resource of type "VMFW"'],
      ["two-languages.dll", "has 2 languages, not exactly one"],
    ] as const) {
      await writeFile(dll, dllOf(name));
      const { code, stderr } = await vmgstool(copy(store.file, "-d", dll));
      expect([code, stderr.includes(words)], name).toEqual([1, true]);
      expect(stderr).toContain(`: the DLL ${dll}: `);
    }
    const piped = await vmgstool(copy(store.file, "-d", "-"), { stdin: dllOf("pe32.dll") });
    expect(piped.stderr).toContain(": the DLL on standard input: ");
    expect((await vmgstool(copy(store.file, "-d", store.folder))).stderr).toContain("is a directory");
    expect((await vmgstool(copy(store.file, "-d", "/dev/null"))).stderr).toContain("is not a regular file");
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("stores in plain what replaces an encrypted file", async () => {
    const { file, keyFile } = locked;
    await vmgstool(["write", "-f", file, "-i", "8", "-d", "-", "-k", keyFile], { stdin: "sealed" });
    const stdin = dllOf("fw.dll");
    expect((await vmgstool(copy(file, "-d", "-", "--allow-overwrite"), { stdin })).code).toBe(0);
    expect(await contentOf(file, "8")).toHaveLength((await contentOf(file, "8", "-k", keyFile)).length);
    expect(await vmgstoolJson(["dump", "-f", file, "-i", "8"])).toMatchObject({
      bytes: 5005,
      form: "content",
    });
  });
});

test("what a new file holds when its key can't be read is a blank disk, as with the reference", async () => {
  const folder = await makeFolder();
  const file = join(folder, "new.vmgs");
  const missing = join(folder, "missing.key");
  expect((await vmgstool(["create", "-f", file, "-k", missing, "-e", "AES_GCM"])).code).toBe(1);
  expect((await vmgstool(["query-encryption", "-f", file])).code).toBe(3);
  expect((await readFile(file)).subarray(0, 4096).every((byte) => byte === 0)).toBe(true);
});
