/**
 * Bytes that are given for a variable, and the forms in which they come: as an update for SetVariable, as a copy out of
 * efivarfs, as a bare certificate. A variable holds none of these wrappings, and firmware does not take them off.
 */

import { checkBytes, checkFlag, checkText, optional, withMembers } from "../../arguments/index.ts";
import { pemCertificates } from "../../certificate/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { copyBytes, decode, field, guid, rest, struct, u16, u32 } from "../../layout/index.ts";
import {
  encodeSignatureLists,
  readCertificate,
  readSignatureLists,
  SignatureType,
  signatureListOf,
} from "../signatures/index.ts";
import { type EfiTime, efiTime, type VariableKey, variableAttributes } from "../variables/index.ts";
import { checkVariableKey } from "../variables/variable.ts";
import { valueShape } from "./known-variables.ts";
import { variableValue } from "./value.ts";

/**
 * A wrapping: `authenticated`, the header of an update (EFI_VARIABLE_AUTHENTICATION_2); `efivarfs`, four bytes of
 * attributes, as Linux shows them; `der` and `pem`, certificates without a signature list.
 */
export type GivenForm = "authenticated" | "efivarfs" | "der" | "pem";

/** The part of the given bytes that will be stored. */
export interface GivenValue {
  readonly data: Uint8Array;
  /** The wrappings that were taken off, or put into a signature list, outermost first. */
  readonly forms: readonly GivenForm[];
  /** Time in the header of an update, or null. */
  readonly timestamp: EfiTime | null;
  /** Why `data` is not what the variable holds; null when it is, or when that is not known. */
  readonly problem: VmgsError | null;
}

/** How given bytes are read. */
export interface GivenValueOptions {
  /** Owner of a certificate that is put into a signature list, a GUID in lower case. */
  readonly owner: string;
  /** The source is named as in efivarfs, so that its first four bytes are attributes. */
  readonly fromEfivarfs?: boolean;
}

/** EFI_VARIABLE_AUTHENTICATION_2 (UEFI 2.10, section 8.2.2), and WIN_CERTIFICATE_UEFI_GUID in it. */
const authenticationHeader = struct("EFI_VARIABLE_AUTHENTICATION_2", {
  timestamp: field(efiTime, "time of the update"),
  length: field(u32, "bytes from here to the end of the signature"),
  revision: field(u16, "0x0200"),
  certificateType: field(u16, "0x0ef1, WIN_CERT_TYPE_EFI_GUID"),
  certificateGuid: field(guid, "EFI_CERT_TYPE_PKCS7_GUID"),
});
/** Bytes of `EFI_TIME` and of the whole header before the signature. */
const TIME_SIZE = 16;
const AUTHENTICATION_HEADER_SIZE = 40;

const efivarfsCopy = struct("efivarfs", { attributes: field(u32, "attributes"), data: field(rest, "value") });

const checkGivenValueOptions = withMembers({ owner: checkText, fromEfivarfs: optional(checkFlag) });

/** Takes the wrappings off, and checks what is left. Never throws for bad bytes: `problem` says what is wrong. */
export async function readGivenValue(
  key: VariableKey,
  given: Uint8Array,
  options: GivenValueOptions,
): Promise<GivenValue> {
  checkVariableKey(key, "key");
  checkBytes(given, "given");
  checkGivenValueOptions(options, "options");
  const plain = await asItStands(key, given);
  const copy = withoutAttributes(given);
  const unwrapped = copy && (await asItStands(key, copy));
  const isCopy = options.fromEfivarfs === true || plain.problem !== null || namesTwice(key, given);
  if (isCopy && copy !== null && unwrapped !== null && unwrapped.problem === null) {
    return { ...unwrapped, forms: ["efivarfs"] };
  }
  if (plain.problem === null || valueShape(key) !== "signatureLists") return plain;
  return (await withoutAuthentication(key, given)) ?? (await wrapped(given, options.owner)) ?? plain;
}

/** Why the data is not what the variable holds; null when it is, or when that is not known. */
export async function checkValue(key: VariableKey, data: Uint8Array): Promise<VmgsError | null> {
  const why = await whyNotValue(key, data);
  return why === null ? null : new VmgsError("VMGS_UEFI_VALUE_UNFIT", `${JSON.stringify(key.name)}: ${why}`);
}

async function asItStands(key: VariableKey, data: Uint8Array): Promise<GivenValue> {
  return { data: copyBytes(data), forms: [], timestamp: null, problem: await checkValue(key, data) };
}

/** Bits that all variables have that Linux shows. */
const SHOWN = variableAttributes.of("BOOTSERVICE_ACCESS", "RUNTIME_ACCESS");

function withoutAttributes(given: Uint8Array): Uint8Array | null {
  if (given.length <= 4) return null;
  const { attributes, data } = decode(efivarfsCopy, given);
  return (attributes & SHOWN) === SHOWN && attributes <= 0xff ? data : null;
}

/** Attributes before an order look like two more options, of which the second is 0000. */
function namesTwice(key: VariableKey, given: Uint8Array): boolean {
  const value = variableValue({ ...key, data: given });
  return value.kind === "optionNumbers" && new Set(value.numbers).size < value.numbers.length;
}

async function withoutAuthentication(key: VariableKey, given: Uint8Array): Promise<GivenValue | null> {
  if (given.length < AUTHENTICATION_HEADER_SIZE) return null;
  const header = decode(authenticationHeader, given);
  const { timestamp, length, revision, certificateType, certificateGuid } = header;
  const start = TIME_SIZE + length;
  const isHeader =
    revision === 0x0200 && certificateType === 0x0ef1 && certificateGuid === SignatureType.PKCS7;
  if (!isHeader || start < AUTHENTICATION_HEADER_SIZE || start > given.length) return null;
  return { ...(await asItStands(key, given.subarray(start))), forms: ["authenticated"], timestamp };
}

/** Certificates without a list around them: each gets its own, as their sizes differ. */
async function wrapped(given: Uint8Array, owner: string): Promise<GivenValue | null> {
  const pem = pemCertificates(given);
  const certificates = pem ?? [given];
  for (const der of certificates) if (!(await isCertificate(der))) return null;
  const data = encodeSignatureLists(certificates.map((der) => signatureListOf("X509", owner, [der])));
  return { data, forms: [pem === null ? "der" : "pem"], timestamp: null, problem: null };
}

async function isCertificate(der: Uint8Array): Promise<boolean> {
  return (await readCertificate(der)).fields !== null;
}

async function whyNotValue(key: VariableKey, data: Uint8Array): Promise<string | null> {
  const shape = valueShape(key);
  if (shape === null) return null;
  const value = variableValue({ ...key, data });
  if (value.kind === "raw") return value.error?.message ?? null;
  if (value.kind === "loadOption" && value.option.paths.length === 0 && value.option.pathProblem !== null) {
    return `the data is not a load option: ${value.option.pathProblem.message}`;
  }
  if (shape === "flag" && value.kind === "number") return `${value.value} is neither 0 nor 1`;
  return value.kind === "signatureLists" ? whyNotSignatures(data) : null;
}

/** Bytes of hashes by their type; others are not checked. */
const HASH_BYTES: Readonly<Record<string, number>> = {
  [SignatureType.SHA1]: 20,
  [SignatureType.SHA224]: 28,
  [SignatureType.SHA256]: 32,
  [SignatureType.SHA384]: 48,
  [SignatureType.SHA512]: 64,
  [SignatureType.SM3]: 32,
};

async function whyNotSignatures(data: Uint8Array): Promise<string | null> {
  const { lists } = readSignatureLists(data);
  if (lists.length === 0) return "there is no signature list in it";
  for (const { type, typeName, signatures } of lists) {
    const size = HASH_BYTES[type];
    for (const { data: signature } of signatures) {
      if (size !== undefined && signature.length !== size) {
        return `a signature of type ${typeName} has ${signature.length} bytes, not ${size}`;
      }
      if (type === SignatureType.X509 && !(await isCertificate(signature))) {
        return "a signature of type X509 is not a certificate in DER";
      }
    }
  }
  return null;
}
