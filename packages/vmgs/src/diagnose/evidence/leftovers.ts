/**
 * Secrets in plain that an encrypted store has left in its unused space: free blocks, and slack after files. Loaded for
 * encrypted stores: the unused space of a plain one holds no secret that its files do not.
 */

import { BLOCK_SIZE, FileId, isAllZero } from "../../format/index.ts";
import { read, type Steps } from "../../steps/index.ts";
import type { StoreState } from "../../store/index.ts";
import { unusedRanges } from "../../store/rooms.ts";
import { recogniseTpmStatePiece } from "../../tpm/index.ts";
import { recogniseVariablePiece } from "../../uefi/index.ts";
import type { FileEvidence } from "./files.ts";
import { secretPieces } from "./secret-pieces.ts";
import { attempt } from "./store.ts";

/** A block with a piece of such a file, in its slack or as a whole. */
export interface PlainLeftover {
  /** The file that it was a piece of. */
  readonly fileId: number;
  /** Offset in the image. */
  readonly offset: number;
  /** The file after whose end it lies; null in a free block. */
  readonly slackOf: number | null;
  /** Why it is that, one sentence each. May hold untrusted text. */
  readonly evidence: readonly string[];
}

/** What was searched of the unused space. */
export interface LeftoverEvidence {
  readonly plain: readonly PlainLeftover[];
  /** Bytes from which on nothing was searched; null when all was. */
  readonly unsearchedFrom: number | null;
}

/** Unused space above which the rest is not searched. */
const MOST_SEARCHED = 64 << 20;
/** Bytes that are read at once. */
const CHUNK = 64 * BLOCK_SIZE;
/** Pieces above which no more are kept. */
const MOST_PIECES = 256;

/** Searches the unused space of an encrypted store, also for the content of secret files that could be read. */
export function* gatherLeftovers(state: StoreState, files: readonly FileEvidence[]): Steps<LeftoverEvidence> {
  const plain: PlainLeftover[] = [];
  const secretIn = secretPieces(files);
  let searched = 0;
  for (const { offset, bytes, fileId } of unusedRanges(state)) {
    for (let done = 0; done < bytes; done += CHUNK) {
      const from = offset + done;
      if (searched >= MOST_SEARCHED || plain.length >= MOST_PIECES) return { plain, unsearchedFrom: from };
      const { value } = yield* attempt(read(from, Math.min(CHUNK, bytes - done)));
      searched += CHUNK;
      if (value !== null) plain.push(...piecesIn(value, from, { slackOf: fileId, secretIn }));
    }
  }
  return { plain, unsearchedFrom: null };
}

/** Block by block, as files begin with one. */
function piecesIn(
  bytes: Uint8Array,
  from: number,
  { slackOf, secretIn }: Pick<PlainLeftover, "slackOf"> & { secretIn: ReturnType<typeof secretPieces> },
): PlainLeftover[] {
  const found: PlainLeftover[] = [];
  for (let at = 0; at < bytes.length; ) {
    const inBlock = (from + at) % BLOCK_SIZE;
    const piece = bytes.subarray(at, at + BLOCK_SIZE - inBlock);
    if (!isAllZero(piece)) {
      const place = { offset: from + at, slackOf };
      const tpm = recogniseTpmStatePiece(piece, inBlock);
      const variables = recogniseVariablePiece(piece);
      if (tpm.length > 0) found.push({ fileId: FileId.TPM_NVRAM, ...place, evidence: tpm });
      else if (variables !== null) {
        found.push({ fileId: FileId.BIOS_NVRAM, ...place, evidence: variables.evidence });
      } else {
        const fileId = secretIn(piece, inBlock);
        if (fileId !== null)
          found.push({ fileId, ...place, evidence: ["the bytes that the file holds today"] });
      }
    }
    at += piece.length;
  }
  return found;
}
