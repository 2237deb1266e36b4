// Scanning: 10,000 stores in one process, headers, file table and marker of each, beside reading the same bytes through
// node:fs alone. Limit for the synchronous driver: 2x. Also counts reads and bytes of one store: at most 4 and 16 KiB.
import { closeSync, copyFileSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, openStoreSync, provisionDisk } from "../packages/vmgs/dist/index.js";
import { createDiskFile, openDiskFile, openDiskFileSync } from "../packages/vmgs/dist/node/index.js";
import { inTurnByClocks, ratio, table } from "./measure.mjs";

const STORES = Number(process.env.STORES ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), "vmgskit-bench-"));
const first = join(folder, "0.vmgs");
await createDiskFile(first, { byteLength: 65_536 });
{
  const disk = await openDiskFile(first, { write: true });
  await provisionDisk(disk);
  await disk.close();
}
const paths = Array.from({ length: STORES }, (_, i) => join(folder, `${i}.vmgs`));
for (const path of paths.slice(1)) copyFileSync(first, path);

/** Which reads one store takes: [offset, bytes]. */
const reads = [];
{
  const disk = openDiskFileSync(first);
  reads.push([disk.container.fileBytes - 512, 512]);
  const counting = {
    ...disk,
    readSync(offset, into) {
      reads.push([offset, into.length]);
      disk.readSync(offset, into);
    },
  };
  openStoreSync(counting).readMarker();
  disk.close();
}

function plainReads() {
  const buffer = Buffer.alloc(8192);
  for (const path of paths) {
    const descriptor = openSync(path, "r");
    if (fstatSync(descriptor).size === 0) throw new Error("empty");
    for (const [offset, length] of reads) readSync(descriptor, buffer, 0, length, offset);
    closeSync(descriptor);
  }
}

/** What code does that does not reuse memory. */
function readsIntoNewMemory() {
  for (const path of paths) {
    const descriptor = openSync(path, "r");
    if (fstatSync(descriptor).size === 0) throw new Error("empty");
    for (const [offset, length] of reads) readSync(descriptor, new Uint8Array(length), 0, length, offset);
    closeSync(descriptor);
  }
}

/** The same reads, each awaited: what the asynchronous driver is measured by. */
async function awaitedReads() {
  const buffer = Buffer.alloc(8192);
  for (const path of paths) {
    const handle = await open(path, "r");
    if ((await handle.stat()).size === 0) throw new Error("empty");
    for (const [offset, length] of reads) await handle.read(buffer, 0, length, offset);
    await handle.close();
  }
}

function synchronous() {
  for (const path of paths) {
    const disk = openDiskFileSync(path);
    if (openStoreSync(disk).readMarker().marker.reason !== "empty") throw new Error("wrong marker");
    disk.close();
  }
}

async function asynchronous() {
  for (const path of paths) {
    const disk = await openDiskFile(path);
    const marker = await (await openStore(disk)).readMarker();
    if (marker.marker.reason !== "empty") throw new Error("wrong marker");
    await disk.close();
  }
}

const readers = [
  ["the same bytes through node:fs, one buffer reused", plainReads],
  ["the same bytes through node:fs, new buffers", readsIntoNewMemory],
  ["vmgskit, synchronous driver", synchronous],
  ["the same bytes, each read awaited by hand", awaitedReads],
  ["vmgskit, asynchronous driver", asynchronous],
];
const functions = readers.map(([, reader]) => reader);
const [time, processor] = await inTurnByClocks(functions, Number(process.env.ROUNDS ?? 7));
const each = (ms) => `${((ms / STORES) * 1000).toFixed(1)} us`;
const figures = (ms, i) => [each(ms[i]), ratio(ms[i], ms[0])];
table(`${STORES} stores: headers, file table, marker (limit for the synchronous driver: 2x)`, [
  ["", "time a store", "ratio", "processor time", "ratio"],
  ...readers.map(([name], i) => [name, ...figures(time, i), ...figures(processor, i)]),
]);
const bytes = reads.reduce((sum, [, length]) => sum + length, 0);
const [byHand, driven] = [time.at(-2), time.at(-1)];
table("The asynchronous driver beside the same reads awaited by hand (limit: 2x)", [[ratio(driven, byHand)]]);
table("One store (limit: 4 reads, 16 KiB)", [[`${reads.length} reads`, `${bytes} bytes`]]);
rmSync(folder, { recursive: true });
