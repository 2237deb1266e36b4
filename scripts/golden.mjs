// Golden data and its checksums, in the form of `sha256sum`:
//
//   node scripts/golden.mjs                 writes SHA256SUMS of each folder
//   node scripts/golden.mjs --check         fails when a file is not what SHA256SUMS says, or is not in it
//   node scripts/golden.mjs --from FOLDER   takes over what changed there: files of the same path below FOLDER
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./setup.mjs";

const SUMS = "SHA256SUMS";
const folders = ["packages/vmgs/test/golden", "packages/cli/test/golden"].map((path) => join(root, path));

/** Paths of the files of a folder, with slashes, sorted. */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== SUMS)
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll(sep, "/"))
    .sort();
}

const hash = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const sumsOf = (folder) => filesIn(folder).map((path) => `${hash(join(folder, path))}  ${path}`);

/** Copies what is also there and has other content: tests choose what they need, and the README is ours. */
function takeOver(from, folder) {
  for (const path of filesIn(folder).filter((file) => file !== "README.md")) {
    const [source, target] = [join(from, path), join(folder, path)];
    if (!existsSync(source) || hash(source) === hash(target)) continue;
    copyFileSync(source, target);
    console.log(`${path}: changed`);
  }
}

/** What differs between the folder and its SHA256SUMS. */
function faultsOf(folder) {
  const listed = existsSync(join(folder, SUMS))
    ? readFileSync(join(folder, SUMS), "utf8").trimEnd().split("\n")
    : [];
  const found = sumsOf(folder);
  const other = (lines, all) => lines.filter((line) => !all.includes(line)).map((line) => line.slice(66));
  return [...new Set([...other(found, listed), ...other(listed, found)])];
}

const { values } = parseArgs({ options: { check: { type: "boolean" }, from: { type: "string" } } });
if (values.check) {
  const faults = folders.flatMap(faultsOf);
  for (const path of faults) console.error(`${path}: not as ${SUMS} says`);
  if (faults.length > 0) {
    console.error("if that is right, run `node scripts/golden.mjs`");
    process.exit(1);
  }
} else {
  if (values.from !== undefined) for (const folder of folders) takeOver(values.from, folder);
  for (const folder of folders) writeFileSync(join(folder, SUMS), `${sumsOf(folder).join("\n")}\n`);
}
