/** `vmgs explain`: every name that the tool uses can be looked up offline. */

import { expect, test } from "vitest";
import { explain, explainedNames } from "vmgskit/report";
import { vmgs } from "./support/cli.ts";

test("every finding, error, warning, file and lifetime is explained, in any case", () => {
  for (const name of explainedNames()) {
    expect(explain(name)?.sections, name).not.toEqual([]);
    expect(explain(name.toUpperCase()), name).toEqual(explain(name.toLowerCase()));
  }
});

test("a file is found by its number, decimal or hexadecimal", async () => {
  const [byName, byNumber, byHex] = await Promise.all(
    ["PROVISIONING_MARKER", "18", "0x12"].map((name) => vmgs(["explain", name])),
  );
  expect(byName?.stdout).toContain("PROVISIONING_MARKER (18)");
  expect([byNumber?.stdout, byHex?.stdout]).toEqual([byName?.stdout, byName?.stdout]);
});

test("a lifetime is explained by what the boot does with each kind of disk", async () => {
  const { stdout } = await vmgs(["explain", "default"]);
  expect(stdout).toMatch(/ {2}blank disk +formats it +empty\n/);
  expect(stdout).toMatch(/ {2}damaged store +the boot fails\n/);
});

test("a name that is unknown gives the nearest one, and exit code 5", async () => {
  const { code, stderr } = await vmgs(["explain", "slack-dta"]);
  expect([code, stderr]).toEqual([5, 'vmgs: nothing is called "slack-dta"\nhint: vmgs explain slack-data\n']);
});
