/** File IDs, as people write them and as they are checked. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { checkUserFileId, describeFileId, FileId, fileIdName, parseFileId } from "./index.ts";

test("the names and numbers are those of the specification", () => {
  expect(FileId).toEqual({
    FILE_TABLE: 0,
    BIOS_NVRAM: 1,
    TPM_PPI: 2,
    TPM_NVRAM: 3,
    RTC_SKEW: 4,
    ATTEST: 5,
    KEY_PROTECTOR: 6,
    VM_UNIQUE_ID: 7,
    GUEST_FIRMWARE: 8,
    CUSTOM_UEFI: 9,
    GUEST_WATCHDOG: 10,
    HW_KEY_PROTECTOR: 11,
    GUEST_SECRET_KEY: 13,
    HIBERNATION_TOKEN: 14,
    PLATFORM_SEED: 15,
    PROVENANCE_DOC: 16,
    TPM_NVRAM_BACKUP: 17,
    PROVISIONING_MARKER: 18,
    TPM_185_NVRAM: 19,
    EXTENDED_FILE_TABLE: 63,
  });
});

describe("a file ID is read", () => {
  test("as a name in any case, with underscores or hyphens", () => {
    for (const [name, id] of Object.entries(FileId)) {
      for (const text of [name, name.toLowerCase(), name.replaceAll("_", "-"), ` ${name} `]) {
        expect(parseFileId(text)).toBe(id);
      }
    }
    expect(parseFileId("Tpm_NvRam")).toBe(3);
  });

  test("as a decimal or hexadecimal number from 0 to 63, also one without a name", () => {
    fc.assert(
      fc.property(fc.nat(63), (id) => {
        expect(parseFileId(String(id))).toBe(id);
        expect(parseFileId(`0x${id.toString(16)}`)).toBe(id);
        expect(parseFileId(`0X${id.toString(16).toUpperCase()}`)).toBe(id);
        expect(parseFileId(`00${id}`)).toBe(id);
      }),
    );
    expect(parseFileId("12")).toBe(12);
    expect(parseFileId("63")).toBe(63);
  });
});

test.each(["64", "0x40", "4294967295", "0xffffffff", "99999999999999999999999"])(
  "%s is above 63 and refused",
  async (text) => {
    const error = await errorOf(() => parseFileId(text));
    expect(error.code).toBe("VMGS_INVALID_FILE_ID");
    expect(error.message).toMatch(/above 63/);
  },
);

test.each(["", " ", "TPM", "-1", "3.0", "1e1", "0x", "0b11", "3 4", "__proto__", "constructor", "\u0663"])(
  "%j is no file ID",
  async (text) => {
    expect(await codeOf(() => parseFileId(text))).toBe("VMGS_INVALID_FILE_ID");
  },
);

test("what is refused is quoted, so that control characters do not reach a terminal", async () => {
  const { message } = await errorOf(() => parseFileId("\u001b[31mred\n"));
  expect(message).not.toMatch(/\p{Cc}/u);
});

describe("a user's file", () => {
  test.each([1, 3, 12, 18, 20, 62])("may have ID %i", (id) => {
    expect(() => checkUserFileId(id)).not.toThrow();
  });

  test.each([0, 63, 64, 4294967295, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "may not have ID %d",
    async (id) => {
      expect(await codeOf(() => checkUserFileId(id))).toBe("VMGS_INVALID_FILE_ID");
    },
  );

  test("that belongs to the store is named in the refusal", async () => {
    const own = await errorOf(() => checkUserFileId(63));
    expect(own.message).toMatch(/EXTENDED_FILE_TABLE \(63\)/);
    expect(own.facts.fileId).toBe(63);
  });
});

test("an ID is told with its name when it has one", () => {
  expect([fileIdName(3), fileIdName(12), fileIdName(62)]).toEqual(["TPM_NVRAM", null, null]);
  expect([describeFileId(3), describeFileId(12)]).toEqual(["TPM_NVRAM (3)", "file 12"]);
});
