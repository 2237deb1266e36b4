/** Signatures as people read them. */

import { clip } from "vmgskit/report";
import { type SecureBootEntry, type SignatureDatabase, VendorGuid, vendorName } from "vmgskit/uefi";
import { type CommandContext, widthOf } from "../../context.ts";
import { printField } from "../../field-lines.ts";
import { print } from "../../messages.ts";
import { escapeText, formatCount, wrapText } from "../../terminal/index.ts";
import { shortText } from "./value-words.ts";

/** Days before its end in which a certificate is said to end soon. */
export const SOON_DAYS = 180;
const DAY = 86_400_000;

/** Whole days until the certificate ends; null when that can't be read. Negative when it has ended. */
export function daysLeft({ certificate }: SecureBootEntry, now: Date): number | null {
  const end = certificate?.fields?.notAfter;
  return end === undefined ? null : Math.floor((end.getTime() - now.getTime()) / DAY);
}

/** The name of a certificate, as short as it can be told. */
export function certificateName({ certificate }: SecureBootEntry): string {
  if (certificate === null) return "";
  const { wellKnown, fields, sha256 } = certificate;
  return escapeText(
    wellKnown?.name ?? fields?.commonName ?? fields?.subject ?? `certificate ${sha256.slice(0, 16)}`,
  );
}

/** `1 certificate, 431 hashes`. */
export function countWords(database: SignatureDatabase): string {
  const { certificates, hashes, securityVersions, others, entries } = database;
  const placeholders = entries.filter(({ placeholder }) => placeholder).length;
  const words = [
    ...(certificates > 0 ? [formatCount(certificates, "certificate")] : []),
    ...(hashes > 0 ? [hashes === 1 ? "1 hash" : `${hashes} hashes`] : []),
    ...(placeholders > 0 ? [`${formatCount(placeholders, "placeholder")} among them`] : []),
    ...(securityVersions > 0 ? [formatCount(securityVersions, "security version")] : []),
    ...(others > 0 ? [formatCount(others, "other signature")] : []),
  ];
  return words.join(", ") || "empty";
}

/** How entries are listed. */
export interface CertificateListing {
  readonly now: Date;
  /** Hashes too. */
  readonly hashes: boolean;
  /** Entries that dbx revokes. */
  readonly revoked?: readonly SecureBootEntry[];
}

/** Each certificate with all that is known of it, hashes only when they are asked for. */
export async function printEntries(
  context: CommandContext,
  { entries }: SignatureDatabase,
  how: CertificateListing,
): Promise<void> {
  const { hashes } = how;
  let certificates = 0;
  for (const entry of entries) {
    if (entry.certificate === null) {
      if (hashes || entry.hash === null) await printOther(context, entry);
    } else if (++certificates <= MOST_CERTIFICATES) await printCertificate(context, entry, how);
  }
  const more = certificates - MOST_CERTIFICATES;
  if (more > 0) await print(context, `  ... ${formatCount(more, "more certificate")}`);
}

/** No machine has as many; what has is made to be long. */
const MOST_CERTIFICATES = 100;

async function printCertificate(
  context: CommandContext,
  entry: SecureBootEntry,
  { now, revoked = [] }: CertificateListing,
): Promise<void> {
  const { certificate, owner } = entry;
  if (certificate === null) return;
  const { fields, problem, wellKnown, sha256 } = certificate;
  await print(context, `  ${context.colors.cyan(shortText(certificateName(entry)))}`);
  if (revoked.includes(entry)) {
    await printField(context, "  revoked", context.colors.red("dbx has it, too, so it does not count"));
  }
  if (wellKnown !== null) await printField(context, "  well-known", wellKnownWords(wellKnown));
  if (problem !== null)
    await printField(context, "  problem", `it ${problem} (${formatCount(entry.byteLength, "byte")})`);
  if (fields !== null) {
    await printField(context, "  subject", clip(escapeText(fields.subject)));
    await printField(context, "  issuer", clip(escapeText(fields.issuer)));
    await printField(context, "  serial", clip(fields.serial));
    await printField(context, "  valid", validityWords(context, entry, now));
  }
  await printField(context, "  SHA-256", sha256);
  await printField(context, "  owner", ownerWords(owner));
}

const ROLES = {
  platformKey: "platform key",
  keyExchange: "key exchange",
  windows: "signs Windows boot loaders",
  thirdParty: "signs boot loaders of others, such as Linux shim",
  optionRom: "signs option ROMs",
  other: "other",
} as const;

function wellKnownWords({
  name,
  role,
}: NonNullable<NonNullable<SecureBootEntry["certificate"]>["wellKnown"]>): string {
  return `${name}, ${ROLES[role]}; known by its thumbprint`;
}

function validityWords({ colors }: CommandContext, entry: SecureBootEntry, now: Date): string {
  const fields = entry.certificate?.fields;
  if (fields === null || fields === undefined) return "";
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const range = `${day(fields.notBefore)} to ${day(fields.notAfter)}`;
  if (entry.validity === "notYetValid") return `${range}, ${colors.yellow("not valid yet")}`;
  if (entry.validity === "expired") return `${range}, ${colors.red("expired")}`;
  const left = daysLeft(entry, now) ?? 0;
  return left > SOON_DAYS ? range : `${range}, ${colors.yellow(`${formatCount(left, "day")} left`)}`;
}

async function printOther(
  context: CommandContext,
  { type, typeName, hash, owner, byteLength, securityVersion, placeholder }: SecureBootEntry,
): Promise<void> {
  if (securityVersion !== null) {
    const { name, application, major, minor } = securityVersion;
    await print(context, `  security version: ${name ?? application} ${major}.${minor}`);
    return;
  }
  const what = hash === null ? formatCount(byteLength, "byte") : hash;
  const by = owner === VendorGuid.MICROSOFT_SECURE_BOOT ? "" : `, owner ${ownerWords(owner)}`;
  const note = placeholder ? ", a placeholder" : "";
  const lines = wrapText(`${typeName ?? type} ${what}${note}${by}`, widthOf(context.stdout) - 4);
  await print(context, `  ${lines.join("\n    ")}`);
}

const ownerWords = (owner: string) =>
  owner === VendorGuid.MICROSOFT_SECURE_BOOT ? `Microsoft (${owner})` : (vendorName(owner) ?? owner);
