/** What OpenHCL's next boot does with a file, found out without writing. */

import { optionsOf } from "../../arguments/index.ts";
import { type ContainerOptions, containerOptionChecks } from "../../disk/index.ts";
import type { VmgsError } from "../../errors/index.ts";
import { FileId, otherSlot } from "../../format/index.ts";
import { guestFileIds } from "../../guest/index.ts";
import { describeContainer, type InspectedContainer } from "../../inspect/index.ts";
import { type DiskCondition, guestStateLifetimes } from "../../provisioning/index.ts";
import { checkKey, datastoreKey, type Secret } from "../../secret/index.ts";
import { type ByteSource, checkByteSource } from "../../source/index.ts";
import {
  type Cipher,
  checkCipher,
  type RunOptions,
  run,
  runOptionChecks,
  type Steps,
  webCipher,
} from "../../steps/index.ts";
import { isReprovisioned } from "../../store/index.ts";
import type { V1Examination } from "../../v1/index.ts";
import { ASSUMED_VM, type AssumedVm, checkVm } from "../assumed-vm.ts";
import {
  type Gathered,
  gather,
  gatherStore,
  gatherV1,
  interpretFirmware,
  interpretTpm,
  MOST_SEARCHED,
  readSmallFiles,
  type StoreEvidence,
} from "../evidence/index.ts";
import { type GuestEffect, guestEffects } from "../guest-effects.ts";
import { type KeyNeed, keyNeedOf } from "./key-need.ts";
import { forecastLifetime, type LifetimeForecast } from "./lifetimes.ts";
import { forecastTpm, type TpmForecast } from "./tpm-forecast.ts";
import { forecastUefi, type UefiForecast } from "./uefi-forecast.ts";

/** How a boot is foretold. */
export interface ForecastOptions extends ContainerOptions, RunOptions {
  /** Datastore key, to show whether it opens the store and what becomes of an encrypted TPM state. */
  readonly key?: Uint8Array | Secret;
  readonly cipher?: Cipher;
  /** The VM that boots; what is left out is as in `ASSUMED_VM`. */
  readonly vm?: Partial<AssumedVm>;
}

const checkForecastOptions = optionsOf({
  key: checkKey,
  cipher: checkCipher,
  vm: checkVm,
  ...containerOptionChecks,
  ...runOptionChecks,
});

/** What a boot finds: a valid store, a blank disk, something unusable, or no disk at all. */
export type BootCondition = "valid" | "empty" | "unusable" | "noDisk";

/** The same disk under a host that presents sectors of the other size. */
export interface OtherSectorSize {
  readonly sectorSize: number;
  readonly condition: BootCondition;
  /** Sequence number of the store it would find, or null. */
  readonly sequence: number | null;
}

/** What the next boot does with a disk, and what is lost by it. */
export interface BootForecast {
  readonly condition: BootCondition;
  /** Why the disk can't be used or attached, or null. */
  readonly error: VmgsError | null;
  /** Sequence number of the store that is opened, or null. */
  readonly sequence: number | null;
  readonly reprovisioned: boolean;
  /** Null when the file is nothing that is known. */
  readonly container: InspectedContainer | null;
  /** One for each lifetime: default, reprovision-on-failure, reprovision, ephemeral. */
  readonly lifetimes: readonly LifetimeForecast[];
  readonly key: KeyNeed;
  /** What becomes of the vTPM where the store is opened. */
  readonly tpm: TpmForecast;
  /** What becomes of the UEFI variables where the store is opened. */
  readonly uefi: UefiForecast;
  /** The VM that was assumed. */
  readonly vm: AssumedVm;
  /** What the guest's small files do, where the store is opened. */
  readonly guest: readonly GuestEffect[];
  /** Set for a raw image that a host with the other sector size would take for something else. */
  readonly otherSectorSize: OtherSectorSize | null;
  /** What else matters, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Forecasts what the next boot does with a file, under each guest state lifetime.
 *
 * @throws VmgsError VMGS_IO, VMGS_KEY_LENGTH, VMGS_KEY_ZERO; VMGS_SECTOR_SIZE for options that the file can't have
 */
export async function forecastBoot(source: ByteSource, options: ForecastOptions = {}): Promise<BootForecast> {
  checkByteSource(source, "source");
  checkForecastOptions(options, "options");
  const { key: given, cipher = webCipher, vm: givenVm = {}, ...containerOptions } = options;
  const key = given === undefined ? null : datastoreKey(given);
  const only = [FileId.TPM_NVRAM, FileId.BIOS_NVRAM, FileId.CUSTOM_UEFI, ...guestFileIds];
  const runSteps = <T>(steps: Steps<T>) => run(steps, source, cipher, options);
  const { gathered, other } = await runSteps(
    gatherForBoot(source.byteLength, { ...containerOptions, key, only }),
  );
  const v1 = await gatherV1(gathered.container, runSteps);
  const { container, store, files } = gathered;
  const state = store?.state ?? null;
  const content = files.find(({ record }) => record.fileId === FileId.TPM_NVRAM)?.content ?? null;
  const uefi = state === null ? NO_VARIABLES : forecastUefi(await interpretFirmware(files, new Date()));
  const tpm = forecastTpm({ state, content, evidence: content && (await interpretTpm(content)) });
  const vm = { ...ASSUMED_VM, ...givenVm };
  const guest = state === null ? [] : guestEffects({ state, small: await readSmallFiles(files) }, vm);
  const keyNeed = await keyNeedOf(gathered, key !== null, vm);
  const condition = conditionOf(gathered);
  return {
    condition: container.error === null ? condition.kind : "noDisk",
    error: container.error ?? store?.error ?? null,
    sequence: state?.header.sequence ?? null,
    reprovisioned: state !== null && isReprovisioned(state),
    container: container.container && {
      ...describeContainer(container.container),
      ...(source.wrapping && { wrapping: source.wrapping }),
    },
    lifetimes: guestStateLifetimes.map((lifetime) =>
      forecastLifetime(lifetime, condition, { gathered, v1, keyNeed, tpm, uefi, guest }),
    ),
    key: keyNeed,
    tpm,
    uefi,
    vm,
    guest,
    otherSectorSize: other && differing(gathered, other),
    notes: [...notesOn(gathered), ...v1Notes(v1)],
  };
}

const NO_VARIABLES: UefiForecast = { outcome: "none", words: "no store is opened" };

interface GatheredForBoot {
  readonly gathered: Gathered;
  /** A raw disk with sectors of the other size. */
  readonly other: StoreEvidence | null;
}

function* gatherForBoot(fileBytes: number, options: Parameters<typeof gather>[1]): Steps<GatheredForBoot> {
  const gathered = yield* gather(fileBytes, options);
  const { container, store } = gathered;
  if (store === null || container.container?.kind !== "raw") return { gathered, other: null };
  const sectorSize = store.geometry.sectorSize === 512 ? 4096 : 512;
  const disk = { sectorSize, byteLength: store.geometry.byteLength } as const;
  const other = yield* gatherStore(disk, { key: null, validHeaders: container.validHeaders });
  return { gathered, other };
}

function conditionOf({ store }: Gathered): DiskCondition {
  if (store?.state) return { kind: "valid", reprovisioned: isReprovisioned(store.state) };
  if (store === null || store.error === null || store.error.code === "VMGS_EMPTY_STORE")
    return { kind: "empty" };
  return { kind: "unusable", error: store.error };
}

function differing({ store }: Gathered, other: StoreEvidence): OtherSectorSize | null {
  const seen = (evidence: StoreEvidence | null) => ({
    condition: kindOf(evidence),
    sequence: evidence?.state?.header.sequence ?? null,
  });
  const [here, there] = [seen(store), seen(other)];
  if (here.condition === there.condition && here.sequence === there.sequence) return null;
  return { sectorSize: other.geometry.sectorSize, ...there };
}

function kindOf(evidence: StoreEvidence | null): BootCondition {
  if (evidence === null) return "noDisk";
  if (evidence.state !== null) return "valid";
  return evidence.error?.code === "VMGS_EMPTY_STORE" ? "empty" : "unusable";
}

function notesOn({ container, store }: Gathered): string[] {
  const notes: string[] = [];
  const warnings = container.container?.warnings ?? [];
  if (warnings.some(({ code }) => code === "VMGS_RAW_WITHOUT_FOOTER")) {
    notes.push("the file has no VHD footer: a host that expects a fixed VHD, such as Hyper-V, refuses it");
  }
  if (container.error?.code === "VMGS_VHD_FOOTER_MISSING" && container.firstByteAt === null) {
    notes.push("given to a host as a raw disk it is blank: look again with --disk raw");
  }
  if (container.firstByteAt === null && container.fileBytes > MOST_SEARCHED) {
    notes.push(`only the first ${MOST_SEARCHED} bytes were looked at to see that the disk is blank`);
  }
  if (warnings.some(({ code }) => code === "VMGS_SECTOR_SIZE_ASSUMED")) {
    notes.push("the sector size of the raw image is not known; 512 bytes were assumed");
  }
  if (store === null) return notes;
  const { otherSectorHeader, geometry } = store;
  if (otherSectorHeader !== null) {
    const { sequence } = otherSectorHeader.reading.header;
    notes.push(
      `a header with sequence ${sequence} lies at byte ${otherSectorHeader.at}, where disks with other sectors than ${geometry.sectorSize} bytes have it; this boot does not see it`,
    );
  }
  return [...notes, ...referenceNotes(store)];
}

/** How a boot sees a version 1 file that is not what OpenHCL takes it for. */
function v1Notes(v1: V1Examination | null): string[] {
  if (v1 === null) return [];
  const { primary, followed, partition } = v1.survey.gpt;
  const notes: string[] = [];
  if (followed !== null && partition === null) {
    notes.push("it is not guest state of any version: a GPT disk without a guest state partition");
  }
  if (primary.problem !== null) {
    notes.push(
      "its primary GPT is damaged, so that the boot does not recognize it and takes the disk for blank",
    );
  }
  return notes;
}

/** Where the reference is known to do otherwise (spec: where the reference fails). */
function referenceNotes({ error, state, tables }: StoreEvidence): string[] {
  if (error?.code === "VMGS_FILE_TABLE_OUT_OF_RANGE") {
    return ["the reference meets a read error here, and may report InitFailed instead"];
  }
  if (error?.code === "VMGS_CORRUPT_FILE_TABLE" && tables.some(({ wrapping }) => wrapping.length > 0)) {
    return ["the reference computes the end of a file with 32 bits: it may open this store, and fail later"];
  }
  if (state !== null && isReprovisioned(state) && !state.files.has(FileId.FILE_TABLE)) {
    return ["the reference crashes when it clears `reprovisioned` in a store without entry 0"];
  }
  const other = state?.headers[otherSlot(state.activeSlot)];
  return other?.problem && !other.blank ? [`header ${other.slot} is damaged: ${other.problem.message}`] : [];
}
