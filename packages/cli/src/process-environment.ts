/** The real streams, signals and variables around an executable. */

import { isatty } from "node:tty";
import type { Environment, Output } from "./context.ts";
import { streamError } from "./host-files.ts";

const DEFAULT_COLUMNS = 80;

/** Node's streams cost milliseconds to set up: each is touched only when something is written. */
function outputTo(descriptor: number, open: () => NodeJS.WriteStream, failed: FailedWrite): Output {
  let stream: NodeJS.WriteStream | undefined;
  // Set when the reader is gone: the command goes on to its exit code, and what it prints goes nowhere.
  let unheard = false;
  const opened = () => {
    // Every write has its own answer, so the event that comes beside it says nothing new.
    stream ??= open().on("error", () => undefined);
    return stream;
  };
  const isTerminal = isatty(descriptor);
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
  stdinIsTerminal: isatty(0),
  signal: interruption.signal,
};
