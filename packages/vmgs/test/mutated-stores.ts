/** The 4,000 mutated stores of verdicts.jsonl.gz, with what the reference says of each. */

import { fromHex } from "../src/layout/index.ts";
import { gunzip, unpack } from "./golden-data.ts";

interface Preamble {
  readonly key: string;
  readonly sectorSize: 512 | 4096;
  readonly bases: Readonly<Record<string, string>>;
}

/** What the reference says of a mutated store; see test/golden/README.md. */
export interface Verdict {
  readonly base: string;
  readonly patches: readonly (readonly [offset: number, hex: string])[];
  readonly open: string;
  readonly files?: Readonly<Record<string, readonly [allocated: number, valid: number, encrypted: 0 | 1]>>;
  readonly unlock?: string | null;
  readonly reads?: Readonly<Record<string, string>>;
}

export interface MutatedStores {
  /** Datastore key of the encrypted ones. */
  readonly key: Uint8Array;
  readonly sectorSize: 512 | 4096;
  /** Images that the mutations start from, by name. */
  readonly bases: ReadonlyMap<string, Uint8Array>;
  readonly verdicts: readonly Verdict[];
  /** The image that a verdict is about: new bytes. */
  imageOf(verdict: Verdict): Uint8Array;
}

export async function mutatedStores(): Promise<MutatedStores> {
  const text = new TextDecoder().decode(await unpack("vmgs/verdicts.jsonl.gz"));
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const preamble = JSON.parse(first) as Preamble;
  const bases = new Map<string, Uint8Array>();
  for (const [name, base64] of Object.entries(preamble.bases)) {
    const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    bases.set(name, await gunzip(new Blob([packed]).stream()));
  }
  return {
    key: fromHex(preamble.key) as Uint8Array,
    sectorSize: preamble.sectorSize,
    bases,
    verdicts: lines.map((line) => JSON.parse(line) as Verdict),
    imageOf({ base, patches }) {
      const image = (bases.get(base) as Uint8Array).slice();
      for (const [offset, hex] of patches) image.set(fromHex(hex) as Uint8Array, offset);
      return image;
    },
  };
}
