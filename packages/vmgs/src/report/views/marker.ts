/** The provisioning marker, for people. */

import type { InspectedMarker } from "../../inspect/index.ts";
import { TPMA_NV } from "../../tpm/index.ts";
import { documentOf } from "../checks.ts";
import type { MarkerDocument } from "../documents/marker.ts";
import { type Text, toned } from "../text.ts";
import { type FieldsBlock, fields, list, section, type View } from "../view.ts";
import { clip, formatSize } from "../words/sizes.ts";

const checkDocument = documentOf("vmgs.marker/1");

/** A marker that was found; where there is none, the document's error says so. */
export function markerView(document: MarkerDocument): View {
  checkDocument(document, "document");
  const { file, marker, fields: all } = document;
  if (marker === null) return { place: file, headline: null, sections: [] };
  const unknown = marker.unknownFields.map((name): [string, Text] => [
    clip(name),
    `${clip(JSON.stringify(all?.[name] ?? null))} (unknown field)`,
  ]);
  const known = markerFields(marker);
  return {
    place: file,
    headline: null,
    sections: section(
      null,
      { ...known, fields: [...known.fields, ...fields(unknown).fields] },
      list(marker.problems.map((problem) => [toned("warning", "note:"), ` ${problem}`])),
    ),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  empty: "the disk was blank",
  failure: "the store could not be opened, and the policy allowed formatting",
  request: "the host asked for it",
};

/** Each field of a marker under the name that it has in the file. */
export function markerFields(marker: InspectedMarker): FieldsBlock {
  const text = (value: string | null) => (value === null ? "-" : clip(value));
  const size = (value: number | null) => (value === null ? "-" : `${value} (${formatSize(value)})`);
  const reason = Object.hasOwn(REASONS, marker.reason ?? "")
    ? `${text(marker.reason)} (${REASONS[marker.reason ?? ""]})`
    : text(marker.reason);
  const { akcertAttributes } = marker;
  const bits =
    akcertAttributes === null ? "-" : `${akcertAttributes} ${TPMA_NV.words(Number(akcertAttributes))}`;
  const versionName = marker.shape === "provisioner_version" ? "provisioner_version" : "hcl_version";
  const where = marker.misplaced
    ? `file ${marker.fileId}, where a development build put it`
    : `file ${marker.fileId}`;
  return fields([
    ["provisioner", text(marker.provisioner)],
    ["reason", reason],
    ["tpm_version", text(marker.tpmVersion)],
    ["tpm_nvram_size", size(marker.tpmNvramSize)],
    ["akcert_size", size(marker.akcertSize)],
    ["akcert_attrs", bits],
    [versionName, text(marker.version)],
    ["found in", `${where}, ${marker.bytes} bytes`],
  ]);
}
