/** The key derivation of guest state (spec: guest-files, 3). */

import { checkBytes, checkWhole, withMembers } from "../arguments/index.ts";
import { copyBytes } from "../layout/index.ts";

const BLOCK_BYTES = 32;

/** What a key is derived from, beside the key. */
export interface KbkdfInput {
  readonly label: Uint8Array;
  readonly context: Uint8Array;
  /** Bytes that are wanted. */
  readonly bytes: number;
}

const checkInput = withMembers({ label: checkBytes, context: checkBytes, bytes: checkWhole });

/** NIST SP 800-108 in counter mode with HMAC-SHA-256. The key must not be empty. */
export async function kbkdf(key: Uint8Array, input: KbkdfInput): Promise<Uint8Array> {
  checkBytes(key, "key");
  checkInput(input, "input");
  const { label, context, bytes } = input;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const hmac = await crypto.subtle.importKey("raw", copyBytes(key), algorithm, false, ["sign"]);
  const message = new Uint8Array(4 + label.length + 1 + context.length + 4);
  const view = new DataView(message.buffer);
  message.set(label, 4);
  message.set(context, 4 + label.length + 1);
  view.setUint32(message.length - 4, bytes * 8);
  const derived = new Uint8Array(bytes);
  for (let i = 1, at = 0; at < bytes; i++, at += BLOCK_BYTES) {
    view.setUint32(0, i);
    const block = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, message));
    derived.set(block.subarray(0, bytes - at), at);
  }
  return derived;
}
