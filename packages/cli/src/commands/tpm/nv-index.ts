/** NV indices as people name them. */

import { hex32 } from "vmgskit/report";
import { handleName, type TpmNvIndex, type TpmState } from "vmgskit/tpm";
import type { ArgumentDeclaration } from "../../declaration/index.ts";
import { NotFoundError, UsageError } from "../../exit-codes.ts";
import { escapeText } from "../../terminal/index.ts";

/** An NV index by its handle. */
export const indexArgument: ArgumentDeclaration = {
  name: "INDEX",
  meaning: "handle of the NV index, as 0x01c00002",
  required: true,
};

/** @throws UsageError for what is not the handle of an NV index */
export function parseNvIndex(text: string): number {
  if (/^(0x)?0?1[0-9a-f]{6}$/i.test(text)) return Number.parseInt(text.replace(/^0x/i, ""), 16);
  throw new UsageError(
    `"${escapeText(text)}" is not the handle of an NV index`,
    "handles of NV indices begin with 01, as 0x01c101d0; `vmgs tpm inspect FILE` lists them",
  );
}

/** @throws NotFoundError for an index that is not there */
export function findNvIndex(state: TpmState, handle: number): TpmNvIndex {
  const index = state.indices.find((one) => one.handle === handle);
  if (index !== undefined) return index;
  const role = handleName(handle);
  throw new NotFoundError(
    `there is no index ${hex32(handle)}${role === null ? "" : ` (${role})`}`,
    "`vmgs tpm inspect FILE` shows what the state holds",
  );
}
