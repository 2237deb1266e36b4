import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVmgsError } from "../../errors/index.ts";
import { fromHex, LayoutError, toHex } from "../../layout/index.ts";
import {
  type DevicePath,
  type DevicePathNode,
  devicePathOf,
  devicePathText,
  devicePathToJson,
  eisaIdName,
  eisaIdNumber,
  encodeDevicePath,
  nodeKinds,
  parseDevicePath,
  readDevicePath,
  readDevicePaths,
  vmbusDevice,
} from "./index.ts";

const END = "7fff0400";
const read = (hex: string): DevicePath => readDevicePath(fromHex(hex) ?? new Uint8Array(0)).path;
const guidBytes = "3e7a0d5f1b2c7c4e9a550c6a1f2b3d4e";
const guid = "5F0D7A3E-2C1B-4E7C-9A55-0C6A1F2B3D4E";
const zeros = (bytes: number) => "00".repeat(bytes);

/** Nodes in hex and their text. Where UEFI 2.10 leaves the spelling open, it is that of firmware in the field. */
const nodes: readonly (readonly [text: string, hex: string])[] = [
  ["Pci(0x1F,0x2)", "01010600021f"],
  ["PcCard(0x3)", "0102050003"],
  ["MemoryMapped(0xB,0x100000,0x5DFFFF)", "010318000b0000000000100000000000ffff5d0000000000"],
  [`VenHw(${guid})`, `01041400${guidBytes}`],
  [`VenHw(${guid},AB01)`, `01041600${guidBytes}ab01`],
  ["Ctrl(0x7)", "0105080007000000"],
  ["BMC(0x1,0xCA2)", "01060d0001a20c000000000000"],
  ["PciRoot(0x0)", "02010c00d041030a00000000"],
  ["PcieRoot(0x1)", "02010c00d041080a01000000"],
  ["Floppy(0x0)", "02010c00d041040600000000"],
  ["Keyboard(0x0)", "02010c00d041010300000000"],
  ["Serial(0x1)", "02010c00d041010501000000"],
  ["ParallelPort(0x0)", "02010c00d041010400000000"],
  ["Acpi(PNPB0C0,0x1)", "02010c00d041c0b001000000"],
  ["Acpi(0x0000B0C0,0x0)", "02010c00c0b0000000000000"],
  ["AcpiEx(0,0,0x0,VMBus,,)", `02021800${zeros(12)}564d4275730000 00`],
  ["AcpiExp(PNPAAAA,0,UID00)", `02021800d041aaaa${zeros(8)}00554944303000 00`],
  ["AcpiEx(PNPAAAA,0,0x2,,,UID00)", `02021800d041aaaa02000000${zeros(4)}00554944303000 00`],
  ["AcpiAdr(0x80010100,0x2)", "02030c000001018002000000"],
  ["NvdimmAcpiAdr(0x1)", "0204080001000000"],
  ["Ata(Secondary,Master,0x0)", "0301080001000000"],
  ["Scsi(0x0,0x1)", "0302080000000100"],
  ["Fibre(0x10,0x1)", `030318000000000010${zeros(7)}01${zeros(7)}`],
  ["I1394(00000000000000FF)", `0304100000000000ff${zeros(7)}`],
  ["USB(0x1,0x0)", "030506000100"],
  ["I2O(0x9)", "0306080009000000"],
  [
    `Infiniband(0x1,${guid},0x2,0x3,0x4)`,
    `0309300001000000${guidBytes}02${zeros(7)}03${zeros(7)}04${zeros(7)}`,
  ],
  [`VenMsg(${guid},FF)`, `030a1500${guidBytes}ff`],
  ["VenVt100()", "030a14006560a6df19b4d3119a2d0090273fc14d"],
  ["MAC(00155D010203,0x1)", `030b250000155d010203${zeros(26)}01`],
  [`MAC(${"AB".repeat(32)},0x20)`, `030b2500${"ab".repeat(32)}20`],
  [
    "IPv4(10.0.0.1,TCP,Static,10.0.0.2,10.0.0.254,255.255.255.0)",
    "030c1b000a0000020a0000010000000006000 10a0000feffffff00",
  ],
  [
    "IPv6(2001:0DB8:0000:0000:0000:0000:0000:0001,UDP,StatelessAutoConfigure,FE80:0000:0000:0000:0000:0000:0000:0002,0x40,0000:0000:0000:0000:0000:0000:0000:0000)",
    `030d3c00fe80${zeros(13)}0220010db8${zeros(11)}010000000011000140${zeros(16)}`,
  ],
  ["Uart(115200,8,N,1)", "030e13000000000000c2010000000000080101"],
  ["Uart(DEFAULT,DEFAULT,D,D)", `030e1300${zeros(15)}`],
  ["UsbClass(0xFFFF,0xFFFF,0xFF,0xFF,0xFF)", "030f0b00ffffffffffffff"],
  ["UsbMassStorage(0x1234,0x5678,0x6,0x50)", "030f0b0034127856080650"],
  ["UsbIrdaBridge(0x1,0x2,0x3)", "030f0b0001000200fe0203"],
  ['UsbWwid(0x1234,0x5678,0x1,"WW1")', `03101000010034127856${ucs2("WW1")}`],
  ['UsbWwid(0x0,0x0,0x0,"")', `03100a00${zeros(6)}`],
  ["Unit(0x2)", "0311050002"],
  ["Sata(0x0,0xFFFF,0x0)", "03120a000000ffff0000"],
  [
    "iSCSI(iqn.2026-01.x:a,0x1,0x0002000000000000,CRC32C,None,CHAP_UNI,TCP)",
    `03132100000002100002${zeros(6)}0100${toHex(new TextEncoder().encode("iqn.2026-01.x:a"))}`,
  ],
  ["iSCSI(x,0x0,0x0000000000000000,None,None,None,TCP)", `0313130000000008${zeros(10)}78`],
  ["Vlan(42)", "031406002a00"],
  ["FibreEx(0x0102030405060708,0x0000000000000001)", `031518000000000001020304050607080000000000000001`],
  ["NVMe(0x1,71-EE-D3-01-A8-38-25-00)", "0317100001000000002538a801d3ee71"],
  ["Uri(http://a/b,c(1))", `03181300${toHex(new TextEncoder().encode("http://a/b,c(1)"))}`],
  ["UFS(0x0,0x7)", "031906000007"],
  ["SD(0x1)", "031a050001"],
  ["Bluetooth(0123456789AB)", "031b0a000123456789ab"],
  ["Wi-Fi(home)", `031c2400686f6d65${zeros(28)}`],
  ["eMMC(0x0)", "031d050000"],
  ["BluetoothLE(0123456789AB,0x1)", "031e0b000123456789ab01"],
  ["Dns(10.0.0.1,10.0.0.2)", `031f2500000a000001${zeros(12)}0a000002${zeros(12)}`],
  [`NVDIMM(${guid})`, `03201400${guidBytes}`],
  [`HD(1,GPT,${guid},0x800,0x32000)`, `04012a00010000000008000000000000002003000000000 0${guidBytes}0202`],
  [
    "HD(2,MBR,0xDEADBEEF,0x3F,0x1000)",
    `04012a00020000003f${zeros(7)}0010${zeros(6)}efbeadde${zeros(12)}0101`,
  ],
  [`HD(0,GPT,${guid})`, `04012a00${zeros(20)}${guidBytes}0202`],
  ["CDROM(0x1,0x13,0x4)", `0402180001000000 13${zeros(7)}04${zeros(7)}`],
  [`VenMedia(${guid},00)`, `04031500${guidBytes}00`],
  ["\\EFI\\BOOT\\BOOTX64.EFI", `04043000${ucs2("\\EFI\\BOOT\\BOOTX64.EFI\0")}`],
  [`Media(${guid})`, `04051400${guidBytes}`],
  [`FvFile(${guid})`, `04061400${guidBytes}`],
  [`Fv(${guid})`, `04071400${guidBytes}`],
  ["Offset(0x100,0x1FF)", `0408180000000000 0001${zeros(6)}ff01${zeros(6)}`],
  [`RamDisk(0x1000,0x1FFF,2,${guid})`, `040926000010${zeros(6)}ff1f${zeros(6)}${guidBytes}0200`],
  [
    "VirtualCD(0x1000,0x1FFF,0)",
    `040926000010${zeros(6)}ff1f${zeros(6)}30bd5a3d7541ce876d64d2ade523c4bb0000`,
  ],
  ["BBS(HD,disk,0x1)", "05010d0002000100 6469736b00"],
  ["Path(3,99,DEADBEEF)", "03630800deadbeef"],
  ["Path(9,1)", "09010400"],
];

function ucs2(text: string): string {
  return Array.from(text, (character) => toHex(Uint8Array.of(character.charCodeAt(0), 0))).join("");
}

const makePath = (pathName: string) =>
  ({ kind: "filePath", value: { pathName, padding: new Uint8Array(0) } }) as DevicePathNode;
const pci = { kind: "pci", value: { function: 0, device: 1 } } as DevicePathNode;

describe("a node", () => {
  test.each(nodes)("%s is read, printed, parsed and written back", (text, spaced) => {
    const hex = spaced.replaceAll(" ", "") + END;
    const path = read(hex);
    expect(devicePathText(path)).toBe(text);
    expect(toHex(encodeDevicePath(path))).toBe(hex);
    expect(toHex(encodeDevicePath(parseDevicePath(text)))).toBe(hex);
  });

  test("of IPv4 may end before the gateway, as older firmware writes it", () => {
    const hex = `030c1300000000000a00000100000000110000${END}`;
    expect(devicePathText(read(hex))).toBe("IPv4(10.0.0.1,UDP,DHCP,0.0.0.0)");
    expect(toHex(encodeDevicePath(read(hex)))).toBe(hex);
  });

  test("of every known kind is in the table above", () => {
    const seen = new Set([
      "ipv4WithoutGateway",
      ...nodes.flatMap(([, hex]) =>
        read(hex.replaceAll(" ", "") + END)
          .instances.flat()
          .map(({ kind }): string => kind),
      ),
    ]);
    expect(Object.keys(nodeKinds).filter((kind) => !seen.has(kind))).toEqual([]);
  });

  test("whose bytes do not fit its kind is kept and printed as unknown", () => {
    const hex = `010107000002ff${END}`;
    expect(devicePathText(read(hex))).toBe("Path(1,1,0002FF)");
    expect(toHex(encodeDevicePath(read(hex)))).toBe(hex);
  });

  test("with bytes behind its text keeps them", () => {
    const hex = `04040c00${ucs2("a\0")}61006200${END}`;
    expect(devicePathText(read(hex))).toBe("a");
    expect(toHex(encodeDevicePath(read(hex)))).toBe(hex);
  });

  test("is shown as JSON with its fields", () => {
    expect(devicePathToJson(read(`01010600021f${END}`))).toEqual([
      [{ kind: "pci", type: 1, subtype: 1, fields: { function: 2, device: 31 } }],
    ]);
    expect(devicePathToJson(read(`09010500aa${END}`))).toEqual([
      [{ kind: "unknown", type: 9, subtype: 1, data: "aa" }],
    ]);
  });

  test("of the VMBus tells class and instance", () => {
    const text =
      "VenHw(9B17E5A2-0891-42DD-B653-80B5C22809BA,D96361BAA104294DB60572E2FFB1DC7F22221111333344445555666677778888)";
    const [node] = parseDevicePath(text).instances.flat();
    expect(node && vmbusDevice(node)).toEqual({
      interfaceType: "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f",
      interfaceInstance: "11112222-3333-4444-5555-666677778888",
      className: "SCSI controller",
    });
    const [other] = parseDevicePath(
      "VenHw(9B17E5A2-0891-42DD-B653-80B5C22809BA,00)/Pci(1,0)",
    ).instances.flat();
    expect(other && vmbusDevice(other)).toBeNull();
  });
});

describe("a device path", () => {
  const twoInstances = `01010600001f7f010400${"01010600011f"}${END}`;

  test("can have several instances", () => {
    expect(devicePathText(read(twoInstances))).toBe("Pci(0x1F,0x0),Pci(0x1F,0x1)");
    expect(toHex(encodeDevicePath(read(twoInstances)))).toBe(twoInstances);
    expect(toHex(encodeDevicePath(parseDevicePath("Pci(31,0),Pci(31,1)")))).toBe(twoInstances);
    expect(devicePathText(parseDevicePath(","))).toBe(",");
  });

  test("can be empty", () => {
    expect(read(END)).toEqual(devicePathOf());
    expect(parseDevicePath("")).toEqual(devicePathOf());
  });

  test("is not read when a length is wrong or its end is missing", () => {
    for (const hex of ["", "7fff", "01010600", "01010300", "01010600001f", "7fff050000", "7f020400"]) {
      expect(() => read(hex)).toThrow(LayoutError);
    }
  });

  test("is one of several in a list, of which the rest may be unreadable", () => {
    const bytes = fromHex(`${END}${twoInstances}0101`) ?? new Uint8Array(0);
    const { paths, rest, problem } = readDevicePaths(bytes);
    expect(paths.map(devicePathText)).toEqual(["", "Pci(0x1F,0x0),Pci(0x1F,0x1)"]);
    expect(toHex(rest)).toBe("0101");
    expect(problem?.message).toMatch(/^devicePath/);
  });
});

describe("device path text", () => {
  test("may have decimal numbers, other case, spaces and defaults", () => {
    expect(devicePathText(parseDevicePath("pciroot()/PCI( 2 , 0x0 )/MAC(00155d010203)"))).toBe(
      "PciRoot(0x0)/Pci(0x2,0x0)/MAC(00155D010203,0x0)",
    );
    expect(devicePathText(parseDevicePath("AcpiEx(@@@0000,@@@0000,0x0,VMBus,,)"))).toBe(
      "AcpiEx(0,0,0x0,VMBus,,)",
    );
    expect(devicePathText(parseDevicePath("IPv6(2001:db8::1)"))).toContain(
      "2001:0DB8:0000:0000:0000:0000:0000:0001",
    );
    expect(devicePathText(parseDevicePath("HardwarePath(1,021F)/Msg(99)"))).toBe("Pci(0x1F,0x2)/Path(3,99)");
  });

  test("takes back every file path that it writes", () => {
    const awkward = [
      "/EFI/BOOT/X.EFI",
      "a/b",
      "a,b",
      "/a,b",
      "Pci(1,2)",
      "/x/Pci(1)",
      "a(b",
      "/",
      "",
      "a//b",
      "/a/",
    ];
    for (const pathName of [...awkward, "\\EFI\\x.efi"]) {
      const node = makePath(pathName);
      for (const nodes of [[node], [pci, node], [node, pci], [node, node]]) {
        const path = { instances: [nodes] };
        const text = devicePathText(path);
        expect(toHex(encodeDevicePath(parseDevicePath(text))), text).toBe(toHex(encodeDevicePath(path)));
      }
    }
    expect(devicePathText({ instances: [[pci, makePath("/EFI/X")]] })).toBe("Pci(0x1,0x0)//EFI/X");
    expect(() => parseDevicePath("PciRoot(0x0)//Pci(0x1,0x0)")).toThrow(/a node is empty/);
  });

  test("takes what is no call for a file path", () => {
    for (const text of ["\\a(1).efi", "readme(1).txt", "a b (c)"]) {
      expect(parseDevicePath(text).instances.flat()).toMatchObject([
        { kind: "filePath", value: { pathName: text } },
      ]);
    }
  });

  test.each([
    "Nothing(1)",
    "constructor(1)",
    "Pci(1,2",
    "Pci(1)",
    "Pci(1,2,3)",
    "Pci(256,0)",
    "Pci(x,0)",
    "Pci(0,0)//Pci(0,0)",
    "/Pci(0,0)",
    "VenHw(none)",
    "HD(1,GPT,0x1)",
    "IPv4(300.0.0.1)",
    "IPv6(1:2)",
    "IPv6(1::2::3)",
    "IPv6(1:2:3:4:5:6:7:8::9)",
    "NVMe(1,00-11)",
    "iSCSI(x,0,0x00)",
    "iSCSI(x,0,,None,None,None,TCP,0)",
    "iSCSI(\u0100)",
    "Path(127,255)",
    "Path(1)",
    "Path(1,1,0)",
    "Uri(\u0100)",
    "DebugPort(1)",
    "AcpiAdr()",
    `MAC(${"00".repeat(33)})`,
  ])("%s is refused", (text) => {
    try {
      parseDevicePath(text);
      expect.unreachable();
    } catch (error) {
      expect(isVmgsError(error, "VMGS_UEFI_DEVICE_PATH_TEXT") && error.message).toMatch(
        /^device path text: /,
      );
    }
  });
});

test("EISA identifiers are three letters and four hex digits in 32 bits", () => {
  expect(eisaIdName(0x0a0341d0)).toBe("PNP0A03");
  expect(eisaIdNumber("pnp0a03")).toBe(0x0a0341d0);
  expect(eisaIdName(0)).toBeNull();
  expect(eisaIdName(0x0a03c1d0)).toBeNull();
  expect(eisaIdNumber("PNP0A0")).toBeNull();
});

describe("any device path", () => {
  const knownNumbers = Object.values(nodeKinds).map(({ type, subtype }) => [type, subtype] as const);
  const node = fc
    .tuple(
      fc.oneof(fc.constantFrom(...knownNumbers), fc.tuple(fc.integer({ min: 0, max: 126 }), fc.nat(255))),
      fc.oneof(
        fc.uint8Array({ maxLength: 70 }),
        fc.constantFrom(
          ...nodes.map(([, hex]) => (fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array(4)).slice(4)),
        ),
      ),
    )
    .map(([[type, subtype], data]) => toHex(Uint8Array.of(type, subtype, data.length + 4, 0, ...data)));

  test("is written as it was read, and has a text", () => {
    fc.assert(
      fc.property(fc.array(fc.array(node, { maxLength: 4 }), { minLength: 1, maxLength: 3 }), (instances) => {
        const hex = instances.map((parts) => parts.join("")).join("7f010400") + END;
        const path = read(hex);
        expect(toHex(encodeDevicePath(path))).toBe(hex);
        expect(typeof devicePathText(path)).toBe("string");
        expect(JSON.stringify(devicePathToJson(path))).toMatch(/^\[/);
      }),
      { numRuns: 1000 },
    );
  });

  test("of text is refused or read, never anything else", () => {
    const name = fc.constantFrom(...Object.values(nodeKinds).flatMap(({ text }) => text.names), "Path", "x");
    const argument = fc.oneof(
      fc.constantFrom("0", "0x1F", guid, "", "TCP", "::", "1.2.3.4", "PNP0A03", "DEFAULT", "("),
      fc.string({ maxLength: 6 }),
    );
    const call = fc
      .tuple(name, fc.array(argument, { maxLength: 6 }))
      .map(([n, args]) => `${n}(${args.join(",")})`);
    fc.assert(
      fc.property(fc.array(fc.oneof(call, fc.string({ maxLength: 8 })), { maxLength: 4 }), (parts) => {
        try {
          encodeDevicePath(parseDevicePath(parts.join("/")));
        } catch (error) {
          if (!isVmgsError(error, "VMGS_UEFI_DEVICE_PATH_TEXT")) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
