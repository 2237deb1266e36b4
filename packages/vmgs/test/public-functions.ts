/** Every function of the library's doors with the types of its parameters, read from the source by the compiler. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The type of a parameter or of a member of one. */
export interface Expected {
  readonly text: string;
  /** Whether a value is of this type; numbers are sizes, offsets and IDs everywhere, so whole and not negative. */
  accepts(value: unknown): boolean;
  /** Members of an object of options: one that requires none. */
  readonly members: readonly Parameter[];
}

export interface Parameter {
  readonly name: string;
  readonly expected: Expected;
}

export interface Callable {
  readonly name: string;
  readonly isConstructor: boolean;
  readonly parameters: readonly Parameter[];
}

export interface Door {
  /** `.` or `./node`, as package.json exports it. */
  readonly name: string;
  readonly path: string;
  readonly functions: readonly Callable[];
  /** Interfaces and classes with methods that take something, by name. */
  readonly types: ReadonlyMap<string, readonly Callable[]>;
}

/** The doors of package.json. What two doors export is listed with the first of them only. */
export function publicDoors(): Door[] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  const paths = Object.entries(exports).flatMap(([name, target]) =>
    typeof target === "string" ? [] : [[name, sourceOf(target.types)] as const],
  );
  const config = ts.readConfigFile(join(root, "tsconfig.docs.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram(
    paths.map(([, path]) => path),
    options,
  );
  const reader = new TypeReader(program.getTypeChecker());
  const seen = new Set<ts.Symbol>();
  return paths.map(([name, path]) => {
    const source = program.getSourceFile(path) as ts.SourceFile;
    return { name, path, ...reader.readDoor(source, seen) };
  });
}

const sourceOf = (types: string) => join(root, types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts"));

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Overloads as one: what any of them takes is right. */
function merged(overloads: readonly Callable[]): Callable[] {
  const [first, ...others] = overloads;
  if (first === undefined) return [];
  const parameters = first.parameters.map((parameter, i) => {
    const all = [first, ...others].flatMap((each) => each.parameters[i]?.expected ?? []);
    const accepts = (value: unknown) => all.some((expected) => expected.accepts(value));
    const { text } = parameter.expected;
    return { name: parameter.name, expected: { text, accepts, members: all.at(-1)?.members ?? [] } };
  });
  return [{ ...first, parameters: others.length === 0 ? first.parameters : parameters }];
}

class TypeReader {
  readonly #checker: ts.TypeChecker;

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  readDoor(source: ts.SourceFile, seen: Set<ts.Symbol>): Pick<Door, "functions" | "types"> {
    const functions: Callable[] = [];
    const types = new Map<string, Callable[]>();
    const door = this.#checker.getSymbolAtLocation(source) as ts.Symbol;
    for (const exported of this.#checker.getExportsOfModule(door)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported;
      if (seen.has(symbol)) continue;
      seen.add(symbol);
      if ((symbol.flags & ts.SymbolFlags.Value) !== 0) {
        const type = this.#checker.getTypeOfSymbolAtLocation(symbol, source);
        functions.push(...this.#signatures(exported.name, type));
      }
      if ((symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) === 0) continue;
      const methods = this.#methods(this.#checker.getDeclaredTypeOfSymbol(symbol));
      if (methods.length > 0) types.set(exported.name, methods);
    }
    return { functions, types };
  }

  #methods(type: ts.Type): Callable[] {
    return this.#checker.getPropertiesOfType(type).flatMap((property) => {
      const isOurs = property.declarations?.every((each) => each.getSourceFile().fileName.includes("/src/"));
      if (!isOurs || property.name.startsWith("__")) return [];
      const methodType = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(property));
      return this.#signatures(property.name, methodType).filter(({ parameters }) => parameters.length > 0);
    });
  }

  #signatures(name: string, type: ts.Type): Callable[] {
    const read = (isConstructor: boolean) => (signature: ts.Signature) => ({
      name,
      isConstructor,
      parameters: signature.getParameters().map((parameter) => this.#parameter(parameter)),
    });
    return [
      ...merged(type.getCallSignatures().map(read(false))),
      ...merged(type.getConstructSignatures().map(read(true))),
    ];
  }

  #parameter(symbol: ts.Symbol): Parameter {
    const type = this.#checker.getTypeOfSymbol(symbol);
    const declaration = symbol.valueDeclaration;
    const isOptional =
      (symbol.flags & ts.SymbolFlags.Optional) !== 0 ||
      (declaration !== undefined && ts.isParameter(declaration) && this.#isOptional(declaration));
    return { name: symbol.name, expected: this.#expected(type, isOptional) };
  }

  #isOptional(declaration: ts.ParameterDeclaration): boolean {
    return declaration.questionToken !== undefined || declaration.initializer !== undefined;
  }

  #expected(type: ts.Type, isOptional: boolean): Expected {
    const reader = this;
    return {
      text: this.#checker.typeToString(this.#checker.getNonNullableType(type)),
      accepts: (value) => (value === undefined && isOptional) || this.#accepts(type, value),
      get members() {
        return reader.#optionMembers(reader.#checker.getNonNullableType(type));
      },
    };
  }

  #optionMembers(type: ts.Type): Parameter[] {
    if ((type.flags & ts.TypeFlags.Object) === 0 || type.getCallSignatures().length > 0) return [];
    const properties = this.#checker.getPropertiesOfType(type);
    const isOptions = properties.every((each) => (each.flags & ts.SymbolFlags.Optional) !== 0);
    return isOptions ? properties.map((each) => this.#parameter(each)) : [];
  }

  #accepts(type: ts.Type, value: unknown): boolean {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return true;
    if (flags & ts.TypeFlags.TypeParameter) return this.#acceptsConstraint(type, value);
    // Types that depend on one that is not known yet: the values of a command, by the command.
    if (flags & ts.TypeFlags.Instantiable) return isObject(value);
    if (type.isUnion()) return type.types.some((each) => this.#accepts(each, value));
    if (type.isIntersection()) return type.types.every((each) => this.#accepts(each, value));
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return value === undefined;
    if (flags & ts.TypeFlags.Null) return value === null;
    if (type.isStringLiteral() || type.isNumberLiteral()) return value === type.value;
    if (flags & ts.TypeFlags.BooleanLike) return typeof value === "boolean";
    if (flags & ts.TypeFlags.StringLike) return typeof value === "string";
    if (flags & ts.TypeFlags.BigIntLike) return typeof value === "bigint";
    if (flags & ts.TypeFlags.NumberLike) return Number.isSafeInteger(value) && (value as number) >= 0;
    return this.#acceptsObject(type, value);
  }

  #acceptsConstraint(type: ts.Type, value: unknown): boolean {
    const constraint = this.#checker.getBaseConstraintOfType(type);
    return constraint === undefined || this.#accepts(constraint, value);
  }

  #acceptsObject(type: ts.Type, value: unknown): boolean {
    if (type.getCallSignatures().length > 0) return typeof value === "function";
    if (this.#checker.isArrayLikeType(type)) return Array.isArray(value);
    const name = type.symbol?.name;
    if (name === "Uint8Array") return value instanceof Uint8Array;
    if (name === "Iterable") return typeof value === "object" && value !== null && Symbol.iterator in value;
    if (name === "ReadonlyMap") return value instanceof Map;
    if (name === "Date") return value instanceof Date;
    if (name === "Blob") return value instanceof Blob;
    if (!isObject(value)) return false;
    return this.#checker
      .getPropertiesOfType(type)
      .filter((each) => (each.flags & ts.SymbolFlags.Optional) === 0 && !each.name.startsWith("__@"))
      .every((each) => each.name in value);
  }
}
