/** The lock of a writer: a small file beside the store, as git does it. See docs/decisions/0004-lock-file.md. */

import { readFileSync, unlinkSync } from "node:fs";
import { open, readFile, realpath, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { checkText } from "../arguments/index.ts";
import { VmgsError } from "../index.ts";
import { fileError } from "./file-errors.ts";

/** What the lock file tells about its owner. */
interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** The right to write a file, held by a lock file beside it. */
export interface WriteLock {
  /** Path of the lock file. */
  readonly path: string;
  /** Removes the lock file. */
  release(): Promise<void>;
}

/** Path of the lock file of a store; the same for every symbolic link to it. */
export async function lockPathOf(path: string): Promise<string> {
  checkText(path, "path");
  return `${await realpath(path)}.lock`;
}

/**
 * Takes the lock of a store. It is also released when the process exits.
 *
 * @throws VmgsError VMGS_LOCKED_BY_OTHER naming the process and the way on; VMGS_LOCK_FAILED
 */
export async function takeWriteLock(path: string): Promise<WriteLock> {
  checkText(path, "path");
  const lockPath = await lockPathOf(path);
  const owner: LockOwner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const content = `${JSON.stringify(owner)}\n`;
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
    if (made) await unlink(lockPath).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw await lockedByOther(path, lockPath);
    const cause = fileError(error, lockPath);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VmgsError(
      "VMGS_LOCK_FAILED",
      `the lock file ${lockPath} can't be made: ${why}`,
      { path },
      { cause },
    );
  }
  const releaseAtExit = () => removeOwnLock(lockPath, content);
  process.once("exit", releaseAtExit);
  return {
    path: lockPath,
    async release() {
      process.removeListener("exit", releaseAtExit);
      removeOwnLock(lockPath, content);
    },
  };
}

/** Removes the lock file, unless somebody deleted it as stale and another process has made its own since. */
function removeOwnLock(lockPath: string, content: string): void {
  try {
    if (readFileSync(lockPath, "utf8") === content) unlinkSync(lockPath);
  } catch {
    // Somebody else took the file away: there is nothing left to do.
  }
}

async function lockedByOther(path: string, lockPath: string): Promise<VmgsError> {
  const owner = await readOwner(lockPath);
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

async function readOwner(lockPath: string): Promise<LockOwner | null> {
  try {
    const owner = JSON.parse(await readFile(lockPath, "utf8")) as Partial<Record<keyof LockOwner, unknown>>;
    const { pid, host, since } = owner;
    if (!Number.isSafeInteger(pid) || typeof host !== "string" || typeof since !== "string") return null;
    // The file may be anybody's: only plain characters are passed on.
    return { pid: pid as number, host: printable(host), since: printable(since) };
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
