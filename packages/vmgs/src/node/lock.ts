/** The lock of a writer: a small file beside the store, as git does it. See docs/decisions/0004-lock-file.md. */

import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from "node:fs";
import { open, readdir, realpath } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { checkText } from "../arguments/index.ts";
import { isVmgsError, VmgsError } from "../index.ts";
import { checkPath, fileError, inFile } from "./file-errors.ts";
import {
  checkStillThere,
  type FileIdentity,
  isSameFile,
  refuseSeveralLinks,
  regularFileAt,
} from "./file-identity.ts";

const ENDING = ".lock";
/** More than any lock file of this library: longer content is not one. */
const MAX_LOCK_BYTES = 4096;

/** What the lock file records of its owner. */
interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** Inode of the locked file: a rename leaves it under another lock. Null while the file is being made. */
  readonly inode: string | null;
}

/** The right to write a file, held by a lock file beside it. */
export interface WriteLock extends AsyncDisposable {
  /** Path of the lock file. */
  readonly path: string;
  /** Real path of the locked file. */
  readonly target: string;
  /**
   * Checks that the target is still the file that was locked.
   *
   * @throws VmgsError VMGS_CHANGED_UNDERNEATH after it was renamed, removed or replaced
   */
  verify(): Promise<void>;
  /** Removes the lock file; a second call does nothing. */
  release(): Promise<void>;
}

/** The lock of a file that exists. */
export interface HeldLock extends WriteLock {
  /** The file that was found at the target after locking. */
  readonly file: FileIdentity;
}

/** Path of the lock file of a store; the same for every symbolic link to it, and for a file that does not exist yet. */
export async function lockPathOf(path: string): Promise<string> {
  checkText(path, "path");
  return `${await targetOf(path)}${ENDING}`;
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw fileError(error, path);
    const folder = await inFile(path, () => realpath(dirname(path)), { making: true });
    return join(folder, basename(path));
  }
}

/**
 * Takes the lock of a store. It is also released when the process exits. Other writers are kept out by the name of the
 * file, whatever links lead to it, and by its inode, should it be renamed within its folder. A file with several names
 * (hard links) can't be locked.
 *
 * @throws VmgsError VMGS_LOCKED_BY_OTHER naming the process and the way on; VMGS_LOCK_FAILED; VMGS_SEVERAL_LINKS;
 * VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE
 */
export async function takeWriteLock(path: string): Promise<WriteLock> {
  checkText(path, "path");
  return lockExisting(path);
}

/** As `takeWriteLock`; the file that was locked is known. */
export async function lockExisting(path: string): Promise<HeldLock> {
  checkPath(path);
  // Another writer may replace the file between the look and the lock; with the lock in hand, none does.
  for (let tries = 1; ; tries++) {
    const file = await regularFileAt(path);
    const target = await inFile(path, () => realpath(path));
    const lock = await makeLock(target, path, file.ino);
    try {
      const now = await regularFileAt(target);
      if (isSameFile(file, now)) {
        await refuseSeveralLinks(target, now, path);
        await refuseOtherLock(lock, path, file.ino);
        return { ...lock, file, verify: () => inFile(path, () => checkStillThere(target, file)) };
      }
      if (tries === 3) await checkStillThere(target, file);
    } catch (error) {
      await lock.release();
      throw error;
    }
    await lock.release();
  }
}

/** Takes the lock of a file that is about to be made. */
export async function lockForMaking(path: string): Promise<BareLock> {
  checkPath(path);
  return makeLock(await targetOf(path), path, null);
}

/** A lock that knows a name only. */
type BareLock = Omit<WriteLock, "verify">;

async function makeLock(target: string, path: string, inode: bigint | null): Promise<BareLock> {
  const lockPath = `${target}${ENDING}`;
  const owner: LockOwner = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    inode: inode === null ? null : String(inode),
  };
  // With something that no other lock has: only one's own is removed.
  const content = `${JSON.stringify({ ...owner, token: crypto.randomUUID() })}\n`;
  let made = false;
  try {
    const handle = await open(lockPath, "wx");
    made = true;
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (made) removeQuietly(lockPath);
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw lockedByOther(path, lockPath);
    // Where the lock can't be made, neither can the file.
    if (inode === null) throw fileError(error, path, { making: true });
    const cause = fileError(error, lockPath, { subject: `the lock file ${lockPath}`, making: true });
    // A full disk needs another cure than a folder that may not be written to.
    if (!isVmgsError(cause) || cause.code === "VMGS_DISK_FULL") throw cause;
    throw new VmgsError("VMGS_LOCK_FAILED", cause.message, { path }, { cause });
  }
  let held = true;
  const give = () => {
    if (held && readLock(lockPath) === content) removeQuietly(lockPath);
    held = false;
  };
  process.once("exit", give);
  const release = async () => {
    process.removeListener("exit", give);
    give();
  };
  return { path: lockPath, target, release, [Symbol.asyncDispose]: release };
}

/** A lock that is gone already needs no removal. */
function removeQuietly(lockPath: string): void {
  try {
    unlinkSync(lockPath);
  } catch {
    // Another process deleted it as stale.
  }
}

/**
 * Looks for a writer that locked the same file under the name that it had before a rename. Each writer records the inode
 * in its lock before it looks, so that of two at least one sees the other.
 */
async function refuseOtherLock(lock: BareLock, path: string, inode: bigint): Promise<void> {
  const folder = dirname(lock.path);
  // A folder may allow making files in it, and no list of them.
  for (const name of await readdir(folder).catch(() => [])) {
    const other = join(folder, name);
    if (!name.endsWith(ENDING) || other === lock.path) continue;
    if (ownerIn(readLock(other))?.inode === String(inode)) throw lockedByOther(path, other);
  }
}

/**
 * The content of a lock file, or null when it can't be one. There may be anything under that name: a pipe that nothing
 * writes to, a device that never ends.
 */
function readLock(lockPath: string): string | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(lockPath, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MAX_LOCK_BYTES) return null;
    const bytes = new Uint8Array(MAX_LOCK_BYTES);
    let length = 0;
    for (let count = 1; count > 0; length += count) {
      count = readSync(descriptor, bytes, length, bytes.length - length, length);
    }
    return new TextDecoder().decode(bytes.subarray(0, length));
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function lockedByOther(path: string, lockPath: string): VmgsError {
  const owner = ownerIn(readLock(lockPath));
  if (owner === null) {
    const message = `another process has it open for writing; if none does, delete ${lockPath}`;
    return new VmgsError("VMGS_LOCKED_BY_OTHER", message, { path });
  }
  const { pid, host, since } = owner;
  const who = `process ${pid} on ${host} has had it open for writing since ${since}`;
  const stale = host === hostname() && !isRunning(pid);
  const message = stale
    ? `${who}, but no longer runs; delete ${lockPath} to go on`
    : `${who}; if it is gone, delete ${lockPath}`;
  return new VmgsError("VMGS_LOCKED_BY_OTHER", message, { path, pid });
}

function ownerIn(content: string | null): LockOwner | null {
  try {
    const owner = JSON.parse(content ?? "") as Partial<Record<keyof LockOwner, unknown>>;
    const { pid, host, since, inode } = owner;
    if (!Number.isSafeInteger(pid) || typeof host !== "string" || typeof since !== "string") return null;
    // Any program may have written the file: only plain characters are passed on.
    return {
      pid: pid as number,
      host: printable(host),
      since: printable(since),
      inode: typeof inode === "string" ? inode : null,
    };
  } catch {
    return null;
  }
}

const printable = (text: string) => text.slice(0, 64).replaceAll(/[^\w.:-]/g, "?");

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
