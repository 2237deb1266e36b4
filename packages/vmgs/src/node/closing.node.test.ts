/** Whatever is closed can be closed again: the second time does nothing, least of all to the next owner of a number. */

import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMemoryDisk, formatStore, shareStore } from "../index.ts";
import { recordedTpmEngine, recordingTpmEngine } from "../tpm/index.ts";
import {
  createDiskFile,
  openDiskFile,
  openDiskFileSync,
  openFileForRecovery,
  openFileSource,
  openFileSourceSync,
  takeWriteLock,
} from "./index.ts";
import { openTpmDevice } from "./tpm-engines/index.ts";

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmgskit-closing-"));
  path = join(folder, "a.vmgs");
  await createDiskFile(path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Closer {
  close?(): unknown;
  release?(): unknown;
  [Symbol.dispose]?(): void;
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

type Makers = Readonly<Record<string, readonly (() => Closer | Promise<Closer>)[]>>;

/** All that the library opens, by the name of its type. */
const makers: Makers = {
  DiskFile: [() => openDiskFile(path)],
  WritableDiskFile: [() => openDiskFile(path, { write: true })],
  SyncDiskFile: [() => openDiskFileSync(path)],
  FileSource: [() => openFileSource(path)],
  SyncFileSource: [() => openFileSourceSync(path)],
  RecoveryDiskFile: [() => openFileForRecovery(path)],
  WriteLock: [() => takeWriteLock(path)],
  StoreBroker: [async () => shareStore(await formatStore(createMemoryDisk(2 ** 20)))],
  TpmEngine: [
    () => recordedTpmEngine([]),
    () => recordingTpmEngine(recordedTpmEngine([]), () => undefined),
    () => openTpmDevice({ kind: "device", path: "/dev/null" }),
  ],
};

/** Used by the engines only, which close them. */
const INTERNAL = ["Connection", "Line", "Deadline"];

function sources(at: string): string[] {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const inner = join(at, entry.name);
    if (entry.isDirectory()) return sources(inner);
    return /(?<!\.test)\.ts$/.test(entry.name) ? [readFileSync(inner, "utf8")] : [];
  });
}

test("everything that can be closed is in this list", () => {
  const found = sources(join(import.meta.dirname, ".."))
    .flatMap((text) => [...text.matchAll(/^(?:export )?interface (\w+)([^{]*)\{([\s\S]*?)^\}/gm)])
    .filter(
      ([, , parents = "", body = ""]) => /Disposable\b/.test(parents) || /^ {2}(close|release)\(/m.test(body),
    )
    .map(([, name]) => name as string);
  expect(new Set(found)).toEqual(new Set([...Object.keys(makers), ...INTERNAL]));
});

const ways = {
  close: (closer: Closer) => closer.close?.(),
  release: (closer: Closer) => closer.release?.(),
  dispose: (closer: Closer) => closer[Symbol.dispose]?.(),
  "dispose without waiting": (closer: Closer) => closer[Symbol.asyncDispose]?.(),
};

const cases = Object.entries(makers).flatMap(([name, list]) =>
  list.flatMap((make, i) =>
    Object.entries(ways).map(([way, end]) => ({ name: `${name} ${i + 1}`, make, way, end })),
  ),
);

test.skipIf(process.platform === "win32").each(cases)(
  "$name, closed, then ended by $way",
  async ({ make, end }) => {
    const closer = await make();
    await (closer.close?.() ?? closer.release?.());
    // The operating system gives the numbers that became free to the next files.
    const others = [1, 2, 3].map(() => openSync(path, "r"));
    try {
      await end(closer);
      await end(closer);
      for (const other of others) expect(fstatSync(other).isFile()).toBe(true);
    } finally {
      for (const other of others) closeSync(other);
    }
  },
);
