/** The executable `vmgs`: real streams, signals and exit code. */

import type { Environment, Output } from "./context.ts";
import { main } from "./main.ts";

function outputTo(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

// Somebody who reads our output may stop reading: `vmgs inspect … | head`. That is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
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
  stdout: outputTo(process.stdout),
  stderr: outputTo(process.stderr),
  env: process.env,
  readStdin,
  stdinIsTerminal: process.stdin.isTTY === true,
  signal: interruption.signal,
};

process.exitCode = await main(process.argv.slice(2), environment);
