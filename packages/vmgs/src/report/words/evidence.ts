/** Evidence of a finding in words: where, then how much, then what else. */

import type { FindingEvidence } from "../../diagnose/index.ts";
import { formatSize } from "./sizes.ts";

/** Names that the sentence of a finding says already. */
const SAID: readonly string[] = ["fileId", "otherFileId", "slot", "encryptedFiles"];

const PLACES: Readonly<Record<string, string>> = {
  offset: "at byte",
  stateOffset: "at byte of the TPM state",
  listOffset: "at byte of the variable list",
};

/** `at byte 73728 (block 18), 4096 bytes`; empty when the finding has no place. */
export function evidenceWords(evidence: FindingEvidence): string {
  const { block, bytes, ...rest } = evidence;
  const words: string[] = [];
  for (const [name, value] of Object.entries(rest)) {
    if (SAID.includes(name)) continue;
    const place = PLACES[name];
    if (place === undefined) words.push(`${spaced(name)} ${value}`);
    else
      words.push(`${place} ${value}${name === "offset" && block !== undefined ? ` (block ${block})` : ""}`);
  }
  if (block !== undefined && rest.offset === undefined) words.unshift(`block ${block}`);
  if (typeof bytes === "number") words.push(formatSize(bytes));
  return words.join(", ");
}

const spaced = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
