/** One store, several users. */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { patterned } from "../../test/golden-data.ts";
import { failing, recordingDisk } from "../../test/recording-disk.ts";
import { freshStore, testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { formatStore, openStore, resumeStore, shareStore } from "./index.ts";

const key = testKey(1);
const content = (fill: number) => patterned(5000, fill);

describe("a shared store", () => {
  test("serves requests in the order in which they were made", async () => {
    const { disk, store } = await freshStore({ key });
    const broker = shareStore(store);
    const answers: string[] = [];
    const note = (name: string) => (): void => {
      answers.push(name);
    };
    await Promise.all([
      broker.write(1, content(1)).then(note("write 1")),
      broker.read(1).then((bytes) => answers.push(`read ${bytes[0] === content(1)[0]}`)),
      broker.writeEncrypted(3, content(3)).then(note("write 3")),
      broker.write(1, content(2)).then(note("write 1 again")),
      broker.read(1).then((bytes) => answers.push(`read ${bytes[0] === content(2)[0]}`)),
      broker.info(3).then(({ bytes, encrypted }) => answers.push(`info ${bytes} ${encrypted}`)),
      broker.delete(3).then(note("delete 3")),
    ]);
    expect(answers).toEqual([
      "write 1",
      "read true",
      "write 3",
      "write 1 again",
      "read true",
      "info 5000 true",
      "delete 3",
    ]);
    expect((await openStore(disk)).files.map(({ id }) => id)).toEqual([1]);
  });

  test("commits many concurrent writes, each whole", async () => {
    const { disk, store } = await freshStore();
    const broker = shareStore(store);
    const ids = Array.from({ length: 20 }, (_, i) => i + 1);
    await Promise.all(ids.map((id) => broker.write(id, patterned(100 + id, id))));
    const reopened = await openStore(disk);
    for (const id of ids) expect(await reopened.readFile(id)).toEqual(patterned(100 + id, id));
    expect(reopened.state.header.sequence).toBe(1 + ids.length);
  });

  test("tells absence as its own kind of error, and passes on the others", async () => {
    const { store } = await freshStore({ key });
    const broker = shareStore(store);
    await broker.writeEncrypted(3, content(3));
    expect(await codeOf(() => broker.info(1))).toBe("VMGS_FILE_NOT_ALLOCATED");
    expect(await codeOf(() => broker.read(1))).toBe("VMGS_FILE_NOT_ALLOCATED");
    expect(await codeOf(() => broker.delete(1))).toBe("VMGS_FILE_NOT_ALLOCATED");
    for (const id of [0, 63, 64]) {
      expect(await codeOf(() => broker.info(id))).toBe("VMGS_INVALID_FILE_ID");
      expect(await codeOf(() => broker.write(id, content(1)))).toBe("VMGS_INVALID_FILE_ID");
    }
    expect(await codeOf(() => broker.write(3, content(1)))).toBe("VMGS_OVERWRITE_ENCRYPTED");
    expect(await codeOf(() => broker.write(1, patterned(70 * 4096, 1)))).toBe("VMGS_INSUFFICIENT_SPACE");
    await broker.write(3, content(4), { overwriteEncrypted: true });
    expect(await broker.read(3)).toEqual(content(4));
  });

  test("goes on after a request that failed", async () => {
    const disk = recordingDisk(createMemoryDisk(64 * 4096));
    const broker = shareStore(await formatStore(disk));
    disk.before = failing(
      ({ kind }) => kind === "write",
      () => new VmgsError("VMGS_DISK_FULL", "full"),
    );
    const failed = codeOf(() => broker.write(1, content(1)));
    const absent = codeOf(() => broker.read(1));
    expect(await failed).toBe("VMGS_DISK_FULL");
    expect(await absent).toBe("VMGS_FILE_NOT_ALLOCATED");
    disk.before = () => undefined;
    await broker.write(1, content(2));
    expect(await broker.read(1)).toEqual(content(2));
  });

  test("saves the state as of all requests before", async () => {
    const { disk, store } = await freshStore();
    const broker = shareStore(store);
    const [, saved] = await Promise.all([broker.write(1, content(1)), broker.save()]);
    const resumed = await resumeStore(disk, saved);
    expect(await resumed.readFile(1)).toEqual(content(1));
  });

  test("serves what was asked for before it is closed, and refuses what comes after", async () => {
    const { disk, store } = await freshStore();
    const broker = shareStore(store);
    const before = broker.write(1, content(1));
    const closing = broker.close();
    const requests = [
      () => broker.info(1),
      () => broker.read(1),
      () => broker.write(2, content(2)),
      () => broker.writeEncrypted(2, content(2)),
      () => broker.delete(1),
      () => broker.save(),
    ];
    for (const request of requests) expect(await codeOf(request)).toBe("VMGS_BROKER_CLOSED");
    await before;
    await closing;
    await broker.close();
    expect((await openStore(disk)).files.map(({ id }) => id)).toEqual([1]);
  });

  test("closes only after the last request was served, also one that fails", async () => {
    const disk = recordingDisk(createMemoryDisk(64 * 4096));
    const broker = shareStore(await formatStore(disk));
    const order: string[] = [];
    const failed = broker.delete(1).catch(() => order.push("failed"));
    const written = broker.write(1, content(1)).then(() => order.push("written"));
    await broker.close();
    order.push("closed");
    await Promise.all([failed, written]);
    expect(order).toEqual(["failed", "written", "closed"]);
  });
});
