/** What is worth knowing about boot options and secure boot, in sentences without a full stop. */

import { checkList, checkWhole, oneOf } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import {
  type BootOverview,
  type BootSource,
  numberedName,
  type SecureBootDatabase,
  type SecureBootEntry,
  type SecureBootState,
} from "../../uefi/index.ts";
import { checkOverview } from "../uefi-checks.ts";
import { formatCount } from "./sizes.ts";
import { certificateName, daysLeft, SOON_DAYS } from "./uefi-certificates.ts";
import { someNames } from "./uefi-values.ts";

/** Numbers without a variable, by what names them. */
export function bootWarnings(overview: BootOverview): Warning[] {
  checkOverview(overview, "overview");
  const { entries } = overview;
  const dangling = (source: BootSource) =>
    entries.filter((entry) => entry.dangling && entry.source === source).map(({ number }) => number);
  return [
    ...danglingWarnings("BootNext", dangling("bootNext")),
    ...danglingWarnings("BootOrder", dangling("bootOrder")),
  ];
}

const checkPlace = oneOf(["BootNext", "BootOrder"]);

/** At most one warning about the numbers that a variable names, and that do not exist. */
export function danglingWarnings(where: "BootNext" | "BootOrder", numbers: readonly number[]): Warning[] {
  checkPlace(where, "where");
  checkList(numbers, "numbers", checkWhole);
  const names = [...new Set(numbers)].map((number) => numberedName("Boot", number));
  if (names.length === 0) return [];
  const words =
    names.length === 1 ? `${names[0]}, which does not exist` : `what does not exist: ${someNames(names)}`;
  return [{ code: "VMGS_BOOT_ORDER_DANGLING", message: `${where} names ${words}` }];
}

/** Certificates out of date or soon so, missing CAs, missing revocations. */
export function secureBootWarnings(state: SecureBootState, now: Date): Warning[] {
  const { mode, databases, only2011, dbxEmpty, partial } = state;
  const warnings: Warning[] = [];
  for (const name of ["PK", "KEK", "db"] as const) {
    for (const entry of databases[name]?.entries ?? []) {
      const message = expiryWords(name, entry, now);
      if (message !== null) warnings.push({ code: "VMGS_UEFI_CERTIFICATE_EXPIRY", message });
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
