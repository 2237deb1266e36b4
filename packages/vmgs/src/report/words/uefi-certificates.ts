/** Signatures and certificates of databases in words. */

import type { SecureBootEntry, SignatureDatabase } from "../../uefi/index.ts";
import { formatCount } from "./sizes.ts";

/** Days before its end in which a certificate is said to end soon. */
export const SOON_DAYS = 180;
const DAY = 86_400_000;

/** Whole days until the certificate ends; null when that can't be read. Negative when it has ended. */
export function daysLeft({ certificate }: SecureBootEntry, now: Date): number | null {
  const end = certificate?.fields?.notAfter;
  return end === undefined ? null : Math.floor((end.getTime() - now.getTime()) / DAY);
}

/** The shortest name of a certificate that names it. */
export function certificateName({ certificate }: SecureBootEntry): string {
  if (certificate === null) return "";
  const { wellKnown, fields, sha256 } = certificate;
  return wellKnown?.name ?? fields?.commonName ?? fields?.subject ?? `certificate ${sha256.slice(0, 16)}`;
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
