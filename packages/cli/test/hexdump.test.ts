/** hexdump hides seeds and private keys, wherever they lie, and shows files of any size. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { pictureTpmState } from "vmgskit/tpm";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { makeFolder } from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";

const goldenFolder = fileURLToPath(new URL("../../vmgs/test/golden/", import.meta.url));
const golden = (name: string) => new Uint8Array(readFileSync(join(goldenFolder, name)));
const tpmState = golden("tpm-nvram/provisioned-32k.bin");

/** The secret bytes of the state, in hex; short ones and zeros would be found by chance. */
const secrets = pictureTpmState(tpmState)
  .filter(({ hex, size }) => hex === null && size >= 16)
  .map(({ offset, size }) => Buffer.from(tpmState.subarray(offset, offset + size)))
  .filter((bytes) => bytes.some((byte) => byte !== 0));

interface Row {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
  readonly hex: string | null;
}

async function rowsOf(argv: readonly string[]): Promise<Row[]> {
  const document = await vmgsJson(["hexdump", ...argv]);
  expectValid(document);
  return (document.parts as { fields: Row[] }[]).flatMap(({ fields }) => fields);
}

/** Fails when 16 bytes of a secret in a row are in the output. */
function expectNoSecret(shown: string, where: string): void {
  const packed = shown
    .toLowerCase()
    .replaceAll(/^[0-9a-f]{8} {2}/gm, "")
    .replaceAll(/[^0-9a-f]/g, "");
  for (const bytes of secrets) {
    const start = bytes.findIndex((byte) => byte !== 0);
    const part = bytes.subarray(start, start + 16);
    if (part.length < 16) continue;
    expect(packed.includes(part.toString("hex")), `${where}: ${part.toString("hex")}`).toBe(false);
  }
}

let folder: string;
let file: string;

async function makeStoreWith(files: Readonly<Record<string, Uint8Array>>, name: string): Promise<string> {
  const path = join(folder, name);
  await prepare(["provision", path, "--size", "4M"]);
  for (const [id, content] of Object.entries(files))
    await prepare(["put", path, id, "--force"], { stdin: content });
  return path;
}

beforeAll(async () => {
  folder = await makeFolder();
  file = await makeStoreWith({ 3: tpmState, 15: golden("guest-files/seed.bin") }, "vm.vmgs");
});

test("the golden state has secrets to look for", () => {
  expect(secrets.length).toBeGreaterThan(10);
});

describe("secrets of the vTPM", () => {
  test("are hidden in its file, whose fields are named", async () => {
    const { stdout, code } = await vmgs(["hexdump", file, "--file", "3"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/firmwareV1/);
    expect(stdout).toMatch(/\(\d+ secret bytes\)/);
    expectNoSecret(stdout, "file 3");
    const rows = await rowsOf([file, "--file", "3"]);
    expect(rows.find(({ path }) => path.endsWith("firmwareV1"))?.hex).toBe("12032020");
    expect(rows.find(({ path }) => path === "unused")?.hex).toBeNull();
  });

  test("are hidden in every block of the disk, also after the file was moved or deleted", async () => {
    const moved = await makeStoreWith({ 3: tpmState }, "moved.vmgs");
    await prepare(["put", moved, "3", "--force"], { stdin: tpmState });
    const deleted = await makeStoreWith({ 3: tpmState }, "deleted.vmgs");
    await prepare(["rm", deleted, "3"]);
    for (const [store, generation] of [
      [file, "current"],
      [moved, "current"],
      [moved, "previous"],
      [deleted, "current"],
    ] as const) {
      for (let block = 0; block < 48; block++) {
        const argv = ["hexdump", store, "--block", String(block), "--generation", generation];
        const { code, stdout } = await vmgs(argv);
        expect(code).toBe(0);
        expectNoSecret(stdout, argv.join(" "));
      }
    }
  });

  test("are hidden in the blocks of a store that does not open", async () => {
    const broken = join(folder, "broken.vmgs");
    const image = readFileSync(file);
    image.fill(0xff, 0, 40).fill(0xff, 512, 552);
    writeFileSync(broken, image);
    for (let block = 0; block < 48; block++) {
      const { code, stdout } = await vmgs(["hexdump", broken, "--block", String(block)]);
      expect(code).toBe(0);
      expectNoSecret(stdout, `block ${block}`);
    }
  });

  test("are not drawn as other fields when the state is damaged", async () => {
    const damaged = tpmState.slice();
    // The first entry swallows the next one.
    const view = new DataView(damaged.buffer);
    const size = view.getUint32(3508, true);
    view.setUint32(3508, size + view.getUint32(3508 + size, true), true);
    const store = await makeStoreWith({ 3: damaged }, "damaged.vmgs");
    expectNoSecret((await vmgs(["hexdump", store, "--file", "3"])).stdout, "a damaged state");
  });

  test("are shown when they are asked for, with a warning", async () => {
    const { stdout, stderr, code } = await vmgs(["hexdump", file, "--file", "3", "--raw-secrets"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: --raw-secrets/);
    const rows = await rowsOf([file, "--file", "3", "--raw-secrets"]);
    expect(Buffer.from(rows.map(({ hex }) => hex).join(""), "hex").equals(tpmState)).toBe(true);
    expect(stdout).toContain(Buffer.from(tpmState.subarray(0, 4)).toString("hex"));
  });
});

test("a platform seed is hidden", async () => {
  const { stdout } = await vmgs(["hexdump", file, "--file", "PLATFORM_SEED"]);
  expect(stdout).toContain("(125 secret bytes)");
  expect(stdout).not.toContain(Buffer.from(golden("guest-files/seed.bin").subarray(0, 4)).toString("hex"));
});

test("guest files are drawn with their fields, wrapped keys hidden", async () => {
  const files = { 2: golden("guest-files/ppi-clear-5.bin"), 6: golden("guest-files/kp-short.bin") };
  const store = await makeStoreWith({ ...files, 4: golden("guest-files/rtc-7.bin") }, "guest.vmgs");
  const ppi = await vmgs(["hexdump", store, "--file", "TPM_PPI"]);
  expect(ppi.stdout).toMatch(/05000000 +pending +5 \(clear\)/);
  const rows = await rowsOf([store, "--file", "KEY_PROTECTOR"]);
  expect(rows.map(({ path, size, hex }) => [path, size, hex])).toEqual([["dek[0].wrapped", 384, null]]);
  const short = await vmgs(["hexdump", store, "--file", "RTC_SKEW"]);
  expect(short.stdout).toContain("needs 8 bytes, 7 are left");
});

describe("a large file", () => {
  const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 8)) % 251);
  let store: string;

  beforeAll(async () => {
    store = await makeStoreWith({ 8: large }, "large.vmgs");
  });

  test("is shown whole", async () => {
    const { code, stdout } = await vmgs(["hexdump", store, "--file", "8"]);
    expect(code).toBe(0);
    expect(stdout.split("\n").length).toBe(1 + large.length / 16 + 2);
    const rows = await rowsOf([store, "--file", "8"]);
    expect(Buffer.from(rows.map(({ hex }) => hex).join(""), "hex").equals(large)).toBe(true);
  });

  test("is shown in part", async () => {
    const rows = await rowsOf([store, "--file", "8", "--offset", "0x10001", "--length", "20"]);
    expect(rows.map(({ offset, size }) => [offset, size])).toEqual([
      [0x10001, 16],
      [0x10011, 4],
    ]);
    expect(rows[0]?.hex).toBe(Buffer.from(large.subarray(0x10001, 0x10011)).toString("hex"));
    expect(await rowsOf([store, "--file", "8", "--offset", "3000000"])).toEqual([]);
    expect(await rowsOf([store, "--block", "0", "--offset", "8", "--length", "4"])).toMatchObject([
      { offset: 8, size: 4 },
    ]);
  });

  test("and the part is that of one file or block", async () => {
    const { code, stderr } = await vmgs(["hexdump", store, "--offset", "1"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--offset and --length need either --file or --block");
  });
});
