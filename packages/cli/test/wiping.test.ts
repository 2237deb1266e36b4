/** wipe: what it clears, what it says first, and what other commands say afterwards. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { prepare, vmgs, vmgsJson } from "./support/cli.ts";
import { fingerprint, makeEncryptedStore, makeFolder, makeStore } from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";

const leftover = fileURLToPath(
  new URL("../../vmgs/test/golden/cases/encrypt-wipe-leftover.vmgs.gz", import.meta.url),
);

/** A store whose vTPM state lies in plain behind the ends of the files that were encrypted after it. */
async function leftoverStore(): Promise<string> {
  const file = join(await makeFolder(), "leftover.vmgs");
  await writeFile(file, gunzipSync(await readFile(leftover)));
  return file;
}

/** Four bytes of the state's random generator, and a part of a private key of it. */
const TRACES = ["DRBG", Buffer.from("2a4dfa69", "hex").toString("latin1")];
const traces = async (file: string) => {
  const image = (await readFile(file)).toString("latin1");
  return TRACES.filter((trace) => image.includes(trace));
};

describe("wipe", () => {
  test("needs no key, and clears the private keys that encrypt --wipe had left behind", async () => {
    const file = await leftoverStore();
    const files = (await vmgsJson(["inspect", file])).files;
    expect((await traces(file)).length).toBeGreaterThan(0);
    const document = await vmgsJson(["wipe", file]);
    expectValid(document);
    expect(document).toMatchObject({ dryRun: false, slackFiles: [1, 2], relocated: [], sequence: 10 });
    expect(await traces(file)).toEqual([]);
    expect((await vmgsJson(["inspect", file])).files).toEqual(files);
    expect((await vmgs(["wipe", file])).stdout).toContain("no old content is left");
  });

  test("says first what it ends, and with --dry-run nothing else happens", async () => {
    const { file } = await makeStore();
    await prepare(["rm", file, "18"]);
    const before = await fingerprint(file);
    const planned = await vmgs(["wipe", file, "--dry-run"]);
    expect(planned.stdout).toMatch(
      /old content in \d+ free blocks\n {2}ends the previous generation \(sequence \d+\): /,
    );
    expectValid(await vmgsJson(["wipe", file, "--dry-run"]));
    expect(await fingerprint(file)).toBe(before);
    const done = await vmgs(["wipe", file]);
    expect(done.stdout.startsWith(planned.stdout)).toBe(true);
    expect(done.stdout).toMatch(/unused space wiped; sequence \d+\n$/);
  });

  test("copies the whole file first where --backup says, old content included", async () => {
    const file = await leftoverStore();
    const image = await readFile(file);
    const backup = join(await makeFolder(), "old.vmgs");
    await prepare(["wipe", file, "--backup", backup]);
    expect((await readFile(backup)).equals(image)).toBe(true);
    const again = await vmgs(["wipe", file, "--backup", backup]);
    expect(again.code).not.toBe(0);
  });
});

describe("after wiping, the previous generation counts as wiped, not as damaged", () => {
  test("to --generation previous, inspect, history, repair and doctor", async () => {
    const { file, keyFile } = await makeEncryptedStore();
    await prepare(["rm", file, "18"]);
    await prepare(["wipe", file]);
    const read = await vmgs(["cat", file, "3", "--generation", "previous", "--key", keyFile]);
    expect(read.stderr).toMatch(/the previous generation \(sequence \d+\) was wiped/);
    expect((await vmgsJson(["inspect", file])).previousUsable).toBe(false);
    const history = await vmgs(["history", file]);
    expect(history.code).toBe(0);
    expect(history.stdout).toMatch(/previous: header \d, sequence \d+, file table at block \d+;\s+wiped/);
    expectValid(await vmgsJson(["history", file]));
    const back = await vmgs(["repair", file, "--go-back"]);
    expect(back.stdout).toMatch(/was\s+wiped/);
    const doctor = await vmgs(["doctor", file, "--key", keyFile, "--json"]);
    const { findings } = JSON.parse(doctor.stdout) as { findings: unknown };
    expect((findings as { id: string }[]).map(({ id }) => id)).not.toContain("header-previous-unreadable");
  });

  test("to a change with --wipe as well", async () => {
    const { file } = await makeStore();
    await prepare(["rm", file, "18", "--wipe"]);
    const { generations } = await vmgsJson(["history", file]);
    expect(generations).toMatchObject([{ wiped: false }, { wiped: true, files: [] }]);
  });
});
