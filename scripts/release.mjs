// `npm run release -- 0.2.0`: gives the next version its number, commits and tags. Nothing is published.
//
// The version goes into every package (scripts/version.mjs) and the lock file; what stands under "Unreleased" in
// CHANGELOG.md becomes that version's. Afterwards: `git push --follow-tags`, and `npm publish -w packages/...`.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./setup.mjs";

const [version] = process.argv.slice(2);
const stop = (why) => {
  console.error(why);
  process.exit(2);
};
if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? "")) stop("give the version: npm run release -- 0.2.0");
const { stdout } = spawnSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" });
if (stdout !== "") stop(`commit first:\n${stdout}`);

const edit = (path, change) => {
  const file = join(root, path);
  writeFileSync(file, change(readFileSync(file, "utf8")));
};
edit("package.json", (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
run(process.execPath, [join(root, "scripts/version.mjs")]);
run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]);
edit("CHANGELOG.md", (text) => {
  const heading = "## Unreleased\n";
  if (!text.includes(heading)) stop("CHANGELOG.md has no heading Unreleased");
  const day = new Date().toISOString().slice(0, 10);
  return text.replace(heading, `${heading}\n## ${version}: ${day}\n`);
});
run(process.execPath, [join(root, "scripts/check.mjs")]);
run("git", ["commit", "--quiet", "--all", "--message", `chore: version ${version}`]);
run("git", ["tag", "--annotate", `v${version}`, "--message", `vmgskit ${version}`]);
console.log(`version ${version} is committed and tagged`);
