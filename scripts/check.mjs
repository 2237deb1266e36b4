// `npm run check`: everything that CI does except the tests on another Node and in a browser.
import { join } from "node:path";
import { buildWhenStale, install, root, run } from "./setup.mjs";

install();
const bin = (path) => join(root, "node_modules", path);
const node = (...args) => run(process.execPath, args);

/** What must hold, in order: cheap first. */
export const checks = [
  ["format and lint", () => node(bin("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings")],
  ["English", () => node(join(root, "scripts/english.mjs"))],
  [
    "import directions",
    () => node(bin("dependency-cruiser/bin/dependency-cruise.mjs"), "packages/vmgs/src", "packages/cli/src"),
  ],
  ["golden data", () => node(join(root, "scripts/golden.mjs"), "--check")],
  ["version", () => node(join(root, "scripts/version.mjs"), "--check")],
  ["types", () => node(bin("typescript/bin/tsc"), "-b", "packages/vmgs/tsconfig.node.json")],
  ["types of tests", () => node(bin("typescript/bin/tsc"), "-p", "packages/vmgs/tsconfig.test.json")],
  ["types of the command line", () => node(bin("typescript/bin/tsc"), "-p", "packages/cli")],
  ["build", () => node(join(root, "scripts/build.mjs"))],
  ["docs/errors.md", () => node(join(root, "scripts/document-errors.mjs"), "--check")],
  ["docs/findings.md", () => node(join(root, "scripts/document-findings.mjs"), "--check")],
  ["schemas of documents", () => node(join(root, "scripts/document-schemas.mjs"), "--check")],
  ["packages", () => node(join(root, "scripts/check-package.mjs"))],
  ["API documentation", () => node(bin("typedoc/bin/typedoc"), "--logLevel", "Warn")],
];

for (const [name, check] of checks) {
  console.log(`check: ${name}`);
  check();
}
buildWhenStale();
console.log("all checks passed");
