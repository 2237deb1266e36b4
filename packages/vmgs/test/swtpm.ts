/** A TPM to test with: swtpm on free ports of this machine, with a state folder of its own. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why tests with swtpm are skipped, or null when it is there. */
export const whyNoSwtpm: string | null =
  spawnSync("swtpm", ["--version"]).status === 0
    ? null
    : "swtpm is not installed: apt-get install swtpm (npm test does it where it may)";

export interface Swtpm extends AsyncDisposable {
  readonly port: number;
  readonly controlPort: number;
  /** As `openTpmEngine` takes it. */
  readonly address: string;
  /** Ends the process and keeps its state; returns the folder, for another one. */
  stop(): Promise<string>;
}

export interface SwtpmOptions {
  /** More for the command line: `--flags not-need-init,startup-clear`. */
  readonly args?: readonly string[];
  /** State of another one, which was stopped; that one sees to its end. */
  readonly folder?: string;
}

const ATTEMPTS = 5;

/** Starts a TPM that waits for power, unless `args` say otherwise. */
export async function startSwtpm({ args = [], folder }: SwtpmOptions = {}): Promise<Swtpm> {
  const state = folder ?? (await mkdtemp(join(tmpdir(), "vmgskit-swtpm-")));
  for (let attempt = 1; ; attempt++) {
    const [port, controlPort] = await freePorts();
    const child = spawn(
      "swtpm",
      [
        ...["socket", "--tpm2", "--tpmstate", `dir=${state}`, "--server", `type=tcp,port=${port}`],
        ...["--ctrl", `type=tcp,port=${controlPort}`, ...args],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    // A free port may be taken before swtpm has it.
    const failure = await listening(child, [port, controlPort]);
    if (failure === null) return { port, controlPort, ...handleOf(child, port, controlPort, state, folder) };
    if (attempt === ATTEMPTS) throw new Error(`swtpm does not start: ${failure}`);
  }
}

function handleOf(child: ChildProcess, port: number, controlPort: number, state: string, kept?: string) {
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }
    return state;
  };
  return {
    address: `swtpm://127.0.0.1:${port}?control=${controlPort}`,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      if (kept === undefined) await rm(state, { recursive: true, force: true });
    },
  };
}

/** Two ports that were free a moment ago. */
async function freePorts(): Promise<[number, number]> {
  const servers = [await listen(), await listen()];
  const ports = servers.map(portOf) as [number, number];
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The port of a listening server. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return address.port;
}

/** Waits until the process holds both ports, and tells what it said if it ends instead. */
async function listening(child: ChildProcess, ports: readonly number[]): Promise<string | null> {
  let said = "";
  child.stderr?.on("data", (text) => {
    said += text;
  });
  const sockets = () => readFileSync("/proc/net/tcp", "utf8");
  const wanted = ports.map(
    (port) => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`,
  );
  while (child.exitCode === null && child.signalCode === null) {
    const table = sockets();
    if (wanted.every((line) => table.includes(line))) return null;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return said;
}
