/** Secure boot: what its databases let start. Pure. */

import {
  type SecureBootDatabase,
  type SecureBootEntry,
  type SecureBootState,
  type SecurityVersion,
  secureBootDatabases,
} from "../../uefi/index.ts";
import { type Finding, finding } from "../finding.ts";

/** What is wrong with PK, KEK, db and dbx. */
export function secureBootFindings(state: SecureBootState): Finding[] {
  return [
    ...withoutPlatformKey(state),
    ...obstacles(state),
    ...keyExchange(state),
    ...revocations(state),
    ...unreadable(state),
    ...entryFindings(state),
  ];
}

function withoutPlatformKey({ mode, enabled, databases }: SecureBootState): Finding[] {
  const stored = secureBootDatabases.filter((name) => (databases[name]?.entries.length ?? 0) > 0);
  if (mode !== "setup" || (enabled !== true && stored.length === 0)) return [];
  const words = [
    ...(enabled === true ? ["SecureBootEnable is 1"] : []),
    ...(stored.length > 0 ? [`${stored.join(", ")} have entries`] : []),
  ];
  return [finding("uefi-secure-boot-no-pk", `there is no PK, but ${words.join(" and ")}`, { mode })];
}

function obstacles({ obstacle, databases, revoked, only2011 }: SecureBootState): Finding[] {
  const { db } = databases;
  const found: Finding[] = [];
  if (obstacle === "nothing-trusted") {
    const is =
      db === null
        ? "missing"
        : `without anything to trust: ${db.entries.length} entries, ${revoked.length} revoked`;
    found.push(
      finding("uefi-nothing-trusted", `db is ${is}`, { stored: db !== null, revoked: revoked.length }),
    );
  }
  if (obstacle === "windows-revoked") {
    const message = "dbx has Windows Production PCA 2011, and db lacks Windows UEFI CA 2023";
    found.push(finding("uefi-windows-revoked", message, { revoked: revoked.length }));
  }
  if (only2011) {
    const certificates = db?.certificates ?? 0;
    found.push(
      finding("uefi-2011-only", `db has ${certificates} certificates, none of 2023`, { certificates }),
    );
  }
  return found;
}

function keyExchange({ mode, partial, databases, kekOnly2011 }: SecureBootState): Finding[] {
  if (kekOnly2011)
    return [finding("uefi-kek-2011-only", "KEK has Microsoft Corporation KEK CA 2011, and not that of 2023")];
  const isMissing = mode === "user" && !partial && (databases.KEK?.entries.length ?? 0) === 0;
  return isMissing && !databases.KEK?.error
    ? [finding("uefi-kek-missing", `KEK is ${databases.KEK === null ? "missing" : "without an entry"}`)]
    : [];
}

function revocations({ mode, dbxEmpty, databases }: SecureBootState): Finding[] {
  const { dbx } = databases;
  const found: Finding[] = [];
  if (mode === "user" && dbxEmpty) {
    const is = dbx === null ? "missing" : dbx.entries.length > 0 ? "only a placeholder" : "without an entry";
    found.push(finding("uefi-dbx-empty", `dbx is ${is}`, { stored: dbx !== null }));
  }
  const versions = (dbx?.entries ?? []).flatMap(({ securityVersion }) => securityVersion ?? []);
  if (versions.length > 0) {
    const words = versions.slice(0, MOST_TOLD).map(versionWords).join(", ");
    found.push(finding("uefi-security-versions", `dbx demands ${words}`, { versions: versions.length }));
  }
  return found;
}

const versionWords = ({ name, application, major, minor }: SecurityVersion) =>
  `${name ?? application} ${major}.${minor}`;

function unreadable({ databases }: SecureBootState): Finding[] {
  return secureBootDatabases.flatMap((name) => {
    const error = databases[name]?.error;
    return error
      ? [finding("uefi-database-unreadable", `${name}: ${error.message}`, { database: name })]
      : [];
  });
}

/** More of one kind say the same again. */
const MOST_TOLD = 16;

interface Placed {
  readonly database: SecureBootDatabase;
  readonly entry: SecureBootEntry;
}

function entryFindings({ databases, outOfDate }: SecureBootState): Finding[] {
  const placed: Placed[] = secureBootDatabases.flatMap((database) =>
    (databases[database]?.entries ?? []).map((entry) => ({ database, entry })),
  );
  const isUnreadable = ({ entry: { certificate } }: Placed) =>
    certificate !== null && certificate.fields === null;
  const trusting = placed.filter(({ database }) => database !== "dbx");
  return [
    ...trusting.filter(isTestKey).slice(0, MOST_TOLD).map(testKey),
    ...placed.filter(isUnreadable).slice(0, MOST_TOLD).map(noCertificate),
    ...outOfDate.slice(0, MOST_TOLD).map(expired),
  ];
}

function isTestKey({ entry: { certificate } }: Placed): boolean {
  const { subject, issuer } = certificate?.fields ?? { subject: "", issuer: "" };
  return /DO NOT (TRUST|SHIP)/i.test(`${subject}\n${issuer}`);
}

const sha256Of = ({ certificate }: SecureBootEntry) => certificate?.sha256 ?? "";

function testKey({ database, entry }: Placed): Finding {
  const message = `${database}: ${entry.certificate?.fields?.subject}`;
  return finding("uefi-test-key", message, { database, sha256: sha256Of(entry) });
}

function noCertificate({ database, entry }: Placed): Finding {
  const message = `${database}: an entry of ${entry.byteLength} bytes is not an X.509 certificate in DER`;
  return finding("uefi-no-certificate", message, {
    database,
    bytes: entry.byteLength,
    sha256: sha256Of(entry),
  });
}

function expired({ database, entry }: Placed): Finding {
  const fields = entry.certificate?.fields;
  const subject = fields?.commonName ?? fields?.subject ?? "a certificate";
  const notAfter = fields?.notAfter.toISOString() ?? "";
  const why = entry.validity === "expired" ? `expired at ${notAfter}` : "is not valid yet";
  const message = `${database}: ${subject} ${why}`;
  return finding("uefi-certificate-expired", message, { database, notAfter, sha256: sha256Of(entry) });
}
