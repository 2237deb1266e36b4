/** Makes PE files for tests: one section with a resource tree, and room for everything that can be wrong. */

import { encode, type Fields, type StructValue } from "../src/layout/index.ts";
import {
  coffHeader,
  dataDirectory,
  dosHeader,
  HIGH_BIT,
  OptionalHeaderMagic,
  optionalHeader,
  PE_SIGNATURE,
  resourceDataEntry,
  resourceDirectory,
  resourceEntry,
  sectionHeader,
} from "../src/pe/structures.ts";

export interface TestResource {
  readonly type: string | number;
  readonly id: number;
  readonly language?: number;
  readonly data: Uint8Array;
}

/** A file, and where its parts lie in it. */
export interface TestPeFile {
  readonly bytes: Uint8Array;
  readonly at: {
    readonly coff: number;
    readonly optional: number;
    readonly directories: number;
    readonly sections: number;
    /** Root of the resource tree. */
    readonly tree: number;
  };
}

/** RVA and offset of the section. */
export const SECTION_RVA = 0x3000;
export const SECTION_OFFSET = 0x400;

const COFF_OFFSET = 0x80;
const DIRECTORIES = 16;

type Node = Map<string | number, Node | Uint8Array>;

/** A sound file that holds the resources. Change its bytes to make it unsound. */
export function makePeFile(resources: readonly TestResource[], behind = 0): TestPeFile {
  const section = encodeTree(treeOf(resources));
  const rawSize = Math.ceil(section.length / 512) * 512;
  const bytes = new Uint8Array(SECTION_OFFSET + rawSize + behind);
  const optional = COFF_OFFSET + (coffHeader.size as number);
  const directories = optional + (optionalHeader.size as number);
  const sizeOfOptionalHeader = (optionalHeader.size as number) + DIRECTORIES * (dataDirectory.size as number);
  const sections = optional + sizeOfOptionalHeader;
  bytes.set(encode(dosHeader, { e_magic: "MZ", dos: new Uint8Array(58), e_lfanew: COFF_OFFSET }));
  const coff = { ...zeros(coffHeader), signature: PE_SIGNATURE, numberOfSections: 1, sizeOfOptionalHeader };
  bytes.set(encode(coffHeader, coff), COFF_OFFSET);
  const magic = OptionalHeaderMagic.pe32Plus;
  bytes.set(
    encode(optionalHeader, { ...zeros(optionalHeader), magic, numberOfRvaAndSizes: DIRECTORIES }),
    optional,
  );
  bytes.set(
    encode(dataDirectory, { virtualAddress: SECTION_RVA, size: section.length }),
    directories + 2 * (dataDirectory.size as number),
  );
  bytes.set(
    encode(sectionHeader, {
      ...zeros(sectionHeader),
      name: new Uint8Array(8),
      virtualSize: section.length,
      virtualAddress: SECTION_RVA,
      sizeOfRawData: rawSize,
      pointerToRawData: SECTION_OFFSET,
    }),
    sections,
  );
  bytes.set(section, SECTION_OFFSET);
  return { bytes, at: { coff: COFF_OFFSET, optional, directories, sections, tree: SECTION_OFFSET } };
}

/** A value of a structure with zero in every number. */
function zeros<F extends Fields>({ fields }: { readonly fields: F }): StructValue<F> {
  const entries = Object.entries(fields).map(([name, { codec }]) => [
    name,
    codec.type.startsWith("u64") ? 0n : 0,
  ]);
  return Object.fromEntries(entries) as StructValue<F>;
}

function treeOf(resources: readonly TestResource[]): Node {
  const root: Node = new Map();
  for (const { type, id, language = 1033, data } of resources) {
    const ids = child(root, type);
    child(ids, id).set(language, data);
  }
  return root;
}

function child(node: Node, key: string | number): Node {
  const found = (node.get(key) as Node | undefined) ?? new Map();
  node.set(key, found);
  return found;
}

/** The section: directories, then data entries, names and contents. */
function encodeTree(root: Node): Uint8Array {
  const parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  let end = 0;
  const place = (length: number) => {
    const offset = end;
    end += Math.ceil(length / 4) * 4;
    return offset;
  };
  const add = (offset: number, bytes: Uint8Array) => parts.push({ offset, bytes });
  const directorySize = resourceDirectory.size as number;
  const entrySize = resourceEntry.size as number;

  function placeNode(node: Node | Uint8Array): number {
    if (node instanceof Uint8Array) {
      const entry = place(resourceDataEntry.size as number);
      const content = place(node.length);
      add(content, node);
      const value = { offsetToData: SECTION_RVA + content, size: node.length, codePage: 0, reserved: 0 };
      add(entry, encode(resourceDataEntry, value));
      return entry;
    }
    const keys = [...node.keys()].sort(
      (a, b) => Number(typeof a === "number") - Number(typeof b === "number"),
    );
    const named = keys.filter((key) => typeof key === "string").length;
    const at = place(directorySize + keys.length * entrySize);
    const counts = { numberOfNamedEntries: named, numberOfIdEntries: keys.length - named };
    add(at, encode(resourceDirectory, { ...zeros(resourceDirectory), ...counts }));
    for (const [index, key] of keys.entries()) {
      const nameOrId = typeof key === "number" ? key : HIGH_BIT + placeName(key);
      const below = node.get(key) as Node | Uint8Array;
      const offset = placeNode(below) + (below instanceof Uint8Array ? 0 : HIGH_BIT);
      add(at + directorySize + index * entrySize, encode(resourceEntry, { nameOrId, offset }));
    }
    return at;
  }

  function placeName(name: string): number {
    const bytes = new Uint8Array(2 + name.length * 2);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, name.length, true);
    for (let i = 0; i < name.length; i++) view.setUint16(2 + 2 * i, name.charCodeAt(i), true);
    const at = place(bytes.length);
    add(at, bytes);
    return at;
  }

  placeNode(root);
  const section = new Uint8Array(end);
  for (const { offset, bytes } of parts) section.set(bytes, offset);
  return section;
}
