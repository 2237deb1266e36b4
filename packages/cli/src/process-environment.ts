/** The real streams, signals and variables around an executable. */

import { isatty } from "node:tty";
import type { Environment, Output } from "./context.ts";
import { streamError } from "./host-files.ts";

const DEFAULT_COLUMNS = 80;

/** Node's streams cost milliseconds to set up: each is touched only when something is written. */
function outputTo(descriptor: number, open: () => NodeJS.WriteStream, failed: FailedWrite): Output {
  let stream: NodeJS.WriteStream | undefined;
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
        opened().write(data, (error) => (error ? failed(error, resolve, reject) : resolve()));
      }),
  };
}

type FailedWrite = (
  error: NodeJS.ErrnoException,
  resolve: () => void,
  reject: (reason: unknown) => void,
) => void;

const resultFailed: FailedWrite = (error, _resolve, reject) => {
  // Whoever reads our output may stop reading: `vmgs inspect … | head`. That is no error.
  if (error.code === "EPIPE") process.exit(0);
  reject(streamError(error, "standard output"));
};

/** Nobody hears messages that can't be written; the work goes on. */
const messageFailed: FailedWrite = (_error, resolve) => resolve();

const interruption = new AbortController();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // A second Ctrl-C ends at once; a store is sound even then.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
}

async function readStdin(limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const { signal } = interruption;
  const { stdin } = process;
  // Destroying the stream ends the loop below, and lets the process end.
  const stop = () => stdin.destroy(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", stop);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limit) break;
    }
  } catch (error) {
    throw streamError(error, "standard input");
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks, Math.min(length, limit));
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
