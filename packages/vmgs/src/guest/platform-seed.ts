/** PLATFORM_SEED (15): what the VMGSID of a store is derived from (spec: guest-files, 4). A secret; only the VMGSID is shown. */

import { checkBytes, withMembers } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { decode, field, fromHex, guid, rest, struct } from "../layout/index.ts";
import { checkSecret, Secret } from "../secret/index.ts";
import { kbkdf } from "./kbkdf.ts";
import { type GuestFileProblem, type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** The file: text that is never shown. */
export const platformSeed = struct("PLATFORM_SEED", {
  text: field(rest, "hex(seed), hex(label), hex(context)", { secret: true }),
});

/** The parts of a platform seed. */
export interface PlatformSeed {
  readonly seed: Secret;
  readonly label: Secret;
  readonly context: Secret;
}

/** What PLATFORM_SEED says. */
export interface PlatformSeedFacts {
  /** GUID that is derived from it. */
  readonly vmgsid: string;
}

const checkParts = withMembers({ seed: checkSecret, label: checkSecret, context: checkSecret });

/** More than any seed. */
const MAX_SEED_TEXT = 65_536;
const VMGSID_INPUT_BYTES = 32;

/** The parts of the text, or why it has none. The problem quotes nothing. */
export function parsePlatformSeed(bytes: Uint8Array): PlatformSeed | GuestFileProblem {
  checkBytes(bytes, "bytes");
  const long = lengthProblem(bytes, 0, MAX_SEED_TEXT);
  if (long !== null) return long;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { code: "not-text", message: "is not UTF-8" };
  }
  const fields = text.split(",").map((part) => part.trim());
  if (fields.length < 3) {
    return { code: "fields-missing", message: `has ${fields.length} of the three fields that it needs` };
  }
  const parts = fields.slice(0, 3).map(fromHex);
  const bad = parts.indexOf(undefined);
  if (bad >= 0) return { code: "not-hex", message: `has a field that is not hex (number ${bad + 1})` };
  const [seed, label, context] = parts.map((part) => new Secret(part ?? new Uint8Array(0)));
  if (seed === undefined || seed.byteLength === 0) {
    return { code: "seed-empty", message: "has a seed of no bytes" };
  }
  return { seed, label: label as Secret, context: context as Secret };
}

/** The text of a seed, as PLATFORM_SEED holds it. The inverse of `parsePlatformSeed`. */
export function encodePlatformSeed(parts: PlatformSeed): Secret {
  checkParts(parts, "parts");
  const { seed, label, context } = parts;
  const hex = ({ byteLength }: Secret, of: Uint8Array) =>
    byteLength === 0 ? "" : Array.from(of, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fields = [seed, label, context].map((part) => hex(part, part.expose()).toUpperCase());
  return new Secret(new TextEncoder().encode(`${fields.join(",")},${seed.byteLength}`));
}

/** The VMGSID of a seed: a GUID. */
export async function deriveVmgsid(parts: PlatformSeed): Promise<string> {
  checkParts(parts, "parts");
  const { seed, label, context } = parts;
  const input = { label: label.expose(), context: context.expose(), bytes: VMGSID_INPUT_BYTES };
  return decode(guid, await kbkdf(seed.expose(), input));
}

/** Reads PLATFORM_SEED. A boot looks at it only when there is a valid PROVENANCE_DOC. */
export async function readPlatformSeed(bytes: Uint8Array): Promise<GuestFileReading<PlatformSeedFacts>> {
  checkBytes(bytes, "bytes");
  const parsed = parsePlatformSeed(bytes);
  if ("code" in parsed) return unreadable(FileId.PLATFORM_SEED, bytes, parsed, { outcome: "ignored" });
  return sound(FileId.PLATFORM_SEED, bytes, { vmgsid: await deriveVmgsid(parsed) });
}
