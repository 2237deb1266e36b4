/** A right value for each type that public functions take, so that one argument at a time can be wrong. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "../src/index.ts";
import * as node from "../src/node/index.ts";
import * as recovery from "../src/recovery/index.ts";
import * as structures from "../src/structures.ts";
import * as tpm from "../src/tpm/index.ts";
import * as uefi from "../src/uefi/index.ts";
import { reportArguments, v1Arguments } from "./right-report-arguments.ts";
import { freshStore, testKey } from "./store-fixtures.ts";

/** Right values by the type's text, and by the name of the parameter where texts are long. */
export type RightArguments = Readonly<Record<string, unknown>>;

export interface Fixtures {
  readonly byType: RightArguments;
  /** Objects whose methods are called, by the name of their type. */
  readonly instances: Readonly<Record<string, object>>;
}

export async function makeFixtures(): Promise<Fixtures> {
  const folder = mkdtempSync(join(tmpdir(), "vmgskit-arguments-"));
  const path = join(folder, "right.vmgs");
  const { disk, store } = await freshStore({ key: testKey(1) });
  writeFileSync(path, disk.image);
  const image = library.memorySource(disk.image);
  const { header: headerValue } = store.state;
  const headerReading = { slot: 0, header: headerValue, blank: false, problem: null };
  const record = store.state.files.get(0);
  const list = uefi.emptyVariableList;
  const variable = {
    vendor: uefi.VendorGuid.EFI_GLOBAL_VARIABLE,
    name: "BootOrder",
    attributes: 7,
    timestamp: uefi.zeroEfiTime,
    data: new Uint8Array(2),
    namePadding: new Uint8Array(0),
  };
  const engine = tpm.recordedTpmEngine([], "recorded");
  const syncDisk = disk;
  const footer = structures.decode(
    structures.vhdFooter,
    structures.makeVhdFooter({ diskBytes: 65_536, uniqueId: new Uint8Array(16), created: new Date(0) }),
  );
  const tpmState = await tpm.readTpmState(await tpm.prepareTpmState({ ak: false, srk: false }));
  const byType: RightArguments = {
    Amount: 4,
    T: 1,
    HeaderPair: [headerReading, headerReading],
    ...(await reportArguments(disk.image)),
    ...(await v1Arguments()),
    string: path,
    key: testKey(1),
    sources: {},
    files: { document: null, seed: null },
    GuestFileChange: { kind: "clearWatchdog" },
    current: null,
    number: 512,
    boolean: true,
    "Uint8Array<ArrayBufferLike>": new Uint8Array(512),
    "Uint8Array<ArrayBuffer>": new Uint8Array(512),
    Disk: disk,
    DiskInfo: disk,
    DiskSize: disk,
    SyncDisk: syncDisk,
    WritableDisk: disk,
    ByteSource: image,
    Blob: new Blob([disk.image.slice()]),
    SyncByteSource: image,
    "string | URL": "https://localhost/a",
    "Disk | ByteSource": disk,
    "SyncDisk | SyncByteSource": disk,
    ResourceKey: { type: "VMFW", id: 1 },
    StoreState: store.state,
    Store: store,
    WritableStore: store,
    FileRecord: record,
    header: headerValue,
    TpmEngine: engine,
    TpmState: tpmState,
    VariableList: list,
    Variable: variable,
    VariableKey: variable,
    DevicePath: { instances: [] },
    CustomUefi: { signatureMode: "Append", signatures: {}, variables: [] },
    CertificateIndexFacts: { index: null, data: null, marked: false, report: null },
    CertificateIndexRequest: {
      create: true,
      preserve: true,
      repairSmallVtpm: false,
      attestationReport: false,
    },
    NewTpmNvIndex: { nvIndex: 1, size: 1, attributes: 1 },
    NvPublic: { nvIndex: 1, nameAlg: 11, attributes: 1, authPolicy: new Uint8Array(0), dataSize: 1 },
    PcrBanks: { wanted: 1 },
    command: tpm.SelfTest,
    values: {},
    "Codec<T>": structures.u8,
    "Codec<number>": structures.u8,
    "Struct<F>": structures.header,
    RepairPlan: await recovery.planRepair(image),
    Conversion: await recovery.planConversion(disk, { container: "raw" }),
    ProvisioningMarker: library.provisioningMarker("empty"),
    DiskCondition: { kind: "empty" },
    footer,
    HeaderSlot: 0,
    reason: "empty",
    PlainRecord: record,
    typeName: "SHA256",
    group: "Boot",
    name: "db",
    address: { kind: "swtpm", host: "localhost", port: 1, platformPort: 2, controlPort: null, path },
    nvPublic: { nvIndex: 1, nameAlg: 11, attributes: 1, authPolicy: new Uint8Array(0), dataSize: 1 },
    "readonly Change[]": [],
    value: 1,
    Place: { value: {}, path: "" },
    GuestState: { version: 3, container: disk.container, generation: "current", lastUpdateTime: null, store },
    BootCircumstances: { lifetime: "default" },
    Migration: { variables: 0, list: new Uint8Array(0), marker: new Uint8Array(0), notMigrated: [] },
    Secret: new library.Secret(testKey(1)),
    sectorSize: 512,
    fields: {},
    variants: {},
    PrepareIndexOptions: { authValue: new library.Secret(testKey(1)) },
    Date: new Date(0),
    "readonly Uint8Array<ArrayBufferLike>[]": [new Uint8Array(32)],
    given: variable,
    "readonly VariableKey[]": [],
    after: store.state.files,
    source: "{}",
    "readonly SignatureList[]": [],
    exchanges: [],
    before: store.state.files,
    allocations: [],
    record,
    "readonly BlockRun[]": [],
    Appendix: variable,
    LoadOption: uefi.decodeLoadOption(
      uefi.encodeLoadOption({
        attributes: 1,
        description: "words",
        paths: [],
        optionalData: new Uint8Array(0),
      }),
    ),
    NewLoadOption: { attributes: 1, description: "words", paths: [] },
    LoadOptionChange: { description: "words" },
    FillFile: async () => undefined,
    KbkdfInput: { label: new Uint8Array(1), context: new Uint8Array(1), bytes: 32 },
    GivenValueOptions: { owner: "00000000-0000-0000-0000-000000000000", fromEfivarfs: false },
    GuestFileProblem: { code: "too-short", message: "is too short" },
    signature: { owner: "00000000-0000-0000-0000-000000000000", data: new Uint8Array(32) },
  };
  const broker = library.shareStore((await freshStore()).store);
  const diskFile = await node.openDiskFile(path, { write: true });
  const instances = {
    DiskFile: diskFile,
    WritableDiskFile: diskFile,
    SyncDiskFile: node.openDiskFileSync(path),
    SyncFileSource: node.openFileSourceSync(path),
    MemorySource: image,
    SyncByteSource: image,
    HttpSource: library.memorySource(disk.image),
    OverlaySource: library.overlaySource(image),
    FileSource: await node.openFileSource(path),
    RecoveryDisk: await recovery.openForRecovery(image),
    RecoveryDiskFile: await node.openFileForRecovery(path),
    MemoryDisk: disk,
    Secret: new library.Secret(testKey(1)),
    Disk: disk,
    SyncDisk: disk,
    WritableDisk: disk,
    ByteSource: image,
    Store: await library.openStore(disk),
    SyncStore: library.openStoreSync(disk),
    WritableStore: store,
    StoreBroker: broker,
    StoreClient: broker,
    Cipher: library.webCipher,
    SyncCipher: node.nodeCipher,
    TpmEngine: engine,
    Bits: structures.bits({ a: 0 }),
    Codec: structures.u16,
    FixedCodec: structures.u16,
    Struct: structures.header,
    Source: new structures.Source(new Uint8Array(8)),
    Sink: new structures.Sink(8),
  };
  return { byType, instances };
}
