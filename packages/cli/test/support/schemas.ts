/** The JSON Schemas that ship with the package. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv2020 from "ajv/dist/2020.js";

const folder = new URL("../../schemas/", import.meta.url);

/** File names of the schemas. */
export const schemaFiles: readonly string[] = readdirSync(fileURLToPath(folder)).sort();

const ajv = new Ajv2020.default({ strict: true, allErrors: true, allowUnionTypes: true });
for (const name of schemaFiles) ajv.addSchema(readSchema(name));

export function readSchema(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Record<string, unknown>;
}

/** Fails unless the document is as its own `schema` says. */
export function expectValid(document: unknown, schema = schemaOf(document)): void {
  const validate = ajv.getSchema(`urn:vmgskit:schema:${schema.replace("/", "-")}`);
  if (validate === undefined) throw new Error(`no schema for ${schema}`);
  if (!validate(document)) {
    throw new Error(`${schema}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(document)}`);
  }
}

function schemaOf(document: unknown): string {
  const { schema } = document as { schema?: unknown };
  if (typeof schema !== "string") throw new Error(`a document without schema: ${JSON.stringify(document)}`);
  return schema;
}

/** Validates every line of standard error as an error document. */
export function expectValidErrors(errors: readonly Record<string, unknown>[]): void {
  for (const error of errors) expectValid({ error }, "vmgs.error/1");
}
