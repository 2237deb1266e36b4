/** What is often mistaken for a VMGS file: images of other formats, packed files, and text that came instead of a file. */

interface ForeignFormat {
  /** With its article. */
  readonly name: string;
  /** Characters of one byte each. */
  readonly magic: string;
  /** Bytes before the magic number; none by default. */
  readonly at?: number;
}

const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  { name: "a VHDX image", magic: "vhdxfile" },
  { name: "a qcow2 image", magic: "QFI\u00fb" },
  { name: "a VMDK image", magic: "KDMV" },
  { name: "a VMDK image", magic: "# Disk DescriptorFile" },
  { name: "a VDI image", magic: "\u007f\u0010\u00da\u00be", at: 64 },
  { name: "a gzip-compressed file", magic: "\u001f\u008b" },
  { name: "a ZIP archive", magic: "PK\u0003\u0004" },
  { name: "a 7z archive", magic: "7z\u00bc\u00af\u0027\u001c" },
  { name: "a RAR archive", magic: "Rar!\u001a\u0007" },
  { name: "a cabinet archive", magic: "MSCF\0\0\0\0" },
  { name: "an xz-compressed file", magic: "\u00fd7zXZ\0" },
  { name: "a zstd-compressed file", magic: "\u0028\u00b5\u002f\u00fd" },
  { name: "an lz4-compressed file", magic: "\u0004\u0022\u004d\u0018" },
  { name: "a bzip2-compressed file", magic: "BZh" },
  { name: "a tar archive", magic: "ustar", at: 257 },
  {
    name: "a Git LFS pointer, not the file it stands for",
    magic: "version https://git-lfs.github.com/spec/",
  },
];

/** How text begins that a web server sends instead of a file, in lower case. */
const TEXTS: readonly (readonly [start: string, name: string])[] = [
  ["<?xml", "an XML document, such as an error message of a storage service"],
  ["<error>", "an XML document, such as an error message of a storage service"],
  ["<!doctype html", "an HTML page"],
  ["<html", "an HTML page"],
];

/** What a file is that begins with these bytes, with its article; null when none of these formats is recognised. */
export function foreignFormatOf(head: Uint8Array): string | null {
  const format = FOREIGN_FORMATS.find(({ magic, at = 0 }) => hasMagic(head, magic, at));
  if (format !== undefined) return format.name;
  if (isTarHeader(head)) return "a tar archive";
  return textNameOf(head);
}

/** The magic number lies at this offset. */
export function hasMagic(head: Uint8Array, magic: string, at = 0): boolean {
  return (
    head.length >= at + magic.length && [...magic].every((char, i) => head[at + i] === char.charCodeAt(0))
  );
}

const LONGEST_TEXT = 32;

function textNameOf(head: Uint8Array): string | null {
  // The decoder takes a byte order mark off.
  const start = new TextDecoder().decode(head.subarray(0, LONGEST_TEXT)).trimStart().toLowerCase();
  return TEXTS.find(([text]) => start.startsWith(text))?.[1] ?? null;
}

const TAR = { headerBytes: 512, checksumAt: 148, checksumBytes: 8 } as const;

/** A header of tar from before it had a magic number: only its checksum shows it. */
function isTarHeader(head: Uint8Array): boolean {
  if (head.length < TAR.headerBytes || head[0] === 0) return false;
  const header = head.subarray(0, TAR.headerBytes);
  const end = TAR.checksumAt + TAR.checksumBytes;
  const octal = /^ *([0-7]{1,7})[ \0]*$/.exec(
    String.fromCharCode(...header.subarray(TAR.checksumAt, end)),
  )?.[1];
  if (octal === undefined) return false;
  // The checksum counts as if its own field were spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= TAR.checksumAt && i < end ? 0x20 : byte), 0);
  return sum === Number.parseInt(octal, 8);
}
