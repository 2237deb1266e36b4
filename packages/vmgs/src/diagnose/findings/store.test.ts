/** What the doctor says of the file, headers, tables, encryption and marker beyond the golden stores. */

import { describe, expect, test } from "vitest";
import { createStoreImage, examine, now } from "../../../test/diagnosis-fixtures.ts";
import { goldenFile, goldenImage } from "../../../test/golden-data.ts";
import { testKey } from "../../../test/store-fixtures.ts";
import { openMemoryDisk } from "../../disk/index.ts";
import { encodeHeader, FileId, header } from "../../format/index.ts";
import { decode } from "../../layout/index.ts";
import { openStore } from "../../store/index.ts";
import { diagnose } from "../index.ts";

const small = { blocks: 16 };

describe("the file", () => {
  test("that is packed, or of another kind, is named", async () => {
    const gzip = new Uint8Array(4096).fill(7);
    gzip.set([0x1f, 0x8b]);
    const packed = await examine(gzip);
    expect(packed.of("container-other-format")[0]?.message).toContain("gzip");
    expect(packed.notChecked[0]?.what).toBe("any store in the file");
    const vhdx = new Uint8Array(65_536);
    vhdx.set(new TextEncoder().encode("vhdxfile"));
    expect((await examine(vhdx)).ids).toContain("container-other-format");
    const text = new TextEncoder().encode("just some text. ".repeat(64));
    expect([...(await examine(text)).ids]).toEqual(["container-too-small", "container-unrecognized"]);
    expect((await examine(new Uint8Array(0))).ids).toContain("container-zero-bytes");
  });

  test("that lost its first bytes tells where its footer begins", async () => {
    const image = await createStoreImage({});
    const { of } = await examine(image.subarray(1));
    expect(of("container-odd-size")[0]?.evidence).toMatchObject({ footerAt: image.length - 512 - 1 });
  });

  test("with a raw store in it says that it has no footer, unless that was said", async () => {
    const raw = (await createStoreImage({ 1: "" })).subarray(0, -512);
    expect((await examine(raw)).ids).toContain("container-footer-missing");
    expect((await examine(raw, { container: "raw", sectorSize: 512 })).ids).not.toContain(
      "container-footer-missing",
    );
  });

  test("with data behind the disk, or sectors that nothing tells", async () => {
    const image = await goldenImage("corrupt-footer-size-smaller");
    image[3_000_000] = 1;
    expect((await examine(image)).of("container-disk-smaller")[0]?.evidence).toMatchObject({
      dataAt: 3_000_000,
    });
    const single = (await createStoreImage({})).subarray(0, -512);
    expect((await examine(single)).ids).toContain("container-sector-size-unknown");
  });

  test("that is blank and very large is only looked at in part, and says so", async () => {
    const large = { byteLength: 3 * 2 ** 30, read: async (_: number, into: Uint8Array) => void into.fill(0) };
    const { findings, notChecked } = await diagnose(large, { now });
    expect(findings[0]).toMatchObject({
      id: "container-blank-without-footer",
      message: "the first 67108864 bytes are zero",
    });
    expect(notChecked.map(({ what }) => what)).toEqual([
      "whether all bytes after the first 67108864 are zero",
    ]);
  });

  test("that is no whole number of blocks", async () => {
    const raw = new Uint8Array(16 * 4096 + 512);
    raw.set((await createStoreImage({ 1: "" }, small)).subarray(0, 16 * 4096));
    expect((await examine(raw, { container: "raw" })).ids).toContain("container-partial-block");
  });
});

describe("headers", () => {
  test("that are noise in a sound VHD", async () => {
    const image = await createStoreImage({});
    for (let i = 0; i < image.length - 512; i++) image[i] = (i * 31 + (i >> 8)) % 251;
    const { ids, verdict } = await examine(image);
    expect([verdict, ...ids]).toEqual(["critical", "headers-none-valid"]);
  });

  test("that were wiped are no blank disk", async () => {
    const image = await goldenImage("real-vm-plain");
    image.fill(0, 0, 4096);
    const { of, verdict } = await examine(image);
    expect(verdict).toBe("critical");
    expect(of("headers-wiped")[0]?.evidence).toMatchObject({ offset: 8192, tablesAtBlocks: "2, 4" });
  });

  test("of a disk with other sectors are seen", async () => {
    const image = await createStoreImage({ 1: "x" });
    const active = decode(header, image, 512);
    image.set(encodeHeader({ ...active, sequence: 9 }), 4096);
    const { of } = await examine(image);
    expect(of("header-other-sector-size")[0]?.evidence).toEqual({
      offset: 4096,
      sequence: 9,
      sectorSize: 512,
    });
  });

  test("whose previous generation is gone", async () => {
    const image = await createStoreImage({ 1: "x" });
    // The table of the previous generation lies at block 2: its first entry gets an impossible offset.
    image.set([1, 0, 0, 0], 2 * 4096);
    expect((await examine(image)).ids).toContain("header-previous-unreadable");
  });
});

describe("tables", () => {
  test("an extended table of a plain store that is not zero", async () => {
    const image = await createStoreImage({ 1: "x" });
    const { state } = await openStore(openMemoryDisk(image));
    image[(state.files.get(FileId.EXTENDED_FILE_TABLE)?.block ?? 0) * 4096 + 70] = 1;
    expect((await examine(image)).ids).toContain("table-extended-not-zero");
  });

  test("too little space to write the TPM state again", async () => {
    const state = await goldenFile("tpm-nvram/fresh-32k.bin");
    expect(
      (await examine(await createStoreImage({ 3: state }, { blocks: 16 }))).of("space-low")[0],
    ).toMatchObject({
      evidence: { fileId: 3, neededBlocks: 8, largestFreeRun: 3 },
    });
    expect((await examine(await createStoreImage({ 3: state }, { blocks: 32 }))).ids).not.toContain(
      "space-low",
    );
  });

  test("data in the last sector of a file is told apart from old data behind it", async () => {
    const image = await createStoreImage({ 4: "12345678" });
    const { state } = await openStore(openMemoryDisk(image));
    const end = (state.files.get(4)?.block ?? 0) * 4096 + 8;
    const inSector = image.slice();
    inSector[end + 3] = 1;
    expect((await examine(inSector)).of("slack-data")[0]?.evidence).toMatchObject({
      offset: end + 3,
      fileId: 4,
    });
    image[end + 1000] = 1;
    const { ids } = await examine(image);
    expect(ids).toContain("slack-leftover");
    expect(ids).not.toContain("slack-data");
  });
});

describe("encryption", () => {
  const key = testKey(4);
  const files = { 1: "one", 3: "three", 5: "five" };

  test("a nonce that two files carry, or two generations, is found without a key", async () => {
    const image = await createStoreImage(files, { key, encrypt: [1, 3] });
    const { state } = await openStore(openMemoryDisk(image));
    const entry = (fileId: number) => state.header.fileTableOffset * 4096 + fileId * 64;
    expect((await examine(image)).ids).not.toContain("encryption-nonce-reuse");
    image.set(image.subarray(entry(1) + 16, entry(1) + 28), entry(3) + 16);
    const { of } = await examine(image);
    expect(of("encryption-nonce-reuse")[0]?.evidence).toMatchObject({
      first: "BIOS_NVRAM (current)",
      second: "TPM_NVRAM (current)",
    });
  });

  test("a tag that was changed is damage, no nonce that was used twice", async () => {
    const { ids } = await examine(await goldenImage("corrupt-enc-tag-flip"));
    expect(ids).not.toContain("encryption-nonce-reuse");
  });

  test("an entry that changed where the file did not move is found without a key", async () => {
    for (const [name, changed] of [
      ["corrupt-enc-tag-flip", "tag"],
      ["corrupt-enc-nonce-flip", "nonce"],
    ] as const) {
      const { of, encryption } = await examine(await goldenImage(name));
      expect(encryption?.unlocked).toBe(false);
      expect(of("encryption-entry-changed")[0]?.evidence).toMatchObject({ fileId: 3, changed });
    }
    for (const name of ["encrypted", "encrypted-rekeyed", "encrypted-moved", "zero-metadata-key-cured"]) {
      expect((await examine(await goldenImage(name))).ids, name).not.toContain("encryption-entry-changed");
    }
  });

  test("a file with secrets that stayed plain", async () => {
    const { of } = await examine(await createStoreImage(files, { key, encrypt: [3] }));
    expect(of("encryption-file-plain").map(({ evidence }) => evidence.fileId)).toEqual([1]);
  });

  test("secrets in a plain store", async () => {
    const { of } = await examine(await createStoreImage({ 3: "state", 13: "key", 15: "", 18: "{}" }));
    expect(of("encryption-secrets-open").map(({ evidence }) => evidence.fileId)).toEqual([3, 13]);
  });

  test("two keys that no write has parted open both", async () => {
    const image = await createStoreImage(files, {
      key,
      encrypt: [1, 3],
      change: (store) => store.addKey(testKey(5)),
    });
    const { ids, notChecked } = await examine(image, { key });
    expect(ids).toContain("encryption-two-keys");
    expect(ids).not.toContain("encryption-stale-slot");
    expect(notChecked.some(({ what }) => /^key slot [01]$/.test(what))).toBe(true);
  });
});

describe("the marker", () => {
  const marker = (text: string) => createStoreImage({ 18: text }).then((image) => examine(image));
  const sound =
    '"provisioner":"openhcl","reason":"empty","tpm_version":"1.38","tpm_nvram_size":32768,"akcert_size":4096,"akcert_attrs":"0x42060004"';

  test("of either shape is sound, both at once are not", async () => {
    for (const key of ["hcl_version", "provisioner_version"]) {
      const { ids } = await marker(`{${sound},"${key}":"x"}`);
      expect([...ids].filter((id) => id.startsWith("marker-"))).toEqual([]);
    }
    const { ids } = await marker(`{${sound},"hcl_version":"x","provisioner_version":"y"}`);
    expect(ids).toContain("marker-two-shapes");
  });

  test("with missing, unknown, wrong and dangerous fields", async () => {
    const { of, ids } = await marker(
      `{"provisioner":"somebody\\u001b[2J","reason":"whim","host":1,"tpm_nvram_size":"x","hcl_version":"1"}`,
    );
    expect(of("marker-fields")[0]?.evidence).toMatchObject({ problems: 4 });
    expect(of("marker-unknown-provisioner")).toHaveLength(2);
    expect(of("marker-unknown-fields")[0]?.evidence).toMatchObject({ fields: "host" });
    expect(ids).toContain("marker-control-characters");
  });

  test("that is encrypted is found with and without the key", async () => {
    const key = testKey(6);
    const image = await createStoreImage({ 18: `{${sound},"hcl_version":"x"}` }, { key, encrypt: [18] });
    expect((await examine(image)).ids).toContain("marker-encrypted");
    expect((await examine(image, { key })).ids).toContain("marker-encrypted");
  });

  test("that is no JSON and would be obeyed by a terminal", async () => {
    const { ids } = await examine(await goldenImage("marker-malformed"));
    expect(ids).toContain("marker-malformed");
    expect(ids).toContain("marker-control-characters");
  });

  test("as long as somebody likes is quoted in part", async () => {
    const { of } = await marker(`{${sound.replace("openhcl", "x".repeat(5000))},"hcl_version":"x"}`);
    expect(of("marker-unknown-provisioner")[0]?.message.length).toBeLessThan(200);
  });
});
