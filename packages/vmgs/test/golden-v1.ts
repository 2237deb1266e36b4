/** The golden version 1 files of test/golden/vmgs-v1, loaded alike under Node and in a browser. */

import { unpack } from "./golden-data.ts";

/** What the JSON beside a golden file says; see test/golden/README.md. */
export interface GoldenV1 {
  readonly name: string;
  readonly opens: boolean;
  readonly container?: "vhd" | "raw";
  readonly partition?: { readonly firstLba: number; readonly lastLba: number };
  readonly headers?: readonly { readonly sequence: number; readonly activeIndex: number }[];
  readonly activeHeader?: 0 | 1;
  readonly dataBytes?: number;
  /** Vendor, name, attributes and SHA-256 of the bytes; null where the list is not given. */
  readonly variables?: readonly (readonly [string, string, number, string])[] | null;
  readonly lastUpdateTime?: string | null;
  readonly devices?: readonly string[];
  /** A strict reader refuses; the other copy can be read. */
  readonly fallsBack?: boolean;
  readonly gap?: boolean;
}

const descriptions = import.meta.glob<GoldenV1>("./golden/vmgs-v1/*.json", {
  eager: true,
  import: "default",
});

/** All golden version 1 files, by name. */
export const goldenV1: readonly GoldenV1[] = Object.values(descriptions).sort((a, b) =>
  a.name < b.name ? -1 : 1,
);

/** The image of a golden file. */
export const goldenV1Image = (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  unpack(`vmgs-v1/${name}.vmgs.gz`);
