/** Members of tar archives, found by their headers alone (POSIX.1-2024 pax; GNU long names). */

import { type ByteSource, VmgsError, windowSource } from "vmgskit";
import { NotFoundError } from "../exit-codes.ts";

const BLOCK = 512;
/** More members than an archive of stores has. */
const MOST_MEMBERS = 100_000;
/** More than any name takes. */
const MOST_NAME_BYTES = 65_536;

interface Member {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly bytes: number;
}

/** The member of an archive as a file of its own. */
export async function openMember(
  archive: ByteSource,
  wanted: string,
  signal: AbortSignal,
): Promise<ByteSource> {
  let longName: string | null = null;
  let at = 0;
  for (let count = 0; at + BLOCK <= archive.byteLength && count < MOST_MEMBERS; count++) {
    const header = await readAt(archive, at, BLOCK, signal);
    if (header.every((byte) => byte === 0)) break;
    const member = memberOf(header, at);
    const { type, offset, bytes } = member;
    if (offset + bytes > archive.byteLength) throw notTar("a member reaches past the end", at);
    if (type === "L" || type === "x") {
      longName = nameIn(type, await readAt(archive, offset, Math.min(bytes, MOST_NAME_BYTES), signal));
    } else {
      const name = longName ?? member.name;
      longName = null;
      if (isFile(type) && (name === wanted || name === `./${wanted}`)) {
        return { ...windowSource(archive, offset, bytes), wrapping: [...(archive.wrapping ?? []), "tar"] };
      }
    }
    at = offset + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  throw new NotFoundError("the archive has no such file", "`tar tf ARCHIVE` lists what is in it");
}

const isFile = (type: string) => type === "0" || type === "\0" || type === "7";

async function readAt(source: ByteSource, at: number, bytes: number, signal: AbortSignal) {
  const into = new Uint8Array(bytes);
  await source.read(at, into, { signal });
  return into;
}

function memberOf(header: Uint8Array, at: number): Member {
  const stored = octal(header, 148, 8);
  const sum = header.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (stored !== sum) throw notTar("no header of a member is where one should be", at);
  const prefix = textIn(header, 257, 6).startsWith("ustar") ? textIn(header, 345, 155) : "";
  const name = textIn(header, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    type: String.fromCharCode(header[156] ?? 0),
    offset: at + BLOCK,
    bytes: sizeIn(header),
  };
}

/** Octal, or big-endian binary behind a set bit, as GNU has it for large files. */
function sizeIn(header: Uint8Array): number {
  if (((header[124] ?? 0) & 0x80) === 0) return octal(header, 124, 12);
  return header.subarray(125, 136).reduce((size, byte) => size * 256 + byte, 0);
}

const octal = (header: Uint8Array, at: number, length: number) =>
  Number.parseInt(textIn(header, at, length).trim() || "0", 8);

function textIn(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** The name that a long-name member or a pax header gives to the next member. */
function nameIn(type: string, bytes: Uint8Array): string | null {
  if (type === "L") return textIn(bytes, 0, bytes.length);
  const text = new TextDecoder().decode(bytes);
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? null;
}

const notTar = (why: string, offset: number) =>
  new VmgsError("VMGS_OTHER_DISK_FORMAT", `the file before # is not a tar archive: ${why}`, { offset });
