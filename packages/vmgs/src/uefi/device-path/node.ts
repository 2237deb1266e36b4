/** Nodes of a device path: all kinds together, bytes to values and back. */

import { type Check, having } from "../../arguments/index.ts";
import { decode, encode, type Json, LayoutError, Source, toHex } from "../../layout/index.ts";
import { acpiKinds } from "./acpi-nodes.ts";
import { hardwareKinds } from "./hardware-nodes.ts";
import { iscsiKinds } from "./iscsi-node.ts";
import { mediaKinds } from "./media-nodes.ts";
import { messagingKinds } from "./messaging-nodes.ts";
import { networkKinds } from "./network-nodes.ts";
import { NODE_HEADER_SIZE, type NodeKind, nodeHeader } from "./node-kind.ts";
import { usbClassKinds } from "./usb-class-node.ts";

/** All kinds of nodes whose fields are known, by the name that `DevicePathNode.kind` has. */
export const nodeKinds = {
  ...hardwareKinds,
  ...acpiKinds,
  ...messagingKinds,
  ...networkKinds,
  ...iscsiKinds,
  ...usbClassKinds,
  ...mediaKinds,
} as const;
/** The type of that table: what each kind of node holds. */
export type NodeKinds = typeof nodeKinds;

/** A node whose fields are known. */
export type KnownNode = {
  [K in keyof NodeKinds]: {
    readonly kind: K;
    readonly value: NodeKinds[K] extends NodeKind<infer V> ? V : never;
  };
}[keyof NodeKinds];

/** A node of an unknown kind, or of a known one whose bytes do not fit it. */
export interface UnknownNode {
  readonly kind: "unknown";
  readonly value: { readonly type: number; readonly subtype: number; readonly data: Uint8Array };
}

/** One step of a device path. */
export type DevicePathNode = KnownNode | UnknownNode;

export const checkNode: Check = having("kind", "value");

type ErasedKind = readonly [kind: KnownNode["kind"], declared: NodeKind<unknown>];
const kindEntries = Object.entries(nodeKinds) as unknown as readonly ErasedKind[];
const kindsByNumber = new Map<number, ErasedKind[]>();
for (const entry of kindEntries) {
  const key = kindNumber(entry[1].type, entry[1].subtype);
  kindsByNumber.set(key, [...(kindsByNumber.get(key) ?? []), entry]);
}

function kindNumber(type: number, subtype: number): number {
  return type * 256 + subtype;
}

/** The declaration of a known node. */
export function kindOf(node: KnownNode): NodeKind<unknown> {
  return nodeKinds[node.kind] as unknown as NodeKind<unknown>;
}

/** The known kinds whose text may begin with this name, and the name in its own spelling. */
export function kindNamed(name: string): { readonly entry: ErasedKind; readonly name: string } | null {
  const wanted = name.toLowerCase();
  for (const entry of kindEntries) {
    const found = entry[1].text.names.find((candidate) => candidate.toLowerCase() === wanted);
    if (found !== undefined) return { entry, name: found };
  }
  return null;
}

/** Makes a node of a kind that was found by name. */
export function makeNode(kind: KnownNode["kind"], value: unknown): KnownNode {
  return { kind, value } as KnownNode;
}

/** Makes a node of its numbers and the bytes after its header; unknown when they fit no kind exactly. */
export function nodeFromParts(type: number, subtype: number, data: Uint8Array): DevicePathNode {
  for (const [kind, declared] of kindsByNumber.get(kindNumber(type, subtype)) ?? []) {
    const source = new Source(data);
    try {
      const value = declared.body.decode(source);
      if (source.left === 0) return makeNode(kind, value);
    } catch (error) {
      if (!(error instanceof LayoutError)) throw error;
    }
  }
  return { kind: "unknown", value: { type, subtype, data } };
}

/** The numbers of a node and the bytes after its header. */
function nodeParts(node: DevicePathNode): { type: number; subtype: number; data: Uint8Array } {
  if (node.kind === "unknown") return node.value;
  const { type, subtype, body } = kindOf(node);
  return { type, subtype, data: encode(body, node.value as unknown) };
}

/**
 * The bytes of a node.
 *
 * @throws LayoutError when a value does not fit its field, or the node has more than 65535 bytes.
 */
export function encodeNode(node: DevicePathNode): Uint8Array<ArrayBuffer> {
  const { type, subtype, data } = nodeParts(node);
  const header = encode(nodeHeader, { type, subtype, length: NODE_HEADER_SIZE + data.length });
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

/** Where a node lies, and what its header says. */
export interface NodeFrame {
  readonly type: number;
  readonly subtype: number;
  /** Bytes of the node, its header included. */
  readonly length: number;
}

/**
 * Reads the header of the node at `offset`.
 *
 * @throws LayoutError when the length is below 4 or beyond the end.
 */
export function readNodeFrame(bytes: Uint8Array, offset: number): NodeFrame {
  const frame = decode(nodeHeader, bytes, offset);
  if (frame.length < NODE_HEADER_SIZE) {
    throw new LayoutError(`node has ${frame.length} bytes, its header alone ${NODE_HEADER_SIZE}`, offset);
  }
  if (frame.length > bytes.length - offset) {
    throw new LayoutError(`node has ${frame.length} bytes, ${bytes.length - offset} are left`, offset);
  }
  return frame;
}

/** A node as JSON: kind, numbers, and its fields. */
export function nodeToJson(node: DevicePathNode): Json {
  checkNode(node, "node");
  if (node.kind === "unknown") {
    const { type, subtype, data } = node.value;
    return { kind: node.kind, type, subtype, data: toHex(data) };
  }
  const { type, subtype, body } = kindOf(node);
  return { kind: node.kind, type, subtype, fields: body.toJson(node.value as unknown) };
}
