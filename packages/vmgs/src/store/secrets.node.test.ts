/** No key of a store reaches JSON, text, util.inspect or an error. */

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { patterned } from "../../test/golden-data.ts";
import { failing, recordingDisk } from "../../test/recording-disk.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { toHex } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { formatStore, openStore, openWritableStore, type StoreState, shareStore } from "./index.ts";

const datastoreKey = testKey(1);
const otherKey = testKey(2);

async function secretStore() {
  const disk = recordingDisk(createMemoryDisk(64 * 4096));
  const store = await formatStore(disk, { key: datastoreKey });
  await store.writeEncrypted(3, patterned(5000, 3));
  return { disk, store };
}

/** Every form in which the keys of a state could show: hex, upper-case hex, base64, and lists of numbers. */
function needlesOf({ unlocked }: StoreState): RegExp {
  if (unlocked === null) throw new Error("the store is unlocked");
  const keys = [
    datastoreKey,
    otherKey,
    unlocked.metadataKey.expose(),
    ...[...unlocked.fileKeys.values()].map(({ key }) => key.expose()),
  ].filter((key) => key.some((byte) => byte !== 0));
  const forms = keys.flatMap((key) => {
    const part = key.slice(8, 16);
    return [
      toHex(part),
      [...part].map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      [...part].join(","),
      [...part].join(", "),
      Buffer.from(key).toString("base64").slice(12, 20),
    ];
  });
  return new RegExp(forms.map((form) => form.replaceAll(/[+/]/g, "\\$&")).join("|"), "i");
}

/** All that a program might print of a value. Keys of bigint and Map are spelt out. */
function printed(value: unknown): string[] {
  const json = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return String(inner);
    return inner instanceof Map ? [...inner] : inner;
  });
  return [
    String(value),
    json ?? "",
    inspect(value, { depth: 20 }),
    inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null }),
    inspect(value, { depth: 20, customInspect: false, showHidden: true, maxArrayLength: null }),
  ];
}

describe("the keys of an unlocked store are not in", () => {
  test("what is printed of its state, of itself, or of a broker over it", async () => {
    const { disk, store } = await secretStore();
    const needles = needlesOf(store.state);
    const reading = await openStore(disk, { key: datastoreKey });
    const values = [
      store,
      store.state,
      store.state.unlocked,
      store.files,
      reading,
      reading.state,
      shareStore(store),
    ];
    for (const text of values.flatMap(printed)) expect(text).not.toMatch(needles);
  });

  test("what is printed of a planned transaction, its writes included", async () => {
    const { store } = await secretStore();
    const transaction = await store.plan([
      { kind: "write", fileId: 4, content: patterned(100, 1), encrypt: true },
      { kind: "addKey", key: new Secret(otherKey) },
    ]);
    const needles = needlesOf(transaction.next);
    for (const text of printed(transaction)) expect(text).not.toMatch(needles);
  });

  test("the bytes on the disk", async () => {
    const { disk, store } = await secretStore();
    const { unlocked } = store.state;
    const image = Buffer.from(disk.image);
    for (const key of [
      datastoreKey,
      unlocked?.metadataKey.expose(),
      unlocked?.fileKeys.get(3)?.key.expose(),
    ]) {
      expect(image.indexOf(Buffer.from(key ?? datastoreKey))).toBe(-1);
    }
  });

  test("any error, with its cause and its stack", async () => {
    const { disk, store } = await secretStore();
    const needles = needlesOf(store.state);
    const errors: unknown[] = [];
    const attempt = async (action: () => Promise<unknown>) => {
      try {
        await action();
      } catch (error) {
        errors.push(error);
      }
    };
    await attempt(() => openStore(disk, { key: otherKey }));
    await attempt(() => openStore(disk, { key: datastoreKey.subarray(1) }));
    await attempt(() => store.write(3, patterned(10, 1)));
    await attempt(() => store.addKey(new Uint8Array(32)));
    await attempt(() => store.removeKey(0));
    const failed = await openWritableStore(disk, { key: datastoreKey });
    disk.before = failing(
      ({ kind }) => kind === "write",
      () => new VmgsError("VMGS_IO", "broken"),
    );
    await attempt(() => failed.addKey(otherKey));
    disk.before = () => undefined;
    const at = (store.state.files.get(3)?.block ?? 0) * 4096;
    disk.image[at] = (disk.image[at] as number) ^ 1;
    await attempt(() => store.readFile(3));
    const tableAt = (store.state.files.get(63)?.block ?? 0) * 4096;
    disk.image[tableAt] = (disk.image[tableAt] as number) ^ 1;
    await attempt(() => openStore(disk, { key: datastoreKey }));
    expect(errors).toHaveLength(8);
    for (const error of errors) {
      expect(error).toBeInstanceOf(VmgsError);
      for (const text of printed(error)) expect(text).not.toMatch(needles);
    }
  });
});

test("a secret shows as [secret] wherever it stands", () => {
  const secret = new Secret(datastoreKey);
  expect(inspect(secret)).toBe("[secret]");
  expect(inspect({ key: secret })).toBe("{ key: [secret] }");
});
