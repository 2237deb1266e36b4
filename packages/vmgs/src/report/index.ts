/**
 * What the library found, ready to be shown: documents (the values of `--json`), views (what a person should see of
 * them) and actions (what can be done). Renderers own no sentence; this room owns no width, colour or HTML.
 *
 * @packageDocumentation
 */

export type {
  Action,
  ActionContainer,
  ActionFileId,
  OfferedAction,
  RepairChoice,
} from "../action/index.ts";
export {
  type BootDocument,
  bootDocument,
  unreadableBootDocument,
  type WithReason,
} from "./documents/boot.ts";
export {
  type CarveDocument,
  carveDocument,
  MANIFEST,
  type NamedPiece,
  namePieces,
  type SavedPiece,
  savedPiece,
} from "./documents/carve.ts";
export { type RecoveryContainer, recoveryContainer } from "./documents/container.ts";
export {
  type ComparedSide,
  type DiffDocument,
  diffDocument,
  type MarkerDifference,
} from "./documents/diff.ts";
export { type DoctorDocument, doctorDocument, unreadableDoctorDocument } from "./documents/doctor.ts";
export { type FilesDocument, type FoundFile, filesDocument, type ShownFile } from "./documents/files.ts";
export { type HistoryDocument, historyDocument } from "./documents/history.ts";
export { type InspectDocument, inspectDocument, unreadableInspectDocument } from "./documents/inspect.ts";
export {
  type DerivedKey,
  type KeyCheckDocument,
  type KeyDeriveDocument,
  keyCheckDocument,
  keyDeriveDocument,
  type MissingDerivedKey,
  type TriedSlot,
} from "./documents/key.ts";
export { type MarkerDocument, markerDocument } from "./documents/marker.ts";
export { type MigrateDocument, migrateDocument } from "./documents/migrate.ts";
export type { Problem } from "./documents/problem.ts";
export { type ProvenanceDocument, provenanceDocument } from "./documents/provenance.ts";
export {
  type OfferedChoice,
  type RepairAction,
  type RepairCourse,
  type RepairDocument,
  repairDocument,
  type SavedEntry,
} from "./documents/repair.ts";
export {
  isTpmDamaged,
  type ShownTpmState,
  type TpmInspectDocument,
  type TpmOverview,
  type TpmStateOf,
  tpmInspectDocument,
  tpmOverview,
  tpmStateDocument,
  unreadableTpmDocument,
} from "./documents/tpm.ts";
export {
  type ListedVariable,
  type ShownBootEntry,
  type ShownDatabase,
  type UefiBootDocument,
  type UefiListDocument,
  type UefiSecureBootDocument,
  type UefiShowDocument,
  uefiBootDocument,
  uefiListDocument,
  uefiSecureBootDocument,
  uefiShowDocument,
  type VariablesDocumentBase,
  type VariablesOf,
} from "./documents/uefi.ts";
export type {
  OptionNumber,
  ShownCertificate,
  ShownDevicePath,
  ShownLoadOption,
  ShownSignature,
  ShownValue,
  UnreadableVariables,
  VariableBytes,
  VariableFacts,
  VariableWithValue,
} from "./documents/uefi-value.ts";
export { type GenerationFacts, type UndoDocument, undoDocument } from "./documents/undo.ts";
export {
  type CarveV1Document,
  type ChangeV1Document,
  type HistoryV1Document,
  historyV1Document,
  type InspectV1Document,
  inspectV1Document,
  type ProblemOf,
  type RecoveredContainer,
  type SavedV1Remain,
  type V1CopyReport,
  type V1DocumentContext,
} from "./documents/v1.ts";
export { conformanceJunit } from "./formats/conformance-junit.ts";
export { doctorAnnotations } from "./formats/github.ts";
export { doctorJunit } from "./formats/junit.ts";
export { type MarkdownOptions, viewMarkdown } from "./formats/markdown.ts";
export { doctorSarif, type SarifOptions } from "./formats/sarif.ts";
export { escapeXml } from "./formats/xml.ts";
export { plainText, type Span, type Text, type Tone, toned } from "./text.ts";
export { explain, explainedNames } from "./topics/explain.ts";
export type {
  ActionsBlock,
  Block,
  BlockMapBlock,
  Column,
  EntryBlock,
  Field,
  FieldsBlock,
  HexBlock,
  ListBlock,
  OutlineBlock,
  OutlineItem,
  Section,
  TableBlock,
  View,
} from "./view.ts";
export { bootView } from "./views/boot.ts";
export { type CarveViewOptions, carveView } from "./views/carve.ts";
export { diffView } from "./views/diff.ts";
export { doctorShortView, doctorTotals, doctorVerdictView, doctorView } from "./views/doctor.ts";
export { filesView } from "./views/files.ts";
export { type HistoryViewOptions, historyView } from "./views/history.ts";
export { type InspectViewOptions, inspectView } from "./views/inspect.ts";
export { keyCheckView, keyDeriveView } from "./views/key.ts";
export { markerView } from "./views/marker.ts";
export { migrateView } from "./views/migrate.ts";
export { provenanceView } from "./views/provenance.ts";
export { type RepairAgain, repairView } from "./views/repair.ts";
export type { SignatureListing } from "./views/signatures.ts";
export { tpmInspectView } from "./views/tpm.ts";
export { uefiBootView } from "./views/uefi-boot.ts";
export { MOST_VARIABLES, uefiListView } from "./views/uefi-list.ts";
export { uefiSecureBootView } from "./views/uefi-secure-boot.ts";
export { uefiVariableView, type VariableViewOptions } from "./views/uefi-show.ts";
export { undoView } from "./views/undo.ts";
export { carveV1View, changeV1View, historyV1View, inspectV1View } from "./views/v1.ts";
export { fileWords } from "./words/files.ts";
export { guestFileWords } from "./words/guest-files.ts";
export { errorHints, type Hint } from "./words/hints.ts";
export { derivationWords } from "./words/key.ts";
export { clip, formatCount, formatSize } from "./words/sizes.ts";
export { certificatePlaceProblem, hex32, noDataWords } from "./words/tpm.ts";
export { SOON_DAYS } from "./words/uefi-certificates.ts";
export {
  appendedWords,
  bootEntriesWords,
  bootResetWords,
  droppedWords,
  importedWords,
  omittedUnreadable,
  omittedVariables,
  removedWords,
  setWords,
} from "./words/uefi-changes.ts";
export { vendorWord } from "./words/uefi-values.ts";
export { bootWarnings, danglingWarnings } from "./words/uefi-warnings.ts";
export { undoneWords } from "./words/undo.ts";
