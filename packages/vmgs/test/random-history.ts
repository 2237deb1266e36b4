/** Stores made by random changes, with every generation they had: what history and carving are held to. */

import {
  createMemoryDisk,
  FileId,
  formatStore,
  isVmgsError,
  type MemoryDisk,
  type StoreState,
  type WritableStore,
} from "../src/index.ts";
import { patterned } from "./golden-data.ts";
import { testKey } from "./store-fixtures.ts";

/** Gives whole numbers below a limit, the same for the same seed. */
export type SeededRandom = (below: number) => number;

export function seeded(seed: number): SeededRandom {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface RandomHistory {
  readonly disk: MemoryDisk;
  readonly store: WritableStore;
  /** The state after each commit, oldest first. */
  readonly generations: readonly StoreState[];
  /** Contents that were ever written, by file ID. */
  readonly written: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly key: Uint8Array | undefined;
}

export interface HistoryOptions {
  readonly changes?: number;
  readonly blocks?: number;
  readonly encrypted?: boolean;
}

const MARKER = FileId.PROVISIONING_MARKER;
const markerText = (n: number) =>
  new TextEncoder().encode(
    `{"provisioner":"openhcl","reason":"empty","tpm_version":"1.38","tpm_nvram_size":${n},"akcert_size":4096}`,
  );

/** A store after random writes, deletions and moves; changes that are refused leave no generation. */
export async function randomHistory(
  seed: number,
  { changes = 40, blocks = 64, encrypted = false }: HistoryOptions = {},
): Promise<RandomHistory> {
  const random = seeded(seed);
  const key = encrypted ? testKey(seed) : undefined;
  const disk = createMemoryDisk(blocks * 4096);
  const store = await formatStore(disk, key && { key });
  const generations: StoreState[] = [store.state];
  const written = new Map<number, Uint8Array[]>();
  const write = async (fileId: number, content: Uint8Array) => {
    if (encrypted && fileId !== MARKER) await store.writeEncrypted(fileId, content);
    else await store.write(fileId, content, { overwriteEncrypted: true });
    written.set(fileId, [...(written.get(fileId) ?? []), content]);
  };
  const id = () => 1 + random(5);
  const kinds = [
    () => write(id(), patterned(1 + random(3 * 4096), random(200))),
    () => write(id(), patterned(1 + random(4096), random(200))),
    () => write(MARKER, markerText(random(1_000_000))),
    () => store.delete(id()),
    () => store.move(id(), 20 + random(3), { overwrite: true }),
  ];
  for (let i = 0; i < changes; i++) {
    try {
      await kinds[random(kinds.length)]?.();
      generations.push(store.state);
    } catch (error) {
      if (!isVmgsError(error)) throw error;
    }
  }
  return { disk, store, generations, written, key };
}
