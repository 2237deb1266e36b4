/** `vmgs doctor` and `vmgs boot`: documents as their schemas say, words for people, exit codes, and nothing written. */

import { appendFile, copyFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { OfferedAction } from "vmgskit/report";
import { commandOf, type Named } from "../src/action-command.ts";
import { callsIn } from "./support/calls.ts";
import { errorsOf, prepare, type Run, vmgs } from "./support/cli.ts";
import {
  filesIn,
  fingerprint,
  makeEncryptedStore,
  makeEncryptedStoreWithSource,
  makeFolder,
  makeStore,
} from "./support/folder.ts";
import { goldenStores, type UnpackedStore, unpackGolden } from "./support/golden.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";
import { testKey } from "./support/secrets.ts";

interface DoctorDocument {
  readonly file: string;
  readonly verdict: string | null;
  readonly worst: string | null;
  readonly summary: string | null;
  readonly at: string | null;
  readonly findings: readonly {
    readonly id: string;
    readonly severity: string;
    readonly message: string;
    readonly actions: readonly OfferedAction[];
  }[];
  readonly notChecked: readonly { readonly needs: string | null }[];
  readonly error: { readonly code: string } | null;
}

interface BootDocument {
  readonly file: string;
  readonly decidedBy: string;
  readonly outcome: string | null;
  readonly condition: string | null;
  readonly lifetimes: readonly {
    readonly lifetime: string;
    readonly outcome: string;
    readonly action: string;
  }[];
  readonly error: { readonly code: string } | null;
}

function documentsOf<T>({ stdout }: Run): T[] {
  const documents = stdout.split("\n").filter((line) => line !== "");
  return documents.map((line) => {
    const document: unknown = JSON.parse(line);
    expectValid(document);
    return document as T;
  });
}

async function doctor(...argv: string[]): Promise<DoctorDocument & { readonly run: Run }> {
  const run = await vmgs(["doctor", ...argv, "--json"]);
  const [document] = documentsOf<DoctorDocument>(run);
  if (document === undefined) throw new Error(run.stderr);
  return { ...document, run };
}

async function boot(...argv: string[]): Promise<BootDocument & { readonly run: Run }> {
  const run = await vmgs(["boot", ...argv, "--json"]);
  const [document] = documentsOf<BootDocument>(run);
  if (document === undefined) throw new Error(run.stderr);
  return { ...document, run };
}

describe.each(goldenStores)("$name", ({ name }) => {
  test("has valid documents, an exit code by the worst, and stays as it is", async () => {
    const folder = await makeFolder();
    const unpacked = await unpackGolden(name, folder);
    const before = await fingerprint(unpacked.file);
    const names = await filesIn(folder);
    await checkDoctor(unpacked);
    await checkBoot(unpacked);
    expect(await fingerprint(unpacked.file)).toBe(before);
    expect(await filesIn(folder)).toEqual(names);
    await rm(folder, { recursive: true });
  });
});

async function checkDoctor({ file, diskOptions, keyOptions, golden }: UnpackedStore): Promise<void> {
  for (const options of [diskOptions, [...diskOptions, ...keyOptions]]) {
    const { run, verdict, worst, findings } = await doctor(file, ...options);
    const bad = worst === "critical" || worst === "error";
    const wrongKey = golden.name === "encrypted-wrong-key" && options.length > diskOptions.length;
    expect(run.code).toBe(bad ? 3 : wrongKey ? 4 : 0);
    expect(errorsOf(run)).toHaveLength(wrongKey ? 1 : 0);
    expect(bad).toBe(verdict === "damaged" || verdict === "critical");
    const text = await vmgs(["doctor", file, ...options], {
      terminal: "stdout",
      columns: 60,
      env: { NO_COLOR: "1" },
    });
    expect(text.code).toBe(run.code);
    for (const { id } of findings) expect(text.stdout).toContain(id);
    const [, ...lines] = text.stdout.split("\n");
    // Commands are not cut, so that they can be pasted.
    const prose = lines.filter((line) => !line.startsWith("    vmgs "));
    for (const line of prose) expect(line.length, line).toBeLessThanOrEqual(60);
  }
}

async function checkBoot({ file, diskOptions, keyOptions, golden }: UnpackedStore): Promise<void> {
  // The forecast stands, but the key is the wrong one.
  const started = golden.name === "encrypted-wrong-key" ? 4 : 0;
  const all = await boot(file, ...diskOptions, ...keyOptions);
  expect([all.decidedBy, all.lifetimes.length]).toEqual(["default", 4]);
  expect(all.outcome).toBe(all.lifetimes[0]?.outcome);
  for (const { lifetime, outcome } of all.lifetimes) {
    const one = await boot(file, "--lifetime", lifetime, ...diskOptions, ...keyOptions);
    expect(one.lifetimes.map((each) => each.lifetime)).toEqual([lifetime]);
    expect([one.decidedBy, one.outcome]).toEqual([lifetime, outcome]);
    expect(one.run.code).toBe(outcome === "starts" ? started : 3);
    expect(errorsOf(one.run)).toHaveLength(started === 0 ? 0 : 1);
  }
  const text = await vmgs(["boot", file, ...diskOptions]);
  for (const { lifetime } of all.lifetimes) expect(text.stdout).toContain(lifetime);
}

describe("doctor", () => {
  test("tells verdict first, then each finding with evidence, meaning and a cure that can be pasted", async () => {
    const { file } = await unpackGolden("zero-metadata-key", await makeFolder());
    const { code, stdout } = await vmgs(["doctor", file]);
    expect(code).toBe(3);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe(
      `${file}: critical: the metadata key is zero: the store can be read without a key, and 2 other findings`,
    );
    expect(lines[2]).toBe("critical encryption-zero-metadata-key");
    expect(stdout).toContain("2 encrypted files are open [at byte 73728 (block 18)]\n");
    expect(stdout).toContain(
      `\n    vmgs rekey ${file} --key vm.key --new-key new.key --rewrite --wipe --backup ${file}.bak\n`,
    );
    expect(stdout).toContain("\nNot checked\n  BIOS_NVRAM (1): boot entries and secure boot, its tag");
  });

  test("looks into encrypted files with the key, and says what it takes without", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const noList = { stdin: new Uint8Array(5000).fill(7) };
    await prepare(["put", file, "BIOS_NVRAM", "--force", "--key", keyFile], noList);
    const locked = await doctor(file);
    expect(locked.notChecked.filter(({ needs }) => needs === "key")).toHaveLength(3);
    const open = await doctor(file, "--key", keyFile);
    expect(open.notChecked.filter(({ needs }) => needs === "key")).toEqual([]);
    expect(open.findings.map(({ id }) => id)).toContain("uefi-list-unrecognized");
  });

  test("a key that does not fit is told, with exit code 4, and the rest is diagnosed", async () => {
    const { file, folder } = await makeEncryptedStoreWithSource();
    const wrong = join(folder, "wrong.key");
    await writeFile(wrong, testKey(7));
    const { run, error, verdict } = await doctor(file, "--key", wrong);
    expect([run.code, error?.code, verdict]).toEqual([4, "VMGS_WRONG_KEY", "sound"]);
    expectValidErrors(errorsOf(run));
    // What is found bad is more than that the key is wrong.
    const flawed = await unpackGolden("zero-metadata-key", folder);
    const both = await doctor(flawed.file, "--key", wrong);
    expect([both.run.code, errorsOf(both.run)[0]?.code]).toEqual([3, "VMGS_WRONG_KEY"]);
  });

  test("judges certificates by the moment that is asked for", async () => {
    const { file } = await unpackGolden("real-vm-plain", await makeFolder());
    const later = await doctor(file, "--at", "2199-01-01");
    expect(later.at).toBe("2199-01-01T00:00:00.000Z");
    expect(later.findings.map(({ id }) => id)).toContain("tpm-akcert-expired");
    const bad = await vmgs(["doctor", file, "--at", "tomorrow"]);
    expect([bad.code, bad.stdout]).toEqual([2, ""]);
    expect(bad.stderr).toContain('--at: "tomorrow" is not a date');
  });

  test("several stores: the worst decides, one that can't be read does not stop the rest", async () => {
    const { file, folder } = await makeStore();
    await prepare(["rm", file, "BIOS_NVRAM"]);
    const bad = join(folder, "bad.vmgs");
    await copyFile(file, bad);
    await truncate(bad, 100_000);
    const both = await vmgs(["doctor", file, bad, "--json"]);
    expect(both.code).toBe(3);
    expect(documentsOf<DoctorDocument>(both).map(({ verdict }) => verdict)).toEqual(["sound", "critical"]);
    const missing = join(folder, "missing.vmgs");
    const three = await vmgs(["doctor", missing, file, bad, "--json"]);
    expect(three.code).toBe(1);
    expect(documentsOf<DoctorDocument>(three).map(({ error }) => error?.code ?? null)).toEqual([
      "VMGS_FILE_NOT_FOUND",
      null,
      "VMGS_DISK_SIZE",
    ]);
    expect((await vmgs(["doctor", missing])).code).toBe(1);
  });

  test("text of the store can't reach the terminal raw", async () => {
    const { file } = await makeStore();
    const marker = JSON.stringify({ provisioner: "\u001b[2Jevil", reason: "empty" });
    await vmgs(["put", file, "18", "--force"], { stdin: marker });
    const { stdout } = await vmgs(["doctor", file]);
    expect(stdout).toContain("marker-control-characters");
    expect(stdout).not.toContain("\u001b");
  });

  test("a file that is something else altogether is answered, not refused", async () => {
    const folder = await makeFolder();
    const file = join(folder, "text");
    await writeFile(file, "no store at all");
    expect(await doctor(file)).toMatchObject({ verdict: "critical", error: { code: "VMGS_DISK_SIZE" } });
    await writeFile(file, "");
    expect((await doctor(file)).findings[0]?.id).toBe("container-zero-bytes");
    const { code, stderr } = await vmgs(["doctor", folder]);
    expect([code, stderr.split("\n")[0]]).toEqual([1, `vmgs: ${folder}: is a directory`]);
  });
});

describe("boot", () => {
  test("shows the lifetimes side by side, why, and what is lost", async () => {
    const { file } = await unpackGolden("real-vm-plain", await makeFolder());
    const { code, stdout } = await vmgs(["boot", file]);
    expect(code).toBe(3);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe(`${file}: default: opens the store, then fails`);
    expect(stdout).toContain("\n  TPM_PPI (2) has 261 bytes, not 28\n");
    expect(stdout).toContain(
      "\nAssumed VM\n  UEFI, a vTPM with persistent state, attestation, no guest watchdog, hardware sealing where nothing else gives the key\n",
    );
    expect(stdout).toContain("  reprovision             formats the disk (reason request)  5 files lost\n");
    expect(stdout).toContain(
      "\ndefault, reprovision-on-failure\n  the store is valid (header 1, sequence 8)\n",
    );
    expect(stdout).toContain(
      "  lost: BIOS_NVRAM (1) 724 bytes, TPM_PPI (2) 261 bytes, TPM_NVRAM (3) 32 KiB,",
    );
    expect(stdout).toContain("\nKey\n  none: the store is not encrypted\n");
    expect(stdout).toContain("\nvTPM\n  the state of 32768 bytes is restored\n");
  });

  test("the lifetime that is asked for decides the exit code", async () => {
    const { file } = await makeStore();
    await prepare(["rm", file, "BIOS_NVRAM"]);
    expect((await vmgs(["boot", file])).code).toBe(0);
    expect((await vmgs(["boot", file, "--lifetime", "reprovision"])).code).toBe(3);
    expect((await vmgs(["boot", file, "--lifetime", "ephemeral"])).code).toBe(0);
    expect((await vmgs(["boot", file, "--lifetime", "sometimes"])).code).toBe(2);
  });

  test("the VM that is assumed can be changed", async () => {
    const { file } = await makeStore();
    const put = (id: string, content: Uint8Array) =>
      prepare(["put", file, id, "--force"], { stdin: content });
    await put("VM_UNIQUE_ID", new Uint8Array(20).fill(1));
    await put("GUEST_WATCHDOG", Uint8Array.of(2));
    const noted = await vmgs(["boot", file]);
    expect(noted.code).toBe(0);
    expect(noted.stdout).toContain("is 2, neither 0 nor 1: a VM with a guest watchdog does not boot");
    expect((await vmgs(["boot", file, "--guest-watchdog"])).code).toBe(3);
    const copied = ["boot", file, "--vm-id", "00000000-0000-0000-0000-000000000001"];
    expect((await vmgs(copied)).code).toBe(3);
    expect((await vmgs([...copied, "--no-attestation"])).code).toBe(0);
    expect((await vmgs(["boot", file, "--vm-id", "mine"])).code).toBe(2);
  });

  test("names the event of a boot that fails", async () => {
    const folder = await makeFolder();
    for (const [name, event] of [
      ["corrupt-both-headers-checksum", "InvalidFormat"],
      ["corrupt-entry-past-end", "CorruptFormat"],
      ["corrupt-v1-gpt", "InvalidFormat"],
    ] as const) {
      const { file } = await unpackGolden(name, folder);
      const { code, stdout } = await vmgs(["boot", file]);
      expect(code).toBe(3);
      expect(stdout.split("\n")[0]).toBe(`${file}: default: fails with ${event}, the VM does not start`);
    }
  });

  test("says which key a locked store needs, and whether a given one is it", async () => {
    const { file, keyFile, folder } = await makeEncryptedStoreWithSource();
    const wrong = join(folder, "wrong.key");
    await writeFile(wrong, testKey(7));
    expect((await vmgs(["boot", file, "--key", keyFile])).stdout).toContain(
      "the key that was given opens the store",
    );
    const { code, stdout } = await vmgs(["boot", file, "--key", wrong]);
    expect([code, stdout]).toEqual([4, expect.stringContaining("the key that was given does not open it")]);
  });

  test("an encrypted store without a source of its key fails, for the doctor too, as a person sees it", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    const boot = await vmgs(["boot", file, "--key", keyFile]);
    expect([boot.code, boot.stdout]).toEqual([3, expect.stringContaining("DisableVmgsEncryptionFailed")]);
    expect(boot.stdout).toContain("nothing appears on the serial port, and the VM is turned off after 120");
    const doctor = await vmgs(["doctor", file, "--key", keyFile]);
    expect([doctor.code, doctor.stdout]).toEqual([
      3,
      expect.stringContaining("encryption-protection-unknown"),
    ]);
  });

  test("doctor and boot assume the same VM, and say which", async () => {
    const { file, keyFile } = await makeEncryptedStoreWithSource();
    const argv = [file, "--key", keyFile, "--json"];
    for (const [options, outcome, code] of [
      [[], "starts", 0],
      [["--no-attestation"], "fails", 3],
      [["--guest-watchdog", "--hardware-sealing"], "starts", 0],
      [["--vm-id", "00000000-1111-2222-3333-444444444444"], "losesData", 3],
    ] as const) {
      const boot = await vmgs(["boot", ...argv, ...options]);
      const doctor = await vmgs(["doctor", ...argv, ...options]);
      const [forecast, diagnosis] = [JSON.parse(boot.stdout), JSON.parse(doctor.stdout)];
      expect([boot.code, forecast.outcome, diagnosis.nextBoot.outcome]).toEqual([code, outcome, outcome]);
      expect([doctor.code, diagnosis.vm]).toEqual([code, forecast.vm]);
    }
    expect((await vmgs(["doctor", file, "--no-attestation"])).stdout).toContain("assumed VM: UEFI");
    expect((await vmgs(["doctor", file, "--vm-id", "x"])).code).toBe(2);
  });

  test("several stores: 3 when one would fail, 1 when one can't be read", async () => {
    const { file, folder } = await makeStore();
    const cut = join(folder, "cut.vmgs");
    await copyFile(file, cut);
    await appendFile(cut, "x");
    const run = await vmgs(["boot", file, cut, "--json"]);
    expect(run.code).toBe(3);
    expect(documentsOf<BootDocument>(run).map(({ condition }) => condition)).toEqual(["valid", "noDisk"]);
    const missing = await vmgs(["boot", file, join(folder, "missing.vmgs"), "--json"]);
    expect(missing.code).toBe(1);
    expect(documentsOf<BootDocument>(missing)[1]).toMatchObject({
      condition: null,
      outcome: null,
      lifetimes: [],
    });
  });
});

/** The command lines that are offered for a finding of a file. */
async function offered(file: string, id: string, named: Named = {}): Promise<string[][]> {
  const { findings } = await doctor(file);
  const actions = findings.filter((found) => found.id === id).flatMap(({ actions }) => actions);
  return actions.flatMap(({ action }) => callsIn(commandOf(action, file, named)));
}

/** Names without a folder, put into one. */
const within = (folder: string, argv: readonly string[]) =>
  argv.map((word) => (/^\w+\.bin$/.test(word) ? join(folder, word) : word));

describe("a cure that is pasted", () => {
  test("makes a new disk where the old one is of no use", async () => {
    for (const id of ["container-too-small", "container-blank-without-footer"] as const) {
      const file = join(await makeFolder(), "small.vmgs");
      await writeFile(file, new Uint8Array(512));
      expect((await doctor(file)).findings.map((found) => found.id)).toContain(id);
      const [first = []] = await offered(file, id);
      expect(first[0]).toBe("provision");
      await rm(file);
      expect((await vmgs(first)).code).toBe(0);
      expect((await doctor(file)).verdict).toBe("sound");
    }
  });

  test("takes all of a disk that its footer cuts, and not the footer", async () => {
    const { file } = await unpackGolden("corrupt-footer-size-smaller", await makeFolder());
    for (const argv of await offered(file, "container-disk-smaller")) expect((await vmgs(argv)).code).toBe(0);
    const { findings } = await doctor(file.replace(/vmgs$/, "sound.vmgs"));
    expect(findings.filter(({ id }) => id.startsWith("container-"))).toEqual([]);
  });

  test("encrypts the content of a file that only looks plain, not its ciphertext", async () => {
    const { file, keyOptions } = await unpackGolden("corrupt-enc-ft-attr-zero", await makeFolder());
    const KEY = keyOptions[1] as string;
    const content = (await vmgs(["cat", file, "3", "--key", KEY])).bytes;
    expect((await doctor(file)).findings.map(({ id }) => id)).toContain("encryption-file-plain");
    const folder = await makeFolder();
    const lines = await offered(file, "encryption-file-plain", { key: KEY });
    expect(lines.map(([command]) => command)).toEqual(["cat", "put"]);
    for (const argv of lines) expect((await vmgs(within(folder, argv))).code).toBe(0);
    expect((await vmgs(["cat", file, "3", "--key", KEY])).bytes).toEqual(content);
  });

  test("keeps the content of a file that only looks encrypted", async () => {
    const { file } = await unpackGolden("corrupt-entry-attributes-plain-store", await makeFolder());
    expect((await doctor(file)).findings.map(({ id }) => id)).toContain("table-encrypted-in-plain-store");
    const [first = []] = await offered(file, "table-encrypted-in-plain-store");
    expect((await vmgs([...first, "--apply", "--backup", `${file}.bak`])).code).toBe(0);
    expect((await vmgs(["cat", file, "3"])).bytes).toHaveLength(32768);
  });
});

test("a header of a later version is not only called damaged: other software wrote it, as the repair says", async () => {
  const { file } = await unpackGolden("corrupt-version-4-newer", await makeFolder());
  const { findings } = await doctor(file);
  const lost = findings.find(({ id }) => id === "header-active-lost");
  expect(lost?.message).toContain("other software wrote it");
  expect((await vmgs(["repair", file])).stdout).toContain("other software wrote it");
});

test("a file below one sector is not sent to a repair that refuses it", async () => {
  const file = join(await makeFolder(), "short");
  for (const bytes of [1, 511]) {
    await writeFile(file, new Uint8Array(bytes).fill(7));
    const { code, stdout } = await vmgs(["doctor", file]);
    expect(code).toBe(3);
    expect(stdout).toContain("container-too-small");
    expect(stdout).not.toContain("vmgs repair");
  }
});
