/** The real streams, signals and variables around an executable. */

import { fstatSync, type Stats, writeSync } from "node:fs";
import type { Environment, Output } from "./context.ts";
import { streamError } from "./host-files.ts";

const DEFAULT_COLUMNS = 80;

/**
 * Node's streams, and `node:tty` with them, cost milliseconds to set up: what is written to a file or to /dev/null goes
 * straight to the descriptor. Pipes and terminals keep writers waiting, which only a stream lets a signal end.
 */
function outputTo(descriptor: number, open: () => NodeJS.WriteStream, failed: FailedWrite): Output {
  const stats = statsOf(descriptor);
  if (stats !== undefined && (stats.isFile() || isMemoryDevice(stats)))
    return directOutput(descriptor, failed);
  let stream: NodeJS.WriteStream | undefined;
  // Set when the reader is gone: the command goes on to its exit code, and what it prints goes nowhere.
  let unheard = false;
  const opened = () => {
    // Every write has its own answer, so the event that comes beside it says nothing new.
    stream ??= open().on("error", () => undefined);
    return stream;
  };
  const isTerminal = isTerminalAt(descriptor, stats);
  return {
    isTerminal,
    columns: (isTerminal ? opened().columns : undefined) || DEFAULT_COLUMNS,
    write: (data) =>
      new Promise((resolve, reject) => {
        if (unheard) return resolve();
        opened().write(data, (error) => {
          unheard = (error as NodeJS.ErrnoException | null | undefined)?.code === "EPIPE";
          if (error && !unheard) failed(error, resolve, reject);
          else resolve();
        });
      }),
  };
}

function directOutput(descriptor: number, failed: FailedWrite): Output {
  return {
    isTerminal: false,
    columns: DEFAULT_COLUMNS,
    write: (data) =>
      new Promise((resolve, reject) => {
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        try {
          for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
          resolve();
        } catch (error) {
          failed(error as NodeJS.ErrnoException, resolve, reject);
        }
      }),
  };
}

/** Undefined for a descriptor that is closed. */
function statsOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}

/** Major number of the devices of memory, /dev/null among them, on Linux. */
const MEMORY_DEVICES = 1;

function isMemoryDevice(stats: Stats): boolean {
  return process.platform === "linux" && stats.isCharacterDevice() && stats.rdev >> 8 === MEMORY_DEVICES;
}

function isTerminalAt(descriptor: number, stats: Stats | undefined): boolean {
  if (stats === undefined || !stats.isCharacterDevice() || isMemoryDevice(stats)) return false;
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

type FailedWrite = (
  error: NodeJS.ErrnoException,
  resolve: () => void,
  reject: (reason: unknown) => void,
) => void;

const resultFailed: FailedWrite = (error, _resolve, reject) => reject(streamError(error, "standard output"));

/** Messages that can't be written change nothing: the work goes on. */
const messageFailed: FailedWrite = (_error, resolve) => resolve();

const interruption = new AbortController();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // A second Ctrl-C ends at once; a store is sound even then.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
}

async function readStdin(limit: number): Promise<Uint8Array> {
  const { collect, abortable } = await import("./waiting-files.ts");
  try {
    return await collect(abortable(process.stdin, interruption.signal), limit);
  } catch (error) {
    throw streamError(error, "standard input");
  }
}

/** What surrounds this process. */
export const processEnvironment: Environment = {
  stdout: outputTo(1, () => process.stdout, resultFailed),
  stderr: outputTo(2, () => process.stderr, messageFailed),
  env: process.env,
  readStdin,
  get stdinIsTerminal() {
    return isTerminalAt(0, statsOf(0));
  },
  signal: interruption.signal,
};
