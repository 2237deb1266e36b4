/** The built executable, as users run it. The build is seen to by test/support/build.ts. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expectNoSecrets } from "./secrets.ts";

export const executable = fileURLToPath(new URL("../../bin/vmgs.cjs", import.meta.url));

export interface Finished {
  /** Exit code, or the name of the signal that ended it. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the executables without input. */
export function runExecutable(name: "vmgs" | "vmgstool", argv: readonly string[]): Promise<Finished> {
  const script = fileURLToPath(new URL(`../../bin/${name}.cjs`, import.meta.url));
  const child = spawn(process.execPath, [script, ...argv], { env: { ...process.env, VMGS_KEY_FILE: "" } });
  child.stdin.end();
  return finished(child);
}

/** Starts `vmgs`; its standard input is open until somebody ends it. */
export function startVmgs(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [executable, ...argv], {
    env: { ...process.env, VMGS_KEY_FILE: "", ...env },
  });
}

/** Waits for the end of a process. */
export async function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  const [stdout, stderr] = [Buffer.concat(out), Buffer.concat(err)];
  expectNoSecrets(stdout, "standard output");
  expectNoSecrets(stderr, "standard error");
  return { exit: code ?? signal ?? "unknown", stdout: stdout.toString(), stderr: stderr.toString() };
}

/** Runs `vmgs` with all its input at once. */
export function runVmgs(argv: readonly string[], input: string | Uint8Array = ""): Promise<Finished> {
  const child = startVmgs(argv);
  // A process that does not read its input may be gone before it is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return finished(child);
}
