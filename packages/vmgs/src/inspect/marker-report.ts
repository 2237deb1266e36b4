/** The provisioning marker as reports show it. Apart from the report about a whole store, which needs much more. */

import { checkObject } from "../arguments/index.ts";
import { hexNumber } from "../layout/index.ts";
import type { MarkerLocation } from "../store/index.ts";

/** The marker, its fields as read. All text is untrusted. */
export interface InspectedMarker {
  readonly provisioner: string | null;
  readonly reason: string | null;
  readonly tpmVersion: string | null;
  readonly tpmNvramSize: number | null;
  readonly akcertSize: number | null;
  /** `0x42060004` */
  readonly akcertAttributes: string | null;
  readonly version: string | null;
  readonly shape: MarkerLocation["marker"]["shape"];
  readonly misplaced: boolean;
  readonly fileId: number;
  readonly bytes: number;
  readonly unknownFields: readonly string[];
  readonly problems: readonly string[];
}

/** A marker as reports show it. */
export function markerReport(location: MarkerLocation): InspectedMarker {
  checkObject(location, "location", "marker", "fileId", "misplaced", "bytes");
  const { marker, misplaced, fileId, bytes } = location;
  const { akcertAttributes } = marker;
  return {
    provisioner: marker.provisioner,
    reason: marker.reason,
    tpmVersion: marker.tpmVersion,
    tpmNvramSize: marker.tpmNvramSize,
    akcertSize: marker.akcertSize,
    akcertAttributes: akcertAttributes === null ? null : hexNumber(akcertAttributes),
    version: marker.version,
    shape: marker.shape,
    misplaced,
    fileId,
    bytes: bytes.length,
    unknownFields: marker.unknownFields,
    problems: marker.problems,
  };
}
