/** Reading BIOS_NVRAM (file 1), tolerantly (spec: uefi-nvram, section 1). */

import { checkBytes, checkFlag, optionsOf } from "../../arguments/index.ts";
import { copyBytes, decode, hexNumber, LayoutError, ucs2z } from "../../layout/index.ts";
import { MAX_DATA_BYTES, MAX_NAME_BYTES } from "./limits.ts";
import { type ListPart, makeList, type UnreadablePart, type VariableList } from "./list.ts";
import { type ListProblemId, problemError } from "./problem.ts";
import { decodeEntry, HEADER_TYPE_VARIABLE, VARIABLE_HEADER_SIZE, variableHeader } from "./variable.ts";

/** Bytes that hold header type and length; fewer at the end can't be an entry. */
const FRAME_SIZE = variableHeader.offsets.attributes;
/** Bytes of the largest entry that firmware writes. */
const MAX_ENTRY_SIZE = VARIABLE_HEADER_SIZE + MAX_NAME_BYTES + MAX_DATA_BYTES;

/** How a list of variables is read. */
export interface ReadListOptions {
  /** Throw at the first problem. Without it every entry that can be read is there, and `problems` lists the rest. */
  readonly strict?: boolean;
  /** Skip entries whose name has no NUL, a known corruption of old stores. They stay in their place when written. */
  readonly skipUnterminatedNames?: boolean;
}

export const checkReadListOptions = optionsOf({
  strict: checkFlag,
  skipUnterminatedNames: checkFlag,
});

/**
 * Reads a variable list of any length. An empty file is an empty list.
 *
 * @throws VmgsError VMGS_UEFI_FILE_TOO_LARGE, _ENTRY_PAST_END, _HEADER_TYPE, _ENTRY_TOO_SHORT, _LENGTH_MISMATCH,
 * _NAME_TOO_LONG, _DATA_TOO_LONG, _NAME_NOT_TERMINATED or _TRAILING_BYTES, only when `strict`.
 */
export function readVariableList(bytes: Uint8Array, options: ReadListOptions = {}): VariableList {
  checkBytes(bytes, "bytes");
  checkReadListOptions(options, "options");
  const parts: ListPart[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const { part, size } = readPart(bytes, offset);
    const skipped = options.skipUnterminatedNames === true && isUnterminatedName(part);
    parts.push(skipped ? { ...part, skipped } : part);
    offset += size;
  }
  const list = makeList(parts, looksLikeNoise(bytes, parts));
  const first = list.problems[0];
  if (options.strict && first !== undefined) throw problemError(first);
  return list;
}

interface Reading {
  readonly part: ListPart;
  /** Bytes of the part. */
  readonly size: number;
}

/** Reads what begins at `offset`; where no next entry can be found, the part reaches to the end. */
function readPart(bytes: Uint8Array, offset: number): Reading {
  const left = bytes.length - offset;
  const fail = (id: ListProblemId, size: number, message: string): Reading => ({
    part: unreadable(id, copyBytes(bytes, offset, offset + size), message),
    size,
  });
  if (left < FRAME_SIZE) return fail("trailing-bytes", left, `${left} bytes are left, too few for an entry`);

  const frame = readFrame(bytes, offset);
  const { headerType, length } = frame;
  if (length > left)
    return fail("entry-past-end", left, `${pastEnd(length, left)}${noiseHint(bytes, offset)}`);
  if (headerType !== HEADER_TYPE_VARIABLE) {
    const size = length < VARIABLE_HEADER_SIZE ? left : length;
    return fail("unknown-header-type", size, `header type ${hexNumber(headerType)} is unknown`);
  }
  if (length < VARIABLE_HEADER_SIZE) {
    return fail(
      "entry-too-short",
      left,
      `the entry has ${length} bytes, its header alone ${VARIABLE_HEADER_SIZE}`,
    );
  }
  return readVariable(bytes, offset, length, (id, message) => fail(id, length, message));
}

function readVariable(
  bytes: Uint8Array,
  offset: number,
  length: number,
  fail: (id: ListProblemId, message: string) => Reading,
): Reading {
  const { nameLength, dataLength } = decode(variableHeader, bytes, offset);
  const expected = VARIABLE_HEADER_SIZE + nameLength + dataLength;
  if (length !== expected) {
    return fail("length-mismatch", `the entry has ${length} bytes, header, name and data have ${expected}`);
  }
  if (nameLength > MAX_NAME_BYTES) {
    return fail("name-too-long", `the name has ${nameLength} bytes, at most ${MAX_NAME_BYTES} are allowed`);
  }
  if (dataLength > MAX_DATA_BYTES) {
    return fail("data-too-long", `the data has ${dataLength} bytes, at most ${MAX_DATA_BYTES} are allowed`);
  }
  try {
    const variable = decodeEntry(bytes, offset);
    return { part: { kind: "variable", variable }, size: length };
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    return fail("name-not-terminated", "the name has no NUL at its end");
  }
}

function readFrame(bytes: Uint8Array, offset: number): { headerType: number; length: number } {
  const { headerType, length } = variableHeader.fields;
  return {
    headerType: decode(headerType.codec, bytes, offset + variableHeader.offsets.headerType),
    length: decode(length.codec, bytes, offset + variableHeader.offsets.length),
  };
}

function unreadable(id: ListProblemId, bytes: Uint8Array, message: string): UnreadablePart {
  const problem = { id, offset: 0, message, name: readableName(bytes) };
  return { kind: "unreadable", bytes, problem, skipped: false };
}

/** The name in an entry that can't be read as a whole, or null. A name without a NUL is taken as it stands. */
function readableName(entry: Uint8Array): string | null {
  if (entry.length < VARIABLE_HEADER_SIZE) return null;
  const { headerType, nameLength } = decode(variableHeader, entry);
  if (headerType !== HEADER_TYPE_VARIABLE || nameLength > MAX_NAME_BYTES) return null;
  if (nameLength > entry.length - VARIABLE_HEADER_SIZE) return null;
  const text = new Uint8Array(nameLength - (nameLength % 2) + 2);
  text.set(entry.subarray(VARIABLE_HEADER_SIZE, VARIABLE_HEADER_SIZE + text.length - 2));
  return decode(ucs2z, text);
}

function isUnterminatedName(part: ListPart): part is UnreadablePart {
  return part.kind === "unreadable" && part.problem.id === "name-not-terminated";
}

const pastEnd = (length: number, left: number) => `the entry has ${length} bytes, ${left} are left`;

/** True when the first entry has a length that no firmware writes: a sound file that was cut does not look so. */
function beginsWithNoise(bytes: Uint8Array): boolean {
  return bytes.length >= FRAME_SIZE && readFrame(bytes, 0).length > MAX_ENTRY_SIZE;
}

function looksLikeNoise(bytes: Uint8Array, parts: readonly ListPart[]): boolean {
  return parts.length === 1 && parts[0]?.kind === "unreadable" && beginsWithNoise(bytes);
}

function noiseHint(bytes: Uint8Array, offset: number): string {
  return offset === 0 && beginsWithNoise(bytes)
    ? "; the list looks encrypted, so its key is probably missing"
    : "";
}
