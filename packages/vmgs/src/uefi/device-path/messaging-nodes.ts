/** Messaging nodes, type 3 (UEFI 2.10, section 10.3.4), but those of the network and of USB classes. */

import { bytes, field, guid, rest, struct, u8, u16, u32, u64 } from "../../layout/index.ts";
import { DevicePathType, nodeKind, vendorBody } from "./node-kind.ts";
import {
  type Argument,
  call,
  guidText,
  hexArray,
  hexDump,
  integer,
  integer64,
  keyword,
  type NodeText,
  optional,
  textError,
  upperHex,
  upperHexNumber,
  withConstants,
} from "./text-argument.ts";

const { MESSAGING } = DevicePathType;

interface VendorBody {
  readonly vendor: string;
  readonly data: Uint8Array;
}

/** Vendor GUIDs without data that have a name of their own in text (UEFI 2.10, sections 10.3.4.9 and 18.2). */
const vendorNames: Readonly<Record<string, string>> = {
  VenPcAnsi: "e0c14753-f9be-11d2-9a0c-0090273fc14d",
  VenVt100: "dfa66065-b419-11d3-9a2d-0090273fc14d",
  VenVt100Plus: "7baec70b-57e0-4c76-8e87-2f9e28088343",
  VenUtf8: "ad15a0d6-8bec-4acf-a073-d01de77e2d88",
  DebugPort: "eba4e8d2-3858-41ec-a281-2647ba9660d0",
};
const venMsg = call<VendorBody>("VenMsg", { vendor: guidText, data: hexDump });

const vendorText: NodeText<VendorBody> = {
  names: ["VenMsg", ...Object.keys(vendorNames)],
  format: (value) => {
    const name = Object.keys(vendorNames).find((candidate) => vendorNames[candidate] === value.vendor);
    return name === undefined || value.data.length > 0 ? venMsg.format(value) : `${name}()`;
  },
  parse: (name, inside) => {
    const vendor = vendorNames[name];
    if (vendor === undefined) return venMsg.parse(name, inside);
    if (inside !== "") throw textError(`${name} has no arguments`);
    return { vendor, data: new Uint8Array(0) };
  },
};

/** Octets with dashes, the last byte first: so firmware prints the EUI-64 of a namespace. */
const eui64: Argument<Uint8Array> = {
  format: (value) => Array.from(value.toReversed(), (byte) => upperHexNumber(byte, 2).slice(2)).join("-"),
  parse: (text) => {
    if (!/^[0-9a-f]{2}(-[0-9a-f]{2}){7}$/i.test(text))
      throw textError("an EUI-64 is eight octets with dashes");
    return hexDump.parse(text.replaceAll("-", "")).toReversed();
  },
};

/** 64 bits as 16 hex digits without a prefix. */
const eui64Number: Argument<bigint> = {
  format: (value) => upperHexNumber(value, 16).slice(2),
  parse: (text) => integer64.parse(/^0x/i.test(text) ? text : `0x${text}`),
};

interface UartText {
  readonly baudRate: bigint;
  readonly dataBits: number;
  readonly parity: number;
  readonly stopBits: number;
}
const baudRate: Argument<bigint> = {
  format: (value) => (value === 0n ? "DEFAULT" : String(value)),
  parse: (text) => (text.toUpperCase() === "DEFAULT" ? 0n : integer64.parse(text)),
  missing: 115_200n,
};
const dataBits: Argument<number> = {
  format: (value) => (value === 0 ? "DEFAULT" : String(value)),
  parse: (text) => (text.toUpperCase() === "DEFAULT" ? 0 : integer.parse(text)),
  missing: 8,
};
const uart = call<UartText>("Uart", {
  baudRate,
  dataBits,
  parity: keyword({ D: 0, N: 1, E: 2, O: 3, M: 4, S: 5 }, 0),
  stopBits: keyword({ D: 0, "1": 1, "1.5": 2, "2": 3 }, 0),
});
const lun = optional(integer, 0);

const reserved = { reserved: 0 };

const uriText: NodeText<{ readonly uri: Uint8Array }> = {
  names: ["Uri"],
  format: ({ uri }) => `Uri(${Array.from(uri, (byte) => String.fromCharCode(byte)).join("")})`,
  parse: (_, inside) => {
    const characters = Array.from({ length: inside.length }, (_unit, index) => inside.charCodeAt(index));
    if (characters.some((character) => character > 0xff)) throw textError("a URI is ASCII");
    return { uri: Uint8Array.from(characters) };
  },
};

const ssidText: NodeText<{ readonly ssid: Uint8Array }> = {
  names: ["Wi-Fi"],
  format: ({ ssid }) => {
    const end = ssid.indexOf(0);
    return `Wi-Fi(${new TextDecoder().decode(end < 0 ? ssid : ssid.subarray(0, end))})`;
  },
  parse: (_, inside) => {
    const text = new TextEncoder().encode(inside);
    if (text.length > 32) throw textError("an SSID has at most 32 bytes");
    const ssid = new Uint8Array(32);
    ssid.set(text);
    return { ssid };
  },
};

export const messagingKinds = {
  ata: nodeKind(
    MESSAGING,
    1,
    struct("ata", {
      controller: field(u8, "0 primary, 1 secondary"),
      drive: field(u8, "0 master, 1 slave"),
      lun: field(u16, "logical unit"),
    }),
    call("Ata", {
      controller: keyword({ Primary: 0, Secondary: 1 }),
      drive: keyword({ Master: 0, Slave: 1 }),
      lun: integer,
    }),
  ),
  scsi: nodeKind(
    MESSAGING,
    2,
    struct("scsi", { target: field(u16, "target ID"), lun: field(u16, "logical unit") }),
    call("Scsi", { target: integer, lun: integer }),
  ),
  fibre: nodeKind(
    MESSAGING,
    3,
    struct("fibre", {
      reserved: field(u32, "reserved"),
      wwn: field(u64, "world wide number"),
      lun: field(u64, "logical unit"),
    }),
    withConstants(call("Fibre", { wwn: integer64, lun: integer64 }), reserved),
  ),
  ieee1394: nodeKind(
    MESSAGING,
    4,
    struct("ieee1394", { reserved: field(u32, "reserved"), guid: field(u64, "EUI-64") }),
    withConstants(call("I1394", { guid: eui64Number }), reserved),
  ),
  usb: nodeKind(
    MESSAGING,
    5,
    struct("usb", { port: field(u8, "port of the parent"), interface: field(u8, "interface") }),
    call("USB", { port: integer, interface: integer }),
  ),
  i2o: nodeKind(MESSAGING, 6, struct("i2o", { tid: field(u32, "target ID") }), call("I2O", { tid: integer })),
  infiniband: nodeKind(
    MESSAGING,
    9,
    struct("infiniband", {
      resourceFlags: field(u32, "flags"),
      portGid: field(guid, "GUID of the port"),
      serviceId: field(u64, "service"),
      targetPortId: field(u64, "target port"),
      deviceId: field(u64, "device"),
    }),
    call("Infiniband", {
      resourceFlags: integer,
      portGid: guidText,
      serviceId: integer64,
      targetPortId: integer64,
      deviceId: integer64,
    }),
  ),
  vendorMessaging: nodeKind(MESSAGING, 10, vendorBody("vendorMessaging", guid), vendorText),
  uart: nodeKind(
    MESSAGING,
    14,
    struct("uart", {
      reserved: field(u32, "reserved"),
      baudRate: field(u64, "bits in a second; 0 = default"),
      dataBits: field(u8, "data bits; 0 = default"),
      parity: field(u8, "parity"),
      stopBits: field(u8, "stop bits"),
    }),
    withConstants(uart, reserved),
  ),
  logicalUnit: nodeKind(
    MESSAGING,
    17,
    struct("logicalUnit", { lun: field(u8, "logical unit") }),
    call("Unit", { lun: integer }),
  ),
  sata: nodeKind(
    MESSAGING,
    18,
    struct("sata", {
      port: field(u16, "port of the host adapter"),
      multiplierPort: field(u16, "port of the port multiplier; 0xffff = none"),
      lun: field(u16, "logical unit"),
    }),
    call("Sata", { port: integer, multiplierPort: optional(integer, 0xffff), lun: integer }),
  ),
  fibreEx: nodeKind(
    MESSAGING,
    21,
    struct("fibreEx", {
      reserved: field(u32, "reserved"),
      wwn: field(bytes(8), "world wide number"),
      lun: field(bytes(8), "logical unit"),
    }),
    withConstants(call("FibreEx", { wwn: hexArray, lun: hexArray }), reserved),
  ),
  nvmeNamespace: nodeKind(
    MESSAGING,
    23,
    struct("nvmeNamespace", {
      namespaceId: field(u32, "namespace"),
      eui64: field(bytes(8), "EUI-64; zero = none"),
    }),
    call("NVMe", { namespaceId: integer, eui64 }),
  ),
  uri: nodeKind(MESSAGING, 24, struct("uri", { uri: field(rest, "URI, without a NUL") }), uriText),
  ufs: nodeKind(
    MESSAGING,
    25,
    struct("ufs", { target: field(u8, "target ID"), lun: field(u8, "logical unit") }),
    call("UFS", { target: integer, lun: integer }),
  ),
  sd: nodeKind(MESSAGING, 26, struct("sd", { slot: field(u8, "slot") }), call("SD", { slot: lun })),
  bluetooth: nodeKind(
    MESSAGING,
    27,
    struct("bluetooth", { address: field(bytes(6), "address") }),
    call("Bluetooth", { address: { format: upperHex, parse: hexDump.parse } }),
  ),
  wiFi: nodeKind(MESSAGING, 28, struct("wiFi", { ssid: field(bytes(32), "SSID") }), ssidText),
  emmc: nodeKind(MESSAGING, 29, struct("emmc", { slot: field(u8, "slot") }), call("eMMC", { slot: lun })),
  bluetoothLe: nodeKind(
    MESSAGING,
    30,
    struct("bluetoothLe", {
      address: field(bytes(6), "address"),
      addressType: field(u8, "0 public, 1 random"),
    }),
    call("BluetoothLE", { address: { format: upperHex, parse: hexDump.parse }, addressType: integer }),
  ),
  nvdimmNamespace: nodeKind(
    MESSAGING,
    32,
    struct("nvdimmNamespace", { uuid: field(guid, "UUID of the namespace") }),
    call("NVDIMM", { uuid: guidText }),
  ),
} as const;
