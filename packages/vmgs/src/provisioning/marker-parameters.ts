/** What goes into a marker beside the reason. */

import { checkText, checkWhole, oneOf, optionsOf } from "../arguments/index.ts";
import {
  type MarkerVersionKey,
  markerVersionKeys,
  type ProvisioningMarker,
  type ProvisioningReason,
  provisioningReasons,
} from "../format/index.ts";
import { defaultVtpmParameters, type VtpmParameters } from "../tpm/index.ts";
import { version } from "./version.ts";

/** What a new marker says beside the reason; everything has a default. */
export interface MarkerParameters extends Partial<VtpmParameters> {
  /** The program that makes the store. Default: `openhcl`, as OpenHCL's boot writes it. */
  readonly provisioner?: string;
  /** Source revision of the program that writes; see `writerVersion`. */
  readonly version?: string;
  /** Name of the version field. Default: `hcl_version`. */
  readonly versionKey?: MarkerVersionKey;
}

const checkReason = oneOf(provisioningReasons);

export const checkMarkerParameters = optionsOf({
  provisioner: checkText,
  version: checkText,
  versionKey: oneOf(markerVersionKeys),
  tpmVersion: checkText,
  tpmNvramSize: checkWhole,
  akcertSize: checkWhole,
  akcertAttributes: checkWhole,
});

/** The version in a marker when the caller gives none: this library wrote it. */
export const writerVersion = `vmgskit-${version}`;

/** The marker for a store that was formatted for `reason`. */
export function provisioningMarker(
  reason: ProvisioningReason,
  given: MarkerParameters = {},
): ProvisioningMarker {
  checkReason(reason, "reason");
  checkMarkerParameters(given, "given");
  const vtpm = defaultVtpmParameters;
  return {
    provisioner: given.provisioner ?? "openhcl",
    reason,
    tpmVersion: given.tpmVersion ?? vtpm.tpmVersion,
    tpmNvramSize: given.tpmNvramSize ?? vtpm.tpmNvramSize,
    akcertSize: given.akcertSize ?? vtpm.akcertSize,
    akcertAttributes: given.akcertAttributes ?? vtpm.akcertAttributes,
    version: given.version ?? writerVersion,
  };
}
