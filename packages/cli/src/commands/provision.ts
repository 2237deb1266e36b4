import { access, rm } from "node:fs/promises";
import {
  type BootDecision,
  decideBoot,
  decodeMarker,
  examineDisk,
  type GuestStateLifetime,
  guestStateLifetimes,
  type MarkerParameters,
  type MarkerVersionKey,
  markerVersionKeys,
  type ProvisionOutcome,
  provisionDisk,
  provisioners,
  VmgsError,
  type Warning,
} from "vmgskit";
import { createDiskFile, nodeCipher, openDiskFile } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { printJson, reportWarnings, say } from "../messages.ts";
import { containerOptions, makeBackup, readKey } from "../stores.ts";
import { escapeText, formatSize, parseCount, parseSize } from "../terminal/index.ts";

export const provision: CommandDeclaration = {
  name: "provision",
  summary: "create or boot a store as OpenHCL does, and leave the provisioning marker",
  description:
    "A file that does not exist is created: a fixed VHD of zeros, as a host mints it, which is then formatted as " +
    "OpenHCL's boot does. A file that exists is treated as a boot with the given guest state lifetime would treat it. " +
    "What would destroy content needs --force or --backup.",
  args: [storeArgument],
  options: [
    { flags: "--size <BYTES>", meaning: "bytes of a new store: 4194304, 4M", fallback: "4M" },
    {
      flags: "--lifetime <LIFETIME>",
      meaning: "guest state lifetime",
      choices: guestStateLifetimes,
      fallback: "default",
    },
    { flags: "--empty", meaning: "make a blank disk as a host mints it, and do not format it" },
    { flags: "--no-marker", meaning: "write no provisioning marker" },
    {
      flags: "--provisioner <NAME>",
      meaning: `who makes the store: ${provisioners.join(", ")} or another`,
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
    { ...KEY_OPTION, meaning: `encrypt the new store; ${KEY_OPTION.meaning}` },
    ...DISK_OPTIONS,
    { flags: "--dry-run", meaning: "tell what would happen, and do nothing" },
    { flags: "--backup <FILE>", meaning: "first copy the existing file there; it must not exist" },
    { flags: "--force", meaning: "format although content is lost; allow a store of 4 or 5 blocks" },
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs provision vm.vmgs", meaning: "a new store of 4 MiB with its marker" },
    { command: "vmgs provision blank.vmgs --empty", meaning: "a blank disk, as a host mints it" },
    {
      command: "vmgs provision vm.vmgs --lifetime reprovision --backup old.vmgs",
      meaning: "start over, keeping a copy",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const plan = readOptions(options);
    const exists = await fileExists(file);
    if (!exists) await provisionNew(context, file, options, plan);
    else await provisionExisting(context, file, options, plan);
    return 0;
  },
};

interface ProvisionPlan {
  readonly size: number | undefined;
  readonly lifetime: GuestStateLifetime;
  readonly empty: boolean;
  readonly marker: MarkerParameters | false;
  readonly force: boolean;
  readonly dryRun: boolean;
}

function readOptions(options: OptionValues): ProvisionPlan {
  const text = (name: string) => options[name] as string | undefined;
  const count = (name: string, flag: string) => {
    const given = text(name);
    return given === undefined ? undefined : parseCount(given, flag);
  };
  const tpmNvramSize = count("tpmNvramSize", "--tpm-nvram-size");
  const akcertSize = count("akcertSize", "--akcert-size");
  const version = text("hclVersion");
  const provisioner = text("provisioner");
  const tpmVersion = text("tpmVersion");
  const versionKey = text("versionKey") as MarkerVersionKey | undefined;
  const marker: MarkerParameters = {
    ...(provisioner !== undefined && { provisioner }),
    ...(version !== undefined && { version }),
    ...(versionKey !== undefined && { versionKey }),
    ...(tpmVersion !== undefined && { tpmVersion }),
    ...(tpmNvramSize !== undefined && { tpmNvramSize }),
    ...(akcertSize !== undefined && { akcertSize }),
  };
  const size = text("size");
  return {
    size: size === undefined ? undefined : parseSize(size, "--size"),
    lifetime: (text("lifetime") as GuestStateLifetime | undefined) ?? "default",
    empty: options.empty === true,
    marker: options.marker === false ? false : marker,
    force: options.force === true,
    dryRun: options.dryRun === true,
  };
}

async function fileExists(file: string): Promise<boolean> {
  if (file === "") throw new VmgsError("VMGS_PATH_EMPTY", "the path is empty");
  try {
    await access(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    return true;
  }
}

async function provisionNew(
  context: CommandContext,
  file: string,
  options: OptionValues,
  plan: ProvisionPlan,
): Promise<void> {
  if (typeof options.backup === "string") throw new UsageError("--backup: there is no file to copy yet");
  const container = options.disk === "raw" ? "raw" : "vhd";
  const decision = decideBoot({ kind: "empty" }, { lifetime: plan.lifetime });
  if (plan.dryRun || (decision.action === "ignore" && !plan.empty)) {
    await report(context, file, {
      plan,
      decision: plan.empty ? null : decision,
      created: !plan.dryRun && plan.empty,
    });
    return;
  }
  const key = await readKey(context, options);
  await createDiskFile(file, { container, ...(plan.size !== undefined && { byteLength: plan.size }) });
  if (plan.empty) {
    await report(context, file, { plan, decision: null, created: true });
    return;
  }
  try {
    // A new raw image has whatever sector size is said; 512 unless told.
    const sectorSize = options.sectorSize === undefined ? 512 : (Number(options.sectorSize) as 512 | 4096);
    await using disk = await openDiskFile(file, { container, sectorSize, write: true });
    const outcome = await provisionDisk(disk, {
      lifetime: plan.lifetime,
      marker: plan.marker,
      allowTiny: plan.force,
      cipher: nodeCipher,
      ...(key && { key }),
    });
    await report(context, file, { plan, decision: outcome.decision, outcome, created: true });
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function provisionExisting(
  context: CommandContext,
  file: string,
  options: OptionValues,
  plan: ProvisionPlan,
): Promise<void> {
  if (plan.empty)
    throw new VmgsError("VMGS_FILE_EXISTS", "the file exists; --empty only makes new ones", { path: file });
  if (plan.size !== undefined) throw new UsageError("--size is for a new file, and this one exists");
  const decision = await decide(file, options, plan);
  if (decision.action === "fail") {
    const { event, error } = decision;
    const message = `the boot fails (${event}): ${error?.message}`;
    throw new VmgsError("VMGS_LIFETIME_REFUSED", message, error?.facts, { cause: error });
  }
  if (plan.dryRun || decision.action === "ignore") {
    await report(context, file, { plan, decision, created: false });
    return;
  }
  const destroys = decision.action === "format" && decision.reason !== "empty";
  if (destroys && !plan.force && options.backup === undefined) {
    throw new UsageError(
      `the store in ${file} would be formatted (reason ${decision.reason}), and its content lost`,
      "add --backup FILE to keep a copy, or --force",
    );
  }
  const key = await readKey(context, options);
  await using disk = await openDiskFile(file, { ...containerOptions(options), write: true });
  await makeBackup(file, options);
  const outcome = await provisionDisk(disk, {
    lifetime: plan.lifetime,
    marker: plan.marker,
    allowTiny: plan.force,
    cipher: nodeCipher,
    ...(key && { key }),
  });
  await report(context, file, { plan, decision: outcome.decision, outcome, created: false });
}

async function decide(file: string, options: OptionValues, plan: ProvisionPlan): Promise<BootDecision> {
  await using disk = await openDiskFile(file, containerOptions(options));
  return decideBoot(await examineDisk(disk), { lifetime: plan.lifetime });
}

interface ProvisionReport {
  readonly plan: ProvisionPlan;
  /** Null when a blank disk is made and no boot happens. */
  readonly decision: BootDecision | null;
  readonly outcome?: ProvisionOutcome;
  readonly created: boolean;
}

async function report(
  context: CommandContext,
  file: string,
  { plan, decision, outcome, created }: ProvisionReport,
): Promise<void> {
  const warnings: readonly Warning[] = outcome?.warnings ?? [];
  await reportWarnings(context, warnings, file);
  const marker = outcome?.marker ?? null;
  const sequence = outcome?.store?.state.header.sequence ?? null;
  if (context.json) {
    await printJson(context, "vmgs.provision/1", {
      file,
      dryRun: plan.dryRun,
      created,
      lifetime: plan.lifetime,
      action: decision?.action ?? "blank",
      reason: decision?.action === "format" ? decision.reason : null,
      markerWritten: marker !== null,
      markerReason: whyMarker(plan, decision, outcome),
      marker: marker === null ? null : Object.fromEntries(decodeMarker(marker).fields),
      sequence,
      encrypted: outcome?.store ? outcome.store.state.header.encryptionAlgorithm !== 0 : null,
      warnings,
    });
    return;
  }
  const would = plan.dryRun ? "would be " : "";
  const end = sequence === null ? "" : `; sequence ${sequence}`;
  await say(context, `${escapeText(file)}: ${would}${words(plan, decision, created, marker)}${end}`);
}

function words(
  plan: ProvisionPlan,
  decision: BootDecision | null,
  created: boolean,
  marker: Uint8Array | null,
): string {
  const { lifetime } = plan;
  if (decision === null) return `created blank, ${formatSize(plan.size ?? 4_194_304)}, not formatted`;
  switch (decision.action) {
    case "format": {
      const made = created ? "created and formatted" : "formatted";
      const left = marker === null ? "no marker" : `marker written (${marker.length} bytes)`;
      const mark = plan.dryRun ? (plan.marker === false ? "no marker" : "marker written") : left;
      return `${made} (reason ${decision.reason}), ${mark}`;
    }
    case "open":
      return decision.clearReprovisioned
        ? `opened as it is (lifetime ${lifetime}), \`reprovisioned\` cleared, no marker written`
        : `left as it is: a valid store, nothing to do (lifetime ${lifetime})`;
    default:
      return `left alone: an ephemeral guest state does not use the file`;
  }
}

/** Why there is a marker or not, for scripts. */
function whyMarker(
  plan: ProvisionPlan,
  decision: BootDecision | null,
  outcome: ProvisionOutcome | undefined,
): string {
  if (decision?.action !== "format") return "not formatted now";
  if (plan.marker === false) return "refused by --no-marker";
  if (outcome === undefined) return "dry run";
  return outcome.marker === null ? "writing it failed" : "formatted now";
}
