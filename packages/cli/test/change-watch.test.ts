/** Errors say what has become of a change, by what is known of the disk. */

import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryDisk, formatStore, openWritableStore, VmgsError, type WritableDisk } from "vmgskit";
import { type ChangeWatch, watchChanges } from "../src/change-watch.ts";
import { reportError } from "../src/messages.ts";
import { chooseColors } from "../src/terminal/colors.ts";
import { expectValidErrors } from "./support/schemas.ts";

const FILE = "a vm.vmgs";
let changes: ChangeWatch;
let disk: WritableDisk;
/** Writes that still succeed. */
let left: number;

beforeEach(async () => {
  changes = watchChanges();
  const memory = createMemoryDisk(1_048_576);
  await formatStore(memory, {});
  left = Number.POSITIVE_INFINITY;
  disk = {
    ...memory,
    async write(offset: number, bytes: Uint8Array) {
      if (left-- <= 0) throw new VmgsError("VMGS_IO", "I/O error EIO");
      await memory.write(offset, bytes);
    },
  };
});

/** What people and scripts are told of an error. */
async function told(error: unknown): Promise<{ text: string; document: Record<string, unknown> }> {
  const colors = chooseColors({ env: {}, isTerminal: false, refused: true });
  const report = async (json: boolean) => {
    let text = "";
    const write = async (data: string | Uint8Array) => {
      text += String(data);
    };
    const stderr = { isTerminal: false, columns: 80, write };
    await reportError({ json, stderr, changes, env: {}, messageColors: colors }, error, FILE);
    return text;
  };
  const { error: document } = JSON.parse(await report(true)) as { error: Record<string, unknown> };
  expectValidErrors([document]);
  return { text: await report(false), document };
}

async function failing(writes: number): Promise<unknown> {
  const store = await openWritableStore(disk);
  await store.write(3, new Uint8Array(8192).fill(1));
  changes.followStore(FILE, store);
  left = writes;
  const change = { kind: "write", fileId: 3, content: new Uint8Array(100) } as const;
  return store.commit([change], { wipe: true }).catch((error: unknown) => error);
}

describe("a store whose disk fails", () => {
  test("before the commit is as it was", async () => {
    const { text, document } = await told(await failing(1));
    expect(text).toContain("; the store's content is unchanged\n");
    expect(document.change).toMatchObject({ state: "none" });
  });

  test("after the commit, while it is wiped, is changed", async () => {
    const { text, document } = await told(await failing(3));
    expect(text).toContain("; the change is done: sequence 3");
    expect(document.change).toEqual({ file: FILE, state: "done", sequence: 3 });
    expect(document.hint).not.toContain("try again");
  });

  test("at the commit may be either, and the way to find out is a command that can be pasted", async () => {
    const { text, document } = await told(await failing(2));
    expect(document.code).toBe("VMGS_STORE_UNCERTAIN");
    expect(text).toContain("; it is not known whether the change is done\n");
    expect(text).toContain("hint: `vmgs history 'a vm.vmgs'` shows whether it is done");
    expect(document.change).toMatchObject({ state: "unknown" });
  });
});

test("a disk that is being formatted is neither before nor after", async () => {
  const blank = changes.followDisk(FILE, createMemoryDisk(1_048_576));
  expect(changes.known()?.state).toEqual({ state: "none" });
  await blank.write(0, new Uint8Array(512));
  expect(changes.known()?.state).toEqual({ state: "unknown" });
});

test("an interruption before any change says so, and other errors say nothing of changes", async () => {
  const interrupted = await told(AbortSignal.abort().reason);
  expect(interrupted.text).toBe(`vmgs: ${FILE}: interrupted; nothing was changed\n`);
  expect(interrupted.document).not.toHaveProperty("change");
  expect((await told(new VmgsError("VMGS_FILE_NOT_ALLOCATED", "no file 3"))).text).toContain(": no file 3\n");
});
