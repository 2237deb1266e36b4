/**
 * Several processes fight for one file, and some of them are killed. Meanwhile the file is renamed and gets hard links;
 * the processes open it by all its names, a symbolic link among them. Each counts in a file of its own; in the end every
 * count that was reported is in the store, and so is not one more. The lock of a process that was killed is told as
 * stale, and removed by hand, as docs/decisions/0004-lock-file.md says.
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { formatStore, isVmgsError, openStore } from "../../src/index.ts";
import { createDiskFile, nodeCipher, openDiskFile } from "../../src/node/index.ts";
import { countOf, FIGHT_KEY, type Fight, type Report } from "./fighter.ts";
import { Disproof } from "./history.ts";
import { keyBytes } from "./operations.ts";
import { type Random, seeded } from "./random.ts";

export interface FightFigures {
  processes: number;
  /** Changes that were reported as done. */
  rounds: number;
  kills: number;
  /** Locks that killed processes left. */
  staleLocks: number;
  /** Of them, those whose owner was not written yet. */
  emptyLocks: number;
  /** Changes that were on the disk when their process was killed before it could report them. */
  unreported: number;
  renames: number;
  hardLinks: number;
}

const FIGHTERS = 5;
const FIRST_FILE = 20;
/** A kill each that many rounds. */
const KILL_EVERY = 12;
/** Another name each that many rounds. */
const RENAME_EVERY = 4;

interface Fighter {
  readonly fileId: number;
  child: ChildProcess;
  reported: number;
  paused: boolean;
}

/** Lets processes fight until they have done that many rounds together. */
export async function proveFight(seed: number, rounds: number): Promise<FightFigures> {
  const folder = mkdtempSync(join(tmpdir(), "vmgskit-fight-"));
  const ring = new Ring(join(folder, "vm.vmgs"), Math.ceil(rounds / FIGHTERS), seeded(seed));
  try {
    return await ring.fight();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Ring {
  readonly #path: string;
  /** What the file is called now and then. */
  readonly #moved: string;
  /** A hard link that is there now and then, in another folder. */
  readonly #hard: string;
  /** A symbolic link to `#path`. */
  readonly #soft: string;
  readonly #each: number;
  readonly #random: Random;
  readonly #fighters: Fighter[] = [];
  readonly #figures: FightFigures = {
    processes: 0,
    rounds: 0,
    kills: 0,
    staleLocks: 0,
    emptyLocks: 0,
    unreported: 0,
    renames: 0,
    hardLinks: 0,
  };
  #settle: { done: () => void; fail: (error: Error) => void } = {
    done: () => undefined,
    fail: () => undefined,
  };
  #allPaused: (() => void) | undefined;
  /** A kill is being cleaned up. */
  #busy = false;
  #over = false;

  constructor(path: string, each: number, random: Random) {
    const links = join(dirname(path), "links");
    mkdirSync(links);
    this.#path = path;
    this.#moved = join(dirname(path), "moved.vmgs");
    this.#hard = join(links, "hard.vmgs");
    this.#soft = join(links, "soft.vmgs");
    symlinkSync(path, this.#soft);
    this.#each = each;
    this.#random = random;
  }

  async fight(): Promise<FightFigures> {
    await createDiskFile(this.#path, { byteLength: 64 * 4096 });
    {
      await using disk = await openDiskFile(this.#path, { write: true });
      await formatStore(disk, { cipher: nodeCipher, key: keyBytes(FIGHT_KEY) });
    }
    await new Promise<void>((resolve, reject) => {
      this.#settle = { done: resolve, fail: reject };
      for (let i = 0; i < FIGHTERS; i++) this.#enter(FIRST_FILE + i, 0);
    }).finally(() => {
      this.#over = true;
      for (const { child } of this.#fighters) child.kill("SIGKILL");
    });
    this.#restore();
    const counts = await this.#counts();
    for (const { fileId } of this.#fighters) {
      const count = counts.get(fileId);
      if (count !== this.#each)
        throw new Disproof(`file ${fileId} counts ${count} after ${this.#each} rounds`);
    }
    for (const lockPath of this.#lockPaths()) if (existsSync(lockPath)) throw new Disproof("a lock is left");
    return this.#figures;
  }

  /** Renames the file, or gives or takes a name, at some point of the next rounds: never so often that none ends. */
  #maybeRename(): void {
    if (!this.#random.oneIn(RENAME_EVERY)) return;
    setTimeout(() => {
      if (this.#busy || this.#over) return;
      this.#random.pick([() => this.#restore(), () => this.#move(), () => this.#link()])();
    }, this.#random.below(20));
  }

  #move(): void {
    if (!existsSync(this.#path)) return;
    renameSync(this.#path, this.#moved);
    this.#figures.renames++;
  }

  #link(): void {
    if (existsSync(this.#hard)) return;
    linkSync(existsSync(this.#path) ? this.#path : this.#moved, this.#hard);
    this.#figures.hardLinks++;
    // As long as it is there no process may write.
    setTimeout(() => rmSync(this.#hard, { force: true }), this.#random.below(30));
  }

  /** Gives the file its own name, and no other. */
  #restore(): void {
    rmSync(this.#hard, { force: true });
    if (!existsSync(this.#moved)) return;
    renameSync(this.#moved, this.#path);
    this.#figures.renames++;
  }

  #lockPaths(): string[] {
    return [this.#path, this.#moved, this.#hard].map((path) => `${path}.lock`);
  }

  #enter(fileId: number, reported: number): void {
    const known = this.#fighters.find((fighter) => fighter.fileId === fileId);
    const fighter: Fighter = known ?? {
      fileId,
      reported,
      paused: false,
      child: undefined as unknown as ChildProcess,
    };
    if (known === undefined) this.#fighters.push(fighter);
    const child = fork(process.argv[1] as string, ["fighter"], { execArgv: ["--enable-source-maps"] });
    fighter.child = child;
    fighter.paused = false;
    this.#figures.processes++;
    child.on("message", (report: Report) => this.#hear(fighter, report));
    child.on("exit", async (_, signal) => {
      // What it told before may still be on the way.
      if (child.connected) await once(child, "disconnect");
      if (fighter.child !== child) return;
      if (signal !== "SIGKILL") this.#checkEnd();
      else await this.#cleanUp(fighter).catch((error: Error) => this.#settle.fail(error));
    });
    const paths = [this.#path, this.#moved, this.#soft, this.#hard];
    const task: Fight = { paths, fileId, rounds: this.#each, reported };
    child.send(task);
  }

  #hear(fighter: Fighter, report: Report): void {
    if ("failure" in report) {
      this.#settle.fail(new Disproof(report.failure));
    } else if ("paused" in report) {
      fighter.paused = true;
      this.#checkPaused();
    } else {
      if (report.count > fighter.reported + 1) this.#figures.unreported++;
      fighter.reported = report.count;
      this.#figures.rounds++;
      this.#maybeKill();
      this.#maybeRename();
    }
  }

  #maybeKill(): void {
    if (this.#busy || !this.#random.oneIn(KILL_EVERY)) return;
    const alive = this.#fighters.filter(
      ({ child, reported }) => child.exitCode === null && reported < this.#each,
    );
    if (alive.length === 0) return;
    this.#busy = true;
    this.#figures.kills++;
    const { child } = this.#random.pick(alive);
    // At some point of its round, not always when somebody has just reported.
    setTimeout(() => {
      if (!child.kill("SIGKILL") || child.exitCode !== null) this.#busy = false;
    }, this.#random.below(8));
  }

  /** What an operator does after a process died: read what is said of the lock, and remove it. */
  async #cleanUp(fighter: Fighter): Promise<void> {
    this.#restore();
    for (const lockPath of this.#lockPaths()) {
      if (ownerOf(lockPath) === undefined) {
        // A lock without an owner may be one that a process is making just now: let all of them stand still.
        await this.#pause(fighter);
        if (existsSync(lockPath)) {
          await this.#removeStale(lockPath, ownerOf(lockPath) === undefined ? null : fighter);
        }
        for (const { child } of this.#fighters) if (child.connected) child.send("go on");
      } else if (ownerOf(lockPath) === fighter.child.pid) {
        await this.#removeStale(lockPath, fighter);
      }
    }
    this.#busy = false;
    this.#enter(fighter.fileId, fighter.reported);
  }

  async #pause(killed: Fighter): Promise<void> {
    const others = this.#fighters.filter((fighter) => fighter !== killed && fighter.child.connected);
    for (const fighter of others) {
      fighter.paused = false;
      fighter.child.send("pause");
    }
    await new Promise<void>((resolve) => {
      this.#allPaused = resolve;
      this.#checkPaused();
    });
  }

  #checkPaused(): void {
    const fighting = this.#fighters.filter(({ child, paused }) => child.connected && !paused);
    if (fighting.length > 0) return;
    this.#allPaused?.();
    this.#allPaused = undefined;
  }

  async #removeStale(lockPath: string, owner: Fighter | null): Promise<void> {
    this.#figures.staleLocks++;
    if (owner === null) this.#figures.emptyLocks++;
    // The lock of a name that does not lead to the file now keeps writers out by the inode in it, and beside it only.
    const elsewhere = lockPath !== `${this.#path}.lock`;
    if (elsewhere && (owner === null || dirname(lockPath) !== dirname(this.#path))) {
      rmSync(lockPath);
      return;
    }
    const told = await this.#refusalBy(lockPath);
    const right = owner === null ? "if none does, delete" : `process ${owner.child.pid} on`;
    if (!told.includes(right) || !told.includes(lockPath))
      throw new Disproof(`a stale lock is told as: ${told}`);
    if (owner !== null && !told.includes("no longer runs")) throw new Disproof(`not told as stale: ${told}`);
    // Nobody writes now: what was reported is there, and so is the store as a whole.
    const counts = await this.#counts();
    for (const { fileId, reported } of this.#fighters) {
      if ((counts.get(fileId) ?? 0) < reported)
        throw new Disproof(`file ${fileId} lost a round after a kill`);
    }
    rmSync(lockPath);
  }

  /** What is said of a lock; other writers that come and go are refused by it as well. */
  async #refusalBy(lockPath: string): Promise<string> {
    for (let tries = 1; ; tries++) {
      const error: unknown = await openDiskFile(this.#path, { write: true }).then(
        () => null,
        (reason: unknown) => reason,
      );
      const told = isVmgsError(error, "VMGS_LOCKED_BY_OTHER") ? error.message : String(error);
      if (told.includes(lockPath) || tries === 500) return told;
    }
  }

  async #counts(): Promise<Map<number, number>> {
    await using disk = await openDiskFile(this.#path);
    const store = await openStore(disk, { cipher: nodeCipher, key: keyBytes(FIGHT_KEY) });
    const counts = new Map<number, number>();
    for (const { id } of store.files) counts.set(id, countOf(id, await store.readFile(id)));
    return counts;
  }

  #checkEnd(): void {
    this.#checkPaused();
    const ended = this.#fighters.every(
      ({ reported, child }) => reported >= this.#each && child.exitCode !== null,
    );
    if (ended) this.#settle.done();
    const gaveUp = this.#fighters.some(
      ({ reported, child }) => reported < this.#each && child.exitCode !== null,
    );
    if (gaveUp) this.#settle.fail(new Disproof("a process ended before its rounds were done"));
  }
}

/** The process that a lock names: undefined when the lock names none yet, null when there is no lock. */
function ownerOf(lockPath: string): number | null | undefined {
  try {
    return (JSON.parse(readFileSync(lockPath, "utf8")) as { pid: number }).pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : undefined;
  }
}
