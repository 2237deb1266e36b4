/** Right values for builders of documents and views, and for functions of version 1 files. */

import * as diagnose from "../src/diagnose/index.ts";
import * as library from "../src/index.ts";
import * as report from "../src/report/index.ts";
import * as uefi from "../src/uefi/index.ts";
import * as v1 from "../src/v1/index.ts";
import type { RightArguments } from "./right-arguments.ts";
import { makeV1File } from "./v1-file.ts";

const FILE = "right.vmgs";

/** Documents as the library makes them from a disk. */
export async function reportArguments(image: Uint8Array): Promise<RightArguments> {
  const disk = library.openMemoryDisk(image);
  const file = library.memoryImage(image);
  const forecast = await diagnose.forecastBoot(file);
  const diagnosis = await diagnose.diagnose(file);
  const inspection = await library.inspectDisk(disk);
  const opening = { warnings: [], error: null };
  const reading = { fileId: 1, bytes: 1, valid: true, facts: null, problems: [], boot: "none" };
  return {
    file: FILE,
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
