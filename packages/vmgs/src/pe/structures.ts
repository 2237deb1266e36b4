/** The structures of a PE32+ file that lead to its resources (PE Format, Microsoft Learn). */

import {
  array,
  ascii,
  bytes,
  constant,
  type Decoded,
  field,
  hexNumber,
  struct,
  u8,
  u16,
  u32,
  u64,
} from "../layout/index.ts";

/** What a DOS program begins with; of it only the way to the PE header counts. */
export const dosHeader = struct("dosHeader", {
  e_magic: field(ascii(2), "marks an executable", constant("MZ")),
  dos: field(bytes(58), "only meaningful under DOS"),
  e_lfanew: field(u32, "offset of the PE signature"),
});

/** The four bytes `PE\0\0`. */
export const PE_SIGNATURE = 0x0000_4550;

/** Signature and COFF file header. */
export const coffHeader = struct("coffHeader", {
  signature: field(u32, "marks a PE file", {
    words: (value) => hexNumber(value, 8),
    rule: (value) => (value === PE_SIGNATURE ? undefined : `is ${hexNumber(value, 8)}, not PE\\0\\0`),
  }),
  machine: field(u16, "processor", { words: (value) => hexNumber(value, 4) }),
  numberOfSections: field(u16, "entries of the section table", {
    rule: (value) => (value <= MAX_SECTIONS ? undefined : `is ${value}, at most ${MAX_SECTIONS} are loaded`),
  }),
  timeDateStamp: field(u32, "seconds since 1970"),
  pointerToSymbolTable: field(u32, "offset of the COFF symbols"),
  numberOfSymbols: field(u32, "COFF symbols"),
  sizeOfOptionalHeader: field(u16, "bytes of the optional header"),
  characteristics: field(u16, "flags", { words: (value) => hexNumber(value, 4) }),
});

/** What the loader of Windows takes at most. */
const MAX_SECTIONS = 96;

/** Values of `magic`. */
export const OptionalHeaderMagic = { pe32: 0x10b, pe32Plus: 0x20b } as const;

/** The optional header of a PE32+ file, up to its data directories. */
export const optionalHeader = struct("optionalHeader", {
  magic: field(u16, "0x20b = PE32+", {
    words: (value) => hexNumber(value, 3),
    rule: (value) => {
      if (value === OptionalHeaderMagic.pe32Plus) return undefined;
      const what = value === OptionalHeaderMagic.pe32 ? "PE32" : hexNumber(value, 3);
      return `is ${what}, not PE32+`;
    },
  }),
  majorLinkerVersion: field(u8, "linker"),
  minorLinkerVersion: field(u8, "linker"),
  sizeOfCode: field(u32, "bytes of code"),
  sizeOfInitializedData: field(u32, "bytes of initialised data"),
  sizeOfUninitializedData: field(u32, "bytes of zeros"),
  addressOfEntryPoint: field(u32, "RVA of the entry point"),
  baseOfCode: field(u32, "RVA of the code"),
  imageBase: field(u64, "preferred address"),
  sectionAlignment: field(u32, "alignment of sections in memory"),
  fileAlignment: field(u32, "alignment of sections in the file"),
  majorOperatingSystemVersion: field(u16, "version"),
  minorOperatingSystemVersion: field(u16, "version"),
  majorImageVersion: field(u16, "version"),
  minorImageVersion: field(u16, "version"),
  majorSubsystemVersion: field(u16, "version"),
  minorSubsystemVersion: field(u16, "version"),
  win32VersionValue: field(u32, "0"),
  sizeOfImage: field(u32, "bytes in memory"),
  sizeOfHeaders: field(u32, "bytes of all headers"),
  checkSum: field(u32, "checksum"),
  subsystem: field(u16, "subsystem"),
  dllCharacteristics: field(u16, "flags"),
  sizeOfStackReserve: field(u64, "stack"),
  sizeOfStackCommit: field(u64, "stack"),
  sizeOfHeapReserve: field(u64, "heap"),
  sizeOfHeapCommit: field(u64, "heap"),
  loaderFlags: field(u32, "0"),
  numberOfRvaAndSizes: field(u32, "data directories that follow"),
});

/** A range in memory for the loader. */
export const dataDirectory = struct("dataDirectory", {
  virtualAddress: field(u32, "RVA; 0 = none"),
  size: field(u32, "bytes"),
});

/** Place of the resource tree among the data directories. */
export const RESOURCE_DIRECTORY = 2;

/** One entry of the section table. */
export const sectionHeader = struct("sectionHeader", {
  name: field(bytes(8), "name"),
  virtualSize: field(u32, "bytes in memory"),
  virtualAddress: field(u32, "RVA"),
  sizeOfRawData: field(u32, "bytes in the file"),
  pointerToRawData: field(u32, "offset in the file"),
  pointerToRelocations: field(u32, "0 in an image"),
  pointerToLinenumbers: field(u32, "0 in an image"),
  numberOfRelocations: field(u16, "0 in an image"),
  numberOfLinenumbers: field(u16, "0 in an image"),
  characteristics: field(u32, "flags", { words: (value) => hexNumber(value, 8) }),
});
export type SectionHeader = Decoded<typeof sectionHeader>;

export const sectionTable = (count: number) => array(sectionHeader, count);

/** One node of the resource tree; its entries follow. */
export const resourceDirectory = struct("resourceDirectory", {
  characteristics: field(u32, "0"),
  timeDateStamp: field(u32, "seconds since 1970"),
  majorVersion: field(u16, "version"),
  minorVersion: field(u16, "version"),
  numberOfNamedEntries: field(u16, "entries with a name, which come first"),
  numberOfIdEntries: field(u16, "entries with a number"),
});

/** Bit of `nameOrId` that makes it the offset of a name, and of `offset` that makes it that of a directory. */
export const HIGH_BIT = 0x8000_0000;

/** One entry. Offsets count from the root of the tree. */
export const resourceEntry = struct("resourceEntry", {
  nameOrId: field(u32, "number, or with the high bit the offset of a name"),
  offset: field(u32, "offset of the data entry, or with the high bit of a directory"),
});
export type ResourceEntry = Decoded<typeof resourceEntry>;

export const resourceEntries = (count: number) => array(resourceEntry, count);

/** A leaf of the resource tree. */
export const resourceDataEntry = struct("resourceDataEntry", {
  offsetToData: field(u32, "RVA of the content"),
  size: field(u32, "bytes of the content"),
  codePage: field(u32, "code page of text"),
  reserved: field(u32, "0"),
});
