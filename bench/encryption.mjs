// Encrypted writes and reads of 1 MiB and 64 MiB through a store, beside plain crypto.subtle on the same bytes. Limits at
// 64 MiB: time 1.3x, told of a store in memory, as plain crypto.subtle writes no disk either; peak memory 2.2x of the
// file, told of a store in a file, as one in memory is itself memory. Each measurement has a process of its own.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, ratio, table } from "./measure.mjs";

const worker = fileURLToPath(new URL("./encryption-worker.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vmgskit-bench-"));
const ROUNDS = 5;

function measure(mode, mebibytes) {
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [worker, mode, String(mebibytes), join(folder, "vm.vmgs")],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const modes = [
  "subtle-encrypt",
  "memory-write",
  "file-write",
  "web-write",
  "subtle-decrypt",
  "memory-read",
  "file-read",
  "web-read",
];
const names = {
  "subtle-encrypt": "crypto.subtle.encrypt alone",
  "memory-write": "write, in memory, nodeCipher",
  "file-write": "write, in a file, nodeCipher",
  "web-write": "write, in a file, WebCrypto",
  "subtle-decrypt": "crypto.subtle.decrypt alone",
  "memory-read": "read, in memory, nodeCipher",
  "file-read": "read, in a file, nodeCipher",
  "web-read": "read, in a file, WebCrypto",
};
for (const mebibytes of [1, 64]) {
  const results = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const mode of modes) results[mode].push(measure(mode, mebibytes));
  const time = (mode) => median(results[mode].map(({ ms }) => ms));
  const peak = (mode) => median(results[mode].map(({ peakBytes }) => peakBytes)) / (mebibytes * 2 ** 20);
  const rows = modes.map((mode) => {
    const base = mode.endsWith("write") || mode.endsWith("encrypt") ? "subtle-encrypt" : "subtle-decrypt";
    const speed = `${(mebibytes / (time(mode) / 1000)).toFixed(0)} MB/s`;
    return [
      names[mode],
      speed,
      `time ${ratio(time(mode), time(base))}`,
      `peak memory ${peak(mode).toFixed(2)}x of the file`,
    ];
  });
  table(
    `${mebibytes} MiB, median of ${ROUNDS}${mebibytes === 64 ? " (limits: time 1.3x, peak memory 2.2x)" : ""}`,
    rows,
  );
}
rmSync(folder, { recursive: true });
