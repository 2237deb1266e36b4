/**
 * Power failures while a disk is provisioned: formatting, the second header write for `reprovisioned`, the marker. What
 * was there before is whole, or gone; from the first header on, every image is one of the states on the way. The next
 * boot then does what its lifetime says.
 */

import {
  createMemoryDisk,
  FileId,
  formatStore,
  isVmgsError,
  openMemoryDisk,
  openStoreSync,
  type ProvisionOptions,
  provisionDisk,
} from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { type RecordingDisk, recordingDisk } from "../recording-disk.ts";
import { differenceOnDisk } from "./compare.ts";
import { diskOver, disprove } from "./history.ts";
import { blank, type Saved } from "./model.ts";
import { keyBytes } from "./operations.ts";
import { applySectors, cutsOf, type Epoch, epochsOf, withSectors } from "./power-failure.ts";
import { type Random, seeded } from "./random.ts";

export interface ProvisioningFigures {
  boots: number;
  images: number;
  /** Images with what was there before. */
  old: number;
  /** Images of a blank disk. */
  empty: number;
  /** Images whose first header is torn: they tell that there is no valid header. */
  unreadable: number;
  /** Images of a formatted store whose marker is not written yet; a later default boot opens it and writes none. */
  unmarked: number;
  /** Second boots of such images. */
  secondBoots: number;
}

const BLOCKS = 24;
const KEY = 1;

/** What is on a disk before a boot. */
interface Start {
  readonly name: string;
  readonly saved: Saved | "empty" | "unreadable";
}

/** Provisions disks of all kinds in all ways, until that many images were looked at. */
export async function proveProvisioning(seed: number, images: number): Promise<ProvisioningFigures> {
  const figures: ProvisioningFigures = {
    boots: 0,
    images: 0,
    old: 0,
    empty: 0,
    unreadable: 0,
    unmarked: 0,
    secondBoots: 0,
  };
  while (figures.images < images) {
    const bootSeed = seed + figures.boots++;
    await surveyBoot(bootSeed, figures);
  }
  return figures;
}

interface Survey {
  readonly seed: number;
  /** What is done, for people. */
  readonly past: string[];
  readonly random: Random;
  readonly disk: RecordingDisk;
  readonly options: ProvisionOptions;
  readonly start: Start;
  /** States on the way, from the first header on. */
  states: readonly Saved[];
  readonly figures: ProvisioningFigures;
}

async function surveyBoot(seed: number, figures: ProvisioningFigures): Promise<void> {
  const random = seeded(seed);
  const sectorSize = random.pick([512, 4096] as const);
  const disk = recordingDisk(createMemoryDisk(BLOCKS * 4096, sectorSize));
  const start = await makeStart(disk, random);
  const lifetime = random.pick(["default", "reprovision-on-failure", "reprovision"] as const);
  const key = random.oneIn(3);
  const options = { lifetime, cipher: nodeCipher, ...(key && { key: keyBytes(KEY) }) };
  const past = [`${lifetime} boot of ${start.name}, ${sectorSize}-byte sectors${key ? ", with a key" : ""}`];
  const image = disk.image.slice();
  disk.events.length = 0;
  const survey: Survey = { seed, past, random, disk, options, start, states: [], figures };
  survey.states = await boot(survey);
  for (const epoch of epochsOf(disk.events, sectorSize)) await surveyEpoch(survey, image, epoch);
}

/** Makes what is on a disk before a boot. */
async function makeStart(disk: RecordingDisk, random: Random): Promise<Start> {
  const kind = random.below(5);
  if (kind === 0) return { name: "a blank disk", saved: "empty" };
  if (kind === 1) {
    disk.image.set(random.bytes(8192));
    return { name: "garbage", saved: "unreadable" };
  }
  const key = random.oneIn(3);
  const store = await formatStore(disk, { cipher: nodeCipher, ...(key && { key: keyBytes(KEY) }) });
  const files = new Map<number, { content: Uint8Array; sealed: boolean }>();
  for (let i = 0; i <= random.below(4); i++) {
    const fileId = 1 + random.below(3);
    const content = random.bytes(random.below(9000));
    const wipe = random.oneIn(2);
    if (key) await store.writeEncrypted(fileId, content, { wipe });
    else await store.write(fileId, content, { wipe });
    files.set(fileId, { content, sealed: key });
  }
  const reprovisioned = random.oneIn(2);
  if (reprovisioned) await store.commit([{ kind: "markReprovisioned", value: true }]);
  const saved: Saved = {
    files,
    keys: [key ? { key: KEY, fresh: true, counter: 0 } : null, null],
    reprovisioned,
    keyed: new Set(key ? files.keys() : []),
  };
  return {
    name: `${key ? "an encrypted" : "a plain"} store${reprovisioned ? ", reprovisioned" : ""}`,
    saved,
  };
}

/** Boots, and returns the states on the way. */
async function boot({ disk, options, start, ...survey }: Survey): Promise<Saved[]> {
  try {
    const { decision, marker } = await provisionDisk(disk, options);
    if (decision.action === "format") {
      return statesOfFormatting(options.key !== undefined, decision.setReprovisioned, marker);
    }
    if (typeof start.saved === "string") return disprove(survey, `the boot does: ${decision.action}`);
    const clears = decision.action === "open" && decision.clearReprovisioned;
    return clears ? [{ ...start.saved, reprovisioned: false }] : [];
  } catch (error) {
    if (start.saved === "unreadable" && isVmgsError(error, "VMGS_LIFETIME_REFUSED")) return [];
    throw error;
  }
}

function statesOfFormatting(key: boolean, reprovisioned: boolean, marker: Uint8Array | null): Saved[] {
  const states: Saved[] = [blank];
  const last = () => states.at(-1) as Saved;
  if (key) states.push({ ...last(), keys: [{ key: KEY, fresh: true, counter: 0 }, null] });
  if (reprovisioned) states.push({ ...last(), reprovisioned: true });
  if (marker === null) return states;
  const file = { content: marker, sealed: false };
  return [...states, { ...last(), files: new Map([[FileId.PROVISIONING_MARKER, file]]) }];
}

/** What an image holds: what was there before, one of the states on the way, no header at all, or none that is valid. */
type Found = "old" | "empty" | "unreadable" | number;

async function surveyEpoch(survey: Survey, flushed: Uint8Array, epoch: Epoch): Promise<void> {
  const { random, disk, figures } = survey;
  const before = lookAt(survey, flushed);
  let after: Found = before;
  withSectors(flushed, epoch, () => {
    after = lookAt(survey, flushed);
  });
  const writesHeader = epoch.some(({ offset }) => offset < 2 * disk.sectorSize);
  const again: { readonly image: Uint8Array; readonly found: Found }[] = [];
  for (const sectors of cutsOf(epoch, flushed, random)) {
    withSectors(flushed, sectors, () => {
      const found = lookAt(survey, flushed);
      const tornFirstHeader = writesHeader && found === "unreadable";
      if (found !== before && found !== after && !tornFirstHeader) {
        disprove(survey, `a power failure leaves ${found}, neither ${before} nor ${after}`);
      }
      count(survey, found);
      if (random.oneIn(8)) again.push({ image: flushed.slice(), found });
    });
  }
  applySectors(flushed, epoch);
  for (const { image, found } of again) await bootAgain(survey, image, found);
  figures.secondBoots += again.length;
}

function count({ figures, states, start }: Survey, found: Found): void {
  figures.images++;
  if (typeof found === "string") figures[found]++;
  else if (typeof start.saved === "string" && states.length > 1 && found < states.length - 1)
    figures.unmarked++;
}

function lookAt(survey: Survey, image: Uint8Array): Found {
  const disk = diskOver(image, survey);
  try {
    openStoreSync(disk);
  } catch (error) {
    if (isVmgsError(error, "VMGS_EMPTY_STORE")) return "empty";
    if (isVmgsError(error, "VMGS_NO_VALID_HEADER", "VMGS_VERSION_UNSUPPORTED")) return "unreadable";
    throw error;
  }
  const { saved } = survey.start;
  const differences: (string | null)[] = [];
  if (typeof saved !== "string") {
    differences.push(differenceOnDisk(disk, saved, { tornHeader: true }));
    if (differences.includes(null)) return "old";
  }
  for (const [i, state] of survey.states.entries()) {
    differences.push(differenceOnDisk(disk, state, { tornHeader: true }));
    if (differences.includes(null)) return i;
  }
  return disprove(survey, `a power failure leaves something else: ${differences.join("; ")}`);
}

/** Boots once more, as the machine would: only a torn first header stops a boot, and only a default one. */
async function bootAgain(survey: Survey, image: Uint8Array, found: Found): Promise<void> {
  const { options, start, states, disk } = survey;
  const again = openMemoryDisk(image, { container: "raw", sectorSize: disk.sectorSize });
  try {
    const { decision, store, marker } = await provisionDisk(again, options);
    const formatted = decision.action === "format" ? decision : null;
    const opened = found === "old" ? start.saved : typeof found === "number" ? states[found] : undefined;
    let expected: Saved;
    if (formatted !== null) {
      expected = statesOfFormatting(options.key !== undefined, formatted.setReprovisioned, marker).at(
        -1,
      ) as Saved;
    } else if (store !== null && typeof opened === "object") {
      expected = options.lifetime === "reprovision" ? opened : { ...opened, reprovisioned: false };
    } else {
      return disprove(survey, `the next boot of ${found} does: ${decision.action}`);
    }
    const difference = differenceOnDisk(again, expected, { tornHeader: true });
    if (difference !== null) disprove(survey, `after the next boot of ${found}: ${difference}`);
  } catch (error) {
    const refused = found === "unreadable" && options.lifetime === "default";
    if (!refused || !isVmgsError(error, "VMGS_LIFETIME_REFUSED")) throw error;
  }
}
