/** The executable `vmgstool`. */

import { processEnvironment } from "./process-environment.ts";
import { main } from "./vmgstool/index.ts";

// The bundle is CommonJS, which starts faster and has no top-level await.
void main(process.argv.slice(2), processEnvironment).then((code) => {
  process.exitCode = code;
});
