/** `vmgs.tpm-inspect/1`. No secret is in what it is made from. 64-bit numbers are decimal text, so that none is rounded. */

import { checkBytes, checkText, having, oneOf } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import { toHex } from "../../layout/index.ts";
import type { Generation } from "../../store/index.ts";
import {
  type AkCertificate,
  type AttestationReport,
  algorithmName,
  curveName,
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
} from "../../tpm/index.ts";
import { checkProblem } from "../checks.ts";
import { certificateProblem, hex32 } from "../words/tpm.ts";
import { reportDocument } from "./attestation.ts";
import type { Problem } from "./problem.ts";

/** A state and its certificate, read. */
export interface TpmOverview {
  readonly state: TpmState;
  readonly certificate: AkCertificate | null;
  /** Certificates in other indices than the AK's. */
  readonly others: readonly StoredCertificate[];
  readonly report: AttestationReport | null;
}

/** Reads all that there is to know. */
export async function tpmOverview(bytes: Uint8Array): Promise<TpmOverview> {
  checkBytes(bytes, "bytes");
  const state = await readTpmState(bytes);
  const certificate = await readAkCertificate(state);
  const others = (await readStoredCertificates(state)).filter(
    ({ index }) => index.handle !== NvIndexHandle.AK_CERTIFICATE,
  );
  const reportIndex = state.indices.find(({ handle }) => handle === NvIndexHandle.ATTESTATION_REPORT);
  const report = reportIndex?.data ? await readAttestationReport(reportIndex.data) : null;
  return { state, certificate, others, report };
}

/** Checks what `tpmOverview` gives. */
export const checkTpmOverview = having("state", "certificate", "others", "report");

/** Whether something is damaged. */
export function isTpmDamaged(overview: TpmOverview): boolean {
  checkTpmOverview(overview, "overview");
  const { corruption, problems } = overview.state;
  return corruption !== null || problems.length > 0;
}

/** Where a state was found. */
export interface TpmStateOf {
  /** The store or the bare state, as the caller named it. */
  readonly file: string;
  /** File of the store; null for a bare state. */
  readonly fileId: number | null;
  /** Whether it is stored encrypted. */
  readonly encrypted: boolean;
  readonly generation: Generation;
  /** Notices about opening the store. */
  readonly warnings: readonly Warning[];
}

/** Checks where a state was found. */
export const checkTpmStateOf = having("file", "fileId", "encrypted", "generation", "warnings");
const checkGeneration = oneOf(["current", "previous"]);

/** What a vTPM's state holds. */
export type TpmInspectDocument = Omit<TpmStateOf, "encrypted"> & {
  readonly schema: "vmgs.tpm-inspect/1";
  /** Null when it can't be read. */
  readonly source: "blob" | "store" | null;
  readonly encrypted: boolean | null;
  readonly state: ShownTpmState | null;
  /** Why there is no state. */
  readonly error: Problem | null;
};

/** A state as documents carry it. */
export type ShownTpmState = ReturnType<typeof tpmStateDocument>;

/** What is reported of a state. */
export function tpmInspectDocument(of: TpmStateOf, overview: TpmOverview): TpmInspectDocument {
  checkTpmStateOf(of, "of");
  const { file, fileId, encrypted, generation, warnings } = of;
  return {
    schema: "vmgs.tpm-inspect/1",
    file,
    source: fileId === null ? "blob" : "store",
    fileId,
    encrypted,
    generation,
    state: tpmStateDocument(overview),
    warnings,
    error: null,
  };
}

/** What is reported of a state that can't be read. */
export function unreadableTpmDocument(
  file: string,
  generation: Generation,
  error: Problem,
): TpmInspectDocument {
  checkText(file, "file");
  checkGeneration(generation, "generation");
  checkProblem(error, "error");
  return {
    schema: "vmgs.tpm-inspect/1",
    file,
    source: null,
    fileId: null,
    encrypted: null,
    generation,
    state: null,
    warnings: [],
    error,
  };
}

const hexOrNull = (bytes: Uint8Array | null) => bytes && toHex(bytes);

/** A state, its certificates and its attestation report. */
export function tpmStateDocument(overview: TpmOverview) {
  checkTpmOverview(overview, "overview");
  const { state, certificate, others, report } = overview;
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
