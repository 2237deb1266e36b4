/** Whether a disk may hold a version 1 file. Apart from what reads one, which is loaded when it does. */

import { kept, readInto, type Steps } from "../steps/index.ts";
import { GPT_SIGNATURE, V1_BLOCK_SIZE } from "./gpt-layout.ts";

/**
 * True for a disk with a GPT header in block 1, or, where nothing of version 3 lies at its start, in its last block.
 *
 * @internal
 */
export function* isGptDisk(diskBytes: number): Steps<boolean> {
  if (diskBytes < 4 * V1_BLOCK_SIZE) return false;
  const head = kept(2 * V1_BLOCK_SIZE);
  yield readInto(0, head);
  if (spells(head, V1_BLOCK_SIZE, GPT_SIGNATURE)) return true;
  if (spells(head, 0, "GUESTRTS") || spells(head, V1_BLOCK_SIZE, "GUESTRTS")) return false;
  const last = kept(V1_BLOCK_SIZE);
  yield readInto(Math.floor(diskBytes / V1_BLOCK_SIZE - 1) * V1_BLOCK_SIZE, last);
  return spells(last, 0, GPT_SIGNATURE);
}

function spells(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
