/** Version 1 files of Windows, for people. */

import { V1_BLOCK_SIZE } from "../../v1/index.ts";
import { documentOf } from "../checks.ts";
import type {
  CarveV1Document,
  ChangeV1Document,
  HistoryV1Document,
  InspectV1Document,
  SavedV1Remain,
  V1CopyReport,
} from "../documents/v1.ts";
import { type Text, toned } from "../text.ts";
import { type Column, list, section, type TableBlock, type View } from "../view.ts";
import { clip, formatCount, formatSize } from "../words/sizes.ts";

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

const checkInspect = documentOf("vmgs.inspect-v1/1");
const checkHistory = documentOf("vmgs.history-v1/1");
const checkCarve = documentOf("vmgs.carve-v1/1");
const checkChange = documentOf("vmgs.change-v1/1");

/** Partition, headers, copies of the data, and the devices of the generation that was asked for. */
export function inspectV1View(document: InspectV1Document): View {
  checkInspect(document, "document");
  const { file, container, copies, generation } = document;
  const kind = container.kind === "vhd" ? "fixed VHD" : "raw image";
  const shown = copies.find((copy) => copy.generation === generation);
  const title = generation === "previous" ? "Devices, previous generation" : "Devices";
  return {
    place: file,
    headline: `${kind}, ${diskWords(document)}, ${formatSize(container.storeBytes)}`,
    sections: [
      ...section("Partition", list(partitionWords(document))),
      ...section("Headers", headersTable(document), list(orderWords(document))),
      ...section("Copies of the data", copiesTable(copies)),
      ...section(title, devicesTable(shown)),
    ],
  };
}

/** What the disk is: a GPT disk without the partition is the disk of something else. */
function diskWords({ gpt, partition }: Pick<InspectV1Document, "gpt" | "partition">): string {
  return partition === null && gpt.partitions !== null
    ? "GPT disk without guest state"
    : "version 1 file of Windows";
}

function partitionWords({ gpt, partition }: InspectV1Document): string[] {
  const lines = (["primary", "backup"] as const).map((place) => {
    const { block, problem } = gpt[place];
    return `${place} GPT: sector ${block}, ${problem ?? "valid"}`;
  });
  if (gpt.differ) lines.push("the two copies of the GPT list other partitions");
  if (partition !== null) {
    const { firstBlock, lastBlock, blocks, cut } = partition;
    const words = `guest state: sectors ${firstBlock} to ${lastBlock}, ${formatSize(V1_BLOCK_SIZE * blocks)}`;
    lines.push(`${words}${cut ? ", past the end of the disk" : ""}`);
  }
  return lines;
}

function headersTable({ headers, active }: InspectV1Document): TableBlock {
  return {
    kind: "table",
    columns: [
      left("slot"),
      left("state"),
      right("sequence"),
      left("version"),
      left("checksum"),
      right("current copy"),
    ],
    rows: (headers ?? []).map((header) => {
      const { slot, valid, error, blank, sequence, version, checksum, activeIndex } = header;
      if (blank) return [String(slot), "blank", "", "", "", ""];
      const state = valid ? (slot === active ? "active" : "valid") : `invalid: ${error}`;
      return [String(slot), state, String(sequence), version, checksum, String(activeIndex)];
    }),
  };
}

function orderWords({ order }: InspectV1Document): string[] {
  return order === "gap" ? ["the sequence numbers do not follow each other"] : [];
}

function copiesTable(copies: readonly V1CopyReport[]): TableBlock {
  return {
    kind: "table",
    columns: [
      left("copy"),
      left("generation"),
      right("at byte"),
      right("bytes"),
      right("variables"),
      left("last update"),
      left("problem"),
    ],
    rows: copies.map(({ index, generation, offset, bytes, variables, lastUpdateTime, problems, error }) => [
      String(index),
      generation,
      offset === null ? "" : String(offset),
      String(bytes),
      variables === null ? "" : String(variables),
      clip(lastUpdateTime ?? "", MOST_OF_A_NAME),
      error?.message ?? problems.map(({ message }) => message).join("; "),
    ]),
  };
}

/** Characters of a name that a table shows: the names are untrusted, and as long as somebody made them. */
const MOST_OF_A_NAME = 120;
const MOST_STATES = 32;

function devicesTable(copy: V1CopyReport | undefined): TableBlock {
  const rows = (copy?.devices ?? []).map(({ id, type, version, states }) => {
    const named = states
      .slice(0, MOST_STATES)
      .map(
        ({ name, characters }) => `${clip(name, MOST_OF_A_NAME)} (${formatCount(characters, "character")})`,
      );
    if (states.length > MOST_STATES) named.push(`${states.length - MOST_STATES} more`);
    return [
      clip(id, MOST_OF_A_NAME),
      clip(type ?? "", MOST_OF_A_NAME),
      clip(version ?? "", MOST_OF_A_NAME),
      named.join(", "),
    ];
  });
  return {
    kind: "table",
    columns: [left("device"), left("type"), left("version"), left("states")],
    rows,
  };
}

/** Both copies, and what differs between them. */
export function historyV1View(document: HistoryV1Document): View {
  checkHistory(document, "document");
  const { file, error, copies, variables, states } = document;
  const problem: Text[] = error === null ? [] : [[toned("bad", error.message)]];
  const changes = [
    ...(variables ?? []).map(({ kind, name, vendor, what }) => {
      const details = what.length === 0 ? "" : `: ${what.join(", ")}`;
      return `${CHANGES[kind]}: ${clip(name)} (${clip(vendor)})${details}`;
    }),
    ...(states ?? []).map(
      ({ kind, device, state }) => `${kind}: state ${clip(state)} of device ${clip(device)}`,
    ),
  ];
  const none = variables?.length === 0 && states?.length === 0 ? ["no difference"] : [];
  return {
    place: file,
    headline: diskWords(document),
    sections: [
      ...section(null, list([...problem, ...copies.map(copyWords)])),
      ...section("What the last change did", list([...changes, ...none])),
    ],
  };
}

const CHANGES = { came: "added", went: "removed", changed: "changed" } as const;

function copyWords({ generation, index, bytes, variables, lastUpdateTime, error }: V1CopyReport): string {
  if (error !== null) return `${generation}: copy ${index}: ${error.message}`;
  const updated = lastUpdateTime === null ? "" : `, last update ${clip(lastUpdateTime)}`;
  return `${generation}: copy ${index}, ${formatSize(bytes)}, ${formatCount(variables ?? 0, "variable")}${updated}`;
}

/** What was found that no header leads to. */
export function carveV1View(document: CarveV1Document): View {
  checkCarve(document, "document");
  const { file, pieces, dryRun, truncated } = document;
  const found = `${formatCount(pieces.length, "piece")} ${dryRun ? "would be saved" : "saved"}`;
  const words = pieces.length === 0 ? "nothing old was found" : found;
  return {
    place: file,
    headline: `${words}${truncated ? "; there may be more" : ""}`,
    sections: section(null, list(pieces.map(pieceWords))),
  };
}

function pieceWords({ fileName, bytes, state, variables, lastUpdateTime }: SavedV1Remain): string {
  const content = state === "cut" ? "cut" : formatCount(variables ?? 0, "variable");
  const updated = lastUpdateTime === null ? "" : `, last update ${clip(lastUpdateTime)}`;
  return `${fileName}: ${formatSize(bytes)}, ${content}${updated}`;
}

/** What a change did, and where. */
export function changeV1View(document: ChangeV1Document): View {
  checkChange(document, "document");
  const { file, dryRun, done, written } = document;
  if (written === null) return { place: file, headline: done, sections: [] };
  const { copy, slot, sequence, bytes } = written;
  const place = `copy ${copy}, header ${slot}, sequence ${sequence}, ${formatSize(bytes)}`;
  return { place: file, headline: `${dryRun ? "would have " : ""}${done}; ${place}`, sections: [] };
}
