/** Inputs of the kind that people meet (golden/cases): what doctor and boot say about each. */

import { expect, test } from "vitest";
import { diagnose, forecastBoot } from "../src/diagnose/index.ts";
import { planRepair } from "../src/recovery/index.ts";
import { memorySource } from "../src/source/index.ts";
import { now } from "./diagnosis-fixtures.ts";
import { errorOf } from "./expect-error.ts";
import { type CaseFile, caseImage, goldenCaseRows } from "./golden-cases.ts";
import { goldenCaseNames } from "./golden-data.ts";

test("each file has its row", () => {
  expect([...goldenCaseRows.keys()].sort()).toEqual(goldenCaseNames);
});

const files = [...goldenCaseRows].filter((row): row is [string, CaseFile] => row[1].kind !== "source");

test.each(files)("%s", async (name, row) => {
  const bytes = await caseImage(name, row);
  const before = bytes.slice();
  const image = memorySource(bytes);
  const { verdict, findings } = await diagnose(image, { now });
  const { lifetimes } = await forecastBoot(image);
  const boot = lifetimes.find(({ lifetime }) => lifetime === "default")?.outcome;
  const faults = findings.filter(({ severity }) => severity !== "info");
  const found = { verdict, boot, findings: faults.map(({ id }) => id) };
  if (row.kind === "foreign") {
    expect(found).toEqual({ verdict: "critical", boot: "fails", findings: ["container-other-format"] });
    expect(faults[0]?.message).toContain(`the file is ${row.is}`);
    const error = await errorOf(() => planRepair(image));
    expect([error.code, error.message]).toEqual(["VMGS_OTHER_DISK_FORMAT", faults[0]?.message]);
  } else {
    expect(found).toEqual({ verdict: row.verdict, boot: row.boot, findings: row.findings });
  }
  expect(bytes).toEqual(before);
});
