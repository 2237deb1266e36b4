/** Results of conformance checks of a TPM as JUnit XML, which CI systems read. */

import { having } from "../../arguments/index.ts";
import type { ConformanceReport, ConformanceResult } from "../../tpm/index.ts";
import { escapeXml } from "./xml.ts";

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3);

const checkReport = having("engine", "results");

/** The report as one test suite. */
export function conformanceJunit(report: ConformanceReport): string {
  checkReport(report, "report");
  const { engine, results } = report;
  const count = (outcome: ConformanceResult["outcome"]) =>
    results.filter((result) => result.outcome === outcome).length;
  const time = seconds(results.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  const head =
    `name="vmgs tpm conformance ${escapeXml(engine)}" tests="${results.length}" ` +
    `failures="${count("fail")}" errors="0" skipped="${count("skipped")}" time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite ${head}>`,
    ...results.map(testCase),
    "  </testsuite>",
    "</testsuites>\n",
  ].join("\n");
}

function testCase({ id, title, outcome, evidence, reason, code, milliseconds }: ConformanceResult): string {
  const message = escapeXml(reason ?? "");
  const type = code === null ? "" : ` type="${escapeXml(code)}"`;
  const lines = evidence.map(({ holds, text }) => `${holds ? "ok" : "NOT"}: ${text}`);
  return [
    `    <testcase classname="vmgs.tpm.conformance" name="${escapeXml(`${id}: ${title}`)}" time="${seconds(milliseconds)}">`,
    ...(outcome === "fail" ? [`      <failure message="${message}"${type}/>`] : []),
    ...(outcome === "skipped" ? [`      <skipped message="${message}"/>`] : []),
    ...(lines.length === 0 ? [] : [`      <system-out>${escapeXml(lines.join("\n"))}</system-out>`]),
    "    </testcase>",
  ].join("\n");
}
