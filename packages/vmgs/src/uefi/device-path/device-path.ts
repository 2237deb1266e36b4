/** Device paths: nodes in order, in one or several instances (UEFI 2.10, section 10.3). */

import { type Check, checkBytes, checkList, checkWhole, having } from "../../arguments/index.ts";
import { copyBytes, type Json, LayoutError, Sink } from "../../layout/index.ts";
import {
  checkNode,
  type DevicePathNode,
  encodeNode,
  nodeFromParts,
  nodeToJson,
  readNodeFrame,
} from "./node.ts";
import { DevicePathType, EndSubtype, NODE_HEADER_SIZE, nodeHeader } from "./node-kind.ts";

/** A device path. Nearly always there is one instance; consoles can have several. End nodes are not part of it. */
export interface DevicePath {
  /** At least one instance, each of any number of nodes. */
  readonly instances: readonly (readonly DevicePathNode[])[];
}

export const checkDevicePath: Check = having("instances");

/** A device path with one instance. */
export function devicePathOf(...nodes: DevicePathNode[]): DevicePath {
  checkList(nodes, "nodes", checkNode);
  return { instances: [nodes] };
}

/** A device path and the offset after its End Entire node. */
export interface DevicePathReading {
  readonly path: DevicePath;
  readonly end: number;
}

/**
 * Reads the device path that begins at `offset`.
 *
 * @throws LayoutError when a length is wrong or the End Entire node is missing.
 */
export function readDevicePath(bytes: Uint8Array, offset = 0): DevicePathReading {
  checkBytes(bytes, "bytes");
  checkWhole(offset, "offset");
  return readOwnedPath(copyBytes(bytes), offset);
}

/** Reads from bytes that never change: data of nodes stays in them, where thousands of copies would cost far more. */
function readOwnedPath(bytes: Uint8Array, offset: number): DevicePathReading {
  const instances: DevicePathNode[][] = [[]];
  for (let at = offset; ; ) {
    const { type, subtype, length } = readNodeFrame(bytes, at);
    const end = at + length;
    if (type === DevicePathType.END) {
      if (length !== NODE_HEADER_SIZE) throw new LayoutError(`end node has ${length} bytes, not 4`, at);
      if (subtype === EndSubtype.ENTIRE) return { path: { instances }, end };
      if (subtype !== EndSubtype.INSTANCE) throw new LayoutError(`end node has subtype ${subtype}`, at);
      instances.push([]);
    } else {
      instances[instances.length - 1]?.push(
        nodeFromParts(type, subtype, nodeData(bytes, at + NODE_HEADER_SIZE, end)),
      );
    }
    at = end;
  }
}

const NO_DATA = new Uint8Array(0);

function nodeData(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start === end ? NO_DATA : bytes.subarray(start, end);
}

/** Device paths one after the other, and what is left when there is something else. */
export interface DevicePathListReading {
  readonly paths: readonly DevicePath[];
  /** Bytes after the last path that could be read. */
  readonly rest: Uint8Array;
  /** Why the rest could not be read; null when there is none. */
  readonly problem: LayoutError | null;
}

/** Reads device paths up to the end of the bytes. Never throws for bad bytes. */
export function readDevicePaths(bytes: Uint8Array): DevicePathListReading {
  checkBytes(bytes, "bytes");
  const owned = copyBytes(bytes);
  const paths: DevicePath[] = [];
  let offset = 0;
  try {
    while (offset < owned.length) {
      const { path, end } = readOwnedPath(owned, offset);
      paths.push(path);
      offset = end;
    }
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    return { paths, rest: copyBytes(owned, offset), problem: error.within("devicePath") };
  }
  return { paths, rest: new Uint8Array(0), problem: null };
}

/**
 * The bytes of a device path, end nodes included.
 *
 * @throws LayoutError when a node can't be written.
 */
export function encodeDevicePath(path: DevicePath): Uint8Array<ArrayBuffer> {
  checkDevicePath(path, "path");
  const sink = new Sink(256);
  path.instances.forEach((nodes, index) => {
    if (index > 0) nodeHeader.encode(sink, endNode(EndSubtype.INSTANCE));
    for (const node of nodes) sink.append(encodeNode(node));
  });
  nodeHeader.encode(sink, endNode(EndSubtype.ENTIRE));
  return sink.finish();
}

const endNode = (subtype: number) => ({ type: DevicePathType.END, subtype, length: NODE_HEADER_SIZE });

/** A device path as JSON: a list of instances, each a list of nodes. */
export function devicePathToJson(path: DevicePath): Json {
  checkDevicePath(path, "path");
  return path.instances.map((nodes) => nodes.map(nodeToJson));
}
