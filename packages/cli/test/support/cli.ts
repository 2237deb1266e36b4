/** Runs `vmgs` in process, with everything around it pretended. */

import type { Environment, Output } from "../../src/context.ts";
import { main } from "../../src/main.ts";
import { expectNoSecrets } from "./secrets.ts";

export interface Circumstances {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  /** Standard input is a terminal, where nobody types anything. */
  readonly stdinIsTerminal?: boolean;
  /** Which outputs are a terminal. */
  readonly terminal?: "stdout" | "stderr" | "both" | "none";
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Called before each write to standard output. */
  readonly onWrite?: () => void;
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as bytes. */
  readonly bytes: Uint8Array;
}

/** Runs one command line. No output ever holds a key that the tests use. */
export function vmgs(argv: readonly string[], circumstances?: Circumstances): Promise<Run> {
  return runMain(main, argv, circumstances);
}

/** Runs a program as its executable would, with everything around it pretended. */
export async function runMain(
  program: typeof main,
  argv: readonly string[],
  circumstances: Circumstances = {},
): Promise<Run> {
  const { env = {}, stdin = "", terminal = "none", columns = 80, onWrite } = circumstances;
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const outputTo = (parts: Uint8Array[], isTerminal: boolean): Output => ({
    isTerminal,
    columns,
    async write(data) {
      if (parts === out) onWrite?.();
      // Copied as a stream would: the caller may use its memory again.
      parts.push(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
    },
  });
  const environment: Environment = {
    stdout: outputTo(out, terminal === "stdout" || terminal === "both"),
    stderr: outputTo(err, terminal === "stderr" || terminal === "both"),
    env,
    async readStdin(limit) {
      const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin.slice();
      return bytes.subarray(0, limit);
    },
    stdinIsTerminal: circumstances.stdinIsTerminal ?? false,
    signal: circumstances.signal ?? new AbortController().signal,
  };
  const code = await program(argv, environment);
  const bytes = new Uint8Array(Buffer.concat(out));
  const errors = Buffer.concat(err);
  expectNoSecrets(bytes, `standard output of ${argv.join(" ")}`);
  expectNoSecrets(errors, `standard error of ${argv.join(" ")}`);
  return { code, bytes, stdout: Buffer.from(bytes).toString(), stderr: errors.toString() };
}

/** Runs a command that must succeed, and returns its one JSON document. */
export async function vmgsJson(
  argv: readonly string[],
  circumstances?: Circumstances,
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await vmgs([...argv, "--json"], circumstances);
  if (code !== 0) throw new Error(`vmgs ${argv.join(" ")} exited with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Runs a command that only prepares a test. */
export async function prepare(argv: readonly string[], circumstances?: Circumstances): Promise<void> {
  const { code, stderr } = await vmgs(argv, circumstances);
  if (code !== 0) throw new Error(`vmgs ${argv.join(" ")} exited with ${code}: ${stderr}`);
}

/** The error documents on standard error, one a line. */
export function errorsOf({ stderr }: Run): Record<string, unknown>[] {
  return stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { error: Record<string, unknown> }).error);
}
