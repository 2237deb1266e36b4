/** A TPM state as JSON. No secret is in what it is made from. 64-bit numbers are decimal text, so that none is rounded. */

import { toHex } from "vmgskit/format";
import {
  type AkCertificate,
  type AttestationReport,
  algorithmName,
  curveName,
  type FoundCertificate,
  handleName,
  NvIndexHandle,
  type PublicArea,
  readAkCertificate,
  readAttestationReport,
  readStoredCertificates,
  readTpmState,
  rsaExponent,
  type StoredCertificate,
  type TpmHierarchy,
  type TpmNvIndex,
  type TpmObject,
  type TpmState,
} from "vmgskit/tpm";
import { reportDocument } from "./report.ts";

/** A state and its certificate, read. */
export interface Understood {
  readonly state: TpmState;
  readonly certificate: AkCertificate | null;
  /** Certificates in other indices than the AK's. */
  readonly others: readonly StoredCertificate[];
  readonly report: AttestationReport | null;
}

/** Reads all that there is to know. */
export async function understand(bytes: Uint8Array): Promise<Understood> {
  const state = await readTpmState(bytes);
  const certificate = await readAkCertificate(state);
  const others = (await readStoredCertificates(state)).filter(
    ({ index }) => index.handle !== NvIndexHandle.AK_CERTIFICATE,
  );
  const reportIndex = state.indices.find(({ handle }) => handle === NvIndexHandle.ATTESTATION_REPORT);
  const report = reportIndex?.data ? await readAttestationReport(reportIndex.data) : null;
  return { state, certificate, others, report };
}

/** Whether something is damaged. */
export const isDamaged = ({ state }: Understood) => state.corruption !== null || state.problems.length > 0;

/** A handle or a mask of 32 bits, as text. */
export const hex32 = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
const hexOrNull = (bytes: Uint8Array | null) => bytes && toHex(bytes);

/** The document's part about the state. */
export function stateDocument({ state, certificate, others, report }: Understood) {
  const { lockout } = state;
  return {
    bytes: state.byteLength,
    madeBy: state.generation,
    revision: "1.38",
    firmwareVersion: state.firmwareVersion.map(hex32),
    orderlyState: state.orderlyStateText,
    disableClear: state.disableClear,
    totalResetCount: String(state.totalResetCount),
    resetCount: state.resetCount,
    timeEpoch: state.timeEpoch,
    clockMilliseconds: String(state.clock),
    clockSafe: state.clockSafe,
    owner: hierarchyDocument(state.owner),
    endorsement: hierarchyDocument(state.endorsement),
    platform: state.saved && hierarchyDocument(state.saved.platform),
    lockout: {
      ...hierarchyDocument(lockout),
      failedTries: lockout.failedTries,
      maxTries: lockout.maxTries,
      recoverySeconds: lockout.recoveryTime,
      lockoutRecoverySeconds: lockout.lockoutRecovery,
      authEnabled: lockout.authEnabled,
      locked: lockout.locked,
    },
    pcrBanks: state.pcrBanks.map(({ hash, select }) => ({
      hash: algorithmName(hash),
      select: toHex(select),
    })),
    objects: state.objects.map(objectDocument),
    indices: state.indices.map(indexDocument),
    orderlyRam: state.orderlyRam.map(({ handle, attributes, dataBytes }) => ({
      handle: hex32(handle),
      attributes: hex32(attributes),
      bytes: dataBytes,
    })),
    unreadable: state.unreadable.map(({ offset, entryBytes, handle }) => ({
      offset,
      entryBytes,
      handle: hex32(handle),
    })),
    akCertificate: certificate && certificateDocument(certificate),
    certificates: others.map(storedCertificateDocument),
    attestationReport: report && reportDocument(report, state),
    mitigationMarker: state.indices.some(({ handle }) => handle === NvIndexHandle.MITIGATION_MARKER),
    listEnd: state.listEnd,
    freeBytes: state.freeBytes,
    roomForObjects: state.objectRoom,
    maxCounter: state.maxCounter === null ? null : String(state.maxCounter),
    corruption: state.corruption,
    problems: state.problems.map(({ offset, handle, message }) => ({
      offset,
      handle: handle === null ? null : hex32(handle),
      message,
    })),
  };
}

function hierarchyDocument({ authSet, policyAlg, policy }: TpmHierarchy) {
  return {
    authSet,
    policyAlgorithm: policyAlg === null ? null : algorithmName(policyAlg),
    policy: hexOrNull(policy),
  };
}

function objectDocument(object: TpmObject) {
  const { publicArea } = object;
  return {
    offset: object.offset,
    entryBytes: object.entryBytes,
    handle: hex32(object.handle),
    role: handleName(object.handle),
    hierarchy: object.hierarchy,
    flags: object.flagNames,
    attributes: publicArea && hex32(publicArea.objectAttributes),
    attributeNames: object.attributeNames,
    authSet: object.authSet,
    key: publicArea && keyDocument(publicArea),
    policy: publicArea && publicArea.authPolicy.length > 0 ? toHex(publicArea.authPolicy) : null,
    name: toHex(object.name),
    nameMatches: object.nameMatches,
    qualifiedName: toHex(object.qualifiedName),
    qualifiedNameMatches: object.qualifiedNameMatches,
  };
}

function keyDocument(area: PublicArea) {
  const rsa = area.kind === "RSA" ? area : null;
  const ecc = area.kind === "ECC" ? area : null;
  return {
    type: area.kind,
    nameAlgorithm: algorithmName(area.nameAlg),
    bits: rsa?.keyBits ?? null,
    exponent: rsa && rsaExponent(rsa),
    modulus: hexOrNull(rsa?.unique ?? null),
    curve: ecc && curveName(ecc.curve),
    x: hexOrNull(ecc?.x ?? null),
    y: hexOrNull(ecc?.y ?? null),
    scheme: "scheme" in area ? area.scheme.kind : null,
    symmetric: "symmetric" in area ? area.symmetric.kind : null,
  };
}

function indexDocument(index: TpmNvIndex) {
  return {
    offset: index.offset,
    entryBytes: index.entryBytes,
    handle: hex32(index.handle),
    role: handleName(index.handle),
    type: index.type,
    nameAlgorithm: algorithmName(index.nameAlg),
    attributes: hex32(index.attributes),
    attributeNames: index.attributeNames,
    creator: index.creator,
    written: index.written,
    orderly: index.orderly,
    authSet: index.authBytes > 0,
    policy: hexOrNull(index.policy),
    dataSize: index.dataSize,
    storedDataBytes: index.storedDataBytes,
    value: index.value === null ? null : String(index.value),
    name: hexOrNull(index.name),
  };
}

function certificateDocument(found: AkCertificate) {
  const { index, derLength, certificate, isForAk } = found;
  return {
    creator: index.creator,
    written: index.written,
    indexBytes: index.dataSize,
    derBytes: derLength,
    ...certificateFields(certificate),
    isForAk,
    problem: certificateProblem(found),
  };
}

function storedCertificateDocument(found: StoredCertificate) {
  const { index, derLength, certificate, keyHandle } = found;
  return {
    index: hex32(index.handle),
    role: handleName(index.handle),
    derBytes: derLength,
    ...certificateFields(certificate),
    key: keyHandle === null ? null : hex32(keyHandle),
    problem: certificateProblem(found),
  };
}

function certificateFields(certificate: AkCertificate["certificate"]) {
  const fields = certificate?.fields ?? null;
  return {
    sha256: certificate?.sha256 ?? null,
    subject: fields?.subject ?? null,
    issuer: fields?.issuer ?? null,
    serial: fields?.serial ?? null,
    notBefore: fields?.notBefore.toISOString() ?? null,
    notAfter: fields?.notAfter.toISOString() ?? null,
  };
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
export const noDataWords = ({ written }: TpmNvIndex): string =>
  written ? "the data of its index are missing" : "its index was never written";

/** Why the index holds no whole certificate, or null. */
export function certificatePlaceProblem({ index, derLength, der }: FoundCertificate): string | null {
  if (der !== null) return null;
  if (index.data === null) return noDataWords(index);
  if (derLength === null) return "the data of its index don't begin like a certificate (30 82)";
  return `it would have ${derLength} bytes, its index has ${index.data.length}`;
}
