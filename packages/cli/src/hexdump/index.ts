/** What `hexdump` shows: parts made of rows. Seeds and private keys are hidden unless they are asked for. */
export { blockPart } from "./block.ts";
export { hiddenRow, type Stretch } from "./byte-rows.ts";
export { filePart } from "./file.ts";
export { writeParts, writePartsJson } from "./write.ts";
