/** A TPM state for people. */

import { toHex } from "vmgskit/format";
import { clip } from "vmgskit/report";
import {
  type AkCertificate,
  algorithmName,
  describeHandle,
  describeNvAttributes,
  handleName,
  type StoredCertificate,
  TPMA_OBJECT,
  type TpmHierarchy,
  type TpmNvIndex,
  type TpmObject,
  type TpmState,
} from "vmgskit/tpm";
import { type CommandContext, widthOf } from "../../context.ts";
import { printField } from "../../field-lines.ts";
import { print } from "../../messages.ts";
import {
  type Column,
  escapeText,
  formatCount,
  formatSize,
  loadTable,
  wrapText,
} from "../../terminal/index.ts";
import { certificateProblem, hex32, type Understood } from "./document.ts";
import { reportLines } from "./report.ts";

/** Everything but the line that names the state. */
export async function showState(context: CommandContext, understood: Understood): Promise<void> {
  const { state, certificate, others, report } = understood;
  await section(context, "TPM");
  for (const [name, value] of stateLines(state)) await printField(context, name, value);
  await section(context, "Keys");
  await showTable(context, objectColumns, state.objects.map(objectRow));
  await section(context, "NV indices");
  await showTable(context, indexColumns, state.indices.map(indexRow));
  await section(context, "AK certificate");
  if (certificate === null) await print(context, "  no index");
  else for (const [name, value] of certificateLines(certificate)) await printField(context, name, value);
  if (others.length > 0) {
    await section(context, "Other certificates");
    await showTable(context, certificateColumns, others.map(certificateRow));
  }
  if (report !== null) {
    await section(context, "Attestation report");
    for (const [name, value] of reportLines(report, state)) await printField(context, name, value);
  }
  await section(context, "Space");
  for (const [name, value] of spaceLines(state)) await printField(context, name, value);
  await showProblems(context, state);
}

const section = (context: CommandContext, title: string) => print(context, `\n${context.colors.bold(title)}`);

type Lines = [name: string, value: string][];

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

function hierarchyWords({ authSet, policyAlg, policy }: TpmHierarchy): string {
  const auth = authSet ? "authorization set" : "no authorization";
  if (policyAlg === null) return `${auth}, no policy`;
  return `${auth}, policy ${algorithmName(policyAlg)} ${toHex(policy ?? new Uint8Array(0))}`;
}

function lockoutWords({ lockout }: TpmState): string {
  const { failedTries, maxTries, recoveryTime, lockoutRecovery, authEnabled, locked } = lockout;
  const usable = authEnabled ? "" : `; lockout authorization can't be used (for ${lockoutRecovery} s)`;
  const tries = `${failedTries} of ${formatCount(maxTries, "failed try").replace(/trys$/, "tries")}`;
  return `${locked ? "LOCKED, " : ""}${tries}, one is forgotten every ${recoveryTime} s${usable}`;
}

const ALL_PCRS = "ffffff";

function pcrWords({ pcrBanks }: TpmState): string {
  const banks = pcrBanks.map(({ hash, select }) => {
    const bitmap = toHex(select);
    return `${algorithmName(hash)} (${bitmap === ALL_PCRS ? "all PCRs" : `PCRs ${bitmap}`})`;
  });
  return banks.join(", ") || "none";
}

const objectColumns: readonly Column[] = [
  { title: "handle" },
  { title: "role" },
  { title: "hierarchy" },
  { title: "key" },
  { title: "attributes" },
  { title: "auth" },
  { title: "name" },
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

function keyWords(area: NonNullable<TpmObject["publicArea"]>): string {
  const size = area.kind === "RSA" ? ` ${area.keyBits}` : "";
  const used = [
    "scheme" in area && area.scheme.kind !== "NULL" ? area.scheme.kind : [],
    "symmetric" in area && area.symmetric.kind !== "NULL" ? area.symmetric.kind : [],
    area.authPolicy.length > 0 ? "policy" : [],
  ].flat();
  return [`${area.kind}${size}`, ...used].join(", ");
}

function nameWords({ nameMatches, qualifiedNameMatches }: TpmObject): string {
  if (nameMatches === null) return "unchecked";
  if (!nameMatches) return "WRONG";
  return qualifiedNameMatches === false ? "matches, qualified name WRONG" : "matches";
}

const indexColumns: readonly Column[] = [
  { title: "handle" },
  { title: "role" },
  { title: "type" },
  { title: "bytes", align: "right" },
  { title: "made by" },
  { title: "content" },
  { title: "attributes" },
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
    ["subject", clip(escapeText(subject))],
    ["issuer", clip(escapeText(issuer))],
    ["serial", clip(serial)],
    ["valid", `${notBefore?.toISOString() ?? ""} to ${notAfter?.toISOString() ?? ""}`],
    ["key", isForAk === null ? "can't be compared: there is no AK" : key],
  ];
}

const certificateColumns: readonly Column[] = [
  { title: "index" },
  { title: "role" },
  { title: "bytes", align: "right" },
  { title: "subject" },
  { title: "valid to" },
  { title: "key" },
];

function certificateRow({ index, der, certificate, keyHandle }: StoredCertificate): string[] {
  const fields = certificate?.fields ?? null;
  return [
    hex32(index.handle),
    handleName(index.handle) ?? "",
    String(der?.length ?? 0),
    fields === null ? "unreadable" : clip(escapeText(fields.subject)),
    fields?.notAfter.toISOString().slice(0, 10) ?? "",
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

async function showTable(
  context: CommandContext,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { colors, stdout } = context;
  if (rows.length === 0) return print(context, "  none");
  const { formatTable } = await loadTable();
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
}

async function showProblems(context: CommandContext, { problems }: TpmState): Promise<void> {
  if (problems.length === 0) return;
  await section(context, "Problems");
  for (const { offset, handle, message } of problems) {
    const where = handle === null ? "" : `${describeHandle(handle)} `;
    const text = `${where}at offset ${offset}: ${escapeText(message)}`;
    const lines = wrapText(text, widthOf(context.stdout) - 4);
    await print(context, `  ${lines.map((line) => context.colors.yellow(line)).join("\n    ")}`);
  }
}
