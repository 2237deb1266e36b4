/** What differs between two stores, for people. */

import { having } from "../../arguments/index.ts";
import type { ComparedFile, FileChange, VariableChange } from "../../comparison/index.ts";
import { describeFileId } from "../../format/index.ts";
import type { ComparedSide, DiffDocument, MarkerDifference } from "../documents/diff.ts";
import { type Text, toned } from "../text.ts";
import { list, type Section, section, type View } from "../view.ts";
import { sizeChange } from "../words/changes.ts";
import { clip, formatCount, formatSize } from "../words/sizes.ts";

const checkDocument = having("before", "after", "same", "files", "notCompared");

/** Each difference in a line; `+` added, `-` removed, `~` changed, `?` not known. */
export function diffView(document: DiffDocument): View {
  checkDocument(document, "document");
  const { before, after, same, properties, files, variables, tpm, marker, notCompared } = document;
  if (same) {
    return {
      place: null,
      headline: `${sideWords(before)} and ${sideWords(after)}: no difference`,
      sections: [],
    };
  }
  return {
    place: null,
    headline: [toned("strong", sideWords(before)), " -> ", toned("strong", sideWords(after))],
    sections: [
      ...differences(
        "Store",
        properties.map(({ property, before, after }) => `${property}: ${before} -> ${after}`),
      ),
      ...differences("Files", files.map(fileWords)),
      ...differences("UEFI variables", variables.map(variableWords)),
      ...differences(
        "vTPM",
        tpm.map(({ kind, subject, what }) => `${SIGNS[kind]} ${subject}${partsWords(what)}`),
      ),
      ...differences("Provisioning marker", marker.map(markerWords)),
      ...section(
        notCompared.length === 0 ? null : "Not compared",
        list(notCompared.map(({ part, reason }): Text => [toned("warning", `${part}: ${reason}`)])),
      ),
    ],
  };
}

const sideWords = ({ file, generation }: ComparedSide) =>
  generation === "previous" ? `${file} (previous generation)` : file;

const differences = (title: string, lines: readonly string[]): Section[] =>
  section(`${title} (${formatCount(lines.length, "difference")})`, list(lines));

const SIGNS = { came: "+", went: "-", changed: "~", stored: "~", unknown: "?" } as const;

const partsWords = (what: readonly string[]) => (what.length === 0 ? "" : `: ${what.join(", ")}`);

function fileWords({ kind, id, before, after }: FileChange): string {
  const name = `${SIGNS[kind]} ${describeFileId(id)}`;
  const size = ({ bytes, encrypted }: ComparedFile) =>
    `${formatSize(bytes)}${encrypted ? ", encrypted" : ""}`;
  if (before === null || after === null) return `${name}: ${size((before ?? after) as ComparedFile)}`;
  if (kind === "stored") return `${name}: same content, ${size(before)} -> ${size(after)}`;
  if (kind === "unknown") return `${name}: stored bytes differ; the key is needed to compare the content`;
  const sizes = before.bytes === after.bytes ? size(after) : `${size(before)} -> ${size(after)}`;
  return `${name}: content differs, ${sizes}`;
}

function variableWords({ kind, vendor, name, what, bytesBefore, bytesAfter }: VariableChange): string {
  const before = bytesBefore ?? bytesAfter ?? 0;
  return `${SIGNS[kind]} ${clip(name)} (${vendor}), ${sizeChange(before, bytesAfter ?? before)}${partsWords(what)}`;
}

function markerWords({ field, before, after }: MarkerDifference): string {
  const words = (value: unknown) => (value === null ? "none" : clip(JSON.stringify(value)));
  return `${clip(field)}: ${words(before)} -> ${words(after)}`;
}
