/** Each kind of bad input has its own error code, a sentence, a hint and an exit code, and is left as it is. */

import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { errorsOf, vmgs } from "./support/cli.ts";
import { filesIn, fingerprint, makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValidErrors } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";

interface Case {
  readonly about: string;
  /** Makes the input, and returns its path. */
  readonly make: (folder: string) => Promise<string>;
  /** The command, `FILE` standing for the path and `DIR` for its folder. */
  readonly argv: readonly string[];
  readonly code: string;
  readonly exit: number;
  readonly stdin?: string;
  /** The command takes no --json: only the words are looked at. */
  readonly wordsOnly?: true;
}

const file = (content: string | Uint8Array) => async (folder: string) => {
  const path = join(folder, "input.vmgs");
  await writeFile(path, content);
  return path;
};
const golden = (name: string) => async (folder: string) => (await unpackGolden(name, folder)).file;
const goldenWithKey = (name: string) => async (folder: string) => {
  const unpacked = await unpackGolden(name, folder);
  await writeFile(join(folder, "key"), await readFile(unpacked.keyOptions[1] ?? ""));
  return unpacked.file;
};
const plain = async () => (await makeStore()).file;
const encrypted = async () => (await makeEncryptedStore()).file;
const withKey = (key: Uint8Array) => async () => {
  const store = await makeEncryptedStore();
  await writeFile(join(store.folder, "key"), key);
  return store.file;
};
const truncated = (bytes: number) => async () => {
  const path = await plain();
  await truncate(path, bytes);
  return path;
};
const begins = (magic: string) =>
  file(Buffer.concat([Buffer.from(magic, "latin1"), Buffer.alloc(8192 - magic.length)]));

const INSPECT = ["inspect", "FILE"];
const RM_KEYED = ["rm", "FILE", "3", "--key", "DIR/key"];
const READ_KEYED = ["cat", "FILE", "3", "--key", "DIR/key"];

const CASES: readonly Case[] = [
  { about: "an empty path", make: async () => "", argv: INSPECT, code: "VMGS_PATH_EMPTY", exit: 1 },
  {
    about: "a missing file",
    make: async (f) => join(f, "no"),
    argv: INSPECT,
    code: "VMGS_FILE_NOT_FOUND",
    exit: 1,
  },
  { about: "a directory", make: async (f) => f, argv: INSPECT, code: "VMGS_IS_DIRECTORY", exit: 1 },
  { about: "a device", make: async () => "/dev/null", argv: INSPECT, code: "VMGS_NOT_A_FILE", exit: 1 },
  { about: "0 bytes", make: file(""), argv: INSPECT, code: "VMGS_DISK_EMPTY", exit: 1 },
  { about: "511 bytes", make: file(Buffer.alloc(511)), argv: INSPECT, code: "VMGS_DISK_SIZE", exit: 1 },
  {
    about: "a VHD cut by a byte",
    make: truncated(1_049_087),
    argv: INSPECT,
    code: "VMGS_DISK_SIZE",
    exit: 1,
  },
  {
    about: "a VHD cut in the middle",
    make: golden("corrupt-truncated-middle"),
    argv: INSPECT,
    code: "VMGS_VHD_SIZE",
    exit: 1,
  },
  {
    about: "a raw image of something else",
    make: file(Buffer.alloc(65_536, 7)),
    argv: INSPECT,
    code: "VMGS_VHD_FOOTER_MISSING",
    exit: 1,
  },
  {
    about: "a raw image, forced",
    make: file(Buffer.alloc(65_536, 7)),
    argv: [...INSPECT, "--disk", "raw"],
    code: "VMGS_NO_VALID_HEADER",
    exit: 1,
  },
  {
    about: "a store called a VHD that is none",
    make: truncated(1_048_576),
    argv: [...INSPECT, "--disk", "vhd"],
    code: "VMGS_VHD_FOOTER_MISSING",
    exit: 1,
  },
  { about: "a VHDX", make: begins("vhdxfile"), argv: INSPECT, code: "VMGS_OTHER_DISK_FORMAT", exit: 1 },
  {
    about: "a qcow2 image",
    make: begins("QFI\u00fb"),
    argv: INSPECT,
    code: "VMGS_OTHER_DISK_FORMAT",
    exit: 1,
  },
  {
    about: "a dynamic VHD",
    make: golden("corrupt-footer-dynamic"),
    argv: INSPECT,
    code: "VMGS_VHD_NOT_FIXED",
    exit: 1,
  },
  {
    about: "a footer with a wrong checksum",
    make: golden("corrupt-footer-checksum"),
    argv: INSPECT,
    code: "VMGS_VHD_CHECKSUM",
    exit: 1,
  },
  {
    about: "a footer of another version",
    make: golden("corrupt-footer-version"),
    argv: INSPECT,
    code: "VMGS_VHD_VERSION",
    exit: 1,
  },
  {
    about: "a GPT of which neither copy can be used",
    make: golden("corrupt-v1-gpt"),
    argv: INSPECT,
    code: "VMGS_V1_GPT",
    exit: 1,
  },
  {
    about: "version 2.0",
    make: golden("corrupt-version-2"),
    argv: INSPECT,
    code: "VMGS_VERSION_UNSUPPORTED",
    exit: 1,
  },
  {
    about: "two bad headers",
    make: golden("corrupt-both-headers-checksum"),
    argv: INSPECT,
    code: "VMGS_NO_VALID_HEADER",
    exit: 1,
  },
  { about: "a blank disk", make: golden("blank-host"), argv: INSPECT, code: "VMGS_EMPTY_STORE", exit: 1 },
  {
    about: "equal sequences",
    make: golden("corrupt-equal-sequences"),
    argv: INSPECT,
    code: "VMGS_SEQUENCE_CONFLICT",
    exit: 1,
  },
  {
    about: "a file table beyond the end",
    make: golden("corrupt-table-offset-past-end"),
    argv: INSPECT,
    code: "VMGS_FILE_TABLE_OUT_OF_RANGE",
    exit: 1,
  },
  {
    about: "an entry past the end",
    make: golden("corrupt-entry-past-end"),
    argv: INSPECT,
    code: "VMGS_CORRUPT_FILE_TABLE",
    exit: 1,
  },
  {
    about: "an entry that wraps",
    make: golden("corrupt-entry-wrap"),
    argv: INSPECT,
    code: "VMGS_CORRUPT_FILE_TABLE",
    exit: 1,
  },
  {
    about: "no generation before",
    make: golden("format-only"),
    argv: [...INSPECT, "--generation", "previous"],
    code: "VMGS_NO_PREVIOUS_GENERATION",
    exit: 1,
  },
  {
    about: "a write to overlapping files",
    make: golden("corrupt-entry-overlap"),
    argv: ["put", "FILE", "2", "--force"],
    stdin: "x",
    code: "VMGS_OVERLAPPING_FILES",
    exit: 1,
  },
  {
    about: "a write to a table that misses itself",
    make: golden("corrupt-entry-0-missing"),
    argv: ["rm", "FILE", "3"],
    code: "VMGS_INCONSISTENT_FILE_TABLE",
    exit: 1,
  },
  {
    about: "a write to a raw image of unknown sectors",
    make: async (f) => {
      const path = join(f, "raw");
      await vmgs(["provision", path, "--disk", "raw", "--no-marker"]);
      return path;
    },
    argv: ["put", "FILE", "2", "--force"],
    stdin: "x",
    code: "VMGS_SECTOR_SIZE_UNKNOWN",
    exit: 1,
  },
  { about: "no key", make: encrypted, argv: ["mv", "FILE", "3", "17"], code: "VMGS_NEEDS_UNLOCK", exit: 4 },
  {
    about: "a wrong key",
    make: withKey(testKey(9)),
    argv: [...INSPECT, "--key", "DIR/key"],
    code: "VMGS_WRONG_KEY",
    exit: 4,
  },
  {
    about: "a key of 31 bytes",
    make: withKey(testKey(9).subarray(1)),
    argv: RM_KEYED,
    code: "VMGS_KEY_LENGTH",
    exit: 4,
  },
  {
    about: "a key of zeros",
    make: withKey(new Uint8Array(32)),
    argv: [...INSPECT, "--key", "DIR/key"],
    code: "VMGS_KEY_ZERO",
    exit: 4,
  },
  {
    about: "a flipped tag",
    make: goldenWithKey("corrupt-enc-tag-flip"),
    argv: READ_KEYED,
    code: "VMGS_AUTHENTICATION_FAILED",
    exit: 1,
    wordsOnly: true,
  },
  {
    about: "flipped content",
    make: goldenWithKey("corrupt-enc-data-flip"),
    argv: READ_KEYED,
    code: "VMGS_AUTHENTICATION_FAILED",
    exit: 1,
    wordsOnly: true,
  },
  {
    about: "a flipped extended file table",
    make: goldenWithKey("corrupt-enc-eft-flip"),
    argv: [...INSPECT, "--key", "DIR/key"],
    code: "VMGS_EXTENDED_FILE_TABLE",
    exit: 1,
  },
  {
    about: "file ID 12, which is absent",
    make: plain,
    argv: ["rm", "FILE", "12"],
    code: "VMGS_FILE_NOT_ALLOCATED",
    exit: 5,
  },
  { about: "file ID 0", make: plain, argv: ["rm", "FILE", "0"], code: "VMGS_INVALID_FILE_ID", exit: 1 },
  {
    about: "file ID 63",
    make: plain,
    argv: ["put", "FILE", "63"],
    stdin: "x",
    code: "VMGS_INVALID_FILE_ID",
    exit: 1,
  },
  { about: "file ID 64", make: plain, argv: ["rm", "FILE", "64"], code: "VMGS_INVALID_FILE_ID", exit: 1 },
  {
    about: "file ID 4294967295",
    make: plain,
    argv: ["put", "FILE", "4294967295"],
    stdin: "x",
    code: "VMGS_INVALID_FILE_ID",
    exit: 1,
  },
  {
    about: "a name that is no file ID",
    make: plain,
    argv: ["hexdump", "FILE", "--file", "TPM"],
    code: "VMGS_INVALID_FILE_ID",
    exit: 1,
  },
  {
    about: "a file larger than the free space",
    make: plain,
    argv: ["put", "FILE", "2", "--force"],
    stdin: "x".repeat(1_040_000),
    code: "VMGS_INSUFFICIENT_SPACE",
    exit: 1,
  },
  {
    about: "a store that is full",
    make: golden("full"),
    argv: ["put", "FILE", "8"],
    stdin: "x".repeat(5000),
    code: "VMGS_INSUFFICIENT_SPACE",
    exit: 1,
  },
  {
    about: "a move onto another file",
    make: plain,
    argv: ["mv", "FILE", "3", "1"],
    code: "VMGS_FILE_ALLOCATED",
    exit: 1,
  },
  {
    about: "a marker that is none",
    make: golden("marker-malformed"),
    argv: ["marker", "FILE"],
    code: "VMGS_MARKER_MALFORMED",
    exit: 1,
  },
  {
    about: "a boot that may not format",
    make: golden("corrupt-version-2"),
    argv: ["provision", "FILE"],
    code: "VMGS_LIFETIME_REFUSED",
    exit: 1,
  },
];

describe.each(CASES)("$about", ({ make, argv, code, exit, stdin = "", wordsOnly }) => {
  let path: string;
  let words: readonly string[];

  beforeAll(async () => {
    path = await make(await makeFolder());
    words = argv.map((word) => (word === "FILE" ? path : word.replace("DIR", join(path, ".."))));
  });

  test(`is ${code}, exit code ${exit}, and left as it is`, async () => {
    const isFile = path.endsWith(".vmgs") || path.endsWith("raw");
    const folder = isFile ? join(path, "..") : null;
    const before = isFile ? await fingerprint(path) : null;
    const names = folder === null ? null : await filesIn(folder);
    const people = await vmgs(words, { stdin });
    expect(people.code).toBe(exit);
    const [first = "", hint = "", ...more] = people.stderr.trimEnd().split("\n");
    expect(first).toMatch(/^vmgs: \S.*[^.]$/);
    expect(hint).toMatch(/^hint: .{8,}$/);
    expect(more).toEqual([]);
    expect(first).toContain(path === "" ? "vmgs: the path is empty" : `vmgs: ${path}: `);
    if (wordsOnly !== true) {
      const scripts = await vmgs([...words, "--json"], { stdin });
      expect(scripts.code).toBe(exit);
      expectValidErrors(errorsOf(scripts));
      expect(errorsOf(scripts)).toMatchObject([{ code, file: path }]);
    }
    if (before !== null) expect(await fingerprint(path)).toBe(before);
    if (folder !== null) expect(await filesIn(folder)).toEqual(names);
  });
});

test("the kinds of other disk images are named", async () => {
  const folder = await makeFolder();
  expect((await vmgs(["inspect", await begins("vhdxfile")(folder)])).stderr).toContain(
    "the file is a VHDX image",
  );
  expect((await vmgs(["inspect", await begins("conectix")(folder)])).stderr).toContain(
    "the VHD is dynamic, not fixed",
  );
});

test("a stack is shown only with VMGS_DEBUG=1", async () => {
  expect((await vmgs(["inspect", "no such file"])).stderr).not.toContain("    at ");
  expect((await vmgs(["inspect", "no such file"], { env: { VMGS_DEBUG: "1" } })).stderr).toContain("    at ");
});
