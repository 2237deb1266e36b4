/**
 * The store's door for other rooms of this library: computations without I/O, and what writes without all checks of a
 * transaction. Never re-exported, because they give out keys in plain or write without checking the moment.
 */
export { freeRuns, overlaps, shareBlocks } from "./allocator.ts";
export { zeroMetadataKeySteps } from "./checks.ts";
export { writeCommit, writeContent } from "./execute.ts";
export { unusedRanges } from "./leftovers.ts";
export { type DiskSize, geometryOf, openSteps } from "./open-steps.ts";
export { examineFileTable, type FileTableReading } from "./read-file-table.ts";
export { readHeaders } from "./read-headers.ts";
export { readFileSteps, readMarkerSteps, readRawSteps } from "./read-steps.ts";
export { isSameContent, sameBytes } from "./same-content.ts";
export { contentForm } from "./state.ts";
export { checkOpenOptions } from "./store.ts";
export { parseExtendedFileTable, plainRecord } from "./tables.ts";
export { commitWrite, transactionSteps } from "./transaction.ts";
export { unlockSteps, unsealExtendedFileTable } from "./unlock-steps.ts";
export { wipePlanSteps, wipeUnused } from "./wipe.ts";
export { checkSectorSize, writableStore } from "./writable-store.ts";
