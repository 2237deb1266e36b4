/** Reports the results of the conformance checks. */

import { AK_CERTIFICATE_INDEX_SIZE, type ConformanceReport, type ConformanceResult } from "vmgskit/tpm";
import { type CommandContext, widthOf } from "../context.ts";
import { print } from "../messages.ts";
import { escapeText, formatCount, wrapText } from "../terminal/index.ts";

/** The report as `--json` prints it. */
export function conformanceDocument({ engine, tpm, indexSize, results }: ConformanceReport): object {
  return { engine, tpm, indexSize, ...counts(results), checks: results };
}

function counts(results: readonly ConformanceResult[]) {
  const count = (outcome: ConformanceResult["outcome"]) =>
    results.filter((result) => result.outcome === outcome).length;
  return { passed: count("pass"), failed: count("fail"), skipped: count("skipped") };
}

const MARKS = { pass: "pass", fail: "FAIL", skipped: "skip" } as const;
const INDENT = "        ";

/** The report for people: one line a check, and the evidence of what failed; `--verbose` shows all evidence. */
export async function printConformance(context: CommandContext, report: ConformanceReport): Promise<void> {
  const { engine, tpm, indexSize, results } = report;
  const { bold, green, red, yellow, dim } = context.colors;
  const width = Math.max(20, widthOf(context.stdout) - INDENT.length);
  const below = async (text: string, color: (text: string) => string = dim) => {
    for (const line of wrapText(escapeText(text), width)) await print(context, `${INDENT}${color(line)}`);
  };
  await print(context, bold(escapeText(engine)));
  await print(
    context,
    `  TPM of ${escapeText(tpm.manufacturer ?? "an unknown maker")}, revision ${tpm.revision ?? "unknown"}`,
  );
  await print(
    context,
    `  certificate index of ${indexSize} bytes${indexSize === AK_CERTIFICATE_INDEX_SIZE ? "" : ", the largest that this TPM takes"}`,
  );
  const colors = { pass: green, fail: red, skipped: yellow };
  for (const { title, outcome, reason, evidence } of results) {
    const [first = "", ...rest] = wrapText(title, width);
    await print(context, `  ${colors[outcome](MARKS[outcome])}  ${first}`);
    for (const line of rest) await print(context, `${INDENT}${line}`);
    if (outcome === "skipped") await below(reason ?? "");
    const shown = evidence.filter(({ holds }) => context.verbose || !holds);
    for (const { holds, text } of shown) await below(text, holds ? dim : red);
    const isNew = reason !== null && outcome === "fail" && !shown.some(({ text }) => text === reason);
    if (isNew) await below(reason, red);
  }
  const { passed, failed, skipped } = counts(results);
  await print(
    context,
    `${formatCount(results.length, "check")}: ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}
