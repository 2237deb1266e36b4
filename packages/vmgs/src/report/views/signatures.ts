/** The signatures of a database, for people. */

import { type SecureBootEntry, type SignatureDatabase, VendorGuid } from "../../uefi/index.ts";
import { type Text, toned } from "../text.ts";
import { type Field, fieldsOf, type OutlineItem } from "../view.ts";
import { clip, formatCount } from "../words/sizes.ts";
import { certificateName, daysLeft, SOON_DAYS } from "../words/uefi-certificates.ts";
import { shortText, vendorWord } from "../words/uefi-values.ts";

/** Which entries are listed, and how they are judged. */
export interface SignatureListing {
  readonly now: Date;
  /** Hashes as well. */
  readonly hashes: boolean;
  /** Entries that dbx revokes. */
  readonly revoked?: readonly SecureBootEntry[];
}

/** No machine has as many; what has is made to be long. */
const MOST_CERTIFICATES = 100;

/** Each certificate with all that is known of it, hashes only when they are asked for. */
export function signatureItems({ entries }: SignatureDatabase, how: SignatureListing): OutlineItem[] {
  let certificates = 0;
  const items = entries.flatMap((entry) => {
    if (entry.certificate === null) return how.hashes || entry.hash === null ? [otherItem(entry)] : [];
    certificates++;
    return certificates <= MOST_CERTIFICATES ? [certificateItem(entry, entry.certificate, how)] : [];
  });
  const more = certificates - MOST_CERTIFICATES;
  return more > 0 ? [...items, bare(`... ${formatCount(more, "more certificate")}`)] : items;
}

const bare = (title: Text): OutlineItem => ({ title, details: [], fields: [] });

type Certificate = NonNullable<SecureBootEntry["certificate"]>;

function certificateItem(
  entry: SecureBootEntry,
  { fields, problem, wellKnown, sha256 }: Certificate,
  { now, revoked = [] }: SignatureListing,
): OutlineItem {
  const known: [string, Text][] = [];
  if (revoked.includes(entry)) {
    known.push(["revoked", [toned("bad", "dbx has it as well, so it does not count")]]);
  }
  if (wellKnown !== null) known.push(["well-known", wellKnownWords(wellKnown)]);
  if (problem !== null) known.push(["problem", `it ${problem} (${formatCount(entry.byteLength, "byte")})`]);
  return {
    title: [toned("name", shortText(certificateName(entry)))],
    details: [],
    fields: [
      ...fieldsOf(known),
      ...(fields === null ? [] : certificateFields(fields, validityWords(entry, now))),
      ...fieldsOf([
        ["SHA-256", sha256],
        ["owner", ownerWords(entry.owner)],
      ]),
    ],
  };
}

function certificateFields(
  { subject, issuer, serial }: NonNullable<Certificate["fields"]>,
  validity: Text,
): readonly Field[] {
  return fieldsOf([
    ["subject", clip(subject)],
    ["issuer", clip(issuer)],
    ["serial", clip(serial)],
    ["valid", validity],
  ]);
}

const ROLES = {
  platformKey: "platform key",
  keyExchange: "key exchange",
  windows: "signs Windows boot loaders",
  thirdParty: "signs boot loaders of others, such as Linux shim",
  optionRom: "signs option ROMs",
  other: "other",
} as const;

function wellKnownWords({ name, role }: NonNullable<Certificate["wellKnown"]>): string {
  return `${name}, ${ROLES[role]}; known by its thumbprint`;
}

function validityWords(entry: SecureBootEntry, now: Date): Text {
  const fields = entry.certificate?.fields;
  if (fields === null || fields === undefined) return "";
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const range = `${day(fields.notBefore)} to ${day(fields.notAfter)}`;
  if (entry.validity === "notYetValid") return [`${range}, `, toned("warning", "not valid yet")];
  if (entry.validity === "expired") return [`${range}, `, toned("bad", "expired")];
  const left = daysLeft(entry, now) ?? 0;
  return left > SOON_DAYS ? range : [`${range}, `, toned("warning", `${formatCount(left, "day")} left`)];
}

function otherItem(entry: SecureBootEntry): OutlineItem {
  const { type, typeName, hash, owner, byteLength, securityVersion, placeholder } = entry;
  if (securityVersion !== null) {
    const { name, application, major, minor } = securityVersion;
    return bare(`security version: ${name ?? application} ${major}.${minor}`);
  }
  const what = hash ?? formatCount(byteLength, "byte");
  const by = owner === VendorGuid.MICROSOFT_SECURE_BOOT ? "" : `, owner ${ownerWords(owner)}`;
  return bare(`${typeName ?? type} ${what}${placeholder ? ", a placeholder" : ""}${by}`);
}

const ownerWords = (owner: string) =>
  owner === VendorGuid.MICROSOFT_SECURE_BOOT ? `Microsoft (${owner})` : vendorWord(owner);
