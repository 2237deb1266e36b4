/** Runs `vmgstool` in process. */

import { main } from "../../src/vmgstool/index.ts";
import { type Circumstances, type Run, runMain } from "./cli.ts";

/** Runs one command line. No output ever holds a key that the tests use. */
export function vmgstool(argv: readonly string[], circumstances?: Circumstances): Promise<Run> {
  return runMain(main, argv, circumstances);
}

/** Runs a command that prints a document, and returns it. */
export async function vmgstoolJson(
  argv: readonly string[],
  circumstances?: Circumstances,
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await vmgstool([...argv, "--json"], circumstances);
  if (stdout === "") throw new Error(`vmgstool ${argv.join(" ")} printed nothing: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
