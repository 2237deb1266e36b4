/**
 * `vmgstool` does what the reference did, step by step: the same exit code, the same standard output where scripts may
 * rely on it, the same files afterwards. Every difference is listed here, with its row in docs/vmgstool.md.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeFolder } from "./support/folder.ts";
import { secret } from "./support/secrets.ts";
import {
  type ChangedFile,
  describeFile,
  type Fingerprint,
  fingerprints,
  type Step,
  type Transcript,
  transcripts,
  writeStartFiles,
} from "./support/transcripts.ts";
import { vmgstool } from "./support/vmgstool.ts";

interface Difference {
  /** How its row in the table of docs/vmgstool.md begins. */
  readonly row: string;
  /** Our exit code, where it is another. */
  readonly exit?: number;
  /** What we leave behind, where it is something else. */
  readonly changed?: Readonly<Record<string, Partial<ChangedFile>>>;
}

const NAMES = "File IDs by name and number";
const RESET = "`uefi-nvram remove-boot-entries`";
const REPROVISIONED = "`reprovisioned`";
const SLACK = "The rest of a file's last block";
const REPAIRED = "Attributes of a file that was overwritten in plain";

/** The reference says 3 in the last column of file 5, though it is stored in plain. */
const tableWithPlainAttest = [
  [0, 4, 1, 4096, 0],
  [1, 16, 2, 5000, 3],
  [5, 18, 1, 12, 0],
  [6, 6, 2, 8192, 0],
  [9, 3, 1, 12, 0],
  [17, 8, 8, 32768, 3],
  [18, 5, 1, 190, 0],
  [63, 20, 1, 4096, 3],
];
/** The same once BIOS_NVRAM is deleted. */
const tableWithoutNvram = [[0, 2, 1, 4096, 0], ...tableWithPlainAttest.slice(2)];

/** By session and number of the step. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<number, Difference>>>> = {
  encrypted: {
    14: { row: REPAIRED, changed: { "a.vmgs": { sequence: 10, table: tableWithPlainAttest } } },
    16: { row: REPAIRED, changed: { "a.vmgs": { sequence: 11, table: tableWithoutNvram } } },
    17: { row: REPAIRED },
    18: { row: REPAIRED },
  },
  headers: {
    13: { row: REPROVISIONED, exit: 0 },
    14: { row: REPROVISIONED, exit: 2 },
    15: { row: REPROVISIONED, exit: 0 },
  },
  "read-marker": { 2: { row: NAMES, exit: 0 } },
  "uefi-boot-entries": { 5: { row: RESET, changed: { "a.vmgs": { sequence: 4 } } } },
  "uefi-encrypted": { 5: { row: RESET, changed: { "a.vmgs": { sequence: 8 } } } },
  uefi: {
    2: { row: "Text of `uefi-nvram dump`", changed: { "out.txt": {} } },
    4: { row: RESET, exit: 0 },
    5: { row: SLACK, changed: { "a.vmgs": { sequence: 9 } } },
    6: { row: "`uefi-nvram remove-entry` of what is not there", changed: {} },
    8: { row: RESET, exit: 0, changed: { "a.vmgs": { sequence: 10 } } },
    10: { row: RESET, changed: { bios: { bytes: 0 } } },
  },
  "write-dump": {
    11: { row: SLACK, changed: { "a.vmgs": { sequence: 5 } } },
    15: { row: SLACK, changed: { "a.vmgs": { sequence: 6 } } },
    21: { row: "File ID above 63", exit: 1 },
    23: { row: NAMES, exit: 0, changed: { "a.vmgs": { sequence: 8 } } },
    24: { row: NAMES, exit: 1 },
    // TPM_PPI is there since step 23.
    29: { row: NAMES },
  },
};

/** Files with random content: only their size can be the same. */
const RANDOM_FILES: Readonly<Record<string, readonly string[]>> = { "test-keys": ["n1", "n2", "key.bin"] };

const root = process.cwd();
afterEach(() => process.chdir(root));

test("18 sessions with 301 steps are there", () => {
  expect(transcripts).toHaveLength(18);
  expect(transcripts.flatMap(({ steps }) => steps)).toHaveLength(301);
});

describe.each(transcripts)("$name: $about", (transcript) => {
  test("gives the same", async () => {
    const folder = await makeFolder();
    await writeStartFiles(folder, transcript);
    rememberKeys(transcript);
    process.chdir(folder);
    let before = await fingerprints(folder);
    for (const [index, step] of transcript.steps.entries()) {
      const { code, bytes } = await vmgstool(step.args);
      const after = await fingerprints(folder, before);
      const changed = await changes(folder, step, before, after);
      before = after;
      const got = withoutRandom(transcript, { exit: code, stdout: stable(step, bytes), changed });
      const reference = withoutRandom(transcript, {
        exit: step.exit,
        stdout: stable(step, stdoutOf(step)),
        changed: step.changed ?? {},
      });
      const called = `step ${index}: vmgstool ${step.args.join(" ")}`;
      const difference = DIFFERENCES[transcript.name]?.[index];
      if (difference === undefined) {
        expect(got, called).toEqual(reference);
        continue;
      }
      expect(got, `${called} is no longer different`).not.toEqual(reference);
      const { exit = step.exit, changed: ours = reference.changed } = difference;
      expect(Object.keys(got.changed), called).toEqual(Object.keys(ours));
      expect(got, called).toMatchObject({ exit, changed: ours });
      if (step.stdoutStable) expect(got.stdout, called).toBe(reference.stdout);
    }
  });
});

test("every difference is explained in the documentation", () => {
  const page = readFileSync(new URL("../../../docs/vmgstool.md", import.meta.url), "utf8");
  for (const session of Object.values(DIFFERENCES)) {
    for (const { row } of Object.values(session)) expect(page).toContain(`\n| ${row}`);
  }
});

interface Outcome {
  readonly exit: number;
  /** Hex; null where scripts may not rely on it. */
  readonly stdout: string | null;
  readonly changed: Readonly<Record<string, ChangedFile>>;
}

/** Text that the specification describes to the character, though it is no contract. */
const DESCRIBED = ["dump", "dump-file-table"];

const stable = ({ stdoutStable, args: [command = ""], exit }: Step, stdout: Uint8Array) =>
  stdoutStable || (exit === 0 && DESCRIBED.includes(command)) ? Buffer.from(stdout).toString("hex") : null;

const stdoutOf = ({ stdout = "", stdoutHex }: Step) =>
  stdoutHex === undefined ? Buffer.from(stdout) : Buffer.from(stdoutHex, "hex");

/** Keys of the session: none of them may appear in what is printed. */
function rememberKeys({ files }: Transcript): void {
  for (const start of Object.values(files)) {
    if ("hex" in start && start.hex.length === 64 && !/^0*$/.test(start.hex)) {
      secret(Buffer.from(start.hex, "hex"));
    }
  }
}

type Fingerprints = ReadonlyMap<string, Fingerprint>;

/** Files that are new or other than before, in the terms of the transcript. */
async function changes(folder: string, step: Step, before: Fingerprints, after: Fingerprints) {
  const found: Record<string, ChangedFile> = {};
  for (const [name, { hash }] of after) {
    if (before.get(name)?.hash === hash) continue;
    const expected = step.changed?.[name] ?? { bytes: 0, ...(name.endsWith(".vmgs") ? {} : { sha256: "" }) };
    found[name] = await describeFile(join(folder, name), expected);
  }
  return found;
}

function withoutRandom({ name: session }: Transcript, outcome: Outcome): Outcome {
  const random = RANDOM_FILES[session] ?? [];
  const changed = Object.entries(outcome.changed).map(([name, file]) => [
    name,
    random.includes(name) ? { bytes: file.bytes } : file,
  ]);
  return { ...outcome, changed: Object.fromEntries(changed) as Outcome["changed"] };
}
