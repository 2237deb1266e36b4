/**
 * I/O errors of the operating system at every call that the Node disk makes to a real file: the calls of Node's file
 * handles fail as the kernel lets them fail (EIO, ENOSPC), or do less than they were asked. Afterwards the file opens as
 * before or as after, no lock and no half-made file is left behind, and every handle is closed.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  formatStore,
  isVmgsError,
  openMemoryDisk,
  openWritableStore,
  type VmgsError,
} from "../../src/index.ts";
import { createDiskFile, nodeCipher, openDiskFile } from "../../src/node/index.ts";
import { differenceOnDisk } from "./compare.ts";
import { Disproof } from "./history.ts";
import { blank, expectationOf, type Saved, type Session } from "./model.ts";
import { KEY_NUMBERS, keyBytes, type Operation, operationText } from "./operations.ts";
import { act } from "./perform.ts";
import { type Random, seeded } from "./random.ts";

export interface FileFaultFigures {
  operations: number;
  /** Calls that failed, or did less than they were asked. */
  faults: number;
  /** Faults that were made good: short reads and writes. */
  unnoticed: number;
  refused: number;
  before: number;
  after: number;
  /** Faults while a file was made. */
  creations: number;
}

type Call = "open" | "read" | "write" | "writeFile" | "datasync" | "sync" | "truncate" | "stat" | "close";

/** What can happen at a call: an error, before or after it had its effect; or less than asked. */
type Kind = "EIO" | "ENOSPC" | "short" | "nothing" | "EIO after";

const KINDS_OF: Readonly<Record<Call, readonly Kind[]>> = {
  open: ["EIO"],
  read: ["EIO", "short", "nothing"],
  write: ["EIO", "ENOSPC", "short", "nothing", "EIO after"],
  writeFile: ["EIO", "ENOSPC"],
  datasync: ["EIO", "ENOSPC", "EIO after"],
  sync: ["EIO", "ENOSPC"],
  truncate: ["EIO", "ENOSPC"],
  stat: ["EIO"],
  close: ["EIO after"],
};

type Method = (...args: unknown[]) => Promise<unknown>;

/** Lets the calls of all file handles be watched, and one of them fail. */
export interface Faults {
  /** Calls since the start, or since the array was emptied. */
  readonly calls: Call[];
  /** Fails the call with this number in `calls`, once. */
  plan: { readonly at: number; readonly kind: Kind } | null;
  struck: boolean;
  /** Handles that are open. */
  open: number;
  end(): void;
}

const failure = (code: string) => Object.assign(new Error(`${code}: injected`), { code });

/** Puts itself between the library and the operating system, until `end`: Node's `open` hands out watched handles. */
export function watchFileHandles(): Faults {
  const original = promises.open;
  const faults: Faults = {
    calls: [],
    plan: null,
    struck: false,
    open: 0,
    end: () => replaceOpen(original),
  };
  const watched =
    (call: Call, act: Method): Method =>
    async (...args) => {
      const due = faults.plan?.at === faults.calls.length ? faults.plan : null;
      faults.calls.push(call);
      if (due === null) return act(...args);
      faults.struck = true;
      return strike(call, due.kind, args, act);
    };
  const openWatched = watched("open", async (...args) => {
    const handle = await original(...(args as Parameters<typeof original>));
    faults.open++;
    const methods = handle as unknown as Record<Call, Method>;
    for (const call of Object.keys(KINDS_OF) as Call[]) {
      const act = methods[call]?.bind(handle);
      if (act !== undefined) methods[call] = watched(call, call === "close" ? closing(faults, act) : act);
    }
    return handle;
  });
  replaceOpen(openWatched as typeof original);
  return faults;
}

function replaceOpen(open: typeof promises.open): void {
  promises.open = open;
  syncBuiltinESMExports();
}

function closing(faults: Faults, close: Method): Method {
  return async () => {
    await close();
    faults.open--;
  };
}

/** A call as it fails. Reads and writes have the arguments buffer, offset, length, position. */
async function strike(call: Call, kind: Kind, args: unknown[], act: Method): Promise<unknown> {
  if (kind === "EIO" || kind === "ENOSPC") throw failure(kind);
  if (kind === "EIO after") {
    await act(...args);
    throw failure("EIO");
  }
  const [bytes, offset, length, position] = args as [Uint8Array, number, number, number];
  const count = kind === "nothing" ? 0 : Math.max(1, Math.floor(length / 3));
  if (count > 0) return act(bytes, offset, count, position);
  return call === "read" ? { bytesRead: 0, buffer: bytes } : { bytesWritten: 0, buffer: bytes };
}

/** Lets calls fail in operations on a real file, until that many faults struck. */
export async function proveFileFaults(seed: number, faults: number): Promise<FileFaultFigures> {
  const figures: FileFaultFigures = {
    operations: 0,
    faults: 0,
    unnoticed: 0,
    refused: 0,
    before: 0,
    after: 0,
    creations: 0,
  };
  const folder = mkdtempSync(join(tmpdir(), "vmgskit-faults-"));
  const watch = watchFileHandles();
  try {
    for (let next = seed; figures.faults < faults; next++) {
      await failCreation(join(folder, "new.vmgs"), next, watch, figures);
      await failHistory(join(folder, "store.vmgs"), next, watch, figures);
    }
  } finally {
    watch.end();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** Runs an action with each of its calls failing in each way. */
async function withEachFault(
  watch: Faults,
  action: () => Promise<void>,
  prepare: () => void,
  check: (error: unknown, what: string) => void,
): Promise<number> {
  prepare();
  watch.calls.length = 0;
  watch.plan = null;
  await action();
  const calls = [...watch.calls];
  let count = 0;
  for (const [at, call] of calls.entries()) {
    for (const kind of KINDS_OF[call]) {
      prepare();
      watch.calls.length = 0;
      watch.struck = false;
      watch.plan = { at, kind };
      const error = await action().then(
        () => null,
        (reason: unknown) => reason,
      );
      watch.plan = null;
      if (watch.open > 0) throw new Disproof(`${kind} at ${call} ${at}: ${watch.open} handles stay open`);
      if (!watch.struck) throw new Disproof(`${call} ${at} is not made again`);
      count++;
      check(error, `${kind} at ${call} ${at} of ${calls.length}`);
    }
  }
  return count;
}

/** Errors must be this library's; a suppressed one may carry two of them (`await using`). */
function ours(error: unknown): VmgsError | null {
  if (isVmgsError(error)) return error;
  const { error: later, suppressed } = (error ?? {}) as { error?: unknown; suppressed?: unknown };
  return isVmgsError(later) && isVmgsError(suppressed) ? suppressed : null;
}

function checkError(error: unknown, seed: number, what: string): void {
  if (error === null) return;
  const known = ours(error);
  if (known === null) throw error;
  const codes = [
    "VMGS_IO",
    "VMGS_DISK_FULL",
    "VMGS_STORE_UNCERTAIN",
    "VMGS_WIPE_INCOMPLETE",
    "VMGS_LOCK_FAILED",
  ];
  if (!codes.includes(known.code))
    throw new Disproof(`seed ${seed}: ${what}: ${known.code}: ${known.message}`);
}

async function failCreation(
  path: string,
  seed: number,
  watch: Faults,
  figures: FileFaultFigures,
): Promise<void> {
  const old = Uint8Array.from({ length: 8192 }, (_, i) => i);
  for (const overwrite of [false, true]) {
    const prepare = () => {
      rmSync(path, { force: true });
      if (overwrite) writeFileSync(path, old);
    };
    const create = () => createDiskFile(path, { byteLength: 32_768, overwrite });
    figures.creations += await withEachFault(watch, create, prepare, (error, what) => {
      checkError(error, seed, what);
      const left = readdirSync(join(path, ".."));
      const untouched = overwrite ? left.length === 1 && readFileSync(path).equals(old) : left.length === 0;
      const saysMade = error === null || (error as Error).message.startsWith("was replaced");
      const made = saysMade && left.length === 1 && readFileSync(path).length === 32_768 + 512;
      if (!untouched && !made) throw new Disproof(`seed ${seed}: ${what} leaves ${left}`);
    });
    rmSync(path, { force: true });
  }
}

/** A store in a file, and what is done to it while calls fail. */
async function failHistory(
  path: string,
  seed: number,
  watch: Faults,
  figures: FileFaultFigures,
): Promise<void> {
  const random = seeded(seed);
  const key = random.oneIn(2) ? random.pick(KEY_NUMBERS) : null;
  const { image, session } = await makeStore(random, key, random.oneIn(2) ? "vhd" : "raw");
  const operation = randomOperationOn(random, key !== null);
  const expectation = expectationOf(session, operation);
  if (expectation.kind !== "done") return;
  figures.operations++;
  const states = [session.saved, ...expectation.states];
  const change = async () => {
    const disk = await openDiskFile(path, { write: true });
    try {
      const store = await openWritableStore(disk, {
        cipher: nodeCipher,
        ...(key !== null && { key: keyBytes(key) }),
      });
      await act(store, disk, operation);
    } finally {
      await disk.close();
    }
  };
  const prepare = () => writeFileSync(path, image);
  figures.faults += await withEachFault(watch, change, prepare, (error, what) => {
    const where = `${operationText(operation)}: ${what}`;
    checkError(error, seed, where);
    figures[error === null ? "unnoticed" : "refused"]++;
    const found = stateOf(path, states);
    if (found === -1) throw new Disproof(`seed ${seed}: ${where} leaves neither before nor after`);
    if (error === null && found !== states.length - 1)
      throw new Disproof(`seed ${seed}: ${where} goes unnoticed`);
    figures[found === 0 ? "before" : "after"]++;
    const left = readdirSync(join(path, ".."));
    if (left.length !== 1) throw new Disproof(`seed ${seed}: ${where} leaves ${left}`);
  });
  rmSync(path);
}

function stateOf(path: string, states: readonly Saved[]): number {
  const disk = openMemoryDisk(new Uint8Array(readFileSync(path)));
  return states.findLastIndex((saved) => differenceOnDisk(disk, saved, { tornHeader: true }) === null);
}

/** The bytes of a file with a small store in it, and the model of that store. */
async function makeStore(
  random: Random,
  key: number | null,
  container: "vhd" | "raw",
): Promise<{ image: Uint8Array; session: Session }> {
  const folder = mkdtempSync(join(tmpdir(), "vmgskit-faults-"));
  const path = join(folder, "made.vmgs");
  await createDiskFile(path, { byteLength: 24 * 4096, container });
  const image = new Uint8Array(readFileSync(path));
  rmSync(folder, { recursive: true });
  const options = container === "raw" ? ({ container: "raw", sectorSize: 512 } as const) : {};
  const disk = openMemoryDisk(image, options);
  const store = await formatStore(disk, { cipher: nodeCipher, ...(key !== null && { key: keyBytes(key) }) });
  let session: Session =
    key === null
      ? { saved: blank, keySlot: null, before: "unknown" }
      : {
          saved: { ...blank, keys: [{ key, fresh: true, counter: 0 }, null] },
          keySlot: 0,
          before: "unknown",
        };
  for (let fileId = 1; fileId <= 2; fileId++) {
    const write = writeOf(random, fileId, key !== null);
    const expectation = expectationOf(session, write);
    await act(store, disk, write);
    if (expectation.kind === "done") session = expectation.session;
  }
  return { image, session };
}

function writeOf(random: Random, fileId: number, encrypt: boolean): Operation {
  const content = random.bytes(random.below(9000));
  return {
    kind: "commit",
    wipe: random.oneIn(2),
    changes: [{ kind: "write", fileId, content, encrypt, overwriteEncrypted: true }],
  };
}

function randomOperationOn(random: Random, encrypted: boolean): Operation {
  const dice = random.below(encrypted ? 6 : 4);
  if (dice < 2) return writeOf(random, 1 + random.below(3), encrypted);
  if (dice === 2) return { kind: "commit", wipe: random.oneIn(2), changes: [{ kind: "delete", fileId: 1 }] };
  if (dice === 3) return { kind: "updateKey", key: random.pick(KEY_NUMBERS) };
  return dice === 4 ? { kind: "decryptAll", wipe: random.oneIn(2) } : writeOf(random, 2, false);
}
