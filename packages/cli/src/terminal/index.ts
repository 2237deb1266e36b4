/** What people see: colours, safe text, sizes, block map. Tables and progress are loaded only when they are used. */

export { formatCount, formatSize } from "vmgskit/report";
export { type BlockMapDrawing, drawBlockMap } from "./block-map.ts";
export { type Colors, chooseColors } from "./colors.ts";
export { escapeJson, escapeText, isSafeText, jsonLine } from "./escape.ts";
export { bytePart, byteRows, drawHexdump, type HexdumpPart } from "./hexdump.ts";
export { concealQueries, hideKeys, looksLikeKey } from "./hidden.ts";
export { type RenderOptions, renderView } from "./render-view.ts";
export { parseCount, parseSize } from "./sizes.ts";
export type { Column } from "./table.ts";
export { displayWidth, wrapText } from "./wrap.ts";

/** Loads the table printer. */
export const loadTable = () => import("./table.ts");
/** Loads the progress display. */
export const loadProgress = () => import("./progress.ts");
