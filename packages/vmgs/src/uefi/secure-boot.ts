/** What the stored variables say about secure boot (UEFI 2.10, section 32.3). */

import { checkDate, oneOf } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { toHex } from "../layout/index.ts";
import {
  type Certificate,
  readCertificate,
  readSignatureLists,
  type SecurityVersion,
  SignatureType,
  type SignatureTypeName,
  securityVersion,
  type WellKnownCertificate,
} from "./signatures/index.ts";
import { VendorGuid, variableValue } from "./values/index.ts";
import { getVariable, type Variable, type VariableList, variableTime } from "./variables/index.ts";
import { checkVariableList } from "./variables/list.ts";
import { checkVariable } from "./variables/variable.ts";

/** One entry of a signature database. */
export interface SecureBootEntry {
  /** GUID of the type. */
  readonly type: string;
  /** Name of the type, or null. */
  readonly typeName: SignatureTypeName | null;
  /** GUID of who added it. */
  readonly owner: string;
  /** Bytes of the data. */
  readonly byteLength: number;
  /** Hash in lower-case hex when the type is one of hashes only, else null; also null for a security version. */
  readonly hash: string | null;
  /** Set when the entry has the form of a hash, and is a security version number. */
  readonly securityVersion: SecurityVersion | null;
  /** A hash of zeros, or of nothing: tools put it into dbx so that it is not empty. It revokes nothing. */
  readonly placeholder: boolean;
  /** The certificate when the type is X.509, else null. */
  readonly certificate: Certificate | null;
  /** Where `now` is in the certificate's validity; null when there is none that can be read. */
  readonly validity: Validity | null;
}

/** `notYetValid` before the first moment, `expired` after the last. Firmware does not check it. */
export type Validity = "valid" | "notYetValid" | "expired";

/** PK, KEK, db or dbx. */
export interface SignatureDatabase {
  /** Time of the last authenticated write, or null. */
  readonly time: string | null;
  readonly entries: readonly SecureBootEntry[];
  /** Number of entries that are X.509 certificates, readable or not. */
  readonly certificates: number;
  /** Number of entries that are hashes. */
  readonly hashes: number;
  /** Number of entries that are security version numbers. */
  readonly securityVersions: number;
  /** Number of entries of other types. */
  readonly others: number;
  /** Set when the data could be read in part only. */
  readonly error: VmgsError | null;
}

/** Names of the databases that count for secure boot. */
export const secureBootDatabases = ["PK", "KEK", "db", "dbx"] as const;
/** Name of a variable with the signatures of secure boot. */
export type SecureBootDatabase = (typeof secureBootDatabases)[number];

const checkDatabase = oneOf(secureBootDatabases);

/** What the variables of a list make of secure boot. */
export interface SecureBootState {
  /**
   * `setup` without a platform key: every program in the guest can write the databases. `unknown` when none is found, but may be in what
   * can't be read.
   */
  readonly mode: "setup" | "user" | "unknown";
  /** Parts of the list can't be read: what is not found may be in them. */
  readonly partial: boolean;
  /** What SecureBootEnable says; null when it is not stored. */
  readonly enabled: boolean | null;
  /** The databases; null when a variable is not stored. */
  readonly databases: Readonly<Record<SecureBootDatabase, SignatureDatabase | null>>;
  /** db has Microsoft UEFI CA 2023, which signs boot loaders of others than Microsoft. */
  readonly uefiCa2023: boolean;
  /** db has Windows UEFI CA 2023. */
  readonly windowsCa2023: boolean;
  /** KEK has Microsoft Corporation KEK 2K CA 2023. */
  readonly kekCa2023: boolean;
  /** db has well-known CAs of 2011 and none of 2023. */
  readonly only2011: boolean;
  /** Entries of PK, KEK and db that are not valid at `now`. */
  readonly outOfDate: readonly { readonly database: SecureBootDatabase; readonly entry: SecureBootEntry }[];
  /** dbx is missing, or has no entry but placeholders: nothing is revoked. */
  readonly dbxEmpty: boolean;
  /** Certificates of db that are also in dbx: they do not count, because dbx wins (UEFI 2.10, section 32.5.3). */
  readonly revoked: readonly SecureBootEntry[];
  /** Number of entries of db that can let something start: certificates that can be read and are not revoked, hashes. */
  readonly trusted: number;
  /** KEK has Microsoft's KEK CA of 2011 and not that of 2023, which signs the updates of db and dbx. */
  readonly kekOnly2011: boolean;
  /** Secure boot is enforced. Without SecureBootEnable it is, as soon as there is a platform key. */
  readonly enforced: boolean;
  /** Why secure boot lets no boot loader start, or null. */
  readonly obstacle: BootObstacle | null;
}

/**
 * Why no boot loader starts. `nothing-trusted`: db has nothing to trust, so none at all does. `windows-revoked`: dbx
 * revokes the CA of Windows in db and no other is there, so none of Windows does.
 */
export type BootObstacle = "nothing-trusted" | "windows-revoked";

/**
 * Summarises PK, KEK, db and dbx. Never throws for bad data. The parser of certificates is loaded on first use.
 *
 * @param now the moment that certificates are judged by
 */
export async function secureBootState(list: VariableList, now: Date): Promise<SecureBootState> {
  checkVariableList(list, "list");
  checkDate(now, "now");
  const [PK, KEK, db, dbx] = await Promise.all(
    secureBootDatabases.map((name) => readDatabase(list, name, now)),
  );
  const databases = { PK: PK ?? null, KEK: KEK ?? null, db: db ?? null, dbx: dbx ?? null };
  const revoked = revokedEntries(databases);
  const trusted = trustedEntries(databases.db, revoked);
  const dbKnown = wellKnown(trusted);
  const kekKnown = wellKnown(databases.KEK?.entries ?? []);
  const partial = list.parts.some(({ kind }) => kind === "unreadable");
  const hasPlatformKey = (databases.PK?.entries.length ?? 0) > 0;
  const isUnknown = partial || (databases.PK?.error ?? null) !== null;
  const mode = hasPlatformKey ? "user" : isUnknown ? "unknown" : "setup";
  const enabled = readEnabled(list);
  const enforced = mode === "user" && enabled !== false;
  const facts = {
    uefiCa2023: has(dbKnown, "thirdParty", 2023),
    windowsCa2023: has(dbKnown, "windows", 2023),
    kekCa2023: has(kekKnown, "keyExchange", 2023),
    only2011:
      dbKnown.some(({ generation }) => generation === 2011) &&
      !dbKnown.some(({ generation }) => generation === 2023),
    kekOnly2011: has(kekKnown, "keyExchange", 2011) && !has(kekKnown, "keyExchange", 2023),
  };
  const isWhole = !partial && (databases.db?.error ?? null) === null;
  return {
    mode,
    partial,
    enabled,
    databases,
    ...facts,
    outOfDate: (["PK", "KEK", "db"] as const).flatMap((database) =>
      (databases[database]?.entries ?? [])
        .filter(({ validity }) => validity === "expired" || validity === "notYetValid")
        .map((entry) => ({ database, entry })),
    ),
    dbxEmpty: (databases.dbx?.entries ?? []).every(({ placeholder }) => placeholder),
    revoked,
    trusted: trusted.length,
    enforced,
    obstacle: enforced && isWhole ? obstacleOf(trusted, revoked) : null,
  };
}

const wellKnown = (entries: readonly SecureBootEntry[]): WellKnownCertificate[] =>
  entries.flatMap(({ certificate }) => certificate?.wellKnown ?? []);

const has = (known: readonly WellKnownCertificate[], role: string, generation: number) =>
  known.some((candidate) => candidate.generation === generation && candidate.role === role);

/** Certificates and hashes that db and dbx both have. */
function revokedEntries({ db, dbx }: SecureBootState["databases"]): SecureBootEntry[] {
  const forbidden = new Set((dbx?.entries ?? []).map(identityOf));
  return (db?.entries ?? []).filter((entry) => forbidden.has(identityOf(entry)));
}

/** What an entry trusts or revokes, whatever its owner; an entry of another type is only itself. */
const identityOf = (entry: SecureBootEntry) => entry.certificate?.sha256 ?? entry.hash ?? entry;

function trustedEntries(
  db: SignatureDatabase | null,
  revoked: readonly SecureBootEntry[],
): SecureBootEntry[] {
  const gone = new Set(revoked);
  return (db?.entries ?? []).filter(
    (entry) =>
      !gone.has(entry) &&
      !entry.placeholder &&
      (entry.certificate === null || entry.certificate.fields !== null),
  );
}

function obstacleOf(
  trusted: readonly SecureBootEntry[],
  revoked: readonly SecureBootEntry[],
): BootObstacle | null {
  if (trusted.length === 0) return "nothing-trusted";
  const signsWindows = ({ role }: WellKnownCertificate) => role === "windows";
  return wellKnown(revoked).some(signsWindows) && !wellKnown(trusted).some(signsWindows)
    ? "windows-revoked"
    : null;
}

/** The variable of a database, or null. PK and KEK are global, db and dbx belong to the image security database. */
export function secureBootVariable(list: VariableList, name: SecureBootDatabase): Variable | null {
  checkVariableList(list, "list");
  checkDatabase(name, "name");
  const global = name === "PK" || name === "KEK";
  const vendor = global ? VendorGuid.EFI_GLOBAL_VARIABLE : VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
  return getVariable(list, { vendor, name });
}

function readEnabled(list: VariableList): boolean | null {
  const variable = getVariable(list, { vendor: VendorGuid.SECURE_BOOT_ENABLE, name: "SecureBootEnable" });
  const value = variable === null ? null : variableValue(variable);
  return value?.kind === "flag" ? value.value : null;
}

async function readDatabase(
  list: VariableList,
  name: SecureBootDatabase,
  now: Date,
): Promise<SignatureDatabase | null> {
  const variable = secureBootVariable(list, name);
  return variable === null ? null : describeDatabase(variable, now);
}

/** Describes the entries of any variable that holds signature lists. Never throws for bad data. */
export async function describeDatabase(variable: Variable, now: Date): Promise<SignatureDatabase> {
  checkVariable(variable, "variable");
  checkDate(now, "now");
  const { lists, problem } = readSignatureLists(variable.data);
  const entries: SecureBootEntry[] = [];
  for (const { type, typeName, signatures } of lists) {
    for (const { owner, data } of signatures) {
      const certificate = type === SignatureType.X509 ? await readCertificate(data) : null;
      const version = securityVersion(type, { owner, data });
      const hash = isHash(typeName) && version === null ? toHex(data) : null;
      entries.push({
        type,
        typeName,
        owner,
        byteLength: data.length,
        hash,
        securityVersion: version,
        placeholder: hash !== null && (data.every((byte) => byte === 0) || hash === SHA256_OF_NOTHING),
        certificate,
        validity: validityAt(certificate, now),
      });
    }
  }
  const certificates = entries.filter(({ certificate }) => certificate !== null).length;
  const hashes = entries.filter(({ hash }) => hash !== null).length;
  const securityVersions = entries.filter((entry) => entry.securityVersion !== null).length;
  return {
    time: variableTime(variable),
    entries,
    certificates,
    hashes,
    securityVersions,
    others: entries.length - certificates - hashes - securityVersions,
    error:
      problem === null
        ? null
        : new VmgsError("VMGS_UEFI_VALUE", problem.message, problem.facts, { cause: problem }),
  };
}

const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const hashTypes: readonly (SignatureTypeName | null)[] = [
  "SHA1",
  "SHA224",
  "SHA256",
  "SHA384",
  "SHA512",
  "SM3",
];

function isHash(typeName: SignatureTypeName | null): boolean {
  return hashTypes.includes(typeName);
}

function validityAt(certificate: Certificate | null, now: Date): Validity | null {
  const fields = certificate?.fields;
  if (fields === null || fields === undefined) return null;
  if (now < fields.notBefore) return "notYetValid";
  return now > fields.notAfter ? "expired" : "valid";
}
