import { access } from "node:fs/promises";
import {
  type BootDecision,
  decideBoot,
  examineDisk,
  guestStateLifetimes,
  markerVersionKeys,
  openStore,
  type ProvisionOutcome,
  provisionDisk,
  provisioners,
  type Secret,
  type StoreState,
  VmgsError,
  type Warning,
  type WritableDisk,
} from "vmgskit";
import { createDiskFile, nodeCipher, openDiskFile } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import {
  BACKUP_OPTION,
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  newKeyOption,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { isV1File } from "../guest-states.ts";
import { notice } from "../messages.ts";
import { type ProvisionPlan, readPlan, reportProvision } from "../provisioning/index.ts";
import { containerOptions, readKey } from "../stores.ts";
import { makeBackup } from "../stores-for-change.ts";

export const provision: CommandDeclaration = {
  name: "provision",
  summary: "create or boot a store as OpenHCL does, and write the provisioning marker",
  description:
    "A file that does not exist is created: a fixed VHD of zeros, as a host makes it, which is then formatted as " +
    "OpenHCL's boot does. A file that exists is treated as a boot with the given guest state lifetime would treat it. " +
    "What would destroy content needs --force or --backup.",
  args: [{ ...storeArgument, output: true }],
  options: [
    { flags: "--size <BYTES>", meaning: "bytes of a new store: 4194304, 4M", fallback: "4M" },
    {
      flags: "--lifetime <LIFETIME>",
      meaning: "guest state lifetime",
      choices: guestStateLifetimes,
      fallback: "default",
    },
    { flags: "--empty", meaning: "make a blank disk as a host does, and do not format it" },
    { flags: "--no-marker", meaning: "write no provisioning marker" },
    {
      flags: "--provisioner <NAME>",
      meaning: `who makes the store: ${provisioners.join(", ")} or another`,
      complete: () => provisioners.map((value) => ({ value, meaning: "" })),
      fallback: "openhcl",
    },
    { flags: "--hcl-version <TEXT>", meaning: "source revision of the writer, for the marker" },
    {
      flags: "--version-key <NAME>",
      meaning: "name of the version in the marker",
      choices: markerVersionKeys,
      fallback: "hcl_version",
    },
    { flags: "--tpm-version <TEXT>", meaning: "version of the vTPM", fallback: "1.38" },
    { flags: "--tpm-nvram-size <BYTES>", meaning: "size of the vTPM's state", fallback: "32768" },
    { flags: "--akcert-size <BYTES>", meaning: "size of the AK certificate index", fallback: "4096" },
    newKeyOption("encrypt the new store"),
    ...DISK_OPTIONS,
    { flags: "--dry-run", meaning: "show what would happen; write nothing" },
    BACKUP_OPTION,
    { flags: "--force", meaning: "format even if content is lost; allow a store of 4 or 5 blocks" },
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs provision vm.vmgs", meaning: "a new store of 4 MiB with its marker" },
    { command: "vmgs provision blank.vmgs --empty", meaning: "a blank disk, as a host makes it" },
    {
      command: "vmgs provision vm.vmgs --lifetime reprovision --backup old.vmgs",
      meaning: "start over, keeping a copy",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const request: Request = { file, options, plan: readPlan(options) };
    if (request.plan.empty && options.key !== undefined) {
      throw new UsageError("--empty and --key exclude each other: a blank disk has no key");
    }
    await ((await fileExists(file)) ? provisionExisting(context, request) : provisionNew(context, request));
    return 0;
  },
};

interface Request {
  readonly file: string;
  readonly options: OptionValues;
  readonly plan: ProvisionPlan;
}

async function fileExists(file: string): Promise<boolean> {
  if (file === "") throw new VmgsError("VMGS_PATH_EMPTY", "the path is empty");
  try {
    await access(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

async function provisionNew(context: CommandContext, { file, options, plan }: Request): Promise<void> {
  if (options.backup !== undefined) throw new UsageError("--backup: there is no file to copy yet");
  const container = options.disk === "raw" ? "raw" : "vhd";
  if (container === "vhd" && options.sectorSize === "4096") {
    throw new UsageError("a fixed VHD has sectors of 512 bytes", "add --disk raw for --sector-size 4096");
  }
  const decision = plan.empty ? null : decideBoot({ kind: "empty" }, { lifetime: plan.lifetime });
  const nothing = { outcome: null, state: null, warnings: [] };
  if (plan.dryRun || decision?.action === "ignore") {
    const created = decision?.action !== "ignore";
    await reportProvision(context, file, { plan, decision, created, ...nothing });
    return;
  }
  const key = plan.empty ? undefined : await readKey(context, options);
  context.signal.throwIfAborted();
  let outcome: ProvisionOutcome | undefined;
  // The store is complete before the file has its name, so that a failure leaves none, and another process no half.
  await createDiskFile(file, {
    container,
    ...(plan.size !== undefined && { byteLength: plan.size }),
    sectorSize: options.sectorSize === "4096" ? 4096 : 512,
    ...(decision !== null && {
      prepare: async (disk) => {
        outcome = await boot(context, file, disk, plan, key);
        context.signal.throwIfAborted();
      },
    }),
  });
  if (outcome === undefined) context.changes.done(file, null);
  if (outcome === undefined)
    await reportProvision(context, file, { plan, decision, created: true, ...nothing });
  else await reportOutcome(context, file, { plan, outcome, created: true, warnings: [] });
}

async function provisionExisting(context: CommandContext, request: Request): Promise<void> {
  const { file, options, plan } = request;
  if (plan.empty)
    throw new VmgsError("VMGS_FILE_EXISTS", "the file exists; --empty only makes new ones", { path: file });
  if (plan.size !== undefined) throw new UsageError("--size is for a new file, and this one exists");
  const { decision, state, warnings } = await look(file, options, plan);
  if (decision.action === "fail") {
    const { event, error } = decision;
    const message = `the boot fails (${event}): ${error?.message}`;
    throw new VmgsError("VMGS_LIFETIME_REFUSED", message, error?.facts, { cause: error });
  }
  const changes = decision.action === "format" || (decision.action === "open" && decision.clearReprovisioned);
  if (plan.dryRun && changes) await noticeRefusal(context, decision, request);
  if (plan.dryRun || !changes) {
    const known = decision.action === "open" ? state : null;
    await reportProvision(context, file, {
      plan,
      decision,
      outcome: null,
      state: known,
      created: false,
      warnings,
    });
    return;
  }
  await refuseAnyLoss(context, decision, request);
  const key = decision.action === "format" ? await readKey(context, options) : undefined;
  context.signal.throwIfAborted();
  await using disk = await openDiskFile(file, { ...containerOptions(options), write: true });
  // Another process may have changed it before the lock was taken.
  refuseLoss(decideBoot(await examineDisk(disk), { lifetime: plan.lifetime }), request);
  await makeBackup(file, options);
  const outcome = await boot(context, file, disk, plan, key);
  await reportOutcome(context, file, { plan, outcome, created: false, warnings });
}

/** What a boot would do, without writing. */
async function look(file: string, options: OptionValues, { lifetime }: ProvisionPlan) {
  await using disk = await openDiskFile(file, containerOptions(options));
  const { warnings } = disk.container;
  const condition = await examineDisk(disk);
  const decision = decideBoot(condition, { lifetime });
  const state: StoreState | null = condition.kind === "valid" ? (await openStore(disk)).state : null;
  return { decision, state, warnings };
}

/** Says in a dry run that the change itself would be refused. */
async function noticeRefusal(
  context: CommandContext,
  decision: BootDecision,
  request: Request,
): Promise<void> {
  try {
    await refuseAnyLoss(context, decision, request);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    await notice(context, request.file, `without --dry-run this is refused: ${error.message}; ${error.hint}`);
  }
}

async function refuseAnyLoss(
  context: CommandContext,
  decision: BootDecision,
  request: Request,
): Promise<void> {
  refuseLoss(decision, request);
  if (decision.action === "format") await refuseV1Loss(context, request);
}

/** @throws UsageError when a store would be formatted, and neither a copy nor force was asked for */
function refuseLoss(decision: BootDecision, { file, options, plan }: Request): void {
  if (decision.action !== "format" || decision.reason === "empty") return;
  if (plan.force || options.backup !== undefined) return;
  throw new UsageError(
    `the store in ${file} would be formatted (reason ${decision.reason}), and its content lost`,
    "add --backup FILE to keep a copy, or --force",
  );
}

/** A version 1 file without its primary GPT looks blank to a boot, and is not. */
async function refuseV1Loss(context: CommandContext, { file, options, plan }: Request): Promise<void> {
  if (plan.force || options.backup !== undefined || !(await isV1File(context, file, options))) return;
  throw new UsageError(
    `${file} is a version 1 file of Windows; it would be formatted, and its content lost`,
    "add --backup FILE to keep a copy, or --force",
  );
}

async function boot(
  { changes }: CommandContext,
  file: string,
  disk: WritableDisk,
  plan: ProvisionPlan,
  key: Secret | undefined,
): Promise<ProvisionOutcome> {
  const outcome = await provisionDisk(changes.followDisk(file, disk), {
    lifetime: plan.lifetime,
    marker: plan.marker,
    allowTiny: plan.force,
    cipher: nodeCipher,
    ...(key && { key }),
  });
  changes.done(file, outcome.store?.state.header.sequence ?? null);
  return outcome;
}

interface BootReport {
  readonly plan: ProvisionPlan;
  readonly outcome: ProvisionOutcome;
  readonly created: boolean;
  /** What was worth knowing before the boot. */
  readonly warnings: readonly Warning[];
}

function reportOutcome(
  context: CommandContext,
  file: string,
  { plan, outcome, created, warnings }: BootReport,
): Promise<void> {
  const { decision, store } = outcome;
  return reportProvision(context, file, {
    plan,
    decision,
    outcome,
    state: store?.state ?? null,
    created,
    warnings: [...warnings, ...outcome.warnings],
  });
}
