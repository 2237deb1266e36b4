// Writes packages/cli/schemas from the types of documents in vmgskit/report: the type is the schema, its doc comments
// are the descriptions. `--check` compares instead.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGenerator } from "ts-json-schema-generator";
import { root } from "./setup.mjs";

const documents = join(root, "packages/vmgs/src/report/documents");
const schemas = join(root, "packages/cli/schemas");

const generator = createGenerator({
  path: join(documents, "*.ts"),
  tsconfig: join(root, "packages/vmgs/tsconfig.core.json"),
  type: "*",
  expose: "export",
  jsDoc: "extended",
  // tsc checks the types.
  skipTypeCheck: true,
});

/** The generator writes draft 7; numbers of a store are whole unless their type says otherwise (@asType number). */
function modern(value) {
  if (Array.isArray(value)) return value.map(modern);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, member]) => {
    if (name === "$ref") return [name, member.replace("#/definitions/", "#/$defs/")];
    if (name === "type" && member === "number") return [name, "integer"];
    if (name === "type" && Array.isArray(member))
      return [name, member.map((type) => (type === "number" ? "integer" : type))];
    return [name, modern(member)];
  });
  return Object.fromEntries(entries);
}

/** Names that a schema refers to, and those that these refer to. */
function reachable(value, definitions, found = new Set()) {
  for (const [, name] of JSON.stringify(value).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) {
    const plain = decodeURIComponent(name);
    if (found.has(plain)) continue;
    found.add(plain);
    reachable(definitions[plain], definitions, found);
  }
  return found;
}

const names = readdirSync(documents)
  .flatMap((file) => [
    ...readFileSync(join(documents, file), "utf8").matchAll(/export interface (\w+Document)\b/g),
  ])
  .map(([, name]) => name);

const stale = [];
for (const name of names) {
  const definitions = modern(generator.createSchema(name).definitions);
  const { description, ...schema } = definitions[name];
  const id = schema.properties.schema.const;
  const file = `${id.replace("/", "-")}.json`;
  const used = [...reachable(schema, definitions)].sort();
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:vmgskit:schema:${id.replace("/", "-")}`,
    title: id,
    description,
    ...schema,
    ...(used.length > 0 && { $defs: Object.fromEntries(used.map((one) => [one, definitions[one]])) }),
  };
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const path = join(schemas, file);
  if (process.argv.includes("--check")) {
    if (readFileSync(path, "utf8") !== text) stale.push(file);
  } else writeFileSync(path, text);
}
if (stale.length > 0) {
  console.error(`not what the types say: ${stale.join(", ")}; run node scripts/document-schemas.mjs`);
  process.exit(1);
}
