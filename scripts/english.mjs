// Finds wording that reads as translated, in Markdown and in the comments and strings of TypeScript.
// `node scripts/english.mjs [PATH...]` checks these paths; without any, what is listed in `covered`.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { root } from "./setup.mjs";

/** What is clean and stays clean: `npm run check` looks here. A folder is added when its last finding is gone. */
const covered = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs",
  ...[
    "commands",
    "completion",
    "declaration",
    "hexdump",
    "provisioning",
    "terminal",
    "topics",
    "tpm-engine",
    "vmgstool",
  ].map((folder) => `packages/cli/src/${folder}`),
  ...[
    "action",
    "arguments",
    "certificate",
    "comparison",
    "diagnose",
    "disk",
    "errors",
    "format",
    "guest",
    "guest-state",
  ].map((folder) => `packages/vmgs/src/${folder}`),
  ...[
    "inspect",
    "layout",
    "migration",
    "node",
    "pe",
    "protection",
    "provisioning",
    "recovery",
    "secret",
    "steps",
  ].map((folder) => `packages/vmgs/src/${folder}`),
  ...["store", "tpm", "uefi", "v1"].map((folder) => `packages/vmgs/src/${folder}`),
];

/** What was released is not rewritten, and what tests feed in is data. */
const skipped = /^(?:CHANGELOG\.md|node_modules|dist|test|golden|api)$|\.test\.ts$/;

/** Strings that are code of a shell. */
const code = new Set([join(root, "packages/cli/src/completion/scripts.ts")]);

/** [what is found, what to write]. White space stands for any white space, line ends of comments included. */
const patterns = [
  [/\bunless (?:\w+ )?told\b(?: otherwise)?/, '"by default", "Default: ..."'],
  [/\b(?:tell|tells|telling|told)\b/, "show, record, hold, list, report, say; distinguish"],
  [
    /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|doubt\b)[\w-]+/,
    '"is not a", "does not"',
  ],
  [/(?<!\b[tT]here )\b(?:is|are|was|were) none\b(?! of\b)/, '"is not one"'],
  [/\b(?:leave|leaves|leaving|left) (?:\w+ )?away\b/, "omit"],
  [/\b(?:whoever|nobody|somebody|anybody)\b/, "name the actor: the caller, the host, the boot"],
  [/\bwho calls\b/, "the caller"],
  [/\bin the place of\b/, "instead of"],
  [/\bshall\b/, "will, should, must"],
  [/\b(?:is|are|was|were) to (?!(?:the|a|an|its|this|that|these)\b)\w+/, "should, must, will"],
  [/(?<!\b(?:days|ms|xx|clock) |-)\bbehind\b/, "after (order of bytes); under"],
  [/, (?:too|as well)\b(?=\s*[^\s\w])/, "no comma before it"],
  [/, that (?!(?:of|is|one)\b)/, 'no comma before "that"; otherwise name the thing'],
  [/\bcase counts\b/, "case-sensitive"],
].map(([found, better]) => [new RegExp(found.source.replaceAll(" ", "\\s+"), "gi"), better]);

const semicolonsPerSentence = 2;

const blank = (text) => text.replace(/[^\n]/g, " ");
/** Code in prose is kept out of the patterns, and stays one word of the sentence. */
const withoutCode = (text) => text.replace(/`[^`]*`/g, (code) => code.replace(/[^\n]/g, "x"));

/** Prose as [offset, text] pairs, each text as long as its source. */
function markdownProse(text) {
  const prose = text
    .replace(/^( *)(```|~~~)[\s\S]*?^\1\2 *$/gm, blank)
    .replace(/\]\([^)]*\)/g, blank)
    .replace(/<[^>\n]*>/g, blank);
  return paragraphs(withoutCode(prose));
}

function paragraphs(text) {
  return [...text.matchAll(/(?:[^\n]+(?:\n(?!\s*(?:\n|[-*|#>]|\d+\. )))?)+/g)].map((match) => [
    match.index,
    match[0],
  ]);
}

/** Comments and strings of TypeScript; a template is one text, its expressions one word each. */
function typescriptProse(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Map();
  const comment = ({ pos, end }) => {
    const body = text
      .slice(pos, end)
      .replace(/^\/\*\*?|\*\/$|^\/\//g, blank)
      .replace(/^\s*\*/gm, blank);
    found.set(pos, withoutCode(body.replace(/\{@link ([^}]*)\}/g, (link) => link.replace(/[^\n]/g, "x"))));
  };
  const literal = (node) => {
    let body = text.slice(node.getStart(source), node.end);
    if (ts.isTemplateExpression(node)) {
      const start = node.getStart(source);
      for (const { expression } of node.templateSpans) {
        const [from, to] = [expression.pos - start, expression.end - start];
        body = `${body.slice(0, from - 2)}${"x".repeat(to - from + 3)}${body.slice(to + 1)}`;
      }
    }
    if (/\s/.test(body)) found.set(node.getStart(source), withoutCode(body.slice(1, -1).replace(/^/, " ")));
  };
  const visit = (node) => {
    ts.getLeadingCommentRanges(text, node.getFullStart())?.forEach(comment);
    ts.getTrailingCommentRanges(text, node.end)?.forEach(comment);
    const isText =
      ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
    if (isText && !ts.isImportDeclaration(node.parent) && !ts.isExportDeclaration(node.parent)) literal(node);
    for (const child of node.getChildren(source)) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(source);
  return [
    ...joined(
      [...found].sort(([a], [b]) => a - b),
      text,
    ),
  ];
}

/** Line comments that follow each other are one text. */
function joined(pieces, text) {
  const result = [];
  for (const [offset, piece] of pieces) {
    const last = result.at(-1);
    const between = last && text.slice(last[0] + last[1].length, offset);
    if (
      between !== undefined &&
      text.startsWith("//", offset) &&
      text.startsWith("//", last[0]) &&
      /^\n[ \t]*$/.test(between)
    ) {
      last[1] += between + piece;
    } else result.push([offset, piece]);
  }
  return result;
}

function* faults(prose) {
  for (const [pattern, better] of patterns) {
    for (const match of prose.matchAll(pattern)) yield [match.index, match[0].replace(/\s+/g, " "), better];
  }
  for (const sentence of prose.matchAll(/(?:[^.?!:\n|]|[.?!:](?!\s)|\n)+/g)) {
    const semicolons = sentence[0].split(/;(?=\s)/).length - 1;
    if (semicolons > semicolonsPerSentence && !sentence[0].includes("@throws")) {
      yield [sentence.index + sentence[0].search(/\S/), `${semicolons} semicolons`, "one fact, one sentence"];
    }
  }
}

function* files(path) {
  if (!statSync(path).isDirectory()) yield path;
  else {
    for (const name of readdirSync(path).sort())
      if (!skipped.test(name) && !code.has(join(path, name))) yield* files(join(path, name));
  }
}

const proseOf = (file, text) =>
  file.endsWith(".md") ? markdownProse(text) : /\.(?:ts|mts)$/.test(file) ? typescriptProse(text, file) : [];

let count = 0;
const named = process.argv.slice(2).map((path) => resolve(path));
for (const path of named.length > 0 ? named : covered.map((folder) => join(root, folder))) {
  for (const file of files(path)) {
    const text = readFileSync(file, "utf8");
    const inFile = [];
    for (const [offset, prose] of proseOf(file, text)) {
      for (const [at, words, better] of faults(prose)) inFile.push([offset + at, words, better]);
    }
    for (const [offset, words, better] of inFile.sort(([a], [b]) => a - b)) {
      const line = text.slice(0, offset).split("\n").length;
      console.log(`${relative(process.cwd(), file)}:${line}: "${words}": ${better}`);
      count++;
    }
  }
}
if (count > 0) {
  console.error(`${count} ${count === 1 ? "place" : "places"} to reword; docs: CONTRIBUTING.md`);
  process.exitCode = 1;
}
