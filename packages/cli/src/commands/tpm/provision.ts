import {
  AK_CERTIFICATE_INDEX_SIZE,
  ATTESTATION_REPORT_SIZE,
  planFirstBoot,
  runFirstBoot,
  type TpmEngine,
} from "vmgskit/tpm";
import type { CommandContext } from "../../context.ts";
import { type CommandDeclaration, JSON_OPTION } from "../../declaration/index.ts";
import { ExitCode } from "../../exit-codes.ts";
import { printJson, reportWarnings } from "../../messages.ts";
import { checkOutput, writeWhole } from "../../output-file.ts";
import {
  ENGINE_OPTIONS,
  type FirstBootDocument,
  type FirstBootPlan,
  FORCE_OPTION,
  firstBootDocument,
  plannedBootDocument,
  printFirstBoot,
  readFirstBootPlan,
  withEngine,
} from "../../tpm-engine/index.ts";

export const provision: CommandDeclaration = {
  name: "tpm provision",
  summary: "do to a TPM what the first boot of a virtual machine does",
  description:
    "Starts the TPM, makes the attestation key anew and the endorsement key, prepares the certificate index, and " +
    "writes what is given. An engine keeps its own state; only swtpm gives it out and takes it back, in its own " +
    "format. Exit code 3 means that something was refused or lost: see the warnings.",
  args: [],
  options: [
    ...ENGINE_OPTIONS,
    FORCE_OPTION,
    { flags: "--refresh-seeds", meaning: "another identity: new seeds first, since the VM was copied" },
    { flags: "--confidential", meaning: "a confidential VM, whose attestation key is always new" },
    { flags: "--small-vtpm", meaning: "repair as for a state of 16 KiB; keeps the attestation key" },
    { flags: "--clear", meaning: "run a pending Clear: what owner and guest made is lost" },
    { flags: "--pcr-banks <LIST>", meaning: "run a pending choice of PCR banks: SHA256,SHA384" },
    { flags: "--certificate <FILE>", meaning: "write this AK certificate, in DER" },
    {
      flags: "--akcert-size <BYTES>",
      meaning: "size of the AK certificate index",
      fallback: String(AK_CERTIFICATE_INDEX_SIZE),
    },
    { flags: "--no-index", meaning: "make no certificate index where there is none" },
    { flags: "--no-preserve", meaning: "do not keep the old certificate" },
    { flags: "--attestation-report", meaning: "make the index for attestation reports" },
    {
      flags: "--report-size <BYTES>",
      meaning: "size of that index",
      fallback: String(ATTESTATION_REPORT_SIZE),
    },
    { flags: "--report <FILE>", meaning: "write this attestation report; implies --attestation-report" },
    { flags: "--guest-secret-key <FILE>", meaning: "import this guest secret key (file 13 of a store)" },
    { flags: "--state <FILE>", meaning: "start from this state, in the engine's own format" },
    {
      flags: "--save-state <FILE>",
      meaning: "save the state there at the end; it holds private keys",
      output: true,
    },
    { flags: "--dry-run", meaning: "show what would be done; starts the TPM, because reading it needs that" },
    JSON_OPTION,
  ],
  examples: [
    {
      command: "vmgs tpm provision --engine swtpm://127.0.0.1:2321 --akcert-size 2048",
      meaning: "a swtpm, whose indices have at most 2048 bytes",
    },
    {
      command: "vmgs tpm provision --engine mssim://127.0.0.1:2321 --certificate ak.der",
      meaning: "with a certificate",
    },
  ],
  async run(context, _args, options) {
    const plan = await readFirstBootPlan(context, options);
    if (plan.saveState !== undefined) await checkOutput(plan.saveState, plan);
    const document = await withEngine(context, options, (engine) =>
      plan.dryRun ? look(context, engine, plan) : boot(context, engine, plan),
    );
    await reportWarnings(context, document.warnings, document.engine);
    if (context.json) await printJson(context, "vmgs.tpm-provision/1", document);
    else await printFirstBoot(context, document);
    return document.warnings.length > 0 ? ExitCode.foundBad : ExitCode.done;
  },
};

async function look(
  { signal }: CommandContext,
  engine: TpmEngine,
  { request }: FirstBootPlan,
): Promise<FirstBootDocument> {
  const planned = await planFirstBoot(engine, request, { signal });
  return plannedBootDocument(engine.name, planned, request.refreshSeeds === true);
}

async function boot(
  { signal, verbose, stderr, changes }: CommandContext,
  engine: TpmEngine,
  { request, saveState, replace }: FirstBootPlan,
): Promise<FirstBootDocument> {
  const onStep = (step: string) => {
    if (verbose) stderr.write(`vmgs: ${step}\n`);
  };
  changes.begun(engine.name, false);
  const outcome = await runFirstBoot(engine, request, { signal, onStep });
  changes.done(engine.name, null);
  if (saveState !== undefined && outcome.state !== null) {
    await writeWhole(saveState, outcome.state, { replace, isPrivate: true, signal });
  }
  return firstBootDocument(engine.name, outcome, saveState ?? null);
}
