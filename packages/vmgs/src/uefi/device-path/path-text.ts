/** Device paths as text (UEFI 2.10, section 10.6.1). */

import { checkText } from "../../arguments/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import { LayoutError } from "../../layout/index.ts";
import { checkDevicePath, type DevicePath, encodeDevicePath } from "./device-path.ts";
import {
  checkNode,
  type DevicePathNode,
  encodeNode,
  kindNamed,
  kindOf,
  makeNode,
  nodeFromParts,
} from "./node.ts";
import { DevicePathType, NODE_HEADER_SIZE } from "./node-kind.ts";
import { decimal, hexDump, parseArgument, textError, upperHex } from "./text-argument.ts";

/**
 * `PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,...)/\EFI\BOOT\BOOTX64.EFI`: the parseable form, with shortcuts, upper-case hex.
 * Nodes of unknown kind are `Path(type,subtype,hex)`; instances are separated by commas. Text from the path is not
 * escaped.
 */
export function devicePathText(path: DevicePath): string {
  checkDevicePath(path, "path");
  return path.instances.map(instanceText).join(",");
}

/** The text of one node. */
export function nodeText(node: DevicePathNode): string {
  checkNode(node, "node");
  if (node.kind !== "unknown") return kindOf(node).text.format(node.value);
  const { type, subtype, data } = node.value;
  return genericText(type, subtype, data);
}

function genericText(type: number, subtype: number, data: Uint8Array): string {
  return `Path(${[type, subtype, ...(data.length > 0 ? [upperHex(data)] : [])].join(",")})`;
}

/** The nodes of one instance. A file path that would be read as something else is written by its bytes. */
function instanceText(nodes: readonly DevicePathNode[]): string {
  return nodes
    .map((node, index) => {
      if (node.kind !== "filePath" || isReadAsItStands(node.value.pathName, index === nodes.length - 1)) {
        return nodeText(node);
      }
      const { type, subtype } = kindOf(node);
      return genericText(type, subtype, encodeNode(node).subarray(NODE_HEADER_SIZE));
    })
    .join("/");
}

/** Most file paths have none of the characters that mean something; of others it is tried. */
function isReadAsItStands(pathName: string, isLast: boolean): boolean {
  if (pathName !== "" && !/[/,(]/.test(pathName)) return true;
  if (pathName.startsWith("/") && !isLast) return false;
  try {
    const [node, ...others] = splitInstances(pathName).flat();
    return others.length === 0 && node === pathName && pathName !== "" && !CALL.test(pathName);
  } catch (error) {
    if (!isVmgsError(error, "VMGS_UEFI_DEVICE_PATH_TEXT")) throw error;
    return false;
  }
}

/**
 * Reads text as `devicePathText` writes it. Names are case-insensitive. What is not a known call is a file
 * path. One that begins with a slash comes last and takes the rest: `HD(1,GPT,...)//EFI/BOOT/BOOTX64.EFI`.
 *
 * @throws VmgsError VMGS_UEFI_DEVICE_PATH_TEXT
 */
export function parseDevicePath(text: string): DevicePath {
  checkText(text, "text");
  const path = { instances: splitInstances(text).map((nodes) => nodes.map(parseNode)) };
  try {
    encodeDevicePath(path);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw textError(cause.message, { cause });
  }
  return path;
}

function splitInstances(text: string): string[][] {
  return splitOutsideCalls(text, ",").map((instance) => {
    if (instance === "") return [];
    const nodes = splitOutsideCalls(instance, "/");
    const empty = nodes.indexOf("");
    return empty < 0 ? nodes : [...nodes.slice(0, empty), slashedPath(nodes.slice(empty + 1))];
  });
}

/** The file path after an empty node. A call in it is a slip: `PciRoot(0x0)//Pci(0x1,0x0)`. */
function slashedPath(names: readonly string[]): string {
  if (names.length === 0 || names.some((name) => name === "" || CALL.test(name))) {
    throw textError("a node is empty");
  }
  return `/${names.join("/")}`;
}

/** Cuts at each separator that is not inside the parentheses of a call. */
function splitOutsideCalls(text: string, separator: "/" | ","): string[] {
  const pieces: string[] = [];
  let start = 0;
  let depth = 0;
  // True while what stands since the last slash or comma can be the name of a call.
  let isName = true;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (depth > 0) {
      depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    } else if (character === "/" || character === ",") {
      isName = true;
      if (character !== separator) continue;
      pieces.push(text.slice(start, at));
      start = at + 1;
    } else if (character === "(" && isName) {
      depth = 1;
    } else {
      isName &&= /[A-Za-z0-9-]/.test(character);
    }
  }
  if (depth > 0) throw textError("a parenthesis is not closed");
  return [...pieces, text.slice(start)];
}

const CALL = /^([A-Za-z][A-Za-z0-9-]*)\((.*)\)$/s;

function parseNode(text: string): DevicePathNode {
  const call = CALL.exec(text);
  if (call === null) return makeNode("filePath", { pathName: text, padding: new Uint8Array(0) });
  const [, name = "", inside = ""] = call;
  const generic = genericTypes.get(name.toLowerCase());
  if (generic !== undefined) return parseGeneric(name, inside, generic);
  const found = kindNamed(name);
  if (found === null) throw textError(`there is no node ${name}`);
  const [kind, declared] = found.entry;
  return makeNode(kind, declared.text.parse(found.name, inside));
}

/** Calls that give a node by number, and the type that they stand for; null when the type is an argument. */
const genericTypes = new Map<string, number | null>([
  ["path", null],
  ["hardwarepath", DevicePathType.HARDWARE],
  ["acpipath", DevicePathType.ACPI],
  ["msg", DevicePathType.MESSAGING],
  ["mediapath", DevicePathType.MEDIA],
  ["bbspath", DevicePathType.BIOS_BOOT],
]);

function parseGeneric(name: string, inside: string, fixedType: number | null): DevicePathNode {
  const given = inside.split(",");
  const type = fixedType ?? parseArgument(name, decimal, given.shift());
  const subtype = parseArgument(name, decimal, given.shift());
  const data = parseArgument(name, hexDump, given.shift());
  if (given.length > 0) throw textError(`${name} has too many arguments`);
  if (type > 0xff || subtype > 0xff || type === DevicePathType.END) {
    throw textError(`${name} needs a type and a subtype from 0 to 255, and no end node`);
  }
  return nodeFromParts(type, subtype, data);
}
