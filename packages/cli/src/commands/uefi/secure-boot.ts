import type { Warning } from "vmgskit";
import {
  type BootObstacle,
  type SecureBootDatabase,
  type SecureBootEntry,
  type SecureBootState,
  type SignatureDatabase,
  secureBootDatabases,
  secureBootState,
} from "vmgskit/uefi";
import { type CommandContext, widthOf } from "../../context.ts";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { describeError, print, printJson } from "../../messages.ts";
import { AT_OPTION, momentOf } from "../../moment.ts";
import { escapeText, formatCount, wrapText } from "../../terminal/index.ts";
import { certificateName, countWords, daysLeft, printEntries, SOON_DAYS } from "./certificate-lines.ts";
import { codeFor, printProblems } from "./list-problems.ts";
import { signatureToJson, unreadableParts } from "./value-json.ts";
import { openList, READ_OPTIONS } from "./variable-list.ts";

export const secureBoot: CommandDeclaration = {
  name: "uefi secure-boot",
  summary: "show the secure boot state: keys, certificates, revocations, expiry",
  description:
    "PK, KEK, db and dbx with subjects, issuers, validity and thumbprints; well-known CAs are recognised by the SHA-256 " +
    `of the certificate. Warns of certificates that have expired or will within ${SOON_DAYS} days, though firmware does ` +
    "not look at dates. Nothing is verified.",
  args: [storeArgument],
  options: [
    { flags: "--hashes", meaning: "list the hashes too, not only how many there are" },
    AT_OPTION,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi secure-boot vm.vmgs", meaning: "for people" },
    { command: "vmgs uefi secure-boot vm.vmgs --at 2026-10-20", meaning: "what will have expired by then" },
    {
      command: "vmgs uefi secure-boot vm.vmgs --file CUSTOM_UEFI",
      meaning: "what the host asks firmware for",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const now = momentOf(options);
    const { list, fileId, warnings: opening } = await openList(context, file, options);
    const state = await secureBootState(list, now);
    const own = warningsOf(state, now);
    if (context.json) {
      await printJson(context, "vmgs.uefi-secure-boot/1", {
        file,
        fileId,
        at: now.toISOString(),
        ...stateToJson(state),
        unreadable: unreadableParts(list),
        warnings: [...opening, ...own],
      });
    } else {
      await show(context, file, state, { now, hashes: options.hashes === true });
      await printProblems(context, list);
      await printWarnings(context, own);
    }
    return codeFor(list, ...secureBootDatabases.map((name) => state.databases[name]?.error ?? null));
  },
};

function warningsOf(state: SecureBootState, now: Date): Warning[] {
  const { mode, databases, only2011, dbxEmpty, partial } = state;
  const warnings: Warning[] = [];
  for (const name of ["PK", "KEK", "db"] as const) {
    for (const entry of databases[name]?.entries ?? []) {
      const words = expiryWords(name, entry, now);
      if (words !== null) warnings.push({ code: "VMGS_UEFI_CERTIFICATE_EXPIRY", message: words });
    }
  }
  if (only2011) {
    warnings.push({
      code: "VMGS_UEFI_ONLY_2011",
      message: "db has Microsoft's CAs of 2011 only: boot loaders signed with those of 2023 will not start",
    });
  }
  if (mode === "user" && dbxEmpty && !partial) {
    warnings.push({
      code: "VMGS_UEFI_NOTHING_REVOKED",
      message: "dbx is missing, empty or a placeholder: nothing is revoked",
    });
  }
  return warnings;
}

function expiryWords(database: SecureBootDatabase, entry: SecureBootEntry, now: Date): string | null {
  const end = entry.certificate?.fields?.notAfter;
  const left = daysLeft(entry, now);
  if (end === undefined || left === null) return null;
  const what = `${database}: ${certificateName(entry)}`;
  if (entry.validity === "notYetValid") return `${what} is not valid yet`;
  const day = end.toISOString().slice(0, 10);
  if (entry.validity === "expired") return `${what} expired on ${day}`;
  return left > SOON_DAYS ? null : `${what} expires on ${day}, in ${formatCount(left, "day")}`;
}

function stateToJson(state: SecureBootState): object {
  const { databases, outOfDate: _, revoked, ...facts } = state;
  return {
    ...facts,
    revoked: revoked.map(signatureToJson),
    databases: Object.fromEntries(
      secureBootDatabases.map((name) => {
        const database = databases[name];
        return [name, database === null ? null : databaseToJson(database)];
      }),
    ),
  };
}

function databaseToJson({ entries, error, ...counts }: SignatureDatabase): object {
  return {
    ...counts,
    entries: entries.map(signatureToJson),
    error: error === null ? null : describeError(error),
  };
}

async function show(
  context: CommandContext,
  file: string,
  state: SecureBootState,
  how: { readonly now: Date; readonly hashes: boolean },
): Promise<void> {
  const { colors } = context;
  await print(context, `${colors.bold(escapeText(file))}: ${modeWords(state)}`);
  if (state.obstacle !== null) await print(context, `  ${colors.red(OBSTACLES[state.obstacle])}`);
  for (const line of generationLines(state)) await print(context, `  ${line}`);
  for (const name of secureBootDatabases) {
    const database = state.databases[name];
    const time = database?.time ?? null;
    const missing = state.partial ? "not found in what can be read" : "not stored";
    const counts = database === null ? missing : countWords(database);
    await print(context, `\n${colors.bold(name)}  ${counts}${time === null ? "" : `, written ${time}`}`);
    if (database === null) continue;
    await printEntries(context, database, { ...how, revoked: name === "db" ? state.revoked : [] });
    if (database.error !== null) await print(context, `  ${colors.red(escapeText(database.error.message))}`);
  }
}

const OBSTACLES: Readonly<Record<BootObstacle, string>> = {
  "nothing-trusted": "nothing can start: db has nothing to trust that dbx does not revoke",
  "windows-revoked": "no boot loader of Windows can start: dbx revokes the CA of 2011, db lacks that of 2023",
};

const MODES: Readonly<Record<SecureBootState["mode"], string>> = {
  user: "user mode",
  setup: "setup mode: without PK anybody can write the keys",
  unknown: "mode unknown: PK may be in what can't be read",
};

function modeWords({ mode, enabled }: SecureBootState): string {
  const words = MODES[mode];
  if (enabled === null) return words;
  return `${words}, secure boot ${enabled ? "enabled" : "disabled"}`;
}

function generationLines({ uefiCa2023, windowsCa2023, kekCa2023, partial }: SecureBootState): string[] {
  const absent = partial ? "?  " : "no ";
  const line = (name: string, where: string, present: boolean) =>
    `${present ? "yes" : absent}  ${name} in ${where}`;
  return [
    line("Microsoft UEFI CA 2023", "db", uefiCa2023),
    line("Windows UEFI CA 2023", "db", windowsCa2023),
    line("Microsoft Corporation KEK 2K CA 2023", "KEK", kekCa2023),
  ];
}

async function printWarnings(context: CommandContext, warnings: readonly Warning[]): Promise<void> {
  if (warnings.length === 0) return;
  const { colors, stdout } = context;
  await print(context, `\n${colors.bold("Warnings")}`);
  for (const { message } of warnings) {
    const lines = wrapText(escapeText(message), widthOf(stdout) - 4);
    await print(context, `  ${lines.map((line) => colors.yellow(line)).join("\n    ")}`);
  }
}
