/** Taking the last change of a store back. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorsOf, vmgs } from "./support/cli.ts";
import { fingerprint, makeEncryptedStore, makeStore } from "./support/folder.ts";
import { expectValid } from "./support/schemas.ts";

async function storeWithChange() {
  const { folder, file } = await makeStore();
  const source = join(folder, "source");
  await writeFile(source, "new content");
  await vmgs(["put", file, "BIOS_NVRAM", source, "--force"]);
  return { folder, file };
}

const contentOf = async (file: string) => (await vmgs(["cat", file, "BIOS_NVRAM"])).stdout;

describe("vmgs undo", () => {
  test("says what it goes back to, does it, and says how to go forward again", async () => {
    const { file } = await storeWithChange();
    const { code, stdout } = await vmgs(["undo", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/goes back from sequence (\d+) to what sequence \d+ was/);
    expect(stdout).toMatch(/^Files\n.*BIOS_NVRAM \(1\): /m);
    expect(stdout).toContain(`\`vmgs undo ${file}\` goes forward again`);
    expect(await contentOf(file)).not.toBe("new content");
    expect((await vmgs(["undo", file, "-q"])).stdout).toBe("");
    expect(await contentOf(file)).toBe("new content");
  });

  test("only shows it with --dry-run, and writes nothing", async () => {
    const { file } = await storeWithChange();
    const before = await fingerprint(file);
    const { code, stdout } = await vmgs(["undo", file, "--dry-run", "-q"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("would go back")]);
    expect(await fingerprint(file)).toEqual(before);
  });

  test("gives one document, and copies the file before", async () => {
    const { folder, file } = await storeWithChange();
    const backup = join(folder, "copy");
    const { stdout } = await vmgs(["undo", file, "--backup", backup, "--json"]);
    const document = JSON.parse(stdout);
    expectValid(document, "vmgs.undo/1");
    expect(document.sequence).toBe(document.leaves + 1);
    expect(await contentOf(backup)).toBe("new content");
  });

  test("of a rekey takes the old key, and forward again the new one", async () => {
    const { folder, file, keyFile } = await makeEncryptedStore();
    const newKey = join(folder, "new.key");
    await vmgs(["key", "generate", "-o", newKey]);
    await vmgs(["rekey", file, "--key", keyFile, "--new-key", newKey]);
    expect(errorsOf(await vmgs(["undo", file, "--json"]))[0]?.code).toBe("VMGS_NEEDS_UNLOCK");
    expect(errorsOf(await vmgs(["undo", file, "--key", newKey, "--json"]))[0]?.code).toBe("VMGS_WRONG_KEY");
    expect((await vmgs(["undo", file, "--key", keyFile])).code).toBe(0);
    expect((await vmgs(["inspect", file, "--key", keyFile])).code).toBe(0);
    expect((await vmgs(["undo", file, "--key", newKey])).code).toBe(0);
    expect((await vmgs(["inspect", file, "--key", newKey])).code).toBe(0);
  });

  test("is refused after wiping, and the file stays as it is", async () => {
    const { file } = await storeWithChange();
    await vmgs(["wipe", file]);
    const before = await fingerprint(file);
    expect(errorsOf(await vmgs(["undo", file, "--json"]))[0]?.code).toBe("VMGS_GENERATION_WIPED");
    expect(await fingerprint(file)).toEqual(before);
  });
});
