/** The executable `vmgs`: real streams, signals and exit code. */

import { isatty } from "node:tty";
import type { Environment, Output } from "./context.ts";
import { main } from "./main.ts";

/** Node's streams cost milliseconds to set up: each is touched only when something is written. */
function outputTo(descriptor: number, open: () => NodeJS.WriteStream): Output {
  let stream: NodeJS.WriteStream | undefined;
  const opened = () => {
    if (stream === undefined) {
      stream = open();
      // Somebody who reads our output may stop reading: `vmgs inspect … | head`. That is no error.
      stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
    }
    return stream;
  };
  const isTerminal = isatty(descriptor);
  return {
    isTerminal,
    columns: isTerminal ? opened().columns : 80,
    write: (data) =>
      new Promise((resolve, reject) => {
        opened().write(data, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const interruption = new AbortController();
let interrupted = false;
process.on("SIGINT", () => {
  // A second Ctrl-C ends at once; a store is sound even then.
  if (interrupted) process.exit(130);
  interrupted = true;
  interruption.abort();
});

const environment: Environment = {
  stdout: outputTo(1, () => process.stdout),
  stderr: outputTo(2, () => process.stderr),
  env: process.env,
  readStdin,
  stdinIsTerminal: isatty(0),
  signal: interruption.signal,
};

// The bundle is CommonJS, which starts faster and has no top-level await.
void main(process.argv.slice(2), environment).then((code) => {
  process.exitCode = code;
});
