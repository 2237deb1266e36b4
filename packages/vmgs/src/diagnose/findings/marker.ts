/** The provisioning marker: its form, and whether it agrees with what is there. Pure. */

import { FileId, provisioners, provisioningReasons } from "../../format/index.ts";
import { hexNumber } from "../../layout/index.ts";
import type { MarkerLocation } from "../../store/index.ts";
import { TPMA_NV } from "../../tpm/index.ts";
import { type Finding, type FindingEvidence, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** What is wrong with the marker. */
export function markerFindings(evidence: Evidence): Finding[] {
  const { store, marker, markerError } = evidence;
  if (store === null || store.state === null) return [];
  if (markerError !== null) return unreadable(evidence);
  if (marker === null) return [finding("marker-missing", "there is no file 18")];
  return [...formFindings(evidence, marker), ...contradictions(evidence, marker)];
}

function unreadable({ markerError, files }: Evidence): Finding[] {
  const file = files.find(({ record }) => record.fileId === FileId.PROVISIONING_MARKER);
  const facts = { fileId: FileId.PROVISIONING_MARKER, bytes: file?.record.byteLength ?? 0 };
  if (markerError?.code === "VMGS_NEEDS_UNLOCK") {
    return [finding("marker-encrypted", "file 18 is encrypted", facts)];
  }
  // A tag that does not match is reported with the other encrypted files.
  if (markerError?.code === "VMGS_AUTHENTICATION_FAILED") return [];
  const found = [finding("marker-malformed", markerError?.message ?? "", facts)];
  if (hasControlCharacters(file?.content ?? new Uint8Array(0), [])) {
    found.push(finding("marker-control-characters", "file 18 has control characters", facts));
  }
  return found;
}

function formFindings({ files }: Evidence, { marker, fileId, misplaced, bytes }: MarkerLocation): Finding[] {
  const found: Finding[] = [];
  const place: FindingEvidence = { fileId, bytes: bytes.length };
  if (misplaced)
    found.push(finding("marker-misplaced", "file 17 holds a marker, file 18 does not exist", place));
  if (files.find((file) => file.record.fileId === fileId)?.form === "sealed") {
    found.push(finding("marker-encrypted", `file ${fileId} is encrypted`, place));
  }
  if (marker.problems.length > 0) {
    found.push(
      finding("marker-fields", marker.problems.join("; "), { ...place, problems: marker.problems.length }),
    );
  }
  if (marker.shape === "both") {
    found.push(finding("marker-two-shapes", "both hcl_version and provisioner_version are there", place));
  }
  if (marker.unknownFields.length > 0) {
    const names = marker.unknownFields.map(short).join(", ");
    found.push(finding("marker-unknown-fields", `unknown fields: ${names}`, { ...place, fields: names }));
  }
  found.push(...unknownWords(marker, place));
  if (hasControlCharacters(bytes, marker.fields)) {
    found.push(finding("marker-control-characters", "text of the marker has control characters", place));
  }
  return found;
}

function unknownWords({ provisioner, reason }: MarkerLocation["marker"], place: FindingEvidence): Finding[] {
  const found: Finding[] = [];
  if (provisioner !== null && !(provisioners as readonly string[]).includes(provisioner)) {
    const value = short(provisioner);
    found.push(
      finding("marker-unknown-provisioner", `the provisioner is ${JSON.stringify(value)}`, {
        ...place,
        provisioner: value,
      }),
    );
  }
  if (reason !== null && !(provisioningReasons as readonly string[]).includes(reason)) {
    const value = short(reason);
    found.push(
      finding("marker-unknown-provisioner", `the reason is ${JSON.stringify(value)}`, {
        ...place,
        reason: value,
      }),
    );
  }
  return found;
}

const MOST_QUOTED = 80;

/** Text of the marker, cut, because it can have any length. */
const short = (text: string) => (text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED)}...`);

/** Control characters, in the bytes or spelt with \u in the JSON. */
function hasControlCharacters(bytes: Uint8Array, fields: MarkerLocation["marker"]["fields"]): boolean {
  if (bytes.some((byte) => byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
  return fields.some(
    ([name, value]) => control.test(name) || (typeof value === "string" && control.test(value)),
  );
}

/** TPMA_NV bits that change while a TPM runs. */
const CHANGING = TPMA_NV.of("WRITTEN", "WRITELOCKED", "READLOCKED");
const lasting = (attributes: number) => (attributes & ~CHANGING) >>> 0;

/** What the marker says against what the TPM state is. */
function contradictions({ store, guest }: Evidence, { marker }: MarkerLocation): Finding[] {
  const found: Finding[] = [];
  const files = store?.state?.files;
  const stateBytes = files?.get(FileId.TPM_NVRAM)?.byteLength;
  const { tpmNvramSize, akcertSize, akcertAttributes, tpmVersion } = marker;
  if (stateBytes !== undefined && tpmNvramSize !== null && tpmNvramSize !== stateBytes) {
    found.push(
      finding("marker-tpm-nvram-size", `the marker says ${tpmNvramSize} bytes, file 3 has ${stateBytes}`, {
        marker: tpmNvramSize,
        found: stateBytes,
      }),
    );
  }
  if (tpmVersion === "1.38" && stateBytes === undefined && files?.has(FileId.TPM_185_NVRAM)) {
    const message = "the marker says 1.38, but only file 19 (1.85) is there";
    found.push(finding("marker-tpm-version", message, { marker: tpmVersion, found: "1.85" }));
  }
  const index = guest.tpm?.akCertificate?.index;
  if (index === undefined) return found;
  if (akcertSize !== null && akcertSize !== index.dataSize) {
    found.push(
      finding("marker-akcert-size", `the marker says ${akcertSize} bytes, the index has ${index.dataSize}`, {
        marker: akcertSize,
        found: index.dataSize,
        handle: hexNumber(index.handle, 8),
      }),
    );
  }
  if (akcertAttributes !== null && lasting(akcertAttributes) !== lasting(index.attributes)) {
    const [marked, real] = [akcertAttributes, index.attributes].map((bits) => hexNumber(bits, 8));
    const differing = TPMA_NV.words((lasting(akcertAttributes) ^ lasting(index.attributes)) >>> 0);
    found.push(
      finding(
        "marker-akcert-attrs",
        `the marker says ${marked}, the index has ${real}: they differ in ${differing}`,
        {
          marker: marked ?? "",
          found: real ?? "",
          handle: hexNumber(index.handle, 8),
        },
      ),
    );
  }
  return found;
}
