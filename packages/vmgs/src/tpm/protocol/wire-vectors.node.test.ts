import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, hexNumber, picture, toHex } from "../../layout/index.ts";
import {
  akTemplate,
  CreatePrimary,
  commands,
  decodeCommand,
  decodeReply,
  ekTemplate,
  encodeCommand,
  encodeRefusal,
  encodeReply,
  NV_DefineSpace,
  NV_Write,
  NvIndexHandle,
  platformAkCertAttributes,
  TPM_ALG,
  TPM_RH,
} from "./index.ts";

interface Vector {
  readonly name: string;
  readonly command?: string;
  readonly reply?: string;
  readonly expect?: Readonly<Record<string, string | number>>;
}

const folder = new URL("../../../test/golden/tpm/", import.meta.url);
const vectors = readdirSync(folder).flatMap(
  (file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Vector[],
);
const none = new Uint8Array(0);
const bytes = (hex: string) => fromHex(hex) as Uint8Array<ArrayBuffer>;

function commandOf({ name }: Vector) {
  const found = commands.find((command) => command.name === name.split(/[ ,]/)[0]);
  if (found === undefined) throw new Error(`no command for the vector ${name}`);
  return found;
}

describe("golden commands", () => {
  for (const vector of vectors.filter(({ command }) => command !== undefined)) {
    const hex = vector.command as string;

    test(`${vector.name}: decodes and encodes to the same bytes`, () => {
      const { command, values, authorizations } = decodeCommand(bytes(hex));
      expect(command).toBe(commandOf(vector));
      const authValue = authorizations[0]?.hmac as Uint8Array<ArrayBuffer>;
      expect(toHex(encodeCommand(command, values as never, authValue))).toBe(hex);
    });

    test(`${vector.name}: its picture names every byte and hides what is secret`, () => {
      const { rows, error } = picture(commandOf(vector).layout, bytes(hex));
      expect(error).toBeNull();
      expect(rows.reduce((end, row) => (row.offset === end ? end + row.size : Number.NaN), 0)).toBe(
        hex.length / 2,
      );
      expect(JSON.stringify(rows)).not.toContain("7766554433221100");
    });
  }

  const expected = (name: string) => vectors.find((vector) => vector.name === name)?.command;
  const create = (inPublic: ReturnType<typeof akTemplate>) =>
    toHex(
      encodeCommand(CreatePrimary, {
        primaryHandle: TPM_RH.ENDORSEMENT,
        inSensitive: { userAuth: none, data: none },
        inPublic,
        outsideInfo: none,
        creationPcr: [],
      }),
    );
  const nvIndex = NvIndexHandle.AK_CERTIFICATE;
  const authValue = bytes("7766554433221100");
  const data = new Uint8Array(128).fill(1);

  test("the AK and EK templates are the specified ones", () => {
    expect(create(akTemplate())).toBe(expected("CreatePrimary, AK template, command"));
    expect(create(ekTemplate())).toBe(expected("CreatePrimary, EK template, command"));
  });

  test("the platform defines the AK certificate index with the specified attributes", () => {
    const publicInfo = {
      nvIndex,
      nameAlg: TPM_ALG.SHA256,
      attributes: platformAkCertAttributes(),
      authPolicy: none,
      dataSize: 4096,
    };
    const command = encodeCommand(NV_DefineSpace, {
      authHandle: TPM_RH.PLATFORM,
      auth: authValue,
      publicInfo,
    });
    expect(toHex(command)).toBe(expected("NV_DefineSpace, AK certificate index, command"));
  });

  test("an index is written with its own password, or by the owner", () => {
    const asIndex = encodeCommand(NV_Write, { authHandle: nvIndex, nvIndex, data, offset: 0 }, authValue);
    expect(toHex(asIndex)).toBe(expected("NV_Write with the index password, command"));
    const asOwner = encodeCommand(NV_Write, { authHandle: TPM_RH.OWNER, nvIndex, data, offset: 0 });
    expect(toHex(asOwner)).toBe(expected("NV_Write as owner, command"));
  });
});

/** The values of a reply as the vectors write them. */
function flatten(values: object): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value instanceof Uint8Array) flat[key] = toHex(value);
    else if (typeof value === "object" && value !== null) Object.assign(flat, flatten(value));
    else flat[key] = value;
  }
  return flat;
}

function matches(actual: unknown, wanted: string | number): boolean {
  if (typeof actual === "number" && typeof wanted === "string") {
    return hexNumber(actual, wanted.length - 2) === wanted;
  }
  return actual === wanted;
}

describe("golden replies", () => {
  for (const vector of vectors.filter(({ reply }) => reply !== undefined)) {
    test(`${vector.name}: decodes to what is expected, and encodes to the same bytes`, () => {
      const command = commandOf(vector);
      const reply = decodeReply(command, bytes(vector.reply as string));
      const again = reply.ok
        ? encodeReply(command, reply.values as never)
        : encodeRefusal(reply.responseCode);
      expect(toHex(again)).toBe(vector.reply);
      const flat = flatten(reply.ok ? reply.values : reply);
      for (const [key, wanted] of Object.entries(vector.expect ?? {})) {
        expect(matches(flat[key], wanted), `${key}: ${flat[key]} is not ${wanted}`).toBe(true);
      }
    });
  }
});
