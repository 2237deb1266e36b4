/**
 * Files that are there as a whole or not at all: written beside under a random name, synced, then given their name at
 * once. All that makes or replaces a file goes through here.
 */

import { closeSync, linkSync, openSync, renameSync, unlinkSync } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkCallback, checkFlag, checkText, checkWhole, having, optionsOf } from "../arguments/index.ts";
import { VmgsError } from "../index.ts";
import { checkNewPath, checkPath, checkRegularFile, inFile } from "./file-errors.ts";
import { checkStillThere, type FileIdentity, isSameFile, refuseSeveralLinks } from "./file-identity.ts";
import { RemovedAtExit, temporaryBeside } from "./temporary-files.ts";
import { readFully, writeFully } from "./whole-transfers.ts";

/** A file that is being written and has no name of its own yet. What is not written reads as zeros. */
export interface NewFile {
  /** Sets the length, in bytes. */
  truncate(bytes: number): Promise<void>;
  /** Fills `into` from byte `offset` on. */
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Writes bytes from byte `offset` on. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Returns when what was written is on the medium. */
  flush(): Promise<void>;
}

/** Writes the content of a file. */
export type FillFile = (file: NewFile) => Promise<void>;

/** Who may do what with a file. */
export interface FileAccess {
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** How a file is made. */
export interface MakeFileOptions {
  /** Permission bits, minus those that the process's umask takes; 0o666 by default. */
  readonly mode?: number;
  /**
   * Permissions and owner of this file instead. Where the owner can't be given, group and others get no access, as
   * they would be others.
   */
  readonly like?: FileAccess;
}

/** How a file is replaced. */
export interface ReplaceFileOptions {
  /**
   * For its owner only, who is the user of this process, whatever the file allowed before. Otherwise permissions and
   * owner stay.
   */
  readonly private?: boolean;
}

const checkMakeFileOptions = optionsOf({ mode: checkWhole, like: having("mode", "uid", "gid") });
const checkReplaceFileOptions = optionsOf({ private: checkFlag });

/**
 * Makes a file that does not exist, and replaces none. It gets its name when it is whole and on the medium. After a
 * failure there is no new file; after a kill at most one called `.NAME.RANDOM.vmgs-tmp`.
 *
 * @throws VmgsError VMGS_PATH_NOT_UTF8, VMGS_FILE_EXISTS, VMGS_FILE_NOT_FOUND for the folder, VMGS_DISK_FULL, VMGS_ACCESS_DENIED, VMGS_IO,
 * and what `fill` throws
 */
export async function makeFile(path: string, fill: FillFile, options: MakeFileOptions = {}): Promise<void> {
  checkText(path, "path");
  checkCallback(fill, "fill");
  checkMakeFileOptions(options, "options");
  checkNewPath(path);
  const { mode = 0o666, like } = options;
  await refuseExisting(path);
  await inFile(
    path,
    async () => {
      // The folder's own path: a link in it may lead elsewhere before this is done.
      const target = join(await realpath(dirname(path)), basename(path));
      const beside = await writeBeside(target, path, fill, {
        mode,
        give: (handle) =>
          like === undefined ? undefined : giveAccess(handle, like, { mustBeKept: false, path }),
      });
      beside.name();
      await syncFolder(target).catch(async (error: unknown) => {
        await removeOwn(target, beside.identity);
        throw error;
      });
    },
    { making: true },
  );
}

/** @throws VmgsError VMGS_FILE_EXISTS, early, before content is made for nothing */
export async function refuseExisting(path: string): Promise<void> {
  checkPath(path);
  const existing = await stat(path).catch(() => null);
  if (existing !== null) throw new VmgsError("VMGS_FILE_EXISTS", "exists already", { path });
}

/**
 * Replaces a file at once: others see the old content or the new, never a part. Symbolic links are followed and stay.
 * Permissions and owner stay as well; extended attributes and access control lists do not. Where there is no file, it is
 * made.
 *
 * @throws VmgsError VMGS_SEVERAL_LINKS for a file with hard links; VMGS_ACCESS_DENIED also when the owner can't be kept;
 * VMGS_CHANGED_UNDERNEATH when the file was replaced meanwhile; otherwise as `makeFile`. The file is then as it was,
 * except that a folder that can't be synced is reported although the new content is there.
 */
export async function replaceFile(
  path: string,
  fill: FillFile,
  options: ReplaceFileOptions = {},
): Promise<void> {
  checkText(path, "path");
  checkCallback(fill, "fill");
  checkReplaceFileOptions(options, "options");
  const { private: isPrivate = false } = options;
  checkPath(path);
  await inFile(path, async () => {
    const target = await realpath(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (target === null) return makeFile(path, fill, isPrivate ? { mode: 0o600 } : {});
    const before = await stat(target, { bigint: true });
    checkRegularFile(before, path);
    await refuseSeveralLinks(target, before, path);
    const access = { mode: Number(before.mode & 0o7777n), uid: Number(before.uid), gid: Number(before.gid) };
    const beside = await writeBeside(target, path, fill, {
      mode: 0o600,
      give: (handle) => (isPrivate ? undefined : giveAccess(handle, access, { mustBeKept: true, path })),
    });
    try {
      await checkStillThere(target, before);
    } catch (error) {
      beside.remove();
      throw error;
    }
    beside.replace();
    await syncFolder(target).catch((error: NodeJS.ErrnoException) => {
      const message = `was replaced, but its folder can't be synced (${error.code}): a power failure may undo it`;
      throw new VmgsError("VMGS_IO", message, { path }, { cause: error });
    });
  });
}

interface Beside {
  readonly identity: FileIdentity;
  /** Gives the file its name, which no other file has. */
  name(): void;
  /** Replaces the file that has the name. */
  replace(): void;
  remove(): void;
}

interface BesideOptions {
  readonly mode: number;
  give(handle: FileHandle): Promise<void> | undefined;
}

async function writeBeside(
  target: string,
  path: string,
  fill: FillFile,
  { mode, give }: BesideOptions,
): Promise<Beside> {
  const temporary = temporaryBeside(target);
  const handle = await open(temporary, "wx+", mode);
  const own = new RemovedAtExit(temporary);
  /** One step that ends the temporary name, or removes the file. */
  const finish = (step: () => void) => () => {
    try {
      step();
    } catch (error) {
      own.remove();
      throw error;
    }
    own.keep();
  };
  try {
    try {
      await give(handle);
      await fill(newFile(handle, path));
      await handle.sync();
      const { dev, ino } = await handle.stat({ bigint: true });
      return {
        identity: { dev, ino },
        name: finish(() => giveName(temporary, target)),
        replace: finish(() => renameSync(temporary, target)),
        remove: () => own.remove(),
      };
    } finally {
      await handle.close();
    }
  } catch (error) {
    own.remove();
    throw error;
  }
}

function newFile(handle: FileHandle, path: string): NewFile {
  return {
    truncate: (bytes) => inFile(path, () => handle.truncate(bytes)),
    read: (offset, into) => readFully(handle, path, offset, into),
    write: (offset, bytes) => writeFully(handle, path, offset, bytes),
    flush: () => inFile(path, () => handle.datasync()),
  };
}

/** A file system without hard links (FAT, some network file systems) says one of these. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Node has no rename that replaces nothing, but a hard link does not. Both calls run without a wait between them. */
function giveName(temporary: string, target: string): void {
  try {
    linkSync(temporary, target);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    renameToReserved(temporary, target);
    return;
  }
  unlinkSync(temporary);
}

/** The name is taken with an empty file first, and only that one is replaced. */
function renameToReserved(temporary: string, target: string): void {
  closeSync(openSync(target, "wx"));
  try {
    renameSync(temporary, target);
  } catch (error) {
    unlinkSync(target);
    throw error;
  }
}

async function giveAccess(
  handle: FileHandle,
  { mode, uid, gid }: FileAccess,
  owner: { readonly mustBeKept: boolean; readonly path: string },
): Promise<void> {
  const own = await handle.stat();
  let allowed = mode & 0o7777;
  if (own.uid !== uid || own.gid !== gid) {
    try {
      await handle.chown(uid, gid);
    } catch (error) {
      if (owner.mustBeKept) {
        const message = `belongs to user ${uid} and group ${gid}; only that user, or root, can replace it and leave it theirs`;
        throw new VmgsError("VMGS_ACCESS_DENIED", message, { path: owner.path }, { cause: error });
      }
      allowed &= 0o700;
    }
  }
  // After the owner, since a change of owner takes bits away.
  await handle.chmod(allowed);
}

/** The file's name is on the medium when its folder is. */
async function syncFolder(target: string): Promise<void> {
  if (process.platform === "win32") return;
  let handle: FileHandle;
  try {
    handle = await open(dirname(target), "r");
  } catch (error) {
    // A folder may allow making files in it, and no list of them.
    if ((error as NodeJS.ErrnoException).code === "EACCES") return;
    throw error;
  }
  try {
    await handle.sync().catch((error: NodeJS.ErrnoException) => {
      // Some file systems have nothing to sync in a folder.
      if (error.code !== "EINVAL" && error.code !== "ENOTSUP") throw error;
    });
  } finally {
    await handle.close();
  }
}

async function removeOwn(target: string, identity: FileIdentity): Promise<void> {
  const now = await stat(target, { bigint: true }).catch(() => null);
  if (now !== null && isSameFile(now, identity)) unlinkSync(target);
}
