/**
 * What is left of a store's past, and what brings a damaged store back: history, carving, repair, conversion.
 * Looking never writes. Needs no particular runtime: a page can look at a Blob.
 *
 * @packageDocumentation
 */

export type { FileTableReading } from "../store/rooms.ts";
export {
  type CarvedPiece,
  type CarveOptions,
  type Carving,
  type Confidence,
  carveDisk,
} from "./carve.ts";
export { type Conversion, type ConvertOptions, planConversion } from "./convert.ts";
export {
  type FileFate,
  type HistoricFile,
  type HistoryEntry,
  readHistory,
  type StoreHistory,
} from "./history.ts";
export { type FileTableEvidence, recogniseFileTable } from "./recognise-file-table.ts";
export { type HeaderEvidence, recogniseHeader } from "./recognise-header.ts";
export { type MarkerEvidence, recogniseMarker } from "./recognise-marker.ts";
export { openForRecovery, type RecoveryDisk } from "./recovery-disk.ts";
export {
  planRepair,
  type RepairChoice,
  type RepairDecision,
  type RepairOptions,
  type RepairOutcome,
  type RepairPlan,
  type RepairStep,
  type RepairWrite,
  type SavedContent,
  type Unrepaired,
} from "./repair/index.ts";
export type { FoundContent } from "./scan.ts";
export type { GenerationKind } from "./survey.ts";
