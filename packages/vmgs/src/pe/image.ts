/** The headers of a PE32+ file, and where its memory lies in the file. */

import { VmgsError } from "../errors/index.ts";
import {
  decode,
  type Fields,
  type Problem,
  problems,
  type Struct,
  type StructValue,
} from "../layout/index.ts";
import { peek, type Steps } from "../steps/index.ts";
import {
  coffHeader,
  dataDirectory,
  dosHeader,
  optionalHeader,
  RESOURCE_DIRECTORY,
  type SectionHeader,
  sectionHeader,
  sectionTable,
} from "./structures.ts";

/** As much of a PE file as its resources need. */
export interface PeImage {
  /** Bytes of the whole file. */
  readonly fileBytes: number;
  readonly sections: readonly SectionHeader[];
  /** RVA of the resource tree, or null when the file has none. */
  readonly resources: number | null;
}

/** A range of the file. */
export interface FileRange {
  readonly offset: number;
  /** Bytes from there to the end of the section, or of the file when that comes first. */
  readonly room: number;
}

/** The error for a file that is not what it should be, with the offset in the file. */
export function malformed(message: string, offset: number): VmgsError {
  return new VmgsError("VMGS_PE_FORMAT", `the file is not a valid PE32+ image: ${message}`, { offset });
}

/**
 * Reads the headers: four looks, a few KiB.
 *
 * @throws VmgsError VMGS_PE_FORMAT
 */
export function* peImageSteps(fileBytes: number): Steps<PeImage> {
  const dos = yield* readHeader(dosHeader, 0, fileBytes, "DOS header");
  const coffAt = dos.e_lfanew;
  const coff = yield* readHeader(coffHeader, coffAt, fileBytes, "PE header");
  const optionalAt = coffAt + sizeOf(coffHeader);
  const sectionsAt = optionalAt + coff.sizeOfOptionalHeader;
  const optional = yield* readHeader(optionalHeader, optionalAt, fileBytes, "optional header");
  const directoriesAt = optionalAt + sizeOf(optionalHeader);
  if (directoriesAt > sectionsAt) {
    throw malformed(
      `the optional header has ${coff.sizeOfOptionalHeader} bytes, a PE32+ one at least ${sizeOf(optionalHeader)}`,
      coffAt + coffHeader.offsets.sizeOfOptionalHeader,
    );
  }
  const directoryAt = directoriesAt + RESOURCE_DIRECTORY * sizeOf(dataDirectory);
  const hasDirectory =
    optional.numberOfRvaAndSizes > RESOURCE_DIRECTORY && directoryAt + sizeOf(dataDirectory) <= sectionsAt;
  const directory = hasDirectory
    ? yield* readHeader(dataDirectory, directoryAt, fileBytes, "data directory of the resources")
    : null;
  const tableBytes = coff.numberOfSections * sizeOf(sectionHeader);
  checkRange("section table", sectionsAt, tableBytes, fileBytes);
  const table = yield* peek(sectionsAt, tableBytes);
  return {
    fileBytes,
    sections: decode(sectionTable(coff.numberOfSections), table),
    resources: directory === null || directory.virtualAddress === 0 ? null : directory.virtualAddress,
  };
}

/**
 * Where the memory at an RVA lies in the file.
 *
 * @param what what lies there, for the message
 * @param from offset in the file of the field that holds the RVA
 * @throws VmgsError VMGS_PE_FORMAT when no section holds it, or the file ends before
 */
export function locate({ sections, fileBytes }: PeImage, rva: number, what: string, from: number): FileRange {
  const holds = ({ virtualAddress, sizeOfRawData }: SectionHeader) =>
    rva >= virtualAddress && rva - virtualAddress < sizeOfRawData;
  const section = sections.find(holds);
  if (section === undefined) {
    throw malformed(
      `the ${what} lies at RVA 0x${rva.toString(16)}, which is in no section of the file`,
      from,
    );
  }
  const offset = section.pointerToRawData + (rva - section.virtualAddress);
  const end = Math.min(section.pointerToRawData + section.sizeOfRawData, fileBytes);
  if (offset < end) return { offset, room: end - offset };
  throw malformed(`the ${what} would lie at ${offset}, past the end of the file (${fileBytes} bytes)`, from);
}

/** Bytes of a structure whose size is fixed. */
export function sizeOf(declared: { readonly size: number | undefined }): number {
  return declared.size as number;
}

function* readHeader<F extends Fields>(
  declared: Struct<F>,
  offset: number,
  fileBytes: number,
  what: string,
): Steps<StructValue<F>> {
  checkRange(what, offset, sizeOf(declared), fileBytes);
  const value = decode(declared, yield* peek(offset, sizeOf(declared)));
  const wrong: Problem | undefined = problems(declared, value)[0];
  if (wrong !== undefined) throw malformed(`${what}: ${wrong.field} ${wrong.message}`, offset + wrong.offset);
  return value;
}

function checkRange(what: string, offset: number, length: number, fileBytes: number): void {
  if (offset + length <= fileBytes) return;
  throw malformed(
    `the ${what} would lie at ${offset} to ${offset + length}, past the end of the file (${fileBytes} bytes)`,
    offset,
  );
}
