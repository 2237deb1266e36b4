/** What a TPM state holds, in words without a full stop. */

import { checkWhole, having } from "../../arguments/index.ts";
import { hexNumber, toHex } from "../../layout/index.ts";
import {
  type AkCertificate,
  algorithmName,
  type FoundCertificate,
  type TpmHierarchy,
  type TpmNvIndex,
  type TpmObject,
  type TpmState,
} from "../../tpm/index.ts";
import { formatCount } from "./sizes.ts";

const checkIndex = having("handle", "written", "data");
const checkFound = having("index", "der", "derLength");

/** A handle or a mask of 32 bits, as text. */
export function hex32(value: number): string {
  checkWhole(value, "value");
  return hexNumber(value, 8);
}

export function hierarchyWords({ authSet, policyAlg, policy }: TpmHierarchy): string {
  const auth = authSet ? "authorization set" : "no authorization";
  if (policyAlg === null) return `${auth}, no policy`;
  return `${auth}, policy ${algorithmName(policyAlg)} ${toHex(policy ?? new Uint8Array(0))}`;
}

export function lockoutWords({ lockout }: TpmState): string {
  const { failedTries, maxTries, recoveryTime, lockoutRecovery, authEnabled, locked } = lockout;
  const usable = authEnabled ? "" : `; lockout authorization can't be used (for ${lockoutRecovery} s)`;
  const tries = `${failedTries} of ${formatCount(maxTries, "failed try").replace(/trys$/, "tries")}`;
  return `${locked ? "LOCKED, " : ""}${tries}, one is forgotten every ${recoveryTime} s${usable}`;
}

const ALL_PCRS = "ffffff";

export function pcrWords({ pcrBanks }: TpmState): string {
  const banks = pcrBanks.map(({ hash, select }) => {
    const bitmap = toHex(select);
    return `${algorithmName(hash)} (${bitmap === ALL_PCRS ? "all PCRs" : `PCRs ${bitmap}`})`;
  });
  return banks.join(", ") || "none";
}

export function keyWords(area: NonNullable<TpmObject["publicArea"]>): string {
  const size = area.kind === "RSA" ? ` ${area.keyBits}` : "";
  const used = [
    "scheme" in area && area.scheme.kind !== "NULL" ? area.scheme.kind : [],
    "symmetric" in area && area.symmetric.kind !== "NULL" ? area.symmetric.kind : [],
    area.authPolicy.length > 0 ? "policy" : [],
  ].flat();
  return [`${area.kind}${size}`, ...used].join(", ");
}

export function nameWords({ nameMatches, qualifiedNameMatches }: TpmObject): string {
  if (nameMatches === null) return "unchecked";
  if (!nameMatches) return "WRONG";
  return qualifiedNameMatches === false ? "matches, qualified name WRONG" : "matches";
}

/** Why the certificate can't be read, or null. */
export function certificateProblem(
  found: FoundCertificate & Pick<AkCertificate, "certificate">,
): string | null {
  const { certificate } = found;
  if (certificate === null) return certificatePlaceProblem(found);
  return certificate.problem && `the certificate ${certificate.problem}`;
}

/** Why an index has no data. */
export function noDataWords(index: TpmNvIndex): string {
  checkIndex(index, "index");
  return index.written ? "the data of its index are missing" : "its index was never written";
}

/** Why the index holds no whole certificate, or null. */
export function certificatePlaceProblem(found: FoundCertificate): string | null {
  checkFound(found, "found");
  const { index, derLength, der } = found;
  if (der !== null) return null;
  if (index.data === null) return noDataWords(index);
  if (derLength === null) return "the data of its index do not begin like a certificate (30 82)";
  return `it would have ${derLength} bytes, its index has ${index.data.length}`;
}
