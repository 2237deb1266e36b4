/** Every parser of the library, with sound inputs to begin with. Each reads as its users would, and may refuse. */

import { readX509 } from "../../../src/certificate/index.ts";
import { diagnose, forecastBoot } from "../../../src/diagnose/index.ts";
import {
  crc32,
  HEADER_SIZE,
  header,
  headerChecksum,
  headerOffset,
  readVhdFooter,
  VHD_FOOTER_SIZE,
  vhdChecksum,
  vhdFooter,
} from "../../../src/format/index.ts";
import {
  changeGuestFile,
  deriveCandidates,
  guestFileIds,
  importTenantKey,
  pictureGuestFile,
  readGuestFile,
} from "../../../src/guest/index.ts";
import {
  blockMap,
  decodeMarker,
  inspectDisk,
  isVmgsError,
  memorySource,
  openMemoryDisk,
  openStoreSync,
  openWritableStore,
  parseKeyFile,
  resumeStore,
  Secret,
  type SyncStore,
  storeWarnings,
} from "../../../src/index.ts";
import { nodeCipher } from "../../../src/node/index.ts";
import { readResourceSync } from "../../../src/pe/index.ts";
import {
  findAkCertificate,
  foretellTpmStart,
  pictureTpmState,
  readAttestationReport,
  readStoredCertificates,
  readTpmState,
  repairTpmState,
} from "../../../src/tpm/index.ts";
import { decodeCommand, decodeGuestSecretKey } from "../../../src/tpm/protocol/index.ts";
import {
  bootOverview,
  decodeLoadOption,
  devicePathText,
  dropUnreadable,
  encodeVariableList,
  parseDevicePath,
  planBootReset,
  readCustomUefi,
  readDevicePaths,
  readLegacyExport,
  readSignatureLists,
  readVariableList,
  removeVariable,
  secureBootState,
  setVariable,
  variableListToJson,
  variableValue,
} from "../../../src/uefi/index.ts";
import { carveV1, inspectV1, openV1Sync, readV1Data, readV1Remain } from "../../../src/v1/index.ts";
import { editV1Variables, readV1Variables } from "../../../src/v1/rooms.ts";
import { makePeFile } from "../../pe-file.ts";
import { makeV1File, mendV1File, utf16z } from "../../v1-file.ts";
import { KEY_NUMBERS, keyBytes } from "../operations.ts";
import {
  attestationReports,
  footerOf,
  goldenFiles,
  markers,
  savedStates,
  storeImages,
  text,
  tpmStates,
  wireVectors,
} from "./seeds.ts";

export interface Target {
  readonly name: string;
  readonly maxBytes: number;
  seeds(): Promise<readonly Uint8Array[]>;
  /** Reads the bytes in every way there is; throws what the library throws. */
  read(bytes: Uint8Array): unknown;
  /** Makes checksums right, so that what lies behind them is reached. */
  readonly mend?: (bytes: Uint8Array) => void;
}

/** Runs what may be refused; what is refused must not keep others from being tried. */
async function tried(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isVmgsError(error)) throw error;
  }
}

const bytesTarget = (
  name: string,
  maxBytes: number,
  seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>,
  read: (bytes: Uint8Array) => unknown,
): Target => ({ name, maxBytes, seeds: async () => seeds(), read });

const KEYS = KEY_NUMBERS.map(keyBytes);

async function readStoreFile(image: Uint8Array): Promise<void> {
  const disk = openMemoryDisk(image);
  for (const generation of ["current", "previous"] as const) {
    await tried(async () => {
      const store = openStoreSync(disk, { cipher: nodeCipher, generation });
      await readStore(store);
      for (const key of KEYS) {
        await tried(async () => {
          store.unlock(key);
          await readStore(store);
        });
      }
    });
  }
  await inspectDisk(disk, { cipher: nodeCipher });
}

async function readStore(store: SyncStore): Promise<void> {
  storeWarnings(store.state);
  blockMap(store.state);
  for (const { id } of store.files) {
    await tried(() => store.readFile(id));
    await tried(() => store.readRaw(id));
  }
  await tried(() => store.readMarker());
}

/** As every guest file, drawn, changed, and as what a key is derived from. */
async function readGuestFiles(bytes: Uint8Array): Promise<void> {
  for (const id of guestFileIds) {
    await readGuestFile(id, bytes);
    pictureGuestFile(id, bytes);
  }
  changeGuestFile({ kind: "physicalPresence", operation: 1 }, bytes);
  const seed = new Secret(new Uint8Array(32).fill(1));
  await tried(() => deriveCandidates({ keyProtector: bytes, gspSeed: seed }));
  await tried(() => deriveCandidates({ keyProtector: bytes, wrappedDesKey: bytes, gspSeed: seed }));
  await tried(() => deriveCandidates({ vmUniqueId: bytes, hostSeed: seed }));
}

async function seeDoctor(file: Uint8Array): Promise<void> {
  const image = memorySource(file);
  await diagnose(image, { cipher: nodeCipher, key: keyBytes(1), now: new Date(0) });
  await forecastBoot(image, { cipher: nodeCipher });
}

/** A change of a damaged store is refused, or leaves a store that opens. */
async function changeStoreFile(image: Uint8Array): Promise<void> {
  const copy = image.slice();
  const disk = openMemoryDisk(copy);
  const store = await openWritableStore(disk, { cipher: nodeCipher });
  for (const key of KEYS) await tried(() => store.unlock(key));
  await store.write(30, image.subarray(0, 100));
  openStoreSync(disk).readFile(30);
}

function mendStoreFile(file: Uint8Array): void {
  for (const at of new Set([0, headerOffset(1, 512), headerOffset(1, 4096)])) {
    if (file.length >= at + HEADER_SIZE && file[at] === 0x47) {
      put32(file, at + header.offsets.checksum, headerChecksum(file, at), true);
    }
  }
  mendFooter(file.subarray(-VHD_FOOTER_SIZE));
}

function mendFooter(footer: Uint8Array): void {
  if (footer.length < VHD_FOOTER_SIZE || footer[0] !== 0x63) return;
  put32(footer, vhdFooter.offsets.checksum, vhdChecksum(footer), false);
}

function put32(bytes: Uint8Array, at: number, value: number, little: boolean): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, little);
}

/** Everything that reads a variable list. */
async function readVariables(bytes: Uint8Array): Promise<void> {
  const list = readVariableList(bytes);
  encodeVariableList(list);
  variableListToJson(list);
  await tried(() => readVariableList(bytes, { strict: true }));
  const sound = dropUnreadable(list);
  for (const variable of sound.variables) variableValue(variable);
  bootOverview(sound);
  await tried(() => planBootReset(sound));
  await secureBootState(sound, new Date(0));
}

async function readTpm(state: Uint8Array): Promise<void> {
  foretellTpmStart(state);
  await tried(() => pictureTpmState(state));
  await tried(async () => readTpmState(repairTpmState(state).bytes));
  const read = await readTpmState(state);
  findAkCertificate(read);
  await readStoredCertificates(read);
}

const v1Firmware = (nvram: string) =>
  `{"Version":{"Major":1},"Devices":{"ac6b8dc1-3257-4a70-b1b2-a9c9215659ad":{"Type":"Bios","States":{"Nvram":${nvram}}},"X":{"States":{"A":[1e999,{}]}}}}`;
const V1_VARIABLES = '{"Boot0000":{"Attributes":7,"Data":[1,0,0,0]},"b":{"Attributes":39,"Data":[]}}';
const v1Nvram = (variables: string) =>
  `{"Vendors":{"8be4df61-93ca-11d2-aa0d-00e098032b8c":{"Variables":${variables}}},"LastUpdateTime":"2026"}`;
const V1_DATA = v1Firmware(v1Nvram(V1_VARIABLES));
/** Names twice and escaped, no firmware, members of other kinds. */
const V1_ODD_DATA = [
  v1Firmware(
    v1Nvram(`{"b":1,"\\u0062" : {"Data":[],"Attributes":7,"b":{}} , "b":{"Attributes":7,"Data":[2]}}`),
  ),
  v1Firmware('{"Vendors":{"x":{},"8BE4DF61-93CA-11D2-AA0D-00E098032B8C":{}}}'),
  '{"Devices":{}}',
];

/** Version 1 files with variables, with other devices, and with JSON that is not what it should be. */
function v1Files(): Uint8Array[] {
  return [
    makeV1File({ texts: [v1Firmware("{}"), V1_DATA] }),
    makeV1File({ texts: ['{"Devices":{}}', "[".repeat(100)], copyBlocks: 2 }),
  ];
}

async function readV1File(image: Uint8Array): Promise<void> {
  const disk = openMemoryDisk(image);
  for (const generation of ["current", "previous"] as const) {
    await tried(() => readVariables(encodeVariableList(openV1Sync(disk, { generation }).variables)));
  }
}

/** Everything that is found out about a version 1 file that may be broken: the report and what carving finds. */
async function examineV1Image(image: Uint8Array): Promise<void> {
  const disk = openMemoryDisk(image, { container: "raw", sectorSize: 512 });
  await inspectV1(disk);
  const { remains } = await carveV1(disk);
  for (const remain of remains) await readV1Remain(disk, remain);
}

const PROBE = { vendor: "8be4df61-93ca-11d2-aa0d-00e098032b8c", name: "Boot0000", attributes: 7 };

/** New variables in data of any shape: what is written reads back as what was wanted, or the change is refused. */
function editV1Text(bytes: Uint8Array): void {
  const data = readV1Data(bytes);
  const { list } = readV1Variables(data);
  const wanted = setVariable(list, { ...PROBE, data: Uint8Array.of(1, 2, 3) });
  for (const changed of [wanted, removeVariable(wanted, PROBE), { ...list, variables: [] }]) {
    const text = editV1Variables(data, changed);
    const after = readV1Variables(readV1Data(utf16z(text))).list.variables;
    const keys = (variables: typeof after) => variables.map(({ vendor, name }) => `${vendor}/${name}`).sort();
    if (String(keys(after)) !== String(keys(changed.variables)))
      throw new Error("other variables were written");
  }
}

const v1Texts = () => [V1_DATA, ...V1_ODD_DATA].map(utf16z);

const variableSeeds = () => goldenFiles("uefi", ".bin");
const dataOfVariables = () =>
  variableSeeds().flatMap((bytes) => readVariableList(bytes).variables.map(({ data }) => data));

export const targets: readonly Target[] = [
  {
    name: "store files",
    maxBytes: 70_000,
    seeds: storeImages,
    read: readStoreFile,
    mend: mendStoreFile,
  },
  {
    name: "the doctor's store files",
    maxBytes: 70_000,
    seeds: storeImages,
    read: seeDoctor,
    mend: mendStoreFile,
  },
  {
    name: "changes of store files",
    maxBytes: 70_000,
    seeds: storeImages,
    read: changeStoreFile,
    mend: mendStoreFile,
  },
  {
    ...bytesTarget(
      "VHD footers",
      VHD_FOOTER_SIZE,
      () => [footerOf(4_194_304), footerOf(65_536)],
      (bytes) => readVhdFooter(bytes, 4_194_304 + 512),
    ),
    mend: mendFooter,
  },
  { ...bytesTarget("version 1 files", 70_000, v1Files, readV1File), mend: mendV1File },
  { ...bytesTarget("reports on version 1 files", 70_000, v1Files, examineV1Image), mend: mendV1File },
  bytesTarget("changes of version 1 data", 20_000, v1Texts, editV1Text),
  bytesTarget("markers", 70_000, markers, decodeMarker),
  {
    ...bytesTarget("saved states", 20_000, savedStates, (bytes) => {
      return resumeStore(
        openMemoryDisk(new Uint8Array(8 * 4096), { container: "raw", sectorSize: 512 }),
        bytes,
        {
          verify: false,
          cipher: nodeCipher,
        },
      );
    }),
    mend: (bytes) => {
      if (bytes.length > 4) put32(bytes, bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
    },
  },
  bytesTarget(
    "key files",
    200,
    () => [text("00".repeat(32)), keyBytes(1), text(`${"A".repeat(43)}=\n`)],
    parseKeyFile,
  ),
  bytesTarget("variable lists", 66_000, variableSeeds, readVariables),
  bytesTarget("load options", 8192, dataOfVariables, decodeLoadOption),
  bytesTarget("signature lists", 66_000, dataOfVariables, readSignatureLists),
  bytesTarget("device paths", 8192, dataOfVariables, (bytes) => {
    const { paths } = readDevicePaths(bytes);
    for (const path of paths) devicePathText(path);
  }),
  bytesTarget(
    "device paths as text",
    2000,
    () => [
      text(
        "PciRoot(0x0)/Pci(0x1,0x2)/Scsi(0x0,0x1)/HD(1,GPT,00112233-4455-6677-8899-AABBCCDDEEFF)/\\EFI\\BOOT.EFI",
      ),
    ],
    (bytes) => parseDevicePath(new TextDecoder().decode(bytes)),
  ),
  bytesTarget(
    "JSON of variables",
    66_000,
    () => [
      text(
        '{"type":"Microsoft.Compute/disks","properties":{"uefiSettings":{"signatureMode":"Append","signatures":{}}}}',
      ),
      ...goldenFiles("uefi", ".json"),
    ],
    async (bytes) => {
      await tried(() => readLegacyExport(bytes));
      readCustomUefi(bytes);
    },
  ),
  bytesTarget("TPM states", 40_000, tpmStates, readTpm),
  bytesTarget("attestation reports", 2900, attestationReports, readAttestationReport),
  bytesTarget("TPM commands", 4096, wireVectors, decodeCommand),
  bytesTarget(
    "guest secret keys",
    4096,
    () => [new Uint8Array(2048).fill(1), new Uint8Array(8)],
    decodeGuestSecretKey,
  ),
  bytesTarget("guest files", 8192, () => goldenFiles("guest-files", ".bin"), readGuestFiles),
  bytesTarget(
    "tenant keys",
    4096,
    () => [...goldenFiles("tenant-key", ".pem"), ...goldenFiles("tenant-key", ".der")],
    (bytes) => importTenantKey(bytes, { passphrase: new Secret(text("opensesame")) }),
  ),
  bytesTarget("certificates", 8192, dataOfVariables, (bytes) => tried(() => readX509(bytes))),
  bytesTarget(
    "PE files",
    16_384,
    () => [makePeFile([{ type: "VMFW", id: 13515, data: new Uint8Array(900).fill(3) }]).bytes],
    (bytes) => {
      const readSync = (offset: number, into: Uint8Array) =>
        into.set(bytes.subarray(offset, offset + into.length));
      readResourceSync({ byteLength: bytes.length, readSync }, { type: "VMFW", id: 13515 });
    },
  ),
];
