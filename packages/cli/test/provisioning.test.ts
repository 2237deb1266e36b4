/** provision: new files, and the boot flow on files that exist. */

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { errorsOf, prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { filesIn, fingerprint, makeFolder, makeStore, sha256File } from "./support/folder.ts";
import { unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await makeFolder();
  file = join(folder, "vm.vmgs");
});

const provision = (...options: string[]) => vmgsJson(["provision", file, ...options]);
const rawMarker = async () => (await vmgs(["marker", "--raw", file])).stdout;

describe("a new file", () => {
  test("is a fixed VHD, formatted, with the marker", async () => {
    const { code, stdout, stderr } = await vmgs(["provision", file]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /: created and formatted \(reason empty\), marker written \(\d+ bytes\); sequence 2\n$/,
    );
    expect((await stat(file)).size).toBe(4_194_304 + 512);
    expect(await filesIn(folder)).toEqual(["vm.vmgs"]);
  });

  test("has exactly the marker of the specification when its version is given", async () => {
    await provision("--hcl-version", "f85a038845b4fd5c74726be38f4be690c99db8c6");
    expect(await rawMarker()).toBe(
      '{"provisioner":"openhcl","reason":"empty","tpm_version":"1.38","tpm_nvram_size":32768,"akcert_size":4096,' +
        '"akcert_attrs":"0x42060004","hcl_version":"f85a038845b4fd5c74726be38f4be690c99db8c6"}',
    );
  });

  test("takes every parameter of the marker", async () => {
    const document = await provision(
      ...["--provisioner", "mine", "--hcl-version", "v1", "--version-key", "provisioner_version"],
      ...["--tpm-version", "1.85", "--tpm-nvram-size", "0x10000", "--akcert-size", "2048"],
    );
    expectValid(document);
    expect(document).toMatchObject({ action: "format", reason: "empty", markerWritten: true, sequence: 2 });
    const marker =
      '{"provisioner":"mine","reason":"empty","tpm_version":"1.85","tpm_nvram_size":65536,"akcert_size":2048,' +
      '"akcert_attrs":"0x42060004","provisioner_version":"v1"}';
    expect(await rawMarker()).toBe(marker);
    expect(document.marker).toEqual(JSON.parse(marker));
  });

  test("has the size that was asked for", async () => {
    for (const [size, bytes] of [
      ["65536", 65_536],
      ["64K", 65_536],
      ["1MiB", 1_048_576],
      ["2m", 2_097_152],
    ] as const) {
      const path = join(folder, `${size}.vmgs`);
      await prepare(["provision", path, "--size", size]);
      expect((await stat(path)).size, size).toBe(bytes + 512);
    }
  });

  test("can be a raw image, with sectors of 512 or 4096 bytes", async () => {
    await prepare(["provision", file, "--disk", "raw", "--sector-size", "4096"]);
    expect((await stat(file)).size).toBe(4_194_304);
    const { container } = await vmgsJson(["inspect", file]);
    expect(container).toMatchObject({ kind: "raw", sectorSize: 4096 });
    const vhd = await vmgs(["provision", join(folder, "b.vmgs"), "--sector-size", "4096"]);
    expect([vhd.code, vhd.stderr.includes("hint: add --disk raw")]).toEqual([2, true]);
    expect(await filesIn(folder)).toEqual(["vm.vmgs"]);
  });

  test("can be blank, as a host mints it, and is formatted by the next boot", async () => {
    const document = await provision("--empty");
    expectValid(document);
    expect(document).toMatchObject({ action: "blank", created: true, markerWritten: false, sequence: null });
    expect((await vmgs(["inspect", file])).stderr).toContain(
      `hint: the disk is blank: \`vmgs provision ${file}\``,
    );
    expect(await provision()).toMatchObject({ action: "format", reason: "empty", created: false });
    expect((await vmgs(["provision", file, "--empty"])).code).toBe(1);
    expect((await vmgs(["provision", join(folder, "b"), "--empty", "--key", file])).code).toBe(2);
  });

  test("can be encrypted, with a plain marker", async () => {
    const key = join(folder, "vm.key");
    await writeFile(key, testKey(7));
    expect((await vmgs(["provision", file, "--key", key])).stdout).toContain(
      "(reason empty), encrypted, marker",
    );
    expect((await vmgsJson(["inspect", file])).encryption).toMatchObject({ algorithm: "aes-256-gcm" });
    expect((await vmgs(["marker", file])).code).toBe(0);
    expectValid(await vmgsJson(["provision", join(folder, "b.vmgs"), "--key", key]));
  });

  test("has no marker when none is wanted, and tells why", async () => {
    const document = await provision("--no-marker");
    expectValid(document);
    expect(document).toMatchObject({
      markerWritten: false,
      markerReason: "refused by --no-marker",
      sequence: 1,
    });
    expect((await vmgs(["marker", file])).code).toBe(5);
  });

  test("of 4 or 5 blocks is made only by force, with warnings", async () => {
    const refused = await vmgs(["provision", file, "--size", "16K"]);
    expect([refused.code, refused.stderr.includes("hint: choose a larger --size")]).toEqual([1, true]);
    expect(await filesIn(folder)).toEqual([]);
    const document = await provision("--size", "16K", "--force");
    expectValid(document);
    expect(document).toMatchObject({ markerWritten: false, markerReason: "writing it failed" });
    expect(document.warnings).toMatchObject([{ code: "VMGS_MARKER_NOT_WRITTEN" }]);
    expect((await vmgs(["provision", join(folder, "b"), "--size", "8K"])).code).toBe(1);
  });

  test("is not made by a dry run, nor for an ephemeral guest state", async () => {
    const dry = await provision("--dry-run");
    expectValid(dry);
    expect(dry).toMatchObject({ dryRun: true, created: true, action: "format", markerReason: "dry run" });
    expect((await vmgs(["provision", file, "--dry-run"])).stdout).toBe(
      `${file}: would be created and formatted (reason empty), marker written\n`,
    );
    expect((await vmgs(["provision", file, "--dry-run", "--empty"])).stdout).toContain(
      "would be created blank",
    );
    const ephemeral = await provision("--lifetime", "ephemeral");
    expectValid(ephemeral);
    expect(ephemeral).toMatchObject({ action: "ignore", created: false });
    expect(await filesIn(folder)).toEqual([]);
  });

  test.each([
    [["--size", "1000"], "--size: 1000 bytes are not a multiple of 512"],
    [["--size", "0"], "--size: 0 bytes"],
    [["--size", "many"], '--size: "many" is not a size'],
    [["--akcert-size", "x"], '--akcert-size: "x" is not a whole number'],
    [["--lifetime", "forever"], "argument 'forever' is invalid"],
    [["--version-key", "other"], "argument 'other' is invalid"],
    [["--backup", "copy"], "--backup: there is no file to copy yet"],
  ])("is not made when %j was typed", async (options, message) => {
    const { code, stderr } = await vmgs(["provision", file, ...options]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(await filesIn(folder)).toEqual([]);
  });

  test("is not made when the marker can't be written, in a dry run neither", async () => {
    for (const more of [[], ["--dry-run"]]) {
      const { code, stderr } = await vmgs(["provision", file, "--hcl-version", "a\u001b[2J", ...more]);
      expect(code).toBe(1);
      expect(stderr).toContain("hint: Use text without control characters");
    }
    expect((await vmgs(["provision", file, "--akcert-size", "4294967296"])).code).toBe(1);
    expect(await filesIn(folder)).toEqual([]);
  });

  test("is not made where its folder is missing", async () => {
    const run = await vmgs(["provision", join(folder, "nowhere", "vm.vmgs"), "--json"]);
    expect(run.code).toBe(1);
    expectValidErrors(errorsOf(run));
    expect(errorsOf(run)[0]?.message).toContain("in a folder that does not exist");
  });

  test("is not made when interrupted", async () => {
    expect((await vmgs(["provision", file], { signal: AbortSignal.abort() })).code).toBe(130);
    expect(await filesIn(folder)).toEqual([]);
  });

  test("stays when only the report about it fails", async () => {
    const onWrite = () => {
      throw new Error("nobody reads");
    };
    expect((await vmgs(["provision", file], { onWrite })).code).toBe(1);
    expect((await vmgs(["marker", file])).code).toBe(0);
  });
});

describe("a file that exists", () => {
  test("and is valid is left as it is by a default boot, without a lock or a byte", async () => {
    const store = await makeStore();
    const before = await fingerprint(store.file);
    const { code, stdout } = await vmgs(["provision", store.file]);
    expect(code).toBe(0);
    expect(stdout).toContain("left as it is: a valid store, nothing to do (lifetime default); sequence 4");
    const document = await vmgsJson(["provision", store.file, "--lifetime", "reprovision-on-failure"]);
    expectValid(document);
    expect(document).toMatchObject({ action: "open", reason: null, sequence: 4, encrypted: false });
    expect(await fingerprint(store.file)).toBe(before);
    expect((await vmgs(["provision", store.file, "--size", "4M"])).code).toBe(2);
  });

  test("is formatted once with lifetime reprovision, and cleared by a default boot", async () => {
    const store = await makeStore();
    file = store.file;
    const copy = join(folder, "copy.vmgs");
    const before = await sha256File(file);
    const untouched = await fingerprint(file);
    const refused = await vmgs(["provision", file, "--lifetime", "reprovision"]);
    expect([
      refused.code,
      refused.stderr.includes("hint: add --backup FILE to keep a copy, or --force"),
    ]).toEqual([2, true]);
    expect(await fingerprint(file)).toBe(untouched);
    expect(await provision("--lifetime", "reprovision", "--backup", copy)).toMatchObject({
      action: "format",
      reason: "request",
      markerWritten: true,
    });
    expect(await sha256File(copy)).toBe(before);
    expect(JSON.parse(await rawMarker())).toMatchObject({ reason: "request" });
    expect(await provision("--lifetime", "reprovision")).toMatchObject({ action: "open", sequence: 3 });
    const cleared = await vmgs(["provision", file]);
    expect(cleared.stdout).toContain("`reprovisioned` cleared, no marker written; sequence 4");
    expect(await provision("--lifetime", "reprovision", "--force")).toMatchObject({ action: "format" });
  });

  test("and is damaged fails a default boot, and is formatted on request", async () => {
    ({ file } = await unpackGolden("corrupt-both-headers-checksum", folder));
    const before = await fingerprint(file);
    const run = await vmgs(["provision", file, "--json"]);
    expect(run.code).toBe(1);
    expectValidErrors(errorsOf(run));
    expect(errorsOf(run)[0]).toMatchObject({ code: "VMGS_LIFETIME_REFUSED" });
    expect(errorsOf(run)[0]?.message).toContain("the boot fails (InvalidFormat): no valid header");
    expect((await vmgs(["provision", file, "--lifetime", "reprovision-on-failure"])).code).toBe(2);
    expect(await fingerprint(file)).toBe(before);
    const document = await provision("--lifetime", "reprovision-on-failure", "--force");
    expectValid(document);
    expect(document).toMatchObject({ action: "format", reason: "failure" });
    expect(JSON.parse(await rawMarker())).toMatchObject({ reason: "failure" });
  });

  test("is left alone by a dry run, whatever the lifetime", async () => {
    const store = await makeStore();
    const before = await fingerprint(store.file);
    for (const lifetime of ["default", "reprovision", "reprovision-on-failure", "ephemeral"]) {
      expectValid(await vmgsJson(["provision", store.file, "--lifetime", lifetime, "--dry-run"]));
    }
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("is left alone when another process holds it", async () => {
    const store = await makeStore();
    await writeFile(`${store.file}.lock`, "x");
    const before = await fingerprint(store.file);
    expect((await vmgs(["provision", store.file, "--lifetime", "reprovision", "--force"])).code).toBe(1);
    expect(await fingerprint(store.file)).toBe(before);
  });

  test("of 0 bytes is not filled, and the hint says what to do", async () => {
    await writeFile(file, "");
    const { code, stderr } = await vmgs(["provision", file]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `hint: delete it; \`vmgs provision ${file}\` then makes a new store in its place`,
    );
    expect(await readFile(file)).toHaveLength(0);
  });

  test("of a blank host disk is formatted in the reference's way", async () => {
    ({ file } = await unpackGolden("blank-host", folder));
    expect(await provision()).toMatchObject({
      action: "format",
      reason: "empty",
      created: false,
      sequence: 2,
    });
    const { headers } = await vmgsJson(["inspect", file]);
    expect(headers).toMatchObject([{ checksum: "6d2eed28" }, { checksum: "d186bd34" }]);
  });
});
