// `npm run bench`: all benchmarks, one after the other. Figures of a run are kept in docs/performance.md.
import { cpus } from "node:os";

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
);
for (const name of ["start-up", "scan", "encryption", "transaction", "layouts"])
  await import(`./${name}.mjs`);
