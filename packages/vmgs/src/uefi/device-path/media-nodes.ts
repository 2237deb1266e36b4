/** Media nodes, type 4, and the BIOS boot node, type 5 (UEFI 2.10, sections 10.3.5 and 10.3.6). */

import {
  asciiz,
  bytes,
  decode,
  encode,
  field,
  guid,
  rest,
  struct,
  u8,
  u16,
  u32,
  u64,
  ucs2z,
} from "../../layout/index.ts";
import { DevicePathType, nodeKind, vendorBody } from "./node-kind.ts";
import {
  type Argument,
  call,
  decimal,
  guidText,
  hexDump,
  integer,
  integer64,
  keyword,
  type NodeText,
  optional,
  parseArgument,
  textError,
  upperHexNumber,
  withConstants,
} from "./text-argument.ts";

const { MEDIA, BIOS_BOOT } = DevicePathType;

/** How the signature of a hard drive node must be read; `format` has the same numbers. */
export const HardDriveSignature = { NONE: 0, MBR: 1, GPT: 2 } as const;

interface HardDriveBody {
  readonly partition: number;
  readonly start: bigint;
  readonly size: bigint;
  readonly signature: Uint8Array;
  readonly format: number;
  readonly signatureType: number;
}

const partitionType = keyword(
  { MBR: HardDriveSignature.MBR, GPT: HardDriveSignature.GPT },
  HardDriveSignature.GPT,
);

function formatSignature({ signature, signatureType }: HardDriveBody): string {
  if (signatureType === HardDriveSignature.GPT) return guidText.format(decode(guid, signature));
  if (signatureType === HardDriveSignature.MBR) return upperHexNumber(decode(u32, signature), 8);
  return "0";
}

function parseSignature(signatureType: number, text: string): Uint8Array {
  if (signatureType === HardDriveSignature.GPT) return encode(guid, guidText.parse(text));
  const signature = new Uint8Array(16);
  if (signatureType === HardDriveSignature.MBR) signature.set(encode(u32, integer.parse(text)));
  return signature;
}

/** Partition 0 is the whole disk and has neither start nor size. */
const hardDriveText: NodeText<HardDriveBody> = {
  names: ["HD"],
  format: (value) => {
    const { partition, start, size, signatureType } = value;
    const parts = [decimal.format(partition), partitionType.format(signatureType), formatSignature(value)];
    if (partition !== 0 || start !== 0n || size !== 0n) {
      parts.push(integer64.format(start), integer64.format(size));
    }
    return `HD(${parts.join(",")})`;
  },
  parse: (name, inside) => {
    const given = inside.split(",").map((text) => text.trim());
    if (given.length < 3 || given.length > 5) throw textError("HD has three or five arguments");
    const partition = parseArgument(name, optional(decimal, 0), given[0]);
    const place = partition === 0 ? optional(integer64, 0n) : integer64;
    const signatureType = parseArgument(name, partitionType, given[1]);
    return {
      partition,
      start: parseArgument(name, place, given[3]),
      size: parseArgument(name, place, given[4]),
      signature: parseSignature(signatureType, given[2] ?? ""),
      format: signatureType,
      signatureType,
    };
  },
};

interface RamDiskBody {
  readonly start: bigint;
  readonly end: bigint;
  readonly diskType: string;
  readonly instance: number;
}

/** Disk types that have a name of their own in text (UEFI 2.10, section 10.3.5.9). */
const ramDiskNames: Readonly<Record<string, string>> = {
  VirtualDisk: "77ab535a-45fc-624b-5560-f7b281d1f96e",
  VirtualCD: "3d5abd30-4175-87ce-6d64-d2ade523c4bb",
  PersistentVirtualDisk: "5cea02c9-4d07-69d3-269f-4496fbe096f9",
  PersistentVirtualCD: "08018188-42cd-bb48-100f-5387d53ded3d",
};
const ramDiskPlace = { start: integer64, end: integer64, instance: optional(decimal, 0) };
const ramDisk = call<RamDiskBody>("RamDisk", { ...ramDiskPlace, diskType: guidText });
const namedRamDisk = (name: string) => call<Omit<RamDiskBody, "diskType">>(name, ramDiskPlace);

const ramDiskText: NodeText<RamDiskBody> = {
  names: ["RamDisk", ...Object.keys(ramDiskNames)],
  format: (value) => {
    const name = Object.keys(ramDiskNames).find((candidate) => ramDiskNames[candidate] === value.diskType);
    return name === undefined ? ramDisk.format(value) : namedRamDisk(name).format(value);
  },
  parse: (name, inside) => {
    const diskType = ramDiskNames[name];
    if (diskType === undefined) return ramDisk.parse(name, inside);
    return { ...namedRamDisk(name).parse(name, inside), diskType };
  },
};

/** Text ends where its NUL is. */
const noPadding = { padding: new Uint8Array(0) };

/** A file path stands for itself; it is also what text without parentheses is taken for. */
const filePathText: NodeText<{ readonly pathName: string; readonly padding: Uint8Array }> = {
  names: [],
  format: ({ pathName }) => pathName,
  parse: (_, inside) => ({ pathName: inside, ...noPadding }),
};

interface BiosBootBody {
  readonly deviceType: number;
  readonly statusFlag: number;
  readonly description: string;
  readonly padding: Uint8Array;
}
const description: Argument<string> = { format: (value) => value, parse: (text) => text, missing: "" };
const bbs = call<Omit<BiosBootBody, "padding">>("BBS", {
  deviceType: keyword({ Floppy: 1, HD: 2, CDROM: 3, PCMCIA: 4, USB: 5, Network: 6 }),
  description,
  statusFlag: optional(integer, 0),
});

export const mediaKinds = {
  hardDrive: nodeKind(
    MEDIA,
    1,
    struct("hardDrive", {
      partition: field(u32, "number of the partition; 0 = the whole disk"),
      start: field(u64, "first block"),
      size: field(u64, "blocks"),
      signature: field(bytes(16), "GUID of the partition, or signature of the MBR"),
      format: field(u8, "1 MBR, 2 GPT"),
      signatureType: field(u8, "0 none, 1 MBR, 2 GUID"),
    }),
    hardDriveText,
  ),
  cdRom: nodeKind(
    MEDIA,
    2,
    struct("cdRom", {
      bootEntry: field(u32, "entry of the boot catalogue"),
      start: field(u64, "first block"),
      size: field(u64, "blocks"),
    }),
    call("CDROM", { bootEntry: optional(integer, 0), start: integer64, size: integer64 }),
  ),
  vendorMedia: nodeKind(
    MEDIA,
    3,
    vendorBody("vendorMedia", guid),
    call("VenMedia", { vendor: guidText, data: hexDump }),
  ),
  filePath: nodeKind(
    MEDIA,
    4,
    struct("filePath", { pathName: field(ucs2z, "path"), padding: field(rest, "bytes after the NUL") }),
    filePathText,
  ),
  mediaProtocol: nodeKind(
    MEDIA,
    5,
    struct("mediaProtocol", { protocol: field(guid, "GUID of the protocol") }),
    call("Media", { protocol: guidText }),
  ),
  firmwareFile: nodeKind(
    MEDIA,
    6,
    struct("firmwareFile", { name: field(guid, "name of the file (UEFI PI)") }),
    call("FvFile", { name: guidText }),
  ),
  firmwareVolume: nodeKind(
    MEDIA,
    7,
    struct("firmwareVolume", { name: field(guid, "name of the volume (UEFI PI)") }),
    call("Fv", { name: guidText }),
  ),
  offsetRange: nodeKind(
    MEDIA,
    8,
    struct("offsetRange", {
      reserved: field(u32, "reserved"),
      start: field(u64, "offset of the first byte"),
      end: field(u64, "offset of the last byte"),
    }),
    withConstants(call("Offset", { start: integer64, end: integer64 }), { reserved: 0 }),
  ),
  ramDisk: nodeKind(
    MEDIA,
    9,
    struct("ramDisk", {
      start: field(u64, "first address"),
      end: field(u64, "last address"),
      diskType: field(guid, "type of the disk"),
      instance: field(u16, "number of the disk"),
    }),
    ramDiskText,
  ),
  biosBoot: nodeKind(
    BIOS_BOOT,
    1,
    struct("biosBoot", {
      deviceType: field(u16, "1 floppy, 2 hard disk, 3 CD, 4 PCMCIA, 5 USB, 6 network"),
      statusFlag: field(u16, "status of the device (BIOS boot specification)"),
      description: field(asciiz, "description"),
      padding: field(rest, "bytes after the NUL"),
    }),
    withConstants(bbs, noPadding),
  ),
} as const;
