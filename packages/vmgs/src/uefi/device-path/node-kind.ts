/** What declares one kind of device path node: its numbers, its fields and its text. */

import { type Codec, field, rest, struct, u8, u16 } from "../../layout/index.ts";
import type { NodeText } from "./text-argument.ts";

/** Types of nodes (UEFI 2.10, section 10.3.1). */
export const DevicePathType = {
  HARDWARE: 1,
  ACPI: 2,
  MESSAGING: 3,
  MEDIA: 4,
  BIOS_BOOT: 5,
  END: 0x7f,
} as const;

/** Subtypes of the end node. */
export const EndSubtype = { INSTANCE: 0x01, ENTIRE: 0xff } as const;

/** The four bytes that every node begins with. */
export const nodeHeader = struct("devicePathNode", {
  type: field(u8, "1 hardware, 2 ACPI, 3 messaging, 4 media, 5 BIOS boot, 0x7f end"),
  subtype: field(u8, "meaning depends on the type"),
  length: field(u16, "bytes of the node, this header included"),
});

/** Bytes of `nodeHeader`. */
export const NODE_HEADER_SIZE = 4;

/** One kind of node. `body` are the fields after the header. */
export interface NodeKind<V> {
  readonly type: number;
  readonly subtype: number;
  readonly body: Codec<V>;
  readonly text: NodeText<V>;
}

/** Declares a kind of node. */
export function nodeKind<V>(
  type: number,
  subtype: number,
  body: Codec<V>,
  text: NodeText<NoInfer<V>>,
): NodeKind<V> {
  return { type, subtype, body, text };
}

/** The fields of a vendor-defined node of any type. */
export const vendorBody = (name: string, guidCodec: Codec<string>) =>
  struct(name, {
    vendor: field(guidCodec, "who defined the data"),
    data: field(rest, "data"),
  });
