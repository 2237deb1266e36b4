import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { isVmgsError, type VmgsError } from "vmgskit";
import { type DiagnoseOptions, diagnose, forecastBoot } from "vmgskit/diagnose";
import { leftoversBeside, nodeCipher } from "vmgskit/node";
import {
  type DoctorDocument,
  doctorAnnotations,
  doctorDocument,
  doctorJunit,
  doctorSarif,
  doctorShortView,
  doctorTotals,
  doctorVerdictView,
  doctorView,
  unreadableDoctorDocument,
  viewMarkdown,
} from "vmgskit/report";
import { commandOf, type Named } from "../action-command.ts";
import { assumedVm, VM_OPTIONS } from "../assumed-vm.ts";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
  storesArgument,
} from "../declaration/index.ts";
import { ExitCode, UsageError } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print } from "../messages.ts";
import { AT_OPTION, momentOf } from "../moment.ts";
import { namedBy } from "../named.ts";
import { placeKind } from "../places/place-name.ts";
import { openSourceForReading } from "../reading.ts";
import { printDocument, showView } from "../show.ts";
import { containerOptions, storeKeys, triedKey } from "../stores.ts";
import { escapeJson, escapeText } from "../terminal/index.ts";
import { VERSION } from "../version.ts";

export const doctor: CommandDeclaration = {
  name: "doctor",
  summary: "find what is wrong with a store, what it means, and what to do",
  description:
    "Reads the whole file, even one that can't be opened, and never writes. Every finding has a stable name, a " +
    "severity, the evidence, what it means and a cure; docs/findings.md lists them. What could not be looked at, such " +
    "as encrypted files without --key, is listed. The exit code is 3 when a finding is an error or critical.",
  args: [storesArgument],
  options: [
    JSON_OPTION,
    {
      flags: "--format <FORM>",
      meaning: "form of the document",
      choices: ["text", "json", "sarif", "junit", "github", "markdown"],
      fallback: "text",
    },
    { flags: "--short", meaning: "one line a store: verdict, names of the findings, next boot" },
    ...VM_OPTIONS,
    KEY_OPTION,
    AT_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs doctor vm.vmgs", meaning: "for people" },
    { command: "vmgs doctor --short *.vmgs", meaning: "one line a store, and totals" },
    { command: "vmgs doctor --format sarif *.vmgs > vmgs.sarif", meaning: "for code scanning" },
  ],
  async run(context, args, options) {
    const form = formOf(options);
    const inner = { ...context, json: form === "json" };
    const keyOf = storeKeys(inner, options);
    const files = args[0] as readonly string[];
    const settings = { ...containerOptions(options), now: momentOf(options), vm: assumedVm(options) };
    const named = namedBy(context, options);
    const documents: DoctorDocument[] = [];
    const code = await forEachFile(inner, files, async (file) => {
      const { key, keyFailure } = await triedKey(keyOf, file);
      const { document, failure } = await examine(inner, file, options, {
        settings: { ...settings, ...(key && { key }) },
        keyFailure,
      });
      // A key that does not open the store is not named again.
      const { key: _wrong, ...others } = named;
      const again = document.error?.code === "VMGS_WRONG_KEY" ? others : named;
      await showOne(inner, form, document, { first: file === files[0], named: again });
      // A fleet may be large: what is not needed at the end is not kept.
      documents.push(isWhole(form) ? document : { ...document, findings: [], notChecked: [] });
      if (failure !== null) throw failure;
    });
    await showAll(inner, form, documents);
    const bad = documents.some(({ verdict }) => verdict === "damaged" || verdict === "critical");
    return bad && (code === ExitCode.done || code === ExitCode.keyNeeded) ? ExitCode.foundBad : code;
  },
};

type Form = "text" | "json" | "short" | "verdict" | "sarif" | "junit" | "github" | "markdown";

function formOf({ json, format, short, quiet }: OptionValues): Form {
  if (json === true && format !== undefined && format !== "json") {
    throw new UsageError("--json and --format exclude each other");
  }
  if (json === true) return "json";
  if (format !== undefined && format !== "text") return format as Form;
  if (short === true) return "short";
  return quiet === true ? "verdict" : "text";
}

/** Forms that are written once, for all files. */
const isWhole = (form: Form) => form === "sarif" || form === "junit" || form === "github";

async function showOne(
  context: CommandContext,
  form: Form,
  document: DoctorDocument,
  { first, named }: { readonly first: boolean; readonly named: Named },
): Promise<void> {
  if (form === "json") return printDocument(context, document);
  if (document.verdict === null || isWhole(form)) return;
  if (form === "short") return showView(context, doctorShortView(document));
  if (form === "verdict") return showView(context, doctorVerdictView(document));
  if (!first) await print(context, "");
  if (form === "markdown") {
    const { file } = document;
    const text = viewMarkdown(doctorView(document), {
      commandOf: (action) => commandOf(action, file, named),
    });
    return context.stdout.write(escapeLines(text));
  }
  await showView(context, doctorView(document), named);
  await showLeftovers(context, document.leftovers ?? []);
}

async function showLeftovers(context: CommandContext, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  await print(context, `\n${context.colors.bold("Left by interrupted runs")}`);
  for (const path of paths) {
    const quoted = `'${path.replaceAll("'", "'\\''")}'`;
    await print(context, `  unless a command writes this store now, delete it: rm ${escapeText(quoted)}`);
  }
}

async function showAll(
  context: CommandContext,
  form: Form,
  documents: readonly DoctorDocument[],
): Promise<void> {
  if (form === "sarif") {
    const text = doctorSarif(documents, { version: VERSION, uriOf: uriOfPath });
    await context.stdout.write(`${escapeJson(text.trimEnd())}\n`);
  } else if (form === "junit") await context.stdout.write(doctorJunit(documents));
  else if (form === "github") await context.stdout.write(escapeLines(doctorAnnotations(documents)));
  else if (documents.length > 1 && (form === "text" || form === "short")) {
    await print(context, `${form === "text" ? "\n" : ""}${doctorTotals(documents)}`);
  }
}

/** Lines of ours with untrusted text in them. */
const escapeLines = (text: string) => text.split("\n").map(escapeText).join("\n");

/** A path below the working directory as a relative URI, others as an absolute one. */
function uriOfPath(path: string): string {
  const below = relative(process.cwd(), resolve(path));
  if (below.startsWith("..") || isAbsolute(below)) return pathToFileURL(path).href;
  return below.split(sep).map(encodeURIComponent).join("/");
}

/** A member of an archive has none beside it. */
async function leftoversOf(file: string) {
  const path = await realpath(file).catch(() => null);
  return path === null ? [] : leftoversBeside(path);
}

/** The document of a file, and what makes it a failure all the same. */
async function examine(
  context: CommandContext,
  file: string,
  options: OptionValues,
  { settings, keyFailure }: { readonly settings: DiagnoseOptions; readonly keyFailure: VmgsError | null },
): Promise<{ document: DoctorDocument; failure: unknown }> {
  try {
    await using source = await openSourceForReading(context, file, options);
    const diagnosis = await diagnose(source, { ...settings, cipher: nodeCipher });
    const { now: _now, ...same } = settings;
    const forecast = await forecastBoot(source, { ...same, cipher: nodeCipher });
    const problem = diagnosis.error ?? diagnosis.keyError ?? keyFailure;
    const document = doctorDocument(file, diagnosis, forecast, problem && describeError(problem, file));
    // A table that can't be decrypted is a finding already; a key that does not fit is the caller's mistake.
    const failure = isVmgsError(diagnosis.keyError, "VMGS_WRONG_KEY") ? diagnosis.keyError : keyFailure;
    const leftovers = placeKind(file) === "file" ? await leftoversOf(file) : [];
    return { document: { ...document, leftovers }, failure };
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    return { document: unreadableDoctorDocument(file, describeError(error, file)), failure: error };
  }
}
