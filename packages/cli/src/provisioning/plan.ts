/** The options of `vmgs provision` as one checked value. */

import {
  encodeMarker,
  type GuestStateLifetime,
  type MarkerParameters,
  type MarkerVersionKey,
  provisioningMarker,
} from "vmgskit";
import type { OptionValues } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { parseCount, parseSize } from "../terminal/index.ts";

export interface ProvisionPlan {
  /** Bytes of a new store, when they were given. */
  readonly size: number | undefined;
  readonly lifetime: GuestStateLifetime;
  /** Make a blank disk and boot nothing. */
  readonly empty: boolean;
  readonly marker: MarkerParameters | false;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** @throws UsageError; VmgsError VMGS_MARKER_VALUE */
export function readPlan(options: OptionValues): ProvisionPlan {
  const { size, lifetime } = options as Readonly<Record<string, string | undefined>>;
  return {
    size: size === undefined ? undefined : storeSize(size),
    lifetime: (lifetime as GuestStateLifetime | undefined) ?? "default",
    empty: options.empty === true,
    marker: options.marker === false ? false : markerParameters(options),
    force: options.force === true,
    dryRun: options.dryRun === true,
  };
}

function storeSize(text: string): number {
  const bytes = parseSize(text, "--size");
  if (bytes % 512 === 0 && bytes > 0) return bytes;
  throw new UsageError(`--size: ${bytes} bytes are not a multiple of 512`, "4M is usual");
}

function markerParameters(options: OptionValues): MarkerParameters {
  const text = (name: string) => options[name] as string | undefined;
  const count = (name: string, flag: string) => {
    const given = text(name);
    return given === undefined ? undefined : parseCount(given, flag);
  };
  const tpmNvramSize = count("tpmNvramSize", "--tpm-nvram-size");
  const akcertSize = count("akcertSize", "--akcert-size");
  const version = text("hclVersion");
  const provisioner = text("provisioner");
  const tpmVersion = text("tpmVersion");
  const versionKey = text("versionKey") as MarkerVersionKey | undefined;
  const marker: MarkerParameters = {
    ...(provisioner !== undefined && { provisioner }),
    ...(version !== undefined && { version }),
    ...(versionKey !== undefined && { versionKey }),
    ...(tpmVersion !== undefined && { tpmVersion }),
    ...(tpmNvramSize !== undefined && { tpmNvramSize }),
    ...(akcertSize !== undefined && { akcertSize }),
  };
  // Values that can't be written are refused before a file is made, also in a dry run.
  encodeMarker(provisioningMarker("empty", marker), versionKey);
  return marker;
}
