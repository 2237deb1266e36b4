/** Finding a resource: the tree has three levels, type, number and language, and a leaf below them. */

import { type Check, checkText, checkWhole, optionsOf, withMembers } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { array, decode, u16 } from "../layout/index.ts";
import { peek, read, type Steps } from "../steps/index.ts";
import { type FileRange, locate, malformed, peImageSteps, sizeOf } from "./image.ts";
import {
  HIGH_BIT,
  type ResourceEntry,
  resourceDataEntry,
  resourceDirectory,
  resourceEntries,
  resourceEntry,
} from "./structures.ts";

/** Which resource is meant. */
export interface ResourceKey {
  /** Type, a name that is compared exactly, case included. Numeric types are never meant. */
  readonly type: string;
  /** Number of the resource. */
  readonly id: number;
}

export const checkResourceKey: Check = withMembers({ type: checkText, id: checkWhole });

/** Where the content of a resource lies in the file. */
export interface ResourceLocation {
  /** Offset in the file. */
  readonly offset: number;
  readonly byteLength: number;
  /** Number of its language (LANGID), or null when the language has a name. */
  readonly language: number | null;
}

/** How a resource is read. */
export interface ReadResourceOptions {
  /** Larger content, in bytes, is not read into memory. Default: 256 MiB. */
  readonly maxBytes?: number;
}

export const checkReadResourceOptions = optionsOf({
  maxBytes: checkWhole,
});

/** 256 MiB: what an IGVM file has at most. */
export const MAX_RESOURCE_BYTES = 2 ** 28;

/** The tree, and the way that was taken into it. */
interface Tree extends FileRange {
  /** Offsets, from the root, of the directories that were entered. */
  readonly entered: number[];
}

/**
 * Finds a resource. Only headers and the directories on the way are read, never the whole file.
 *
 * @throws VmgsError VMGS_PE_FORMAT, VMGS_PE_NO_RESOURCE, VMGS_PE_RESOURCE_SIZE for one without content
 */
export function* findResourceSteps(fileBytes: number, key: ResourceKey): Steps<ResourceLocation> {
  checkWhole(fileBytes, "fileBytes");
  checkResourceKey(key, "key");
  const image = yield* peImageSteps(fileBytes);
  if (image.resources === null) throw missing("the file has no resources");
  const tree: Tree = { ...locate(image, image.resources, "resource tree", 0), entered: [] };
  const types = yield* readDirectory(tree, 0);
  const type = yield* findNamed(tree, types, key.type);
  if (type === undefined) throw missing(`the file has no resource of type ${JSON.stringify(key.type)}`);
  const named = `of type ${JSON.stringify(key.type)}`;
  const ids = yield* readDirectory(tree, directoryOffset(tree, type, "type"));
  const id = ids.find(({ nameOrId }) => nameOrId === key.id);
  if (id === undefined) throw missing(`the file has no resource ${key.id} ${named}`);
  const languages = yield* readDirectory(tree, directoryOffset(tree, id, "number"));
  const [language] = languages;
  if (language === undefined || languages.length > 1) {
    throw missing(`resource ${key.id} ${named} has ${languages.length} languages, not exactly one`);
  }
  if (isMarked(language.offset)) {
    throw malformed("a fourth level of the resource tree", tree.offset + (language.offset & ~HIGH_BIT));
  }
  const at = within(tree, language.offset, sizeOf(resourceDataEntry), "data entry of a resource");
  const { offsetToData, size } = decode(resourceDataEntry, yield* peek(at, sizeOf(resourceDataEntry)));
  if (size === 0) {
    throw new VmgsError("VMGS_PE_RESOURCE_SIZE", `resource ${key.id} ${named} is empty`, {
      offset: at,
      bytes: 0,
    });
  }
  const { offset, room } = locate(image, offsetToData, "content of the resource", at);
  if (size > room) {
    throw malformed(`the resource has ${size} bytes, of which ${room} are in the file`, at);
  }
  return { offset, byteLength: size, language: isMarked(language.nameOrId) ? null : language.nameOrId };
}

/**
 * The content of a resource.
 *
 * @throws VmgsError as `findResourceSteps`; VMGS_PE_RESOURCE_SIZE above `maxBytes`
 */
export function* readResourceSteps(
  fileBytes: number,
  key: ResourceKey,
  options: ReadResourceOptions = {},
): Steps<Uint8Array> {
  checkWhole(fileBytes, "fileBytes");
  checkResourceKey(key, "key");
  checkReadResourceOptions(options, "options");
  const { maxBytes = MAX_RESOURCE_BYTES } = options;
  const { offset, byteLength } = yield* findResourceSteps(fileBytes, key);
  if (byteLength > maxBytes) {
    throw new VmgsError(
      "VMGS_PE_RESOURCE_SIZE",
      `resource ${key.id} has ${byteLength} bytes, at most ${maxBytes} are taken`,
      { offset, bytes: byteLength, limit: maxBytes },
    );
  }
  return yield* read(offset, byteLength);
}

/** The entries of the directory at an offset from the root. */
function* readDirectory(tree: Tree, offset: number): Steps<readonly ResourceEntry[]> {
  const size = sizeOf(resourceDirectory);
  const at = within(tree, offset, size, "resource directory");
  if (tree.entered.includes(offset)) throw malformed("the resource tree has a cycle", at);
  tree.entered.push(offset);
  const { numberOfNamedEntries, numberOfIdEntries } = decode(resourceDirectory, yield* peek(at, size));
  const count = numberOfNamedEntries + numberOfIdEntries;
  const bytes = count * sizeOf(resourceEntry);
  const entriesAt = within(tree, offset + size, bytes, `${count} entries of a resource directory`);
  return decode(resourceEntries(count), yield* peek(entriesAt, bytes));
}

/** The entry with exactly this name. Of the other names only their length is looked at. */
function* findNamed(
  tree: Tree,
  entries: readonly ResourceEntry[],
  name: string,
): Steps<ResourceEntry | undefined> {
  const lengthBytes = sizeOf(u16);
  const codec = array(u16, name.length);
  const wanted = Array.from(name, (char) => char.charCodeAt(0));
  for (const entry of entries) {
    if (!isMarked(entry.nameOrId)) continue;
    const offset = entry.nameOrId & ~HIGH_BIT;
    const at = within(tree, offset, lengthBytes, "name of a resource type");
    const length = decode(u16, yield* peek(at, lengthBytes));
    const textAt = within(tree, offset + lengthBytes, length * 2, "name of a resource type");
    if (length !== name.length) continue;
    const text = decode(codec, yield* peek(textAt, length * 2));
    if (text.every((unit, index) => unit === wanted[index])) return entry;
  }
  return undefined;
}

function directoryOffset(tree: Tree, { offset }: ResourceEntry, level: "type" | "number"): number {
  if (isMarked(offset)) return offset & ~HIGH_BIT;
  throw malformed(`a ${level} of the resource tree is not a directory`, tree.offset + offset);
}

/** The offset in the file of something in the tree, which must lie there completely. */
function within({ offset, room }: Tree, inTree: number, length: number, what: string): number {
  if (inTree + length <= room) return offset + inTree;
  throw malformed(`${what} at ${offset + inTree} reaches past the end of its section or of the file`, offset);
}

/** Bit 31, as JavaScript's bit operations are signed. */
function isMarked(value: number): boolean {
  return value >= HIGH_BIT;
}

function missing(message: string): VmgsError {
  return new VmgsError("VMGS_PE_NO_RESOURCE", message);
}
