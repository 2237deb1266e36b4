import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isVmgsError } from "../errors/index.ts";
import { toHex } from "../layout/index.ts";
import {
  devicePathText,
  encodeLoadOption,
  encodeSignatureLists,
  encodeVariableList,
  isActive,
  optionNumber,
  problemError,
  readCertificate,
  readVariableList,
  SignatureType,
  type Variable,
  variableListFromJson,
  variableListToJson,
  variableTime,
  variableValue,
} from "./index.ts";

const folder = new URL("../../test/golden/uefi/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

interface GoldenVariable {
  readonly name: string;
  readonly vendor: string;
  readonly attributes: number;
  readonly timestamp: string | null;
  readonly dataBytes: number;
  readonly dataSha256: string;
  readonly parsed: unknown;
}
interface Golden {
  readonly note: string;
  readonly bytes: number;
  readonly error: string | null;
  readonly variables: readonly GoldenVariable[];
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What we read, in the words of the golden files. */
async function inGoldenWords(variable: Variable): Promise<GoldenVariable> {
  return {
    name: variable.name,
    vendor: variable.vendor,
    attributes: variable.attributes,
    timestamp: variableTime(variable),
    dataBytes: variable.data.length,
    dataSha256: sha256(variable.data),
    parsed: await parsedInGoldenWords(variable),
  };
}

async function parsedInGoldenWords(variable: Variable): Promise<unknown> {
  const value = variableValue(variable);
  if (value.kind === "optionNumbers") return { bootOrder: value.numbers.map(optionNumber) };
  if (value.kind === "loadOption") {
    const { option } = value;
    expect(toHex(encodeLoadOption(option))).toBe(toHex(variable.data));
    return {
      description: option.description,
      active: isActive(option),
      devicePath: option.paths.map(devicePathText).join(" "),
      ...(option.optionalData.length > 0 ? { optionalData: toHex(option.optionalData) } : {}),
    };
  }
  if (value.kind !== "signatureLists") return null;
  expect(toHex(encodeSignatureLists(value.lists))).toBe(toHex(variable.data));
  const lists = value.lists.map(async ({ type, typeName, signatures }) => {
    const common = { type: typeName, owner: signatures[0]?.owner };
    if (type !== SignatureType.X509) {
      const hashes = signatures.map(({ data }) => toHex(data));
      return { ...common, hashes: hashes.length, first: hashes[0], last: hashes.at(-1) };
    }
    const certificates = await Promise.all(signatures.map(({ data }) => readCertificate(data)));
    expect(certificates.every(({ fields }) => fields !== null)).toBe(true);
    return {
      ...common,
      certificates: certificates.map(({ sha256, der }) => ({ sha256, bytes: der.length })),
    };
  });
  return { signatureLists: await Promise.all(lists) };
}

describe.each(names)("golden variable list %s", (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.bin`, folder)));
  const golden = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Golden;
  const list = readVariableList(bytes);

  test("holds the variables and values that the reference says", async () => {
    const unreadable = new Set(list.problems.flatMap((problem) => problem.name ?? []));
    const expected = golden.variables.filter((variable) => !unreadable.has(variable.name));
    expect(await Promise.all(list.variables.map(inGoldenWords))).toEqual(expected);
    expect(unreadable.size + list.variables.length).toBe(golden.variables.length);
  });

  test("has the problem that the reference says, and strict reading throws it", () => {
    expect(list.problems.map(({ id }) => id)).toEqual(golden.error === null ? [] : [golden.error]);
    const [problem] = list.problems;
    if (problem === undefined) {
      expect(readVariableList(bytes, { strict: true })).toEqual(list);
      return;
    }
    try {
      readVariableList(bytes, { strict: true });
      expect.unreachable();
    } catch (error) {
      expect(isVmgsError(error) && error.code).toBe(problemError(problem).code);
    }
  });

  test("is written back byte for byte, also by way of JSON", () => {
    expect(bytes.length).toBe(golden.bytes);
    expect(sha256(encodeVariableList(list))).toBe(sha256(bytes));
    const text = JSON.stringify(variableListToJson(list));
    expect(sha256(encodeVariableList(variableListFromJson(JSON.parse(text))))).toBe(sha256(bytes));
  });
});

test("there are golden variable lists", () => {
  expect(names.length).toBeGreaterThanOrEqual(7);
});
