/** The structures of a version 1 file with the names of their fields. */

import { oneOf } from "../arguments/index.ts";
import { checkDisk, type Disk } from "../disk/index.ts";
import { type Picture, picture } from "../layout/index.ts";
import { read, run, type Steps } from "../steps/index.ts";
import { GPT_HEADER_SIZE, gptEntry, gptHeader, protectiveMbr, V1_BLOCK_SIZE } from "./gpt-layout.ts";
import { V1_HEADER_SIZE, v1Header } from "./header.ts";
import { surveyV1 } from "./survey.ts";

/** A structure where it lies. */
export interface V1Picture extends Picture {
  readonly title: string;
  /** Bytes from the start of the disk. */
  readonly offset: number;
}

const checkWhat = oneOf(["headers", "gpt"]);

/** Pictures of the headers of the partition, or of the protective MBR and both copies of the GPT. */
export async function pictureV1(disk: Disk, what: "headers" | "gpt"): Promise<V1Picture[]> {
  checkDisk(disk, "disk");
  checkWhat(what, "what");
  return run((what === "headers" ? pictureHeaders : pictureGpt)(disk.byteLength), disk);
}

/** Pictures of both headers of the partition; none where there is no partition. */
function* pictureHeaders(diskBytes: number): Steps<V1Picture[]> {
  const { gpt } = yield* surveyV1(diskBytes);
  const pictures: V1Picture[] = [];
  if (gpt.partition === null) return pictures;
  for (const slot of [0, 1]) {
    const offset = (gpt.partition.firstBlock + slot) * V1_BLOCK_SIZE;
    if (offset + V1_HEADER_SIZE > diskBytes) continue;
    const bytes = yield* read(offset, V1_HEADER_SIZE);
    pictures.push({ title: `version 1 header ${slot}`, offset, ...picture(v1Header, bytes, offset) });
  }
  return pictures;
}

/** Pictures of the protective MBR, both GPT headers and the entries in use. */
function* pictureGpt(diskBytes: number): Steps<V1Picture[]> {
  const { gpt } = yield* surveyV1(diskBytes);
  const mbr = yield* read(0, V1_BLOCK_SIZE);
  const pictures: V1Picture[] = [{ title: "protective MBR", offset: 0, ...picture(protectiveMbr, mbr) }];
  for (const copy of [gpt.primary, gpt.backup]) {
    if (copy.header === null) continue;
    const offset = copy.block * V1_BLOCK_SIZE;
    const bytes = yield* read(offset, GPT_HEADER_SIZE);
    pictures.push({ title: `${copy.place} GPT header`, offset, ...picture(gptHeader, bytes, offset) });
    for (const i of copy.entries.keys()) {
      const at = Number(copy.header.entriesBlock) * V1_BLOCK_SIZE + i * (gptEntry.size ?? 0);
      const entry = yield* read(at, gptEntry.size ?? 0);
      pictures.push({ title: `${copy.place} GPT entry ${i}`, offset: at, ...picture(gptEntry, entry, at) });
    }
  }
  return pictures;
}
