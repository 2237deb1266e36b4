// Writes docs/errors.md from the tables of codes in the library. A test holds the two together.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCodes, warningCodes } from "../packages/vmgs/dist/index.js";

const cell = (text) => text.replaceAll("|", "\\|");
const errors = Object.entries(errorCodes).map(
  ([code, { meaning, cure }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(cure)} |`,
);
const warnings = Object.entries(warningCodes).map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} |`);
const text = `# Error and warning codes

Stable: a code never changes its meaning. This page is made by \`node scripts/document-errors.mjs\`.

## Errors

| code | meaning | cure |
| --- | --- | --- |
${errors.join("\n")}

The command line has three of its own: \`VMGS_USAGE\` (called wrongly), \`VMGS_NOT_FOUND\` (what was asked for is not in
the store) and \`VMGS_INTERRUPTED\` (Ctrl-C or SIGTERM; \`change\` in the document says what was changed before).

## Warnings

| code | meaning |
| --- | --- |
${warnings.join("\n")}
`;
const target = join(fileURLToPath(new URL("..", import.meta.url)), "docs/errors.md");
if (process.argv.includes("--check")) {
  const { readFile } = await import("node:fs/promises");
  if ((await readFile(target, "utf8")) === text) process.exit(0);
  console.error("docs/errors.md is not what the library says: run node scripts/document-errors.mjs");
  process.exit(1);
}
await writeFile(target, text);
