/** The catalogue, and the page that is made from it. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findingCatalogue, severities } from "./index.ts";

const page = readFileSync(new URL("../../../../docs/findings.md", import.meta.url), "utf8");
const entries = Object.entries(findingCatalogue);

describe("docs/findings.md", () => {
  test.each(entries)("has a section for %s, as it is declared", (id, { severity, title, meaning, cure }) => {
    const section = `### ${id}\n\n**${severity}**: ${title}.\n\n${meaning}\n\n*Cure.* ${cure}\n`;
    expect(page).toContain(section);
    expect(page).toContain(`[${id}](#${id})`);
  });

  test("has no other section", () => {
    const sections = [...page.matchAll(/^### (.+)$/gm)].map(([, id]) => id);
    expect([...sections].sort()).toEqual(Object.keys(findingCatalogue).sort());
  });
});

test.each(entries)("%s is well declared", (id, { severity, title, meaning, cure }) => {
  expect(id).toMatch(/^[a-z]+(-[a-z0-9]+)+$/);
  expect(severities).toContain(severity);
  expect(title).not.toMatch(/\.$|\n/);
  for (const text of [meaning, cure]) expect(text).toMatch(/[^.]\.$|`$/);
  expect(title.length).toBeLessThan(80);
});
