/** Which parts of the code have run, as V8 counts them: so that the fuzzer keeps inputs that lead somewhere new. */

import { type Profiler, Session } from "node:inspector";

export interface Coverage {
  /** Blocks and functions that ran for the first time since the last call. */
  newBlocks(): number;
  stop(): void;
}

/** Starts counting in this thread. */
export function startCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const seen = new Set<string>();
  return {
    newBlocks() {
      const before = seen.size;
      for (const { scriptId, url, functions } of take(session)) {
        if (!url.startsWith("file:")) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) seen.add(`${scriptId}:${startOffset}:${endOffset}`);
          }
        }
      }
      return seen.size - before;
    },
    stop() {
      session.post("Profiler.stopPreciseCoverage");
      session.disconnect();
    },
  };
}

function take(session: Session): readonly Profiler.ScriptCoverage[] {
  let scripts: readonly Profiler.ScriptCoverage[] = [];
  // Within one thread the inspector answers at once.
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error !== null) throw error;
    scripts = result;
  });
  return scripts;
}
