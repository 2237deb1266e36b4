/** UEFI variables. Pure. */

import { FileId } from "../../format/index.ts";
import { optionNumber, type SecureBootState, secureBootDatabases } from "../../uefi/index.ts";
import type { UefiEvidence } from "../evidence/index.ts";
import { type Finding, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** What is wrong with file 1 and 9. */
export function uefiFindings({ guest }: Evidence): Finding[] {
  const found: Finding[] = [];
  if (guest.uefi !== null) found.push(...variableFindings(guest.uefi));
  if (guest.customUefiError !== null) {
    found.push(
      finding("uefi-custom-unreadable", guest.customUefiError.message, { fileId: FileId.CUSTOM_UEFI }),
    );
  }
  return found;
}

function variableFindings({ list, boot, secureBoot }: UefiEvidence): Finding[] {
  if (list.variables.length === 0 && list.problems.length > 0) {
    const [first] = list.problems;
    const message = `not one entry can be read: ${first?.message}`;
    return [finding("uefi-list-unrecognized", message, { fileId: 1, bytes: list.byteLength })];
  }
  return [
    ...list.problems.map(({ id, offset, message }) =>
      finding("uefi-list-damaged", `at ${offset}: ${message}`, {
        fileId: 1,
        listOffset: offset,
        problem: id,
      }),
    ),
    ...bootFindings(boot),
    ...secureBootFindings(secureBoot),
  ];
}

function bootFindings({ entries, errors }: UefiEvidence["boot"]): Finding[] {
  const found: Finding[] = [];
  const dangling = [...new Set(entries.filter((entry) => entry.dangling).map(({ number }) => number))];
  if (dangling.length > 0) {
    const names = dangling.map((number) => `Boot${optionNumber(number)}`);
    const some = names.slice(0, MOST_NAMED).join(", ");
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
    const tried = entries.filter(({ source, dangling: gone }) => source !== "unlisted" && !gone).length;
    const message = `${some}${more} ${names.length === 1 ? "does" : "do"} not exist; ${tried} entries of the order do`;
    found.push(finding("uefi-boot-order-dangling", message, { missing: names.length, existing: tried }));
  }
  for (const error of errors) {
    found.push(finding("uefi-boot-entry-unreadable", error.message, { code: error.code }));
  }
  for (const { error, name } of entries.filter((entry, i) => isFirst(entries, entry.name, i))) {
    if (error === null) continue;
    found.push(finding("uefi-boot-entry-unreadable", error.message, { variable: name, code: error.code }));
  }
  return found;
}

const MOST_NAMED = 8;

/** BootOrder can name an entry many times; it is told once. */
const isFirst = (entries: UefiEvidence["boot"]["entries"], name: string, i: number) =>
  entries.findIndex((entry) => entry.name === name) === i;

function secureBootFindings(state: SecureBootState): Finding[] {
  const { mode, enabled, databases, only2011, dbxEmpty } = state;
  const found: Finding[] = [];
  const stored = secureBootDatabases.filter((name) => (databases[name]?.entries.length ?? 0) > 0);
  if (mode === "setup" && (enabled === true || stored.length > 0)) {
    const words = [
      ...(enabled === true ? ["SecureBootEnable is 1"] : []),
      ...(stored.length > 0 ? [`${stored.join(", ")} have entries`] : []),
    ];
    found.push(finding("uefi-secure-boot-no-pk", `there is no PK, but ${words.join(" and ")}`, { mode }));
  }
  if (only2011) {
    const certificates = databases.db?.certificates ?? 0;
    found.push(
      finding("uefi-2011-only", `db has ${certificates} certificates, none of 2023`, { certificates }),
    );
  }
  if (mode === "user" && dbxEmpty) {
    const is = databases.dbx === null ? "missing" : "without an entry";
    found.push(finding("uefi-dbx-empty", `dbx is ${is}`, { stored: databases.dbx !== null }));
  }
  for (const name of secureBootDatabases) {
    const error = databases[name]?.error;
    if (!error) continue;
    found.push(finding("uefi-database-unreadable", `${name}: ${error.message}`, { database: name }));
  }
  for (const { database, entry } of state.outOfDate) {
    const fields = entry.certificate?.fields;
    const subject = fields?.commonName ?? fields?.subject ?? "a certificate";
    const until = fields?.notAfter.toISOString() ?? "";
    const why = entry.validity === "expired" ? `expired at ${until}` : "is not valid yet";
    const sha256 = entry.certificate?.sha256 ?? "";
    found.push(
      finding("uefi-certificate-expired", `${database}: ${subject} ${why}`, {
        database,
        notAfter: until,
        sha256,
      }),
    );
  }
  return found;
}
