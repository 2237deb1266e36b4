/** Datastore keys as people keep them: 32 raw bytes, hex or base64, distinguished by length. */

import { checkBytes } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { fromHex } from "../layout/index.ts";
import { DATASTORE_KEY_SIZE } from "./datastore-key.ts";
import { Secret } from "./secret.ts";

/** A datastore key, and the form in which its file had it. */
export interface ParsedKey {
  readonly key: Secret;
  readonly form: "raw" | "hex" | "base64";
}

/** More than any key file: 64 hex digits and a line end. */
const MAX_KEY_FILE = 128;

/**
 * Reads a key file: 32 raw bytes, 64 hex digits, or base64 of 32 bytes (44 characters, 43 without padding). A final
 * line end after text is allowed.
 *
 * @throws VmgsError VMGS_KEY_LENGTH; the message holds lengths, never content
 */
export function parseKeyFile(content: Uint8Array): ParsedKey {
  checkBytes(content, "content");
  if (content.length === DATASTORE_KEY_SIZE) return { key: new Secret(content), form: "raw" };
  const text = content.length <= MAX_KEY_FILE ? String.fromCharCode(...content).trimEnd() : "";
  const hex = text.length === 2 * DATASTORE_KEY_SIZE ? fromHex(text) : undefined;
  if (hex !== undefined) return { key: new Secret(hex), form: "hex" };
  const base64 = /^[A-Za-z0-9+/]{43}=?$/.test(text) ? fromBase64(text) : undefined;
  if (base64?.length === DATASTORE_KEY_SIZE) return { key: new Secret(base64), form: "base64" };
  throw new VmgsError(
    "VMGS_KEY_LENGTH",
    `the key has ${content.length} bytes, and is neither 32 raw bytes nor 64 hex digits nor base64 of 32 bytes`,
    { bytes: content.length, limit: DATASTORE_KEY_SIZE },
  );
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
