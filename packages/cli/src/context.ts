/** What a command works with: where it writes, what it reads from, who runs it. Tests give their own. */

import type { ChangeWatch } from "./change-watch.ts";
import type { Colors } from "./terminal/index.ts";

/** A place for output. */
export interface Output {
  readonly isTerminal: boolean;
  /** Characters a line holds; 80 when it is not known. */
  readonly columns: number;
  write(data: string | Uint8Array): Promise<void>;
}

export interface Environment {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The first `limit` bytes of standard input. Fails with an AbortError when `signal` is aborted. */
  readStdin(limit: number): Promise<Uint8Array>;
  readonly stdinIsTerminal: boolean;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface CommandContext extends Environment {
  /** For standard output. */
  readonly colors: Colors;
  /** For standard error. */
  readonly messageColors: Colors;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly progress: boolean;
  /** What is known of what the command has changed, for its errors. */
  readonly changes: ChangeWatch;
}

/** Characters that a line of a result may have. Only a terminal has a width. */
export function widthOf({ isTerminal, columns }: Output): number {
  return isTerminal ? columns : Number.POSITIVE_INFINITY;
}
