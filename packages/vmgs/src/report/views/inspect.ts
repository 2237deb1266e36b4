/** A store as a whole, for people: headers, encryption, files, marker, blocks. */

import { checkFlag, checkText, optionsOf } from "../../arguments/index.ts";
import { describeFileId } from "../../format/index.ts";
import type { GuestFileReading } from "../../guest/index.ts";
import type { InspectedEncryption, InspectedFile, InspectedHeader, Inspection } from "../../inspect/index.ts";
import { checkInspection } from "../checks.ts";
import { toned } from "../text.ts";
import { type Column, list, type Section, section, type TableBlock, type View } from "../view.ts";
import { guestFileWords } from "../words/guest-files.ts";
import { protectionWords } from "../words/protection.ts";
import { formatSize } from "../words/sizes.ts";
import { markerFields } from "./marker.ts";

/** How a store is shown. */
export interface InspectViewOptions {
  /** Show the digests of the files. */
  readonly hash?: boolean;
}

const checkOptions = optionsOf({ hash: checkFlag });

/** ` in gzip in tar`: from the file outwards. */
const wrappingWords = (wrapping: readonly string[] = []) =>
  [...wrapping]
    .reverse()
    .map((name) => ` in ${name}`)
    .join("");

/** What was read of a store. The block map needs more than the document has, so the inspection itself is asked for. */
export function inspectView(file: string, inspection: Inspection, options: InspectViewOptions = {}): View {
  checkText(file, "file");
  checkInspection(inspection, "inspection");
  checkOptions(options, "options");
  const { hash = false } = options;
  const { container, generation, headers, encryption, files, guestFiles, warnings } = inspection;
  const kind = container.kind === "vhd" ? "fixed VHD" : "raw image";
  const size = formatSize(container.storeBytes);
  const which = generation === "previous" ? ", previous generation" : "";
  return {
    place: file,
    headline: `${kind}${wrappingWords(container.wrapping)}, store of ${size}, ${container.sectorSize}-byte sectors${which}`,
    sections: [
      ...(headers === null ? [] : section("Headers", headersTable(headers, inspection))),
      ...(encryption === null ? [] : section("Encryption", list([encryptionWords(encryption)]))),
      ...(files === null ? [] : section("Files", filesTable(files, hash))),
      ...section("Guest files", list((guestFiles ?? []).map(guestFileLine))),
      ...(files === null ? [] : markerSection(inspection)),
      ...blocksSection(inspection),
      ...section(
        "Warnings",
        list(warnings.map(({ code, message }) => [toned("warning", `${message} (${code})`)])),
      ),
    ],
  };
}

/** `RTC_SKEW (4): guest clock as the host's`; what is wrong names the file itself. */
function guestFileLine(reading: GuestFileReading): string {
  const words = guestFileWords(reading);
  return reading.facts === null ? words : `${describeFileId(reading.fileId)}: ${words}`;
}

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

function headersTable(headers: readonly InspectedHeader[], inspection: Inspection): TableBlock {
  return {
    kind: "table",
    columns: [
      left("slot"),
      left("state"),
      right("sequence"),
      left("version"),
      right("file table"),
      left("checksum"),
      left("key slots"),
      left("flags"),
    ],
    rows: headers.map((header) => headerRow(header, inspection)),
  };
}

function headerRow(header: InspectedHeader, { active, generation }: Inspection): string[] {
  const { slot, valid, error, keySlotsUsed } = header;
  if (header.blank) return [String(slot), "blank", "", "", "", "", "", ""];
  const other = generation === "previous" ? "previous, shown" : "valid";
  return [
    String(slot),
    valid ? (slot === active ? "active" : other) : `invalid: ${error ?? ""}`,
    String(header.sequence),
    header.version,
    `block ${header.fileTableBlock}`,
    header.checksum,
    keySlotsUsed.join(", ") || "none",
    header.reprovisioned ? "reprovisioned" : "",
  ];
}

function encryptionWords({ algorithm, unlocked, protection }: InspectedEncryption): string {
  if (algorithm === "none") return "none";
  return `AES-256-GCM, ${unlocked ? "unlocked" : "locked"}, protection: ${protectionWords[protection]}`;
}

function filesTable(files: readonly InspectedFile[], hash: boolean): TableBlock {
  return {
    kind: "table",
    columns: [
      right("ID"),
      left("name"),
      right("block"),
      right("blocks"),
      right("bytes"),
      left("stored"),
      ...(hash ? [left("SHA-256 of the content")] : []),
    ],
    rows: files.map(({ id, name, block, blocks, bytes, encrypted, sha256 }) => [
      String(id),
      name ?? "",
      String(block),
      String(blocks),
      String(bytes),
      encrypted ? "encrypted" : "plain",
      ...(hash ? [sha256 ?? ""] : []),
    ]),
  };
}

function markerSection({ marker }: Inspection): Section[] {
  return section("Provisioning marker", marker === null ? list(["none"]) : markerFields(marker));
}

function blocksSection({ blocks, space }: Inspection): Section[] {
  if (blocks === null || space === null) return [];
  const { freeBlocks, largestFreeRun } = space;
  const free = `${freeBlocks} of ${space.blocks} blocks free, the longest run has ${largestFreeRun}`;
  return section("Blocks", { kind: "blockMap", runs: blocks }, list([free]));
}
