/** Hardware nodes, type 1 (UEFI 2.10, section 10.3.2). */

import { field, guid, struct, u8, u32, u64 } from "../../layout/index.ts";
import { DevicePathType, nodeKind, vendorBody } from "./node-kind.ts";
import { call, guidText, hexDump, integer, integer64 } from "./text-argument.ts";

const { HARDWARE } = DevicePathType;

export const hardwareKinds = {
  pci: nodeKind(
    HARDWARE,
    1,
    struct("pci", { function: field(u8, "function"), device: field(u8, "device") }),
    call("Pci", { device: integer, function: integer }),
  ),
  pcCard: nodeKind(
    HARDWARE,
    2,
    struct("pcCard", { function: field(u8, "function") }),
    call("PcCard", { function: integer }),
  ),
  memoryMapped: nodeKind(
    HARDWARE,
    3,
    struct("memoryMapped", {
      memoryType: field(u32, "EFI_MEMORY_TYPE"),
      start: field(u64, "first address"),
      end: field(u64, "last address"),
    }),
    call("MemoryMapped", { memoryType: integer, start: integer64, end: integer64 }),
  ),
  vendorHardware: nodeKind(
    HARDWARE,
    4,
    vendorBody("vendorHardware", guid),
    call("VenHw", { vendor: guidText, data: hexDump }),
  ),
  controller: nodeKind(
    HARDWARE,
    5,
    struct("controller", { controller: field(u32, "controller number") }),
    call("Ctrl", { controller: integer }),
  ),
  bmc: nodeKind(
    HARDWARE,
    6,
    struct("bmc", {
      interfaceType: field(u8, "IPMI interface type"),
      baseAddress: field(u64, "base address"),
    }),
    call("BMC", { interfaceType: integer, baseAddress: integer64 }),
  ),
} as const;
