import { type GuestStateLifetime, guestStateLifetimes, isVmgsError, VmgsError } from "vmgskit";
import { type BootForecast, forecastBoot, type LifetimeForecast, type LostFile } from "vmgskit/diagnose";
import { nodeCipher, openImageFile } from "vmgskit/node";
import { type CommandContext, widthOf } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storesArgument,
} from "../declaration/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print, printJson } from "../messages.ts";
import { containerOptions, readKey } from "../stores.ts";
import { escapeText, formatCount, formatSize, loadTable, wrapText } from "../terminal/index.ts";

export const boot: CommandDeclaration = {
  name: "boot",
  summary: "tell what OpenHCL's next boot does with a store, without writing",
  description:
    "For each guest state lifetime: whether the boot opens the store, formats it and what is lost then, or fails and " +
    "with which event; which kind of key it needs; what becomes of the vTPM's state. The exit code is 3 when the boot " +
    "would fail or lose data. Without --lifetime all four are shown, and the default lifetime decides the exit code, " +
    "as it is the one that hosts use unless told otherwise.",
  args: [storesArgument],
  options: [
    {
      flags: "--lifetime <LIFETIME>",
      meaning: "guest state lifetime",
      choices: guestStateLifetimes,
      fallback: "all four",
    },
    JSON_OPTION,
    KEY_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs boot vm.vmgs", meaning: "all four lifetimes side by side" },
    { command: "vmgs boot vm.vmgs --lifetime reprovision", meaning: "one lifetime decides the exit code" },
    { command: "vmgs boot --json *.vmgs", meaning: "one JSON document a line" },
  ],
  async run(context, args, options) {
    const key = await readKey(context, options);
    const asked = options.lifetime as GuestStateLifetime | undefined;
    const files = args[0] as readonly string[];
    let bad = false;
    const code = await forEachFile(context, files, async (file) => {
      const forecast = await look(context, file, asked, {
        ...containerOptions(options),
        ...(key && { key }),
      });
      const lifetimes = forecast.lifetimes.filter(
        ({ lifetime }) => asked === undefined || lifetime === asked,
      );
      bad ||= decisive(lifetimes, asked).outcome !== "starts";
      const told = { ...forecast, lifetimes };
      if (context.json) await printJson(context, "vmgs.boot/1", documentOf(file, asked, told));
      else await show(context, file, told, asked, file !== files[0]);
      // The forecast stands; a key that does not fit is the caller's mistake.
      if (forecast.key.opens === false && forecast.key.impossible === null) {
        throw new VmgsError("VMGS_WRONG_KEY", "the key that was given does not open the store");
      }
    });
    return bad && (code === ExitCode.done || code === ExitCode.keyNeeded) ? ExitCode.foundBad : code;
  },
};

/** The lifetime that decides the exit code. */
function decisive(
  lifetimes: readonly LifetimeForecast[],
  asked: GuestStateLifetime = "default",
): LifetimeForecast {
  const found = lifetimes.find(({ lifetime }) => lifetime === asked);
  if (found === undefined) throw new Error(`no forecast for ${asked}`);
  return found;
}

async function look(
  context: CommandContext,
  file: string,
  asked: GuestStateLifetime | undefined,
  options: Parameters<typeof forecastBoot>[1],
): Promise<BootForecast> {
  try {
    await using image = await openImageFile(file);
    return await forecastBoot(image, { ...options, cipher: nodeCipher });
  } catch (error) {
    if (context.json && isVmgsError(error)) {
      const nothing = { file, decidedBy: asked ?? "default", ...NOTHING, error: describeError(error) };
      await printJson(context, "vmgs.boot/1", nothing);
    }
    throw error;
  }
}

const NOTHING = {
  outcome: null,
  condition: null,
  sequence: null,
  reprovisioned: null,
  container: null,
  lifetimes: [],
  key: null,
  tpm: null,
  otherSectorSize: null,
  notes: [],
};

function documentOf(file: string, asked: GuestStateLifetime | undefined, forecast: BootForecast) {
  const { error, lifetimes, key, tpm, ...rest } = forecast;
  const { words: keyWords, ...keyFacts } = key;
  const { words: tpmWords, ...tpmFacts } = tpm;
  return {
    file,
    decidedBy: asked ?? "default",
    outcome: decisive(lifetimes, asked).outcome,
    ...rest,
    lifetimes,
    key: { ...keyFacts, why: keyWords },
    tpm: { ...tpmFacts, why: tpmWords },
    error: error === null ? null : describeError(error),
  };
}

async function show(
  context: CommandContext,
  file: string,
  forecast: BootForecast,
  asked: GuestStateLifetime | undefined,
  another: boolean,
): Promise<void> {
  const { colors } = context;
  const first = decisive(forecast.lifetimes, asked);
  if (another) await print(context, "");
  const words = `${first.lifetime}: ${actionWords(first)}, ${outcomeWords(first)}`;
  const painted = first.outcome === "starts" ? colors.green(words) : colors.red(words);
  await print(context, `${colors.bold(escapeText(file))}: ${painted}`);
  await showLifetimes(context, forecast.lifetimes);
  for (const [title, lines] of reasonsOf(forecast.lifetimes)) await showList(context, title, lines);
  if (forecast.condition === "valid") {
    await showList(context, "Key", [keyWords(forecast)]);
    await showList(context, "vTPM", [forecast.tpm.words]);
  }
  await showList(context, "Notes", [...sectorWords(forecast), ...forecast.notes]);
}

/** Why, by lifetime; lifetimes with the same reasons together. */
function reasonsOf(lifetimes: readonly LifetimeForecast[]): [title: string, lines: string[]][] {
  const found: [title: string, lines: string[]][] = [];
  for (const { lifetime, why, losses } of lifetimes) {
    const files = losses?.files ?? [];
    const lost = files.length === 0 ? [] : [`lost: ${files.map(lostWords).join(", ")}`];
    const more = losses?.complete === false ? ["there may be more to lose that can't be listed"] : [];
    const lines = [...why, ...lost, ...more];
    const same = found.find(([, others]) => others.join("\n") === lines.join("\n"));
    if (same === undefined) found.push([lifetime, lines]);
    else same[0] = `${same[0]}, ${lifetime}`;
  }
  return found;
}

async function showLifetimes(context: CommandContext, lifetimes: readonly LifetimeForecast[]): Promise<void> {
  if (lifetimes.length < 2) return;
  const { formatTable } = await loadTable();
  const { colors, stdout } = context;
  await print(context, "");
  const columns = [{ title: "lifetime" }, { title: "the boot" }, { title: "and" }];
  const rows = lifetimes.map((one) => [one.lifetime, actionWords(one), outcomeWords(one)]);
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
}

function actionWords({ action, reason, event }: LifetimeForecast): string {
  switch (action) {
    case "open":
      return "opens the store";
    case "format":
      return `formats the disk (reason ${reason})`;
    case "fail":
      return event === null ? "does not begin: the host refuses the file" : `fails with ${event}`;
    case "ignore":
      return "does not use the file";
  }
}

function outcomeWords({ outcome, action, losses }: LifetimeForecast): string {
  if (outcome === "fails") return action === "open" ? "then fails" : "the VM does not start";
  // What starts and still loses a file loses the old marker.
  if (outcome === "starts")
    return (losses?.files.length ?? 0) > 0 ? "only the marker is lost" : "nothing is lost";
  if (losses === null) return "something is lost";
  const { files, complete } = losses;
  if (files.length === 0) return "what is on the disk is lost";
  return `${formatCount(files.length, "file")} ${complete ? "" : "or more "}lost`;
}

function lostWords({ id, name, bytes, encrypted }: LostFile): string {
  const size = `${formatSize(bytes)}${encrypted ? " encrypted" : ""}`;
  return `${name === null ? `file ${id}` : `${name} (${id})`} ${size}`;
}

function keyWords({ key }: BootForecast): string {
  if (key.opens === null) return key.words;
  return `${key.words}; the key that was given ${key.opens ? "opens the store" : "does not open it"}`;
}

function sectorWords({ otherSectorSize }: BootForecast): string[] {
  if (otherSectorSize === null) return [];
  const { sectorSize, condition, sequence } = otherSectorSize;
  const found = {
    valid: `another store, of sequence ${sequence}`,
    empty: "a blank disk",
    unusable: "no store that opens",
    noDisk: "no disk",
  }[condition];
  return [
    `a host that presents ${sectorSize}-byte sectors finds ${found}: say --sector-size ${sectorSize} to see`,
  ];
}

async function showList(context: CommandContext, title: string, entries: readonly string[]): Promise<void> {
  if (entries.length === 0) return;
  await print(context, `\n${context.colors.bold(title)}`);
  for (const entry of entries) {
    const lines = wrapText(escapeText(entry), widthOf(context.stdout) - 4);
    await print(context, `  ${lines.join("\n    ")}`);
  }
}
