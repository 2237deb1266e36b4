import { conformanceJunit } from "vmgskit/report";
import { type ConformanceReport, conformanceChecks, runTpmConformance, type TpmEngine } from "vmgskit/tpm";
import type { CommandContext } from "../../context.ts";
import { type CommandDeclaration, JSON_OPTION } from "../../declaration/index.ts";
import { ExitCode, UsageError } from "../../exit-codes.ts";
import { printJson } from "../../messages.ts";
import { checkOutput, writeWhole } from "../../output-file.ts";
import { loadProgress } from "../../terminal/index.ts";
import {
  conformanceDocument,
  ENGINE_OPTIONS,
  FORCE_OPTION,
  printConformance,
  withEngine,
} from "../../tpm-engine/index.ts";

export const conformance: CommandDeclaration = {
  name: "tpm conformance",
  summary: "check that a TPM does what virtual TPMs rely on",
  description:
    "Destroys what is in the TPM: it gets new seeds and is cleared, and its attestation key and certificate index are " +
    "removed. Each check passes, fails or is skipped, with what was seen; --verbose also shows that of checks that " +
    "pass. Exit code 3 means that a check failed.",
  args: [],
  options: [
    ...ENGINE_OPTIONS,
    FORCE_OPTION,
    {
      flags: "--junit <FILE>",
      meaning: "write JUnit XML there too; - = standard output, instead of text",
      output: true,
    },
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs tpm conformance --engine swtpm://127.0.0.1:2321", meaning: "check a swtpm" },
    {
      command: "vmgs tpm conformance --engine mssim://127.0.0.1:2321 --junit conformance.xml",
      meaning: "for a CI system",
    },
  ],
  async run(context, _args, options) {
    const junit = options.junit as string | undefined;
    const replace = options.force === true;
    if (junit === "-" && context.json) throw new UsageError("--json excludes --junit -");
    if (junit !== undefined && junit !== "-") await checkOutput(junit, { replace });
    const report = await withEngine(context, options, (engine) => check(context, engine));
    if (junit === "-") await context.stdout.write(conformanceJunit(report));
    else if (junit !== undefined)
      await writeWhole(junit, conformanceJunit(report), { replace, signal: context.signal });
    if (context.json) await printJson(context, "vmgs.tpm-conformance/1", conformanceDocument(report));
    else if (junit !== "-") await printConformance(context, report);
    return report.results.some(({ outcome }) => outcome === "fail") ? ExitCode.foundBad : ExitCode.done;
  },
};

async function check(context: CommandContext, engine: TpmEngine): Promise<ConformanceReport> {
  const { startProgress } = await loadProgress();
  const progress = startProgress(context, conformanceChecks.length, "checks");
  try {
    context.changes.begun(engine.name, false);
    const report = await runTpmConformance(engine, {
      signal: context.signal,
      onCheck: () => progress.step(),
    });
    context.changes.done(engine.name, null);
    return report;
  } finally {
    progress.stop();
  }
}
