/** The vTPM's state. Pure. */

import { FileId, isAllZero } from "../../format/index.ts";
import { hexNumber } from "../../layout/index.ts";
import {
  type AkCertificate,
  akAttributes,
  describeHandle,
  describeStartFailure,
  NvIndexHandle,
  PersistentHandle,
  type TpmStart,
  type TpmState,
} from "../../tpm/index.ts";
import type { TpmEvidence } from "../evidence/index.ts";
import { type Finding, type FindingEvidence, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";
import { isRecognised } from "./recognised.ts";

/** What is wrong with the vTPM. */
export function tpmFindings({ store, guest, now }: Evidence): Finding[] {
  const files = store?.state?.files;
  const found: Finding[] = [];
  if (files?.has(FileId.TPM_NVRAM) && files.has(FileId.TPM_185_NVRAM)) {
    found.push(finding("tpm-two-states", "files 3 and 19 are both there", { fileId: 3, otherFileId: 19 }));
  }
  return guest.tpm === null ? found : [...found, ...stateFindings(guest.tpm, now)];
}

function stateFindings(tpm: TpmEvidence, now: Date): Finding[] {
  const { byteLength, state, start } = tpm;
  const found = startFindings(tpm);
  if (state === null) return found;
  if (!isRecognised(state)) {
    const [upper, lower] = state.firmwareVersion.map((half) => hexNumber(half, 8));
    const message = `its firmware version would be ${upper} ${lower}`;
    return [...found, finding("tpm-state-unrecognized", message, { fileId: 3, bytes: byteLength })];
  }
  if (state.generation === "legacy") {
    found.push(
      finding("tpm-state-legacy", `file 3 has ${byteLength} bytes`, { fileId: 3, bytes: byteLength }),
    );
  }
  return [
    ...found,
    ...damage(state),
    ...akFindings(start),
    ...certificateFindings(tpm, state, now),
    ...lockout(state),
  ];
}

/** What the next boot does with it, where that ends or changes something. */
function startFindings({ byteLength, start }: TpmEvidence): Finding[] {
  const { failure, ak } = start;
  const facts = { fileId: 3, bytes: byteLength };
  if (failure?.kind === "state-size") return [finding("tpm-state-size", failure.message, facts)];
  if (failure !== null) {
    const evidence = { ...facts, stateOffset: failure.offset, reason: failure.kind };
    return [finding("tpm-start-fails", describeStartFailure(failure), evidence)];
  }
  if (ak?.fate !== "lost") return [];
  return [finding("tpm-state-full", "an AK that is made anew does not fit any more", facts)];
}

const BREAKS = {
  "entry-too-small": "an entry is smaller than its own header",
  "entry-past-end": "an entry runs past the end",
} as const;

function damage(state: TpmState): Finding[] {
  const found: Finding[] = [];
  const { corruption, problems, objects } = state;
  if (corruption !== null) {
    const { offset, kind, claimedBytes } = corruption;
    found.push(
      finding("tpm-state-truncated", `the list breaks at ${offset} of ${state.byteLength}: ${BREAKS[kind]}`, {
        stateOffset: offset,
        stateBytes: state.byteLength,
        claimedBytes,
      }),
    );
  }
  const renamed = objects.filter(({ nameMatches }) => nameMatches === false);
  for (const { handle, offset } of renamed) {
    const message = `the name of ${describeHandle(handle)} is not that of its public area`;
    found.push(finding("tpm-name-mismatch", message, { stateOffset: offset, handle: hexNumber(handle, 8) }));
  }
  const told = new Set(renamed.map(({ handle }) => handle));
  for (const { offset, handle, message } of problems) {
    if (handle !== null && told.has(handle)) continue;
    const where = handle === null ? `at ${offset}` : describeHandle(handle);
    found.push(
      finding("tpm-state-damaged", `${where}: ${message}`, {
        stateOffset: offset,
        ...(handle !== null && { handle: hexNumber(handle, 8) }),
      }),
    );
  }
  return found;
}

/** A key at the AK's handle that the platform did not make. */
function akFindings({ ak }: TpmStart): Finding[] {
  if (ak === null || ak.attributes === null || ak.attributes === akAttributes()) return [];
  const [has, expected] = [hexNumber(ak.attributes, 8), hexNumber(akAttributes(), 8)];
  const facts = { handle: hexNumber(PersistentHandle.AK, 8), attributes: has, expected };
  const id = ak.fate === "kept" ? "tpm-ak-renewal-refused" : "tpm-ak-replaced";
  return [finding(id, `the AK has attributes ${has}, the platform's has ${expected}`, facts)];
}

/** Bytes of the certificate index that the platform makes. */
const PLATFORM_INDEX_BYTES = 4096;

function certificateFindings({ akCertificate }: TpmEvidence, state: TpmState, now: Date): Finding[] {
  const found: Finding[] = [];
  if (state.indices.some(({ handle }) => handle === NvIndexHandle.MITIGATION_MARKER)) {
    const facts = { handle: hexNumber(NvIndexHandle.MITIGATION_MARKER, 8) };
    found.push(finding("tpm-mitigated", "the mitigation marker index is there", facts));
  }
  if (akCertificate === null) return found;
  const { index, derLength, der, isForAk, certificate } = akCertificate;
  const place = { stateOffset: index.offset, handle: hexNumber(index.handle, 8), indexBytes: index.dataSize };
  const small = state.generation === "legacy" && index.dataSize === PLATFORM_INDEX_BYTES;
  if (small && index.creator === "platform") {
    const message = `the platform's index of ${index.dataSize} bytes lies in a state of ${state.byteLength}`;
    found.push(finding("tpm-akcert-legacy-platform", message, place));
  }
  // A platform that has no certificate yet fills the index with zeros.
  if (index.data !== null && der === null && !isAllZero(index.data)) {
    const why =
      derLength === null
        ? "the data do not begin like a certificate"
        : `the certificate has ${derLength} bytes, the index ${index.data.length}`;
    found.push(finding("tpm-akcert-unreadable", why, { ...place, ...(derLength !== null && { derLength }) }));
  }
  if (isForAk === false) {
    found.push(finding("tpm-akcert-other-key", "the key in the certificate is not that of the AK", place));
  }
  return [...found, ...validity(certificate, place, now)];
}

function validity(certificate: AkCertificate["certificate"], place: FindingEvidence, now: Date): Finding[] {
  if (certificate === null) return [];
  const { fields, problem, sha256 } = certificate;
  if (fields === null) {
    return [
      finding("tpm-akcert-unreadable", `the certificate ${problem ?? "can't be read"}`, { ...place, sha256 }),
    ];
  }
  const { notBefore, notAfter } = fields;
  if (now >= notBefore && now <= notAfter) return [];
  const [from, to] = [notBefore.toISOString(), notAfter.toISOString()];
  const why = now < notBefore ? `is valid from ${from} on` : `expired at ${to}`;
  const facts = { ...place, notBefore: from, notAfter: to, now: now.toISOString(), sha256 };
  return [finding("tpm-akcert-expired", `the certificate ${why}`, facts)];
}

function lockout({ lockout: { locked, failedTries, maxTries, recoveryTime } }: TpmState): Finding[] {
  if (!locked) return [];
  const message = `${failedTries} failed tries of ${maxTries}; one is forgotten every ${recoveryTime} seconds`;
  return [finding("tpm-lockout", message, { failedTries, maxTries, recoveryTime })];
}
