// The licences of other people's code in the bundle of the command line: each asks that its text goes along.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TEXTS = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** The notices for the packages that these modules come from. Throws when one has no licence text. */
export function notices(moduleIds) {
  const folders = new Map();
  for (const id of moduleIds) {
    // The innermost: a package may bring others of its own.
    const [, folder] = /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id) ?? [];
    if (folder === undefined) continue;
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    folders.set(`${name} ${version}`, { folder, license });
  }
  const parts = [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, facts]) => notice(title, facts));
  const head = "The programs vmgs and vmgstool contain code of these packages, under these licences.\n";
  return [head, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}

function notice(title, { folder, license }) {
  const texts = readdirSync(folder).filter((name) => TEXTS.test(name));
  if (texts.length === 0) throw new Error(`${title} is bundled, and has no licence text`);
  const bodies = texts.map((name) => readFileSync(join(folder, name), "utf8").trim());
  return `${title} (${license})\n\n${bodies.join("\n\n")}\n`;
}
