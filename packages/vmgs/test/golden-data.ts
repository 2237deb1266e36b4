/** The golden stores of test/golden/vmgs, loaded alike under Node and in a browser. */

/** What the JSON beside a golden store tells; see test/golden/README.md. */
export interface GoldenStore {
  readonly name: string;
  readonly container: "vhd" | "raw";
  readonly sectorSize: 512 | 4096;
  readonly bytes: number;
  readonly sha256: string;
  readonly storeSha256: string;
  readonly reproducible: boolean;
  readonly keys: readonly string[];
  readonly steps: readonly GoldenStep[];
  readonly results?: readonly { readonly op: string; readonly ok?: unknown; readonly error?: string }[];
  readonly reference: {
    readonly open: string;
    readonly unlock?: unknown;
    readonly table?: readonly { id: number; allocated: number; valid: number; encrypted: boolean }[];
    readonly reads?: Readonly<
      Record<string, { readonly sha256?: string; readonly length?: number; readonly error?: string }>
    >;
  };
  readonly layout?: {
    readonly active: 0 | 1;
    readonly sequence: number;
    readonly fileTableBlock: number;
    readonly algorithm: number;
    readonly reprovisioned: boolean;
    readonly keySlotsUsed: readonly number[];
    readonly unlockedWithSlot: number | null;
    readonly zeroMetadataKey: boolean;
    readonly files: readonly GoldenFile[];
  };
}

export interface GoldenFile {
  readonly id: number;
  readonly name: string | null;
  readonly block: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly attributes: number;
  readonly sha256?: string;
  readonly rawSha256?: string;
}

export interface GoldenStep {
  readonly op: string;
  readonly id?: number;
  readonly to?: number;
  readonly len?: number;
  readonly fill?: number;
  readonly hex?: string;
  readonly text?: string;
  readonly from?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly empty?: boolean;
  readonly failure?: boolean;
  readonly over?: boolean;
  readonly marker?: Readonly<Record<string, unknown>>;
}

const descriptions = import.meta.glob<GoldenStore>("./golden/vmgs/*.json", {
  eager: true,
  import: "default",
});
const packed = import.meta.glob<string>("./golden/**/*.gz", { query: "?inline", import: "default" });
const plain = import.meta.glob<string>("./golden/**/*.bin", { query: "?inline", import: "default" });

const texts = import.meta.glob<string>("./golden/cases/*.json", { query: "?raw", import: "default" });

/** Names of all files of test/golden/cases. */
export const goldenCaseNames: readonly string[] = Object.keys(import.meta.glob("./golden/cases/*"))
  .map((path) => path.replace("./golden/cases/", ""))
  .sort();

/** A case file, unpacked if it is packed. */
export async function goldenCase(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (path.endsWith(".gz")) return unpack(path);
  const text = texts[`./golden/${path}`];
  return text === undefined ? goldenFile(path) : new TextEncoder().encode(await text());
}

/** All golden stores, by name. */
export const goldenStores: readonly GoldenStore[] = Object.values(descriptions).sort((a, b) =>
  a.name < b.name ? -1 : 1,
);

/** The image of a golden store. */
export const goldenImage = (name: string): Promise<Uint8Array<ArrayBuffer>> => unpack(`vmgs/${name}.vmgs.gz`);

/** A packed file below test/golden, unpacked. */
export async function unpack(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(await loaded(packed, path));
  return gunzip(response.body as ReadableStream<Uint8Array<ArrayBuffer>>);
}

/** A plain file below test/golden. */
export async function goldenFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(await loaded(plain, path));
  return new Uint8Array(await response.arrayBuffer());
}

function loaded(files: Readonly<Record<string, () => Promise<string>>>, path: string): Promise<string> {
  const load = files[`./golden/${path}`];
  if (load === undefined) throw new Error(`no golden file ${path}`);
  return load();
}

export async function gunzip(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const unpacked = stream.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/** Lower-case hex SHA-256. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The test data of the golden stores: byte i is (31 i + 17 fill + (i >> 8)) mod 251. */
export function patterned(length: number, fill: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (31 * i + 17 * fill + (i >> 8)) % 251);
}
