// Cost of a transaction against the number of files and the size of the store, in memory: what our own code costs.
import { createMemoryDisk, formatStore } from "../packages/vmgs/dist/index.js";
import { inTurn, ratio, table } from "./measure.mjs";

const CONTENT = new Uint8Array(4096).fill(1);
const TRANSACTIONS = 200;
const FILES = Array.from({ length: 62 }, (_, i) => i + 1);

async function prepared(mebibytes, files) {
  const store = await formatStore(createMemoryDisk(mebibytes * 2 ** 20));
  for (const id of FILES.slice(0, files)) await store.write(id, CONTENT);
  return store;
}

async function transactions(store) {
  for (let i = 0; i < TRANSACTIONS; i++) await store.write(1, CONTENT);
}

async function compare(title, cases) {
  const stores = [];
  for (const [, mebibytes, files] of cases) stores.push(await prepared(mebibytes, files));
  const times = await inTurn(
    stores.map((store) => () => transactions(store)),
    9,
  );
  const rows = cases.map(([name], i) => [
    name,
    `${((times[i] / TRANSACTIONS) * 1000).toFixed(0)} us`,
    ratio(times[i], times[0]),
  ]);
  table(title, rows);
}

await compare("One transaction, by size of the store (must not grow)", [
  ["4 MiB", 4, 8],
  ["64 MiB", 64, 8],
  ["1 GiB", 1024, 8],
]);
await compare("One transaction, by number of files", [
  ["1 file", 4, 1],
  ["16 files", 4, 16],
  ["62 files", 4, 62],
]);
