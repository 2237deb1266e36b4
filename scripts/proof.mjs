// `npm run proof`: the long proofs that nothing is lost (docs/reliability.md). Names of parts, or none for all:
//
//   npm run proof                          a little of everything
//   npm run proof -- crash model           of these parts only
//   npm run proof -- --ci | --nightly      as much as CI does, or as a night has time for
//   npm run proof -- crash --size 5000000 --seed 7
//
// The code is in packages/vmgs/test/proof. Pieces run in as many processes as the machine has cores.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { install, root } from "./setup.mjs";

install();
const folder = mkdtempSync(join(tmpdir(), "vmgskit-proof-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Bundles a file of the proofs, so that any Node runs it. */
async function bundle(name) {
  const { rolldown } = await import("rolldown");
  const file = join(folder, `${name}.mjs`);
  const bundled = await rolldown({
    input: join(root, `packages/vmgs/test/proof/${name}.ts`),
    platform: "node",
    transform: { target: "node20.19" },
  });
  await bundled.write({ file, format: "esm", sourcemap: "inline", codeSplitting: false });
  await bundled.close();
  return file;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ci: { type: "boolean" },
    nightly: { type: "boolean" },
    size: { type: "string" },
    seed: { type: "string" },
  },
});
const extent = values.nightly ? "nightly" : values.ci ? "ci" : "quick";
// CI looks at the same every time; a night has seeds of its own.
const seed = Number(values.seed ?? (values.nightly ? Math.floor(Date.now() / 86_400_000) * 1_000_000 : 1));
const { proofs } = await import(pathToFileURL(await bundle("proofs")).href);
const parts = [...new Set(proofs.map(({ part }) => part))];
const unknown = positionals.filter((part) => !parts.includes(part));
if (unknown.length > 0 || !Number.isSafeInteger(seed) || !(Number(values.size ?? 1) > 0)) {
  console.error(`parts are: ${parts.join(", ")}; --size and --seed are numbers`);
  process.exit(2);
}

const worker = await bundle("process");
const processes = availableParallelism();
const chosen = [...proofs.entries()].filter(
  ([, { part }]) => positionals.length === 0 || positionals.includes(part),
);

/** Seeds of pieces lie far apart: a piece counts on from its own. */
const SEEDS_OF_A_PIECE = 10_000_000;

function piecesOf([index, { sizes, divisible }]) {
  const size = Number(values.size ?? sizes[extent]);
  const count = divisible ? processes : 1;
  return Array.from({ length: count }, (_, i) => ({
    proof: index,
    seed: seed + i * SEEDS_OF_A_PIECE,
    size: Math.ceil(size / count),
  }));
}

/** Runs a piece in a process of its own. A process that ends without an answer failed. */
function runPiece(piece) {
  return new Promise((resolve) => {
    const env = { ...process.env, VMGSKIT_GOLDEN: join(root, "packages/vmgs/test/golden") };
    const child = fork(worker, [], { execArgv: ["--enable-source-maps"], env });
    let answer = { failure: "the process ended without an answer" };
    child.on("message", (message) => {
      answer = message;
    });
    child.on("exit", () => resolve({ piece, ...answer }));
    child.send(piece);
  });
}

async function runAll(pieces) {
  const waiting = [...pieces];
  const done = [];
  const lane = async () => {
    for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
      done.push(await runPiece(piece));
    }
  };
  await Promise.all(Array.from({ length: processes }, lane));
  return done;
}

/** Figures of all pieces together: sums, and the largest of what is named `most...`. */
function together(all) {
  const sum = {};
  for (const figures of all) {
    for (const [name, value] of Object.entries(figures)) {
      sum[name] = name.startsWith("most") ? Math.max(sum[name] ?? 0, value) : (sum[name] ?? 0) + value;
    }
  }
  return sum;
}

const words = (name) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const start = performance.now();
console.log(`proof: ${extent}, seed ${seed}, ${processes} processes`);
const results = await runAll(chosen.flatMap(piecesOf));
let failed = 0;
for (const [index, { part, name }] of chosen) {
  const of = results.filter(({ piece }) => piece.proof === index);
  const failures = of.filter(({ failure }) => failure !== undefined);
  failed += failures.length > 0 ? 1 : 0;
  console.log(`\n${part}: ${name}`);
  const figures = together(of.map((result) => result.figures ?? {}));
  for (const [key, value] of Object.entries(figures)) {
    console.log(`  ${value.toLocaleString("en").padStart(12)} ${words(key)}`);
  }
  for (const { failure } of failures) console.log(`  FAILED: ${failure}`);
}
console.log(
  `\nproofs: ${chosen.length - failed} hold, ${failed} fail; ${((performance.now() - start) / 1000).toFixed(0)} s`,
);
process.exit(failed === 0 ? 0 : 1);
