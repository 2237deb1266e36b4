/** Right values for builders of documents and views, and for functions of version 1 files. */

import { compareGuestStates } from "../src/comparison/index.ts";
import * as diagnose from "../src/diagnose/index.ts";
import { openGuestState } from "../src/guest-state/index.ts";
import * as library from "../src/index.ts";
import * as recovery from "../src/recovery/index.ts";
import * as report from "../src/report/index.ts";
import * as uefi from "../src/uefi/index.ts";
import * as v1 from "../src/v1/index.ts";
import type { RightArguments } from "./right-arguments.ts";
import { makeV1File } from "./v1-file.ts";

const FILE = "right.vmgs";

/** Documents as the library makes them from a disk. */
export async function reportArguments(image: Uint8Array): Promise<RightArguments> {
  const disk = library.openMemoryDisk(image);
  const file = library.memorySource(image);
  const forecast = await diagnose.forecastBoot(file);
  const diagnosis = await diagnose.diagnose(file);
  const inspection = await library.inspectDisk(disk);
  const windows = await v1Documents();
  const opening = { warnings: [], error: null };
  const reading = { fileId: 1, bytes: 1, valid: true, facts: null, problems: [], boot: "none" };
  const derivation = { encrypted: true, candidates: [], missing: [], opening: null };
  const provenance = { verdict: "absent", document: null, derivedVmgsid: null, rootTrusted: null } as const;
  const history = await recovery.readHistory(disk);
  const carving = await recovery.carveDisk(disk);
  const container = report.recoveryContainer(disk, null);
  const about = { container, openError: null, warnings: [], dryRun: true, pieces: [] };
  const plan = await recovery.planRepair(file);
  const course = { saved: null, backup: null, optionOf: () => "--go-back" };
  const side = { file: FILE, generation: "current" } as const;
  const state = await openGuestState(disk);
  const comparison = await compareGuestStates(state, state);
  const undo = { dryRun: true, warnings: [] };
  const store = await library.openStore(disk);
  const piece = { fileName: "a.bin", piece: { kind: "file", read: () => new Uint8Array() } };
  return {
    RepairPlan: plan,
    course,
    RepairCourse: course,
    RepairDocument: report.repairDocument(FILE, plan, course),
    RepairAgain: {},
    StoreHistory: history,
    Carving: carving,
    about,
    disk,
    ComparedSide: side,
    StoreComparison: comparison,
    NamedPiece: piece,
    sha256: "00",
    pieces: [],
    CarveDocument: report.carveDocument(FILE, carving, about),
    HistoryDocument: report.historyDocument(FILE, history, about),
    DiffDocument: report.diffDocument(side, side, comparison),
    'Pick<UndoDocument, "dryRun" | "warnings">': undo,
    UndoDocument: report.undoDocument(FILE, store.state, store.state, undo),
    CarveViewOptions: { folder: null },
    HistoryViewOptions: { files: true },
    file: FILE,
    Provenance: provenance,
    ProvenanceDocument: report.provenanceDocument(FILE, provenance, null),
    StoreKeyDerivation: derivation,
    slots: [],
    written: null,
    KeyDeriveDocument: report.keyDeriveDocument(FILE, derivation, null),
    KeyCheckDocument: report.keyCheckDocument(FILE, []),
    ...windows,
    BootForecast: forecast,
    Diagnosis: diagnosis,
    Inspection: inspection,
    Problem: { code: "VMGS_IO", message: "words", hint: null },
    opening,
    found: [],
    MarkerLocation: { marker: { fields: [] }, fileId: 18, misplaced: false, bytes: new Uint8Array(0) },
    lifetime: "default",
    BootDocument: report.bootDocument(FILE, forecast, null, null),
    DoctorDocument: report.doctorDocument(FILE, diagnosis, forecast, null),
    FilesDocument: report.filesDocument(FILE, [], opening),
    MarkerDocument: report.markerDocument(FILE, null, opening),
    ConformanceReport: { engine: "recorded", results: [] },
    documents: [],
    View: report.markerView(report.markerDocument(FILE, null, opening)),
    MarkdownOptions: { commandOf: () => "words" },
    SarifOptions: { version: "1.0.0", uriOf: () => FILE },
    Tone: "good",
    tone: "good",
    text: "words",
    Text: "words",
    generation: "current",
    "GuestFileReading<object>": reading,
    "number | bigint": 1,
    VariablesOf: { file: FILE, fileId: 1, list: uefi.emptyVariableList, warnings: [] },
    BootOverview: uefi.bootOverview(uefi.emptyVariableList),
    SecureBootState: await uefi.secureBootState(uefi.emptyVariableList, new Date(0)),
    TpmStateOf: { file: FILE, fileId: 3, encrypted: false, generation: "current", warnings: [] },
    TpmOverview: { state: {}, certificate: null, others: [], report: null },
    FoundCertificate: { index: {}, der: null, derLength: null },
    TpmNvIndex: { handle: 1, written: true, data: null },
    shown: [],
    removed: [],
    keys: [],
    numbers: [],
    where: "BootNext",
    how: { now: new Date(0), hashes: true },
    VariableViewOptions: { now: new Date(0), bytes: true },
    appended: { bytes: 0, known: 0, forms: [] },
    parts: 0,
    count: 0,
  };
}

/** Documents about a version 1 file. */
async function v1Documents(): Promise<RightArguments> {
  const { V1Examination: examination } = (await v1Arguments()) as { V1Examination: v1.V1Examination };
  const bytes = { kind: "raw", sectorSize: 512, bytes: 512, storeBytes: 512 } as const;
  const container = { ...bytes, error: null };
  const problemOf: report.ProblemOf = () => ({ code: "VMGS_IO", message: "words", hint: null });
  const facts = { container, generation: "current", warnings: [] } as const;
  const migration = { variables: 0, list: new Uint8Array(0), marker: new Uint8Array(0), notMigrated: [] };
  const migrated = { out: FILE, dryRun: true, generation: "current", encrypted: false } as const;
  const inspection = v1.describeV1(examination);
  return {
    V1Inspection: inspection,
    ProblemOf: problemOf,
    problemOf,
    "V1DocumentContext<InspectedContainer> & { readonly generation: Generation; }": facts,
    "V1DocumentContext<RecoveredContainer>": facts,
    InspectV1Document: report.inspectV1Document(FILE, inspection, facts, problemOf),
    HistoryV1Document: report.historyV1Document(FILE, examination, facts, problemOf),
    CarveV1Document: {
      schema: "vmgs.carve-v1/1",
      file: FILE,
      container,
      dryRun: true,
      pieces: [],
      truncated: false,
      warnings: [],
    },
    ChangeV1Document: {
      schema: "vmgs.change-v1/1",
      file: FILE,
      dryRun: true,
      done: "",
      written: null,
      warnings: [],
    },
    facts: migrated,
    MigrateDocument: report.migrateDocument(FILE, migration, migrated),
  };
}

/** Parts of a version 1 file as the library reads them. */
export async function v1Arguments(): Promise<RightArguments> {
  const states = `{"States":{"Nvram":{}}}`;
  const text = `{"Devices":{"ac6b8dc1-3257-4a70-b1b2-a9c9215659ad":${states}}}`;
  const disk = library.openMemoryDisk(makeV1File({ texts: [text, text] }));
  const { layout, copy, variables } = await v1.openV1(disk);
  return {
    "DiskInfo & ByteSource": disk,
    V1Data: copy.data,
    V1DeviceState: copy.data.devices[0]?.states[0],
    V1Examination: await v1.examineV1File(disk),
    V1Layout: layout,
    V1Copy: copy,
    V1Write: await v1.planV1Write(disk, layout, copy, variables),
    V1Remain: { offset: 0, bytes: 2, state: "cut", variables: null, lastUpdateTime: null },
    what: "headers",
  };
}
