/** Headers and generations. Pure. */

import type { ErrorCode, VmgsError } from "../../errors/index.ts";
import { type HeaderReading, header, headerChecksum, headerOffset, otherSlot } from "../../format/index.ts";
import { isReprovisioned } from "../../store/index.ts";
import type { FindingId } from "../catalogue/index.ts";
import type { ContainerEvidence, StoreEvidence } from "../evidence/index.ts";
import { type Finding, type FindingEvidence, finding } from "../finding.ts";
import { zeros } from "./container.ts";
import type { Evidence } from "./evidence.ts";

const BY_CODE: Partial<Record<ErrorCode, FindingId>> = {
  VMGS_DISK_TOO_SMALL: "container-too-small",
  VMGS_V1_FORMAT: "headers-v1",
  VMGS_VERSION_UNSUPPORTED: "headers-version",
  VMGS_NO_VALID_HEADER: "headers-none-valid",
  VMGS_SEQUENCE_CONFLICT: "headers-sequence-conflict",
};

/** What is wrong with the headers. */
export function headerFindings({ container, store }: Evidence): Finding[] {
  if (store === null) return [];
  const found = [...openingFindings(store, container), ...generationFindings(store)];
  const { otherSectorHeader, geometry } = store;
  if (otherSectorHeader !== null)
    found.push(otherSectorSize(store, otherSectorHeader.at, geometry.sectorSize));
  if (store.state !== null && isReprovisioned(store.state)) {
    const slot = store.state.activeSlot;
    const facts = { offset: headerOffset(slot, geometry.sectorSize) + header.offsets.markers, slot };
    found.push(finding("header-reprovisioned", `header ${slot} has the flag`, facts));
  }
  return found;
}

/** Why a store does not open, as far as its headers are the reason. */
function openingFindings(store: StoreEvidence, container: ContainerEvidence): Finding[] {
  const { error, headers, tables } = store;
  if (error === null) return [];
  if (error.code === "VMGS_EMPTY_STORE") return [blank(store)];
  const id = BY_CODE[error.code];
  // A file that is not a store at all has a finding of its container already.
  const isTold = container.error !== null && !container.hasSignature && tables.length === 0;
  if (id === undefined || (isTold && error.code === "VMGS_NO_VALID_HEADER")) return [];
  return [
    finding(id, error.message, { ...errorFacts(error), ...headerFacts(headers ?? []), ...tableFacts(store) }),
  ];
}

function blank(store: StoreEvidence): Finding {
  const { tables } = store;
  const at = store.firstDataAt;
  if (at === null) return finding("headers-blank", zeros(store.geometry.byteLength));
  const what =
    tables.length === 0 ? "" : `, a file table at block ${tables.map(({ block }) => block).join(", ")}`;
  return finding("headers-wiped", `both headers are zero, but there is data from byte ${at} on${what}`, {
    offset: at,
    ...tableFacts(store),
  });
}

function errorFacts({ code, facts }: VmgsError): FindingEvidence {
  const { offset, bytes, limit } = facts;
  return {
    code,
    ...(offset !== undefined && { offset }),
    ...(bytes !== undefined && { bytes }),
    ...(limit !== undefined && { limit }),
  };
}

function headerFacts(headers: readonly HeaderReading[]): FindingEvidence {
  return Object.fromEntries(
    headers.map(({ slot, header: { sequence }, problem, blank }) => [
      `header${slot}`,
      blank ? "blank" : `sequence ${sequence}, ${problem?.message ?? "valid"}`,
    ]),
  );
}

const tableFacts = ({ tables }: StoreEvidence): FindingEvidence =>
  tables.length === 0 ? {} : { tablesAtBlocks: tables.map(({ block }) => block).join(", ") };

/** The header that is not followed, and what it leads to. */
function generationFindings(store: StoreEvidence): Finding[] {
  const { state, previousError } = store;
  if (state === null) return [];
  const slot = otherSlot(state.activeSlot);
  const other = state.headers[slot];
  const offset = headerOffset(slot, state.geometry.sectorSize);
  if (other.blank) {
    return [
      finding("header-single", `header ${slot} is blank`, { offset, slot, sequence: state.header.sequence }),
    ];
  }
  if (other.problem !== null) {
    const { sequence } = other.header;
    const newer = sequence === (state.header.sequence + 1) >>> 0;
    const facts = {
      offset: offset + other.problem.offset,
      slot,
      sequence,
      activeSequence: state.header.sequence,
      signature: other.header.signature,
    };
    const writer =
      other.problem.code === "VMGS_VERSION_UNSUPPORTED" &&
      other.header.checksum === headerChecksum(other.bytes)
        ? "; its checksum is right, so other software wrote it"
        : "";
    const message = `header ${slot}: ${other.problem.message}${writer}`;
    return newer
      ? [finding("header-active-lost", `${message}; its sequence ${sequence} is the newer one`, facts)]
      : [finding("header-other-damaged", message, facts)];
  }
  // One that was wiped is gone on purpose.
  if (previousError === null || previousError.code === "VMGS_GENERATION_WIPED") return [];
  return [
    finding("header-previous-unreadable", previousError.message, { ...errorFacts(previousError), slot }),
  ];
}

function otherSectorSize(
  { headers, otherSectorHeader }: StoreEvidence,
  offset: number,
  sectorSize: number,
): Finding {
  const sequence = otherSectorHeader?.reading.header.sequence ?? 0;
  const followed = headers?.map((one) => (one.problem === null ? one.header.sequence : null)) ?? [];
  const others = followed.filter((one) => one !== null).join(" and ");
  const here = others === "" ? "none that is valid" : `sequence ${others}`;
  return finding(
    "header-other-sector-size",
    `a valid header with sequence ${sequence} lies at byte ${offset}; with ${sectorSize}-byte sectors the headers are ${here}`,
    { offset, sequence, sectorSize },
  );
}
