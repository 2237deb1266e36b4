/** Every command as its own examples call it, in a folder that has what they name: a new command is walked at once. */

import { spawn } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commands } from "../../src/commands/index.ts";
import { type CommandDeclaration, optionName } from "../../src/declaration/index.ts";
import { loadAll } from "../../src/program.ts";
import { commands as toolCommands } from "../../src/vmgstool/commands/index.ts";
import { prepare } from "./cli.ts";
import { makeFolder, sha256File } from "./folder.ts";
import { expectNoSecrets, testKey } from "./secrets.ts";
import { goldenState } from "./tpm.ts";
import { goldenListFile } from "./variables.ts";

export type Program = "vmgs" | "vmgstool";

/** A call that a declaration shows. */
export interface Call {
  readonly program: Program;
  readonly command: CommandDeclaration;
  readonly argv: readonly string[];
}

/** The calls of a program in a line of shell, as words. */
export function callsIn(line: string, name: Program = "vmgs"): string[][] {
  const parts = line
    .replaceAll(/[<>]?<?\(|\)/g, " ")
    .split("|")
    .map((part) => part.replace(/ > .*$/, "").trim());
  return parts
    .map((part) => part.replace(/^source +/, "").split(/ +/))
    .filter(([program]) => program === name)
    .map(([, ...argv]) => argv.map((word) => word.replaceAll("'", "")));
}

async function callsOf(program: Program, nodes: Parameters<typeof loadAll>[0]): Promise<Call[]> {
  const all = await loadAll(nodes);
  return all.flatMap((command) =>
    command.examples.flatMap(({ command: example }) =>
      callsIn(example, program)
        .filter((argv) => command.name.split(" ").every((word, i) => argv[i] === word))
        .map((argv) => ({ program, command, argv })),
    ),
  );
}

/** All calls of all examples of both programs. */
export async function allCalls(): Promise<readonly Call[]> {
  return [...(await callsOf("vmgs", commands)), ...(await callsOf("vmgstool", toolCommands))];
}

const isPath = (word: string) => /^[\w*-]+\.[a-z]+$/.test(word) && !word.startsWith("-");

/** The call with `path` in place of each file that it names, and for each option that takes one; by what it stands for. */
export function withFile(
  { command, argv }: Call,
  path: string,
): (readonly [place: string, argv: readonly string[]])[] {
  const named = argv.flatMap((word, i) => {
    if (!isPath(word)) return [];
    const before = argv[i - 1] ?? "";
    const place = before.startsWith("-") ? before : `${i - command.name.split(" ").length}`;
    return [[place, argv.toSpliced(i, 1, path)] as const];
  });
  const options = command.options
    .map(({ flags }) => optionName(flags))
    .filter(({ value }) => value === "FILE");
  const added = options
    .filter(({ long, short }) => !argv.includes(long) && !(short !== null && argv.includes(short)))
    .map(({ long }) => [long, [...argv, long, path]] as const);
  return [...named, ...added];
}

/** A folder with the files that examples name. */
export async function exampleFolder(): Promise<string> {
  const folder = await makeFolder();
  const at = (name: string) => join(folder, name);
  await writeFile(at("nvram.bin"), await readFile(goldenListFile("boot-entries")));
  await writeFile(at("tpm.bin"), goldenState("fresh-32k"));
  for (const [i, name] of ["vm.key", "old.key", "new.key"].entries()) {
    await writeFile(at(name), testKey(120 + i));
  }
  await prepare(["provision", at("vm.vmgs"), "--size", "256K", "-q"]);
  await prepare(["put", at("vm.vmgs"), "1", at("nvram.bin"), "-q"]);
  await prepare(["put", at("vm.vmgs"), "3", at("tpm.bin"), "-q"]);
  await prepare(["uefi", "export", at("vm.vmgs"), "-o", at("vars.json"), "-q"]);
  await prepare(["convert", at("vm.vmgs"), at("vm.raw"), "--to", "raw", "-q"]);
  for (const name of ["a", "b", "before", "after"]) await copyFile(at("vm.vmgs"), at(`${name}.vmgs`));
  return folder;
}

/** A copy, for a call that may change it. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await mkdtemp(join(folder, "..", "vmgs-call-"));
  for (const name of await readdir(folder)) await copyFile(join(folder, name), join(copy, name));
  return copy;
}

/** Digests of the files in a folder, and of those in its folders. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const found: Record<string, string> = {};
  for (const name of names) {
    if ((await stat(join(folder, name))).isFile()) found[name] = await sha256File(join(folder, name));
  }
  return found;
}

export const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true });

/** How a process is started; what is not said is a pipe. */
export interface Start {
  readonly cwd: string;
  /** A descriptor, or `closed`: a pipe that nobody reads. */
  readonly stdout?: number | "closed";
  /** Runs it under `prlimit` with so many bytes of memory. */
  readonly memory?: number;
}

/** A process of one of the executables. */
export interface Running {
  kill(signal: NodeJS.Signals): void;
  /** True once it catches signals and all its threads sleep: it waits for something. False when it has ended. */
  idle(): Promise<boolean>;
  readonly ended: Promise<{
    readonly exit: number | string;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

const script = (name: Program) => fileURLToPath(new URL(`../../bin/${name}.cjs`, import.meta.url));

export function startProgram(
  program: Program,
  argv: readonly string[],
  { cwd, stdout, memory }: Start,
): Running {
  const limit = memory === undefined ? [] : ["prlimit", `--data=${memory}`];
  const [command = "", ...args] = [...limit, process.execPath, script(program), ...argv];
  const stdio = typeof stdout === "number" ? stdout : "pipe";
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", stdio, "pipe"],
    env: { ...process.env, VMGS_KEY_FILE: "", VMGS_DEBUG: "" },
  });
  if (stdout === "closed") child.stdout?.destroy();
  const parts = { out: [] as Buffer[], err: [] as Buffer[] };
  child.stdout?.on("data", (chunk: Buffer) => parts.out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => parts.err.push(chunk));
  const ended = new Promise<Awaited<Running["ended"]>>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const [out, err] = [Buffer.concat(parts.out), Buffer.concat(parts.err)];
      expectNoSecrets(err, "standard error");
      resolve({ exit: code ?? signal ?? "unknown", stdout: out.toString("latin1"), stderr: err.toString() });
    });
  });
  return { kill: (signal) => void child.kill(signal), idle: () => isIdle(child.pid ?? 0), ended };
}

const SIGTERM_BIT = 1n << 14n;

async function isIdle(pid: number): Promise<boolean> {
  try {
    for (let quiet = 0; quiet < 5; ) {
      const caught =
        /^SigCgt:\s*([0-9a-f]+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
      const threads = await readdir(`/proc/${pid}/task`);
      const states = await Promise.all(
        threads.map(async (thread) => {
          const line = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
          return line.slice(line.lastIndexOf(")") + 2).charAt(0);
        }),
      );
      const sleeps = (BigInt(`0x${caught}`) & SIGTERM_BIT) !== 0n && states.every((state) => state === "S");
      quiet = sleeps ? quiet + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  } catch {
    return false;
  }
}

/** Does something with all of them, a few at a time. */
export async function eachOf<T>(
  items: readonly T[],
  action: (item: T) => Promise<void>,
  width = 4,
): Promise<void> {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await action(item);
  };
  await Promise.all(Array.from({ length: width }, work));
}
