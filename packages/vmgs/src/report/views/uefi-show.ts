/** A UEFI variable and what its value means, for people. */

import { checkDate, checkFlag, withMembers } from "../../arguments/index.ts";
import {
  type DevicePath,
  describeDatabase,
  devicePathText,
  type LoadOption,
  type OptionalText,
  optionalText,
  type Variable,
  valueShape,
  variableAttributes,
  variableTime,
  variableValue,
} from "../../uefi/index.ts";
import { type Text, toned } from "../text.ts";
import { checkVariable } from "../uefi-checks.ts";
import { type Block, fields, hex, type View } from "../view.ts";
import { clip, formatCount } from "../words/sizes.ts";
import { countWords } from "../words/uefi-certificates.ts";
import { loadOptionMarks, shortText, variableWords, vendorWord, vmbusWords } from "../words/uefi-values.ts";
import { signatureItems } from "./signatures.ts";

/** How a variable is shown. */
export interface VariableViewOptions {
  /** The moment that certificates are judged by. */
  readonly now: Date;
  /** Show the bytes of values that are decoded as well. */
  readonly bytes: boolean;
}

/** Bytes shown as hex; a renderer that wants all of them has the variable. */
const MOST_HEX = 4096;
/** More of a text or of an order than this is for the document. */
const MOST_VALUE = 4000;

const checkOptions = withMembers({ now: checkDate, bytes: checkFlag });

/** One variable. */
export async function uefiVariableView(variable: Variable, options: VariableViewOptions): Promise<View> {
  checkVariable(variable, "variable");
  checkOptions(options, "options");
  const { now, bytes } = options;
  const { name, vendor, attributes, data } = variable;
  const word = vendorWord(vendor);
  const names = variableAttributes.names(attributes).join(" | ");
  const time = variableTime(variable);
  const known = fields([
    ["vendor", word === vendor ? vendor : `${word} (${vendor})`],
    ["attributes", `0x${attributes.toString(16)}${names === "" ? "" : ` ${names}`}`],
    ...(time === null ? [] : [["written", time] as const]),
    ["size", formatCount(data.length, "byte")],
  ]);
  const { blocks, decoded } = await valueBlocks(variable, now);
  return {
    place: null,
    headline: [toned("strong", shortText(name))],
    sections: [
      {
        title: null,
        blocks: [known, ...blocks, ...((bytes || !decoded) && data.length > 0 ? [hex(data, MOST_HEX)] : [])],
      },
    ],
  };
}

interface ValueBlocks {
  readonly blocks: readonly Block[];
  /** Words say all of the value; its bytes say no more. */
  readonly decoded: boolean;
}

async function valueBlocks(variable: Variable, now: Date): Promise<ValueBlocks> {
  if (valueShape(variable) === "signatureLists") {
    const database = await describeDatabase(variable, now);
    const blocks: Block[] = [
      fields([["holds", countWords(database)]]),
      { kind: "outline", items: signatureItems(database, { now, hashes: true }) },
      ...problemBlocks(database.error),
    ];
    return { blocks, decoded: database.error === null };
  }
  const value = variableValue(variable);
  if (value.kind === "raw") return { blocks: problemBlocks(value.error), decoded: false };
  if (value.kind === "loadOption") return { blocks: loadOptionBlocks(value.option), decoded: true };
  const lines =
    value.kind === "devicePath"
      ? pathFields("path", value.path)
      : [["value", clip(variableWords(variable), MOST_VALUE)] as const];
  return { blocks: [fields(lines)], decoded: true };
}

const problemBlocks = (error: { readonly message: string } | null): Block[] =>
  error === null ? [] : [fields([["problem", error.message]])];

type Entry = readonly [name: string, value: Text];

function loadOptionBlocks(option: LoadOption): Block[] {
  const { description, paths, pathProblem, optionalData } = option;
  const text = optionalText(optionalData);
  const usable = paths.length > 0 ? "; firmware uses the path before it" : "";
  const entries: Entry[] = [
    ["description", clip(description)],
    ["option", loadOptionMarks(option)],
    ...paths.flatMap((path, i) => pathFields(i === 0 ? "path" : `path ${i + 1}`, path)),
    ...(pathProblem === null ? [] : [["problem", `${pathProblem.message}${usable}`] as const]),
    ...(optionalData.length === 0
      ? []
      : [["optional data", formatCount(optionalData.length, "byte")] as const]),
    ...(text === null || optionalData.length === 0
      ? []
      : [["  as text", clip(optionalWords(text), MOST_VALUE)] as const]),
  ];
  return [fields(entries), ...(optionalData.length === 0 ? [] : [hex(optionalData, MOST_HEX)])];
}

const ENCODINGS = { ascii: "ASCII", ucs2: "UCS-2" } as const;

function optionalWords({ text, encoding, terminated }: OptionalText): string {
  return `"${text}" (${ENCODINGS[encoding]}${terminated ? "" : ", without a NUL at its end"})`;
}

function pathFields(name: string, path: DevicePath): Entry[] {
  const vmbus = vmbusWords(path);
  return [
    [name, clip(devicePathText(path), MOST_VALUE)],
    ...(vmbus === null ? [] : [["", `VMBus: ${clip(vmbus)}`] as const]),
  ];
}
