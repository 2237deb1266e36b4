/** A TPM state, for people. */

import { describeFileId } from "../../format/index.ts";
import {
  type AkCertificate,
  describeHandle,
  describeNvAttributes,
  handleName,
  type StoredCertificate,
  TPMA_OBJECT,
  type TpmNvIndex,
  type TpmObject,
  type TpmState,
} from "../../tpm/index.ts";
import { checkTpmOverview, checkTpmStateOf, type TpmOverview, type TpmStateOf } from "../documents/tpm.ts";
import { type Text, toned } from "../text.ts";
import { type Block, type Column, fields, list, section, type View } from "../view.ts";
import { clip, formatCount, formatSize } from "../words/sizes.ts";
import {
  certificateProblem,
  hex32,
  hierarchyWords,
  keyWords,
  lockoutWords,
  nameWords,
  pcrWords,
} from "../words/tpm.ts";
import { attestationLines } from "./attestation.ts";

const MADE_BY = {
  current: "made by HCL or OpenHCL",
  legacy: "made by the legacy service",
  unknown: "of unknown make",
} as const;

const PLAIN = "not encrypted: the seeds and private keys can be read by anyone who has the file";

/** Everything about a state. */
export function tpmInspectView(of: TpmStateOf, overview: TpmOverview): View {
  checkTpmStateOf(of, "of");
  checkTpmOverview(overview, "overview");
  const { state, certificate, others, report } = overview;
  return {
    place: of.file,
    headline: null,
    sections: [
      { title: null, blocks: [fields(placeLines(of, state))] },
      { title: "TPM", blocks: [fields(stateLines(state))] },
      { title: "Keys", blocks: [rowsOrNone(objectColumns, state.objects.map(objectRow))] },
      { title: "NV indices", blocks: [rowsOrNone(indexColumns, state.indices.map(indexRow))] },
      {
        title: "AK certificate",
        blocks: [certificate === null ? list(["no index"]) : fields(certificateLines(certificate))],
      },
      ...section("Other certificates", {
        kind: "table",
        columns: certificateColumns,
        rows: others.map(certificateRow),
      }),
      ...section("Attestation report", fields(report === null ? [] : attestationLines(report, state))),
      { title: "Space", blocks: [fields(spaceLines(state))] },
      ...section("Problems", list(problemLines(state))),
    ],
  };
}

type Lines = (readonly [name: string, value: Text])[];

function placeLines({ fileId, encrypted, generation }: TpmStateOf, state: TpmState): Lines {
  const place =
    fileId === null ? "a bare file" : `${describeFileId(fileId)}${encrypted ? ", encrypted" : ""}`;
  const which = generation === "previous" ? ", previous generation" : "";
  return [
    ["state", `revision 1.38, ${formatSize(state.byteLength)}, ${MADE_BY[state.generation]}`],
    ["found in", `${place}${which}`],
    ...(encrypted ? [] : ([["secrets", PLAIN]] as const)),
  ];
}

const rowsOrNone = (columns: readonly Column[], rows: readonly (readonly Text[])[]): Block =>
  rows.length === 0 ? list(["none"]) : { kind: "table", columns, rows };

function problemLines({ problems }: TpmState): Text[] {
  return problems.map(({ offset, handle, message }) => {
    const where = handle === null ? "" : `${describeHandle(handle)} `;
    return [toned("warning", `${where}at offset ${offset}: ${message}`)];
  });
}

function stateLines(state: TpmState): Lines {
  const { lockout, saved } = state;
  const epoch = `${state.timeEpoch}${state.clockSafe ? "" : "; the clock may have been put back"}`;
  return [
    ["left", state.orderlyStateText],
    ["firmware", state.firmwareVersion.map(hex32).join(" ")],
    ["resets", `${state.totalResetCount} in all, ${state.resetCount} since the last Clear`],
    ["clock", `${state.clock} ms; epoch ${epoch}`],
    ["owner", hierarchyWords(state.owner)],
    ["endorsement", hierarchyWords(state.endorsement)],
    ...(saved === null ? [] : ([["platform", hierarchyWords(saved.platform)]] as Lines)),
    ["Clear", state.disableClear ? "forbidden to the owner" : "allowed to the owner"],
    ["lockout", `${lockoutWords(state)}; ${hierarchyWords(lockout)}`],
    ["PCR banks", `${pcrWords(state)}, at the next start`],
  ];
}

const objectColumns: readonly Column[] = [
  { title: "handle", align: "left" },
  { title: "role", align: "left" },
  { title: "hierarchy", align: "left" },
  { title: "key", align: "left" },
  { title: "attributes", align: "left" },
  { title: "auth", align: "left" },
  { title: "name", align: "left" },
];

function objectRow(object: TpmObject): string[] {
  const { handle, publicArea, hierarchy, authSet } = object;
  return [
    hex32(handle),
    handleName(handle) ?? "",
    hierarchy ?? "",
    publicArea === null ? "unreadable" : keyWords(publicArea),
    publicArea === null ? "" : TPMA_OBJECT.words(publicArea.objectAttributes),
    authSet ? "set" : "none",
    nameWords(object),
  ];
}

const indexColumns: readonly Column[] = [
  { title: "handle", align: "left" },
  { title: "role", align: "left" },
  { title: "type", align: "left" },
  { title: "bytes", align: "right" },
  { title: "made by", align: "left" },
  { title: "content", align: "left" },
  { title: "attributes", align: "left" },
];

function indexRow(index: TpmNvIndex): string[] {
  const { handle, type, dataSize, creator, written, value, attributes } = index;
  const number = value === null ? "written" : `${value}`;
  return [
    hex32(handle),
    handleName(handle) ?? "",
    type.toLowerCase(),
    String(dataSize),
    creator,
    written ? number : "never written",
    describeNvAttributes(attributes).replace(/^[A-Z_]+: /, ""),
  ];
}

function certificateLines(found: AkCertificate): Lines {
  const { index, derLength, certificate, isForAk } = found;
  const place: Lines = [
    ["index", `${describeHandle(index.handle)}, ${index.dataSize} bytes, made for the ${index.creator}`],
  ];
  const problem = certificateProblem(found);
  if (problem !== null) return [...place, ["certificate", problem]];
  const { subject = "", issuer = "", serial = "", notBefore, notAfter } = certificate?.fields ?? {};
  const key = isForAk ? "that of the AK" : "NOT that of the AK";
  return [
    ...place,
    ["certificate", `${derLength} bytes, SHA-256 ${certificate?.sha256 ?? ""}`],
    ["subject", clip(subject)],
    ["issuer", clip(issuer)],
    ["serial", clip(serial)],
    ["valid", `${notBefore?.toISOString() ?? ""} to ${notAfter?.toISOString() ?? ""}`],
    ["key", isForAk === null ? "can't be compared: there is no AK" : key],
  ];
}

const certificateColumns: readonly Column[] = [
  { title: "index", align: "left" },
  { title: "role", align: "left" },
  { title: "bytes", align: "right" },
  { title: "subject", align: "left" },
  { title: "valid to", align: "left" },
  { title: "key", align: "left" },
];

function certificateRow({ index, der, certificate, keyHandle }: StoredCertificate): string[] {
  const known = certificate?.fields ?? null;
  return [
    hex32(index.handle),
    handleName(index.handle) ?? "",
    String(der?.length ?? 0),
    known === null ? "unreadable" : clip(known.subject),
    known?.notAfter.toISOString().slice(0, 10) ?? "",
    keyHandle === null ? "" : hex32(keyHandle),
  ];
}

function spaceLines(state: TpmState): Lines {
  const { byteLength, listEnd, freeBytes, objectRoom, maxCounter, corruption } = state;
  if (corruption !== null) {
    const { offset, claimedBytes, kind } = corruption;
    const why = kind === "entry-past-end" ? `is past the end (${byteLength})` : "is too small for an entry";
    return [["entries", `BROKEN at offset ${offset}: an entry of ${claimedBytes} bytes ${why}`]];
  }
  return [
    [
      "entries",
      `end at offset ${listEnd}, ${formatSize(freeBytes)} free, room for ${formatCount(objectRoom, "key")}`,
    ],
    ["highest counter", maxCounter === null ? "unknown: the list ends too late" : String(maxCounter)],
  ];
}
