/** USB classes and USB devices by serial number (UEFI 2.10, section 10.3.4). */

import { field, struct, u8, u16, untilEnd } from "../../layout/index.ts";
import { DevicePathType, nodeKind } from "./node-kind.ts";
import { type Argument, call, integer, type NodeText, optional } from "./text-argument.ts";

interface UsbClassBody {
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceClass: number;
  readonly deviceSubclass: number;
  readonly deviceProtocol: number;
}

const anyWord = optional(integer, 0xffff);
const anyByte = optional(integer, 0xff);

const classNames: Readonly<Record<string, number>> = {
  UsbAudio: 1,
  UsbCDCControl: 2,
  UsbHID: 3,
  UsbImage: 6,
  UsbPrinter: 7,
  UsbMassStorage: 8,
  UsbHub: 9,
  UsbCDCData: 10,
  UsbSmartCard: 11,
  UsbVideo: 14,
  UsbDiagnostic: 220,
  UsbWireless: 224,
};
/** Subclasses of the class for applications. */
const applicationNames: Readonly<Record<string, number>> = {
  UsbDeviceFirmwareUpdate: 1,
  UsbIrdaBridge: 2,
  UsbTestAndMeasurement: 3,
};
const APPLICATION_CLASS = 254;

const anyClass = call<UsbClassBody>("UsbClass", {
  vendorId: anyWord,
  productId: anyWord,
  deviceClass: anyByte,
  deviceSubclass: anyByte,
  deviceProtocol: anyByte,
});
const ofClass = (name: string) =>
  call<Omit<UsbClassBody, "deviceClass">>(name, {
    vendorId: anyWord,
    productId: anyWord,
    deviceSubclass: anyByte,
    deviceProtocol: anyByte,
  });
const ofApplication = (name: string) =>
  call<Omit<UsbClassBody, "deviceClass" | "deviceSubclass">>(name, {
    vendorId: anyWord,
    productId: anyWord,
    deviceProtocol: anyByte,
  });
const nameOf = (names: Readonly<Record<string, number>>, wanted: number) =>
  Object.keys(names).find((name) => names[name] === wanted);

const usbClassText: NodeText<UsbClassBody> = {
  names: ["UsbClass", ...Object.keys(classNames), ...Object.keys(applicationNames)],
  format: (value) => {
    const className = nameOf(classNames, value.deviceClass);
    if (className !== undefined) return ofClass(className).format(value);
    const application =
      value.deviceClass === APPLICATION_CLASS ? nameOf(applicationNames, value.deviceSubclass) : undefined;
    return application === undefined ? anyClass.format(value) : ofApplication(application).format(value);
  },
  parse: (name, inside) => {
    const deviceClass = classNames[name];
    if (deviceClass !== undefined) return { ...ofClass(name).parse(name, inside), deviceClass };
    const deviceSubclass = applicationNames[name];
    if (deviceSubclass === undefined) return anyClass.parse(name, inside);
    return { ...ofApplication(name).parse(name, inside), deviceClass: APPLICATION_CLASS, deviceSubclass };
  },
};

/** Units of 16 bits without a NUL, between quotation marks. */
const serialNumber: Argument<readonly number[]> = {
  format: (value) => `"${value.map((unit) => String.fromCharCode(unit)).join("")}"`,
  parse: (text) => {
    const bare = /^"(.*)"$/s.exec(text)?.[1] ?? text;
    return Array.from({ length: bare.length }, (_, index) => bare.charCodeAt(index));
  },
  missing: [],
};

export const usbClassKinds = {
  usbWwid: nodeKind(
    DevicePathType.MESSAGING,
    16,
    struct("usbWwid", {
      interface: field(u16, "interface"),
      vendorId: field(u16, "vendor"),
      productId: field(u16, "product"),
      serialNumber: field(untilEnd(u16), "serial number, UCS-2 without a NUL"),
    }),
    call("UsbWwid", { vendorId: integer, productId: integer, interface: integer, serialNumber }),
  ),
  usbClass: nodeKind(
    DevicePathType.MESSAGING,
    15,
    struct("usbClass", {
      vendorId: field(u16, "vendor; 0xffff = any"),
      productId: field(u16, "product; 0xffff = any"),
      deviceClass: field(u8, "class; 0xff = any"),
      deviceSubclass: field(u8, "subclass; 0xff = any"),
      deviceProtocol: field(u8, "protocol; 0xff = any"),
    }),
    usbClassText,
  ),
} as const;
