/** Both headers as they lie on the disk, valid or not, and which of them is followed. */

import {
  chooseActive,
  type HeaderReading,
  type HeaderSlot,
  isVmgsError,
  openStoreSync,
  type SyncDisk,
  type VmgsError,
} from "vmgskit";
import { HEADER_SIZE, header, headerOffset, type MetadataKeySlot, readHeader, toHex } from "vmgskit/format";

export type BothHeaders = readonly [HeaderReading, HeaderReading];

export interface HeaderVerdict {
  /** The header that is followed, or null when none can be. */
  readonly active: HeaderSlot | null;
  /** Why none can be followed. */
  readonly error: VmgsError | null;
}

/** Opening fails with one of them when it is the headers that are wrong. */
const HEADER_ERRORS = [
  "VMGS_EMPTY_STORE",
  "VMGS_V1_FORMAT",
  "VMGS_NO_VALID_HEADER",
  "VMGS_VERSION_UNSUPPORTED",
  "VMGS_SEQUENCE_CONFLICT",
] as const;

/** @throws VmgsError VMGS_DISK_TOO_SMALL for a disk without room for two headers */
export function readBothHeaders(disk: SyncDisk): { headers: BothHeaders; verdict: HeaderVerdict } {
  const verdict = judge(disk);
  const read = (slot: HeaderSlot) => {
    const bytes = new Uint8Array(HEADER_SIZE);
    disk.readSync(headerOffset(slot, disk.sectorSize), bytes);
    return readHeader(bytes, slot);
  };
  const headers: BothHeaders = [read(0), read(1)];
  // A damaged file table does not make the headers wrong.
  return { headers, verdict: verdict ?? { active: chooseActive(headers), error: null } };
}

function judge(disk: SyncDisk): HeaderVerdict | null {
  try {
    return { active: openStoreSync(disk).state.activeSlot, error: null };
  } catch (error) {
    if (isVmgsError(error, ...HEADER_ERRORS)) return { active: null, error };
    if (isVmgsError(error, "VMGS_DISK_TOO_SMALL") || !isVmgsError(error)) throw error;
    return null;
  }
}

const WIDTHS = [23, 70, 70] as const;
const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, "0")}`;

/** The table that people know, one value a line. Header 1 is slot 0. */
export function headerLines(headers: BothHeaders, { active }: HeaderVerdict): string {
  const rule = WIDTHS.map((width) => "-".repeat(width)).join(" ");
  const both = (label: string, show: (reading: HeaderReading) => string) =>
    row(label, ...mapBoth(headers, show));
  const lines = [
    "FILE HEADERS",
    ["Field".padEnd(WIDTHS[0]), centred("Header 1", WIDTHS[1]), centred("Header 2", WIDTHS[2])].join(" "),
    rule,
    both("Signature:", ({ bytes }) => `0x${toHex(bytes.slice(0, header.offsets.version).reverse())}`),
    both("Version:", ({ header: { version } }) => `${(version >>> 16) & 0xff}.${version & 0xff}`),
    both("Checksum:", ({ header: { checksum } }) => checksum.toString(16).padStart(8, "0")),
    both("Sequence:", ({ header: { sequence } }) => String(sequence)),
    both("HeaderSize:", ({ header: { headerSize } }) => String(headerSize)),
    both("FileTableOffset:", ({ header: { fileTableOffset } }) => hex(fileTableOffset, 8)),
    both("FileTableSize:", ({ header: { fileTableSize } }) => String(fileTableSize)),
    both("EncryptionAlgorithm:", ({ header: { encryptionAlgorithm } }) => hex(encryptionAlgorithm, 4)),
    both("Markers:", ({ header: { markers } }) => hex(markers, 4)),
    ...([0, 1] as const).flatMap((slot) => [
      `MetadataKey${slot + 1}:`,
      ...keySlotLines((show) => mapBoth(headers, (reading) => show(keySlotOf(reading, slot)))),
    ]),
    both("Reserved:", ({ header: { reserved } }) => hex(reserved, 8)),
    rule,
    "",
    ...headers.map(({ slot, problem }) => {
      const state = problem === null ? "[VALID]" : `[INVALID] Error: ${problem.message}`;
      return `Verifying header ${slot + 1}... ${state}`;
    }),
    active === null ? "Unable to determine active header" : `Active header is ${active + 1}`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

type Both = readonly [string, string];

function mapBoth([first, second]: BothHeaders, show: (reading: HeaderReading) => string): Both {
  return [show(first), show(second)];
}

function keySlotOf({ header: { metadataKeys } }: HeaderReading, slot: HeaderSlot): MetadataKeySlot {
  return metadataKeys[slot] as MetadataKeySlot;
}

function keySlotLines(both: (show: (slot: MetadataKeySlot) => string) => Both): string[] {
  return [
    row("    Nonce:", ...both(({ nonce }) => `0x${toHex(nonce)}`)),
    row("    Reserved:", ...both(({ reserved }) => hex(reserved, 8))),
    row("    AuthenticationTag:", ...both(({ authenticationTag }) => `0x${toHex(authenticationTag)}`)),
    row("    EncryptionKey:", ...both(({ encryptedMetadataKey }) => `0x${toHex(encryptedMetadataKey)}`)),
  ];
}

function row(label: string, first: string, second: string): string {
  return [label.padEnd(WIDTHS[0]), first.padStart(WIDTHS[1]), second.padStart(WIDTHS[2])].join(" ");
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return (" ".repeat(left) + text).padEnd(width);
}
