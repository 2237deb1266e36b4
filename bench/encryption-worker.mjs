// One measurement of encryption.mjs: prints milliseconds and the growth of the process's peak memory in bytes.
import { spawnSync } from "node:child_process";
import {
  createMemoryDisk,
  formatStore,
  openStore,
  openWritableStore,
  webCipher,
} from "../packages/vmgs/dist/index.js";
import { createDiskFile, nodeCipher, openDiskFile } from "../packages/vmgs/dist/node/index.js";

const [mode, mebibytes, path] = process.argv.slice(2);
const length = Number(mebibytes) * 2 ** 20;
const datastoreKey = new Uint8Array(32).fill(7);
const cipher = mode.startsWith("web") ? webCipher : nodeCipher;
const FILE = 3;

async function prepare(content) {
  await createDiskFile(path, { byteLength: 3 * length + 2 ** 20, overwrite: true });
  const disk = await openDiskFile(path, { write: true });
  const store = await formatStore(disk, { key: datastoreKey, cipher });
  if (content !== undefined) await store.writeEncrypted(FILE, content);
  await disk.close();
}

async function subtle(usage) {
  const key = await crypto.subtle.importKey("raw", datastoreKey, "AES-GCM", false, [usage]);
  const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) };
  return { key, algorithm };
}

/** Each mode prepares its input, and gives the action to measure. */
const modes = {
  async "subtle-encrypt"() {
    const content = new Uint8Array(length).fill(1);
    const { key, algorithm } = await subtle("encrypt");
    return () => crypto.subtle.encrypt(algorithm, key, content);
  },
  async "subtle-decrypt"() {
    const { key, algorithm } = await subtle("encrypt");
    const sealed = await crypto.subtle.encrypt(algorithm, key, new Uint8Array(length).fill(1));
    const opening = await subtle("decrypt");
    return () => crypto.subtle.decrypt(opening.algorithm, opening.key, sealed);
  },
  async "memory-write"() {
    const store = await formatStore(createMemoryDisk(3 * length + 2 ** 20), { key: datastoreKey, cipher });
    const content = new Uint8Array(length).fill(1);
    return () => store.writeEncrypted(FILE, content);
  },
  async "memory-read"() {
    const store = await formatStore(createMemoryDisk(3 * length + 2 ** 20), { key: datastoreKey, cipher });
    await store.writeEncrypted(FILE, new Uint8Array(length).fill(1));
    return () => store.readFile(FILE);
  },
  async write() {
    await prepare();
    const content = new Uint8Array(length).fill(1);
    const disk = await openDiskFile(path, { write: true });
    const store = await openWritableStore(disk, { key: datastoreKey, cipher });
    return () => store.writeEncrypted(FILE, content);
  },
  async read() {
    const disk = await openDiskFile(path);
    const store = await openStore(disk, { key: datastoreKey, cipher });
    return () => store.readFile(FILE);
  },
};

// A peak can only be told of a fresh process: for reading, the store is made by this one and read by another.
if (["file-read", "web-read"].includes(mode) && process.env.PREPARED !== "1") {
  await prepare(new Uint8Array(length).fill(1));
  const env = { ...process.env, PREPARED: "1" };
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { stdio: "inherit", env });
  process.exit(status ?? 1);
}

const peak = () => process.resourceUsage().maxRSS * 1024;
const idle = peak();
const action = await (modes[mode] ?? modes[mode.split("-")[1]])();
const start = performance.now();
await action();
const ms = performance.now() - start;
console.log(JSON.stringify({ ms, peakBytes: peak() - idle }));
process.exit(0);
