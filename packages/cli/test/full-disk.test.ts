/**
 * Every command that writes, on a real file system that is full: after a failure the store is as before, nothing else is
 * left, and the message says that the disk is full. The store is sparse, so that its own blocks need space as well.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { isVmgsError, openMemoryDisk, openStoreSync } from "vmgskit";
import { copyDiskFile, nodeCipher } from "vmgskit/node";
import { allCalls, type Call, contentsOf, eachOf, exampleFolder, startProgram } from "./support/calls.ts";
import { errorsOf, prepare, vmgs } from "./support/cli.ts";
import { makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { testKey } from "./support/secrets.ts";
import { makeSmallDisk, whyNoSmallDisk } from "./support/small-disk.ts";
import { goldenState } from "./support/tpm.ts";
import { goldenListFile } from "./support/variables.ts";
import { vmgstool } from "./support/vmgstool.ts";

const tenantCertificate = new URL("../../vmgs/test/golden/tenant-key/certificate.pem", import.meta.url);

/** Files that lie on another disk, and are not in want of space. */
let beside: string;
const images: Record<string, Uint8Array> = {};

beforeAll(async () => {
  beside = await makeFolder();
  const plain = await makeStore();
  images.plain = await readFile(plain.file);
  images.encrypted = await readFile((await makeEncryptedStore()).file);
  const damaged = await makeStore();
  const bytes = await readFile(damaged.file);
  bytes.fill(0xee, bytes.length - 512, bytes.length - 448);
  images.damaged = bytes;
  await writeFile(join(beside, "vm.key"), testKey(1));
  await writeFile(join(beside, "new.key"), testKey(2));
  await copyFile(fileURLToPath(tenantCertificate), join(beside, "tenant.pem"));
  await writeFile(join(beside, "content"), new Uint8Array(30_000).fill(7));
  await writeFile(join(beside, "small"), "x");
  const guest = await makeStore();
  await prepare(["put", guest.file, "1", goldenListFile("boot-entries"), "-q"]);
  await writeFile(join(beside, "state"), goldenState("provisioned-32k"));
  await prepare(["put", guest.file, "3", join(beside, "state"), "-q"]);
  images.guest = await readFile(guest.file);
  await prepare(["uefi", "export", guest.file, "-o", join(beside, "list.json"), "-q"]);
  const fresh = join(beside, "fresh.image");
  await prepare(["provision", fresh, "--size", "1M", "--no-marker"]);
  for (const [name, image] of Object.entries(images)) await writeFile(join(beside, `${name}.image`), image);
  const exported = join(beside, "vars.json");
  await writeFile(exported, JSON.stringify({ schema: "vmgs.uefi/1", variables: [] }));
});

/** Fresh: the tables that formatting writes over are holes. */
type Image = "plain" | "encrypted" | "damaged" | "fresh" | "guest";

interface Case {
  readonly tool: "vmgs" | "vmgstool";
  /** `FILE` is the store, `NEW` a file on the same disk, `+x` the file x on another. */
  readonly line: string;
  readonly image?: Image;
}

const cases: readonly Case[] = [
  { tool: "vmgs", line: "put FILE 8 +content" },
  { tool: "vmgs", line: "put FILE 8 +content --wipe --backup NEW" },
  { tool: "vmgs", line: "rm FILE 3" },
  { tool: "vmgs", line: "mv FILE 3 17" },
  { tool: "vmgs", line: "encrypt FILE --key +vm.key" },
  { tool: "vmgs", line: "decrypt FILE --key +vm.key", image: "encrypted" },
  { tool: "vmgs", line: "rekey FILE --key +vm.key --new-key +new.key", image: "encrypted" },
  { tool: "vmgs", line: "provision NEW --size 1M" },
  { tool: "vmgs", line: "provision NEW --size 1M --key +vm.key" },
  { tool: "vmgs", line: "provision NEW --empty" },
  { tool: "vmgs", line: "provision FILE --lifetime reprovision --force" },
  { tool: "vmgs", line: "provision FILE --lifetime reprovision --force --key +vm.key" },
  { tool: "vmgs", line: "provision FILE --lifetime reprovision --backup NEW" },
  { tool: "vmgs", line: "provision FILE --lifetime reprovision --force", image: "fresh" },
  { tool: "vmgs", line: "provision FILE --lifetime reprovision --force --key +vm.key", image: "fresh" },
  {
    tool: "vmgstool",
    line: "create -f FILE -s 1048576 --force-create -k +vm.key -e AES_GCM",
    image: "fresh",
  },
  { tool: "vmgs", line: "convert FILE NEW --to raw" },
  { tool: "vmgs", line: "convert FILE --in-place --new-size 2M --backup NEW" },
  { tool: "vmgs", line: "repair FILE --apply --backup NEW", image: "damaged" },
  { tool: "vmgs", line: "cat FILE 3 -o NEW" },
  { tool: "vmgs", line: "uefi show FILE BootOrder -o NEW", image: "guest" },
  { tool: "vmgs", line: "uefi export FILE -o NEW", image: "guest" },
  { tool: "vmgs", line: "uefi unset FILE BootOrder --backup NEW", image: "guest" },
  { tool: "vmgs", line: "uefi boot FILE --reset --backup NEW", image: "guest" },
  { tool: "vmgs", line: "uefi boot-order FILE 0001 --backup NEW", image: "guest" },
  { tool: "vmgs", line: "uefi boot-next FILE 0001 --backup NEW", image: "guest" },
  { tool: "vmgs", line: "key generate -o NEW" },
  {
    tool: "vmgs",
    line: "key protect FILE --key +vm.key --tenant-cert +tenant.pem --backup NEW",
    image: "encrypted",
  },
  { tool: "vmgs", line: "uefi import FILE +list.json --backup NEW" },
  { tool: "vmgs", line: "tpm extract-cert FILE -o NEW", image: "guest" },
  { tool: "vmgs", line: "tpm extract FILE 0x01c101d0 -o NEW", image: "guest" },
  { tool: "vmgstool", line: "uefi-nvram dump -f FILE -o NEW", image: "guest" },
  { tool: "vmgs", line: "tpm prepare -o NEW" },
  { tool: "vmgs", line: "tpm prepare FILE --force" },
  { tool: "vmgstool", line: "create -f NEW -s 1048576" },
  { tool: "vmgstool", line: "create -f NEW -s 1048576 -k +vm.key -e AES_GCM" },
  { tool: "vmgstool", line: "create -f FILE -s 1048576 --force-create" },
  { tool: "vmgstool", line: "create -f FILE -s 1048576 --force-create -k +vm.key -e AES_GCM" },
  { tool: "vmgstool", line: "create -f FILE -s 65536 --force-create" },
  { tool: "vmgstool", line: "write -f FILE -i 5 -d +content" },
  { tool: "vmgstool", line: "dump -f FILE -i 3 -d NEW" },
  { tool: "vmgstool", line: "delete -f FILE -i 3" },
  { tool: "vmgstool", line: "move --src-file-id 3 --dst-file-id 17 -f FILE" },
  { tool: "vmgstool", line: "encrypt -f FILE -k +vm.key -e AES_GCM" },
  { tool: "vmgstool", line: "update-key -f FILE -k +vm.key -n +new.key -e AES_GCM", image: "encrypted" },
  { tool: "vmgstool", line: "test make-key --key-path NEW" },
  {
    tool: "vmgstool",
    line: "test two-keys -f FILE --first-key-path NEW --second-key-path NEW2 --force-create",
  },
];

/** Free pages that are tried; with the last there is enough of everything. */
const PAGES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 64, 128, 300];

/** What the store holds, whatever the free blocks hold. */
function contentOf(file: string): string {
  const image = new Uint8Array(readFileSync(file));
  try {
    const store = openStoreSync(openMemoryDisk(image), { cipher: nodeCipher });
    const hashes = store.files.map(({ id }) => [id, sha256(store.readRaw(id))]);
    return JSON.stringify([store.state.header.sequence, hashes]);
  } catch (error) {
    if (isVmgsError(error)) return `${error.code} ${sha256(image)}`;
    throw error;
  }
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const noted = whyNoSmallDisk === null ? "" : ` (skipped: ${whyNoSmallDisk})`;

test.skipIf(whyNoSmallDisk !== null).each(cases)(
  `$tool $line${noted}`,
  async ({ tool, line, image = "plain" }) => {
    using disk = makeSmallDisk();
    const file = join(disk.folder, "vm.vmgs");
    const places: Readonly<Record<string, string>> = {
      FILE: file,
      NEW: join(disk.folder, "new"),
      NEW2: join(disk.folder, "new2"),
    };
    const argv = line.split(" ").map((word) => places[word] ?? word.replace(/^\+/, `${beside}/`));
    const run = tool === "vmgs" ? vmgs : vmgstool;
    let failures = 0;
    for (const pages of PAGES) {
      await rm(file, { force: true });
      await rm(join(disk.folder, "ballast"), { force: true });
      await copyDiskFile(join(beside, `${image}.image`), file);
      const before = contentOf(file);
      disk.leave(pages);
      const result = await run([...argv, "--json"].filter((word) => word !== "--json" || takesJson(line)));
      if (result.code === 0) {
        expect(failures, "nothing was full").toBeGreaterThan(0);
        return;
      }
      failures++;
      const where = `${pages} pages: ${result.stderr}`;
      if (takesJson(line)) {
        expect(errorsOf(result)[0]?.code, where).toBe("VMGS_DISK_FULL");
      }
      expect(result.stderr, where).toMatch(/does not fit the disk/);
      expect(contentOf(file), where).toBe(before);
      const left = readdirSync(disk.folder).filter((name) => name !== "ballast" && name !== "vm.vmgs");
      // A backup that is whole stays, for a change that then failed.
      if (left.length > 0) {
        expect([left, line], where).toEqual([["new"], expect.stringContaining("--backup NEW")]);
        expect(contentOf(join(disk.folder, "new")), where).toBe(before);
        await rm(join(disk.folder, "new"));
      }
    }
    throw new Error("it never succeeds");
  },
);

/** These give bytes, not documents. */
const takesJson = (line: string) =>
  !/^(cat|dump|key generate|test make-key|tpm extract|uefi show|uefi export|uefi-nvram dump)\b/.test(line);

/** Commands that declare an output or a plan, and that are run on no full disk yet. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  "vmgs tpm provision": "needs an engine",
  "vmgs tpm conformance": "needs an engine",
  "vmgs tpm repair": "needs the state of a vTPM that is to be cut",
  "vmgs migrate": "needs a version 1 file",
  "vmgs provenance create": "needs a signing key and its chain",
  "vmgs key derive": "needs a key protector; it writes as key generate does",
  "vmgstool uefi-nvram dump-from-json": "needs an export of Windows",
};

/** Every command that writes, by its own examples: a new command is walked at once. */
test.skipIf(whyNoSmallDisk !== null)(
  `every command whose example changes something keeps what was there${noted}`,
  async () => {
    const folder = await exampleFolder();
    const byCommand = new Map<string, Call[]>();
    for (const call of await allCalls()) {
      const name = `${call.program} ${call.command.name}`;
      byCommand.set(name, [...(byCommand.get(name) ?? []), call]);
    }
    const writing: string[] = [];
    await eachOf([...byCommand.values()], async (calls) => {
      using disk = makeSmallDisk();
      for (const call of calls) {
        if (!(await changesSomething(call, folder, disk.folder))) continue;
        writing.push(`${call.program} ${call.command.name}`);
        for (const pages of [0, 1, 4]) {
          await fill(disk.folder, folder);
          const before = await holdingsOf(disk.folder);
          disk.leave(pages);
          const { exit, stderr } = await startProgram(call.program, call.argv, { cwd: disk.folder }).ended;
          if (exit === 0) break;
          const where = `${call.program} ${call.argv.join(" ")}, ${pages} pages: ${stderr}`;
          expect(stderr, where).toMatch(/does not fit the disk/);
          const after = await holdingsOf(disk.folder);
          const kept = Object.fromEntries(Object.keys(before).map((name) => [name, after[name]]));
          expect(kept, where).toEqual(before);
          const added = Object.keys(after).filter((name) => !(name in before));
          // A backup that is whole stays, for a change that then failed.
          expect(added.length, where).toBeLessThanOrEqual(call.argv.includes("--backup") ? 1 : 0);
        }
        return;
      }
    });
    const declared = [...byCommand.entries()].filter(([, [first]]) => first !== undefined && writes(first));
    const missing = declared
      .map(([name]) => name)
      .filter((name) => !writing.includes(name) && !(name in NOT_SHOWN) && !hasCase(name));
    expect(missing).toEqual([]);
  },
  240_000,
);

const hasCase = (name: string) => cases.some(({ tool, line }) => `${tool} ${line} `.startsWith(`${name} `));

/** Whether a command declares that it makes or changes something. */
function writes({ command: { args, options } }: Call): boolean {
  const isOutput = (each: object) => "output" in each && each.output === true;
  return [...args, ...options].some(isOutput) || options.some(({ flags }) => flags.includes("--dry-run"));
}

async function fill(target: string, source: string): Promise<void> {
  for (const name of readdirSync(target)) await rm(join(target, name), { recursive: true });
  for (const name of readdirSync(source)) await copyDiskFile(join(source, name), join(target, name));
}

async function changesSomething(call: Call, source: string, target: string): Promise<boolean> {
  await fill(target, source);
  const before = await contentsOf(target);
  await startProgram(call.program, call.argv, { cwd: target }).ended;
  return JSON.stringify(await contentsOf(target)) !== JSON.stringify(before);
}

/** What each file holds; of a store its content. */
async function holdingsOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(await contentsOf(folder))) {
    if (name !== "ballast") found[name] = contentOf(join(folder, name));
  }
  return found;
}
