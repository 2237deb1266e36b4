import { expect, test } from "vitest";
import { viewMarkdown } from "../index.ts";

test("a command with any number of backticks is one code span", () => {
  const command = "`x".repeat(300_000);
  const block = { kind: "actions", actions: [{ words: "do it", action: { kind: "wipe" } }] } as const;
  const view = { place: null, headline: null, sections: [{ title: null, blocks: [block] }] };
  const text = viewMarkdown(view, { commandOf: () => command });
  expect(text).toContain(`\`\` ${command} \`\``);
});
