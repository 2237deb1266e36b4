/**
 * Wrong types at every public function, generated from the types: each argument in turn is a value of another type, and
 * is refused by an error of the library that names the parameter and shows nothing of what was given.
 */

import { inspect } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { VmgsError } from "../src/index.ts";
import { type Callable, type Parameter, publicDoors } from "./public-functions.ts";
import { type Fixtures, makeFixtures } from "./right-arguments.ts";
import { neverRight, planted, traces, valuesOfEveryType } from "./wrong-values.ts";

/** Functions that don't check, and why. Whatever is new does. */
const unchecked: Readonly<Record<string, readonly string[]>> = {
  "errors are made, not checked": ["VmgsError", "LayoutError", "isVmgsError", "unlessAborted"],
  "called for each field of a structure; decode, encode and picture check before": [
    "Sink",
    "Source",
    "copyBytes",
  ],
  "called at each byte of a disk; what finds a list there checks": ["mayBeVariableList"],
};
const uncheckedNames = Object.values(unchecked).flat();

/** Types whose methods don't check, and why. */
const uncheckedTypes: Readonly<Record<string, readonly string[]>> = {
  "what callers write": [
    "ByteSource",
    "ByteReader",
    "SyncByteReader",
    "OpenOptions",
    "RunOptions",
    "InspectOptions",
    "DiagnoseOptions",
    "ForecastOptions",
    "RepairOptions",
    "HttpSourceOptions",
    "FieldOptions",
    "Field",
    "FirstBootOptions",
    "ConformanceOptions",
    "NewTpmState",
    "RepairCourse",
    "CreateDiskOptions",
    "MarkdownOptions",
    "SarifOptions",
  ],
  "handed by the library to what the caller writes": ["NewFile"],
  "called for each field of a structure": [
    "Bits",
    "Codec",
    "FixedCodec",
    "Struct",
    "Sink",
    "Source",
    "RuledField",
    "NodeText",
    "Listener",
  ],
  "the conformance suite's own": ["Bench", "ConformanceCheck"],
  "ties types together, and is never called": ["Command"],
  "a socket's own, held by the engines' tests": ["TpmEngineState"],
  "errors are made, not checked": ["LayoutError"],
};
const uncheckedTypeNames = Object.values(uncheckedTypes).flat();

const doors = publicDoors();
let fixtures: Fixtures;
beforeAll(async () => {
  fixtures = await makeFixtures();
});

describe.each(doors)("$name", ({ path, functions }) => {
  test.each(checkedOf(functions))("%s refuses", async (name, callable) => {
    const module = (await import(path)) as Record<string, (...given: unknown[]) => unknown>;
    const called = module[name] as (...given: unknown[]) => unknown;
    const call = (given: readonly unknown[]) =>
      callable.isConstructor ? Reflect.construct(called, given) : called(...given);
    expect(await faults(callable, call)).toEqual([]);
  });
});

const methods = doors
  .flatMap(({ types }) => [...types])
  .filter(([type]) => !uncheckedTypeNames.includes(type))
  .flatMap(([type, all]) => all.map((each) => [type, each.name, each] as const));

test.each(methods)("%s.%s refuses", async (type, name, callable) => {
  const instance = fixtures.instances[type] as Record<string, (...given: unknown[]) => unknown> | undefined;
  if (instance === undefined) throw new Error(`right-arguments.ts has no instance of ${type}`);
  // What an engine can't do it does not have.
  if (instance[name] === undefined) return;
  const call = (given: readonly unknown[]) => (instance[name] as (...given: unknown[]) => unknown)(...given);
  expect(await faults(callable, call)).toEqual([]);
});

function checkedOf(functions: readonly Callable[]) {
  return functions
    .filter(({ name }) => !uncheckedNames.includes(name))
    .map((each) => [each.name, each] as const);
}

test("what does not check is there", () => {
  const functions = doors.flatMap((door) => door.functions.map(({ name }) => name));
  const types = doors.flatMap((door) => [...door.types.keys()]);
  expect(functions).toEqual(expect.arrayContaining(uncheckedNames));
  expect(types).toEqual(expect.arrayContaining(uncheckedTypeNames));
});

/** What went wrong: every call that was not refused, or not as it should be. */
async function faults(callable: Callable, call: (given: readonly unknown[]) => unknown): Promise<string[]> {
  const found: string[] = [];
  for (const [index, parameter] of callable.parameters.entries()) {
    const before = callable.parameters.slice(0, index).map((each) => rightFor(each));
    const after = callable.parameters.slice(index + 1).map((each) => rightFor(each));
    for (const { value, at } of wrongFor(parameter)) {
      const fault = await faultOf(() => call([...before, value, ...after]), at);
      if (fault !== null) found.push(`${at} = ${inspect(value, { depth: 1, breakLength: 200 })}: ${fault}`);
    }
  }
  return found;
}

function rightFor({ name, expected }: Parameter): unknown {
  const { byType } = fixtures;
  if (expected.accepts(undefined)) return undefined;
  const found = byType[expected.text] ?? byType[name];
  if (found === undefined) throw new Error(`right-arguments.ts has no ${name}: ${expected.text}`);
  return found;
}

/** Numbers that may be below zero. */
const signed = ["plus", "expected", "constant"];

/** Wrong values for a parameter, and for each member of options. */
function wrongFor({ name, expected }: Parameter): { value: unknown; at: string }[] {
  if (expected.accepts(Symbol())) return [];
  const wrong = [...valuesOfEveryType().filter((each) => !expected.accepts(each)), ...neverRight()]
    .filter((each) => !(each instanceof Date && isRecord(expected)))
    .filter((each) => !(signed.includes(name) && Number.isSafeInteger(each)))
    .map((value) => ({ value, at: name }));
  // The facts of an error are what the caller wants to be seen.
  const members = expected.text === "ErrorFacts" ? [] : expected.members;
  const inMembers = members.flatMap((member) =>
    wrongFor(member).map(({ value, at }) => ({ value: { [member.name]: value }, at: `${name}.${at}` })),
  );
  return [...wrong, ...inMembers];
}

/** Whether any object is of the type, as one that holds only options. */
const isRecord = (expected: Parameter["expected"]) => expected.accepts({});

async function faultOf(call: () => unknown, at: string): Promise<string | null> {
  try {
    const result = await call();
    if (isSteps(result)) result.next();
    return "taken";
  } catch (error) {
    if (!(error instanceof VmgsError)) return `${error}`;
    const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${error.message}`;
    const trace = traces.find((each) => shown.includes(each));
    if (trace !== undefined) return `shows ${trace}: ${error.message}`;
    if (error.code !== "VMGS_INVALID_ARGUMENT") return null;
    const { parameter = "" } = error.facts;
    const isNamed = parameter === at || parameter.startsWith(`${at}.`) || parameter.startsWith(`${at}[`);
    return isNamed ? null : `names ${parameter}`;
  }
}

function isSteps(value: unknown): value is Iterator<unknown> {
  return typeof value === "object" && value !== null && "next" in value && "throw" in value;
}

test("a key as text, where other text goes, is in no error", async () => {
  const shown: string[] = [];
  // Text that functions for Node take is a path, which their errors are about.
  for (const door of doors.filter(({ name }) => !name.startsWith("./node"))) {
    const module = (await import(door.path)) as Record<string, (...given: unknown[]) => unknown>;
    for (const { name, parameters } of checkedOf(door.functions).map(([, each]) => each)) {
      for (const [index, { expected }] of parameters.entries()) {
        if (expected.accepts(typedKey) !== true || expected.accepts(Symbol())) continue;
        for (const text of [typedKey, `0x${typedKey}`, `"${typedKey} "`]) {
          const given = parameters.map((each, i) => (i === index ? text : rightFor(each)));
          const error = await thrownBy(() => module[name]?.(...given));
          if (error.toLowerCase().includes(typedKey.slice(0, 12)))
            shown.push(`${name}: ${error.slice(0, 200)}`);
        }
      }
    }
  }
  expect(shown).toEqual([]);
});

const typedKey = "8f3a0c5d7e9b1246".repeat(4);

async function thrownBy(call: () => unknown): Promise<string> {
  try {
    const result = await call();
    if (isSteps(result)) result.next();
    return "";
  } catch (error) {
    return `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;
  }
}

test("the planted secret would be found", () => {
  expect(traces).toContain(planted);
});
