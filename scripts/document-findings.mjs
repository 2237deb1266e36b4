// Writes docs/findings.md from the catalogue of findings in the library. A test holds the two together.
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findingCatalogue, severities } from "../packages/vmgs/dist/diagnose/index.js";

const { commandOf } = createRequire(import.meta.url)("../packages/cli/dist/man.cjs");

const areas = {
  container: "The file around the store",
  headers: "Headers and generations",
  header: "Headers and generations",
  table: "File tables",
  space: "Space",
  slack: "What lies after the ends of files",
  encryption: "Encryption",
  marker: "The provisioning marker",
  tpm: "The virtual TPM",
  uefi: "UEFI variables",
  guest: "The guest",
  key: "Where the datastore key comes from",
  provenance: "Who made the store",
  windows: "Version 1 files",
};
const entries = Object.entries(findingCatalogue);
const areaOf = (id) => areas[id.split("-")[0]];
const titles = [...new Set(entries.map(([id]) => areaOf(id)))];
const overview = severities.map((severity) => {
  const ids = entries.filter(([, entry]) => entry.severity === severity).map(([id]) => `[${id}](#${id})`);
  return `| ${severity} | ${ids.join(", ")} |`;
});
const commands = (actions) =>
  actions.length === 0
    ? ""
    : `\n${actions.map(({ words, action }) => `- ${words}: \`${commandOf(action, "FILE")}\`\n`).join("")}`;
const sections = titles.map((title) => {
  const own = entries.filter(([id]) => areaOf(id) === title);
  const parts = own.map(
    ([id, { severity, title: words, meaning, cure, actions = [] }]) =>
      `### ${id}\n\n**${severity}**: ${words}.\n\n${meaning}\n\n*Cure.* ${cure}\n${commands(actions)}`,
  );
  return `## ${title}\n\n${parts.join("\n")}`;
});
const text = `# Findings of \`vmgs doctor\`

What \`vmgs doctor\`, and \`diagnose\` of \`vmgskit/diagnose\`, can find. The names are stable: a finding never changes its
meaning. \`FILE\` stands for the store, \`vm.key\` for its key, \`ID\` and \`BLOCK\` for what the finding names. A diagnosis offers
only those commands that the store allows. This page is made by \`node scripts/document-findings.mjs\`.

| severity | means | exit code |
| --- | --- | --- |
| critical | the store can't be used, or its secrets are open | 3 |
| error | a part is broken, or the next boot or write goes wrong | 3 |
| warning | works today, and should be looked at | 0 |
| info | worth knowing | 0 |

A finding is only as good as what could be read: without a key nothing is said about encrypted content. What was not
looked at is listed with every diagnosis.

| severity | findings |
| --- | --- |
${overview.join("\n")}

${sections.join("\n")}`;
const target = join(fileURLToPath(new URL("..", import.meta.url)), "docs/findings.md");
if (process.argv.includes("--check")) {
  const { readFile } = await import("node:fs/promises");
  if ((await readFile(target, "utf8")) === text) process.exit(0);
  console.error("docs/findings.md is not what the library says: run node scripts/document-findings.mjs");
  process.exit(1);
}
await writeFile(target, text);
