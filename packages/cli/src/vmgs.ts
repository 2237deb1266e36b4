/** The executable `vmgs`. */

import { main } from "./main.ts";
import { processEnvironment } from "./process-environment.ts";

// The bundle is CommonJS, which starts faster and has no top-level await.
void main(process.argv.slice(2), processEnvironment).then((code) => {
  process.exitCode = code;
});
