/** Inputs of the kind that people meet (test/golden/cases): what the doctor and the forecast say of each. */

import { describe, expect, test } from "vitest";
import { createStoreImage, examine, now } from "../../test/diagnosis-fixtures.ts";
import { goldenCase } from "../../test/golden-data.ts";
import { encode, fromHex } from "../layout/index.ts";
import { memorySource } from "../source/index.ts";
import {
  emptyVariableList,
  encodeSignatureLists,
  encodeVariableList,
  readVariableList,
  secureBootAttributes,
  secureBootState,
  secureBootVariable,
  securityVersionStruct,
  setVariable,
  signatureListOf,
  VendorGuid,
} from "../uefi/index.ts";
import { forecastBoot } from "./index.ts";

const imageOf = async (name: string, fileId = 1) => createStoreImage({ [fileId]: await goldenCase(name) });
const errorsOf = ({ findings }: Awaited<ReturnType<typeof examine>>) =>
  findings.filter(({ severity }) => severity === "error").map(({ id }) => id);
const uefiIds = ({ ids }: { ids: Set<string> }) => [...ids].filter((id) => id.startsWith("uefi-")).sort();

async function defaultBoot(image: Uint8Array) {
  const { lifetimes, uefi } = await forecastBoot(memorySource(image));
  return { ...lifetimes.find(({ lifetime }) => lifetime === "default"), uefi };
}

describe("secure boot", () => {
  test("with a placeholder in dbx revokes nothing", async () => {
    const { of } = await examine(await imageOf("cases/dbx-zero.bin"));
    expect(of("uefi-dbx-empty")[0]?.message).toBe("dbx is only a placeholder");
  });

  test("that revokes the CA of Windows, and has no other, starts no boot loader of Windows", async () => {
    const image = await imageOf("cases/revoked-2011-no-2023.bin");
    expect(errorsOf(await examine(image))).toEqual(["uefi-windows-revoked"]);
    const boot = await defaultBoot(image);
    expect([boot.outcome, boot.uefi.outcome]).toEqual(["starts", "refusesWindows"]);
    expect(boot.why).toContain(boot.uefi.words);
  });

  test("without db starts nothing", async () => {
    const image = await imageOf("cases/db-none.bin");
    expect(errorsOf(await examine(image))).toEqual(["uefi-nothing-trusted"]);
    expect(await defaultBoot(image)).toMatchObject({ outcome: "fails", uefi: { outcome: "stops" } });
  });

  test("that is off needs no db", async () => {
    const off = setVariable(readVariableList(await goldenCase("cases/db-none.bin")), {
      vendor: VendorGuid.SECURE_BOOT_ENABLE,
      name: "SecureBootEnable",
      attributes: 7,
      data: Uint8Array.of(0),
    });
    const image = await createStoreImage({ 1: encodeVariableList(off) });
    expect(errorsOf(await examine(image))).toEqual([]);
    expect((await defaultBoot(image)).outcome).toBe("starts");
  });

  test.each([
    ["cases/kek-2011-only.bin", "uefi-kek-2011-only"],
    ["cases/oddcerts.bin", "uefi-kek-missing"],
    ["cases/pkfail.bin", "uefi-test-key"],
    ["cases/nullpk.bin", "uefi-no-certificate"],
  ] as const)("of %s has the warning %s, and no error", async (name, id) => {
    const diagnosis = await examine(await imageOf(name));
    expect(diagnosis.of(id)).toMatchObject([{ severity: "warning" }]);
    expect(errorsOf(diagnosis)).toEqual([]);
  });

  test("names what is no certificate, and shows the others", async () => {
    const { of } = await examine(await imageOf("cases/oddcerts.bin"));
    expect(of("uefi-no-certificate").map(({ evidence }) => evidence.database)).toEqual(["db"]);
    expect(of("uefi-test-key").map(({ evidence }) => evidence.database)).toEqual(["db"]);
    const list = readVariableList(await goldenCase("cases/oddcerts.bin"));
    const { databases } = await secureBootState(list, now);
    const subjects = databases.db?.entries.map(({ certificate }) => certificate?.fields?.subject ?? null);
    expect(subjects?.[3]).toBe('O=Lab\\, \\"A\\"\\+B+OU=\\ lead\\; trail\\ ,CN=Prüfstelle Ünïcødé 検証');
    expect(subjects?.[6]).toBeNull();
  });

  test("tells security version numbers from hashes", async () => {
    const list = readVariableList(await goldenCase("cases/sb-list.bin"));
    const version = (application: string, major: number) =>
      encode(securityVersionStruct, {
        formatVersion: 1,
        application,
        minor: 0,
        major,
        reserved: new Uint8Array(11),
      });
    const versions = [
      version("9d132b61-59d5-4388-ab1c-185c3cb2eb92", 7),
      version("e8f82e9d-e127-4158-a488-4c18abe2f284", 3),
      version("c999cac2-7ffe-496f-8127-9e2a8a535976", 3),
    ];
    const owner = "9d132b6c-59d5-4388-ab1c-185c3cb2eb92";
    const dbx = {
      vendor: VendorGuid.EFI_IMAGE_SECURITY_DATABASE,
      name: "dbx",
      attributes: secureBootAttributes,
      data: encodeSignatureLists([signatureListOf("SHA256", owner, versions)]),
    };
    const { of } = await examine(await createStoreImage({ 1: encodeVariableList(setVariable(list, dbx)) }));
    expect(of("uefi-security-versions")[0]?.message).toBe(
      "dbx demands boot manager 7.0, cdboot 3.0, wdsmgfw 3.0",
    );
    const { databases } = await secureBootState(setVariable(list, dbx), now);
    expect(databases.dbx).toMatchObject({ hashes: 0, securityVersions: 3, others: 0 });
  });

  test("does not count what dbx revokes by its hash, whoever the owner is", async () => {
    const list = readVariableList(await goldenCase("cases/sb-list.bin"));
    const vendor = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
    const attributes = secureBootAttributes;
    const hash = new Uint8Array(32).fill(7);
    const of = (owner: string) => encodeSignatureLists([signatureListOf("SHA256", owner, [hash])]);
    const db = setVariable(list, { vendor, name: "db", attributes, data: of(vendor) });
    expect((await secureBootState(db, now)).obstacle).toBeNull();
    const both = setVariable(db, { vendor, name: "dbx", attributes, data: of(VendorGuid.SHIM_LOCK) });
    expect(await secureBootState(both, now)).toMatchObject({ trusted: 0, obstacle: "nothing-trusted" });
    expect(secureBootVariable(both, "db")).not.toBeNull();
  });
});

describe("custom UEFI settings with a byte order mark", () => {
  test("end the boot while there are no variables", async () => {
    const image = await imageOf("cases/custom-utf8-bom.json", 9);
    const { of } = await examine(image);
    expect(of("uefi-custom-stops-boot")[0]?.message).toMatch(/byte order mark/);
    const boot = await defaultBoot(image);
    expect([boot.outcome, boot.uefi.outcome]).toEqual(["fails", "stops"]);
  });

  test("are ignored while there are some", async () => {
    const [variables, custom] = [
      await goldenCase("cases/sb-list.bin"),
      await goldenCase("cases/custom-utf8-bom.json"),
    ];
    const image = await createStoreImage({ 1: variables, 9: custom });
    expect(uefiIds(await examine(image))).toContain("uefi-custom-unreadable");
    expect((await defaultBoot(image)).outcome).toBe("starts");
    const emptied = await createStoreImage({ 1: encodeVariableList(emptyVariableList), 9: custom });
    expect((await defaultBoot(emptied)).outcome).toBe("fails");
  });
});

describe("a variable list", () => {
  test("that is nearly full tells what is left, and what fills it", async () => {
    const { of, worst } = await examine(await imageOf("cases/full.bin.gz"));
    expect(of("uefi-space-low")[0]?.evidence).toMatchObject({ bytesLeft: 792 });
    expect(of("uefi-boot-entries-repeated")[0]?.evidence.repeated).toBeGreaterThanOrEqual(299);
    expect(worst).toBe("warning");
  });

  test("that is too large ends the boot", async () => {
    const image = await goldenCase("cases/vars-2m.vmgs.gz");
    const { of } = await examine(image);
    expect(of("uefi-list-damaged")[0]?.message).toMatch(/2097150 bytes .*at most 131072/);
    expect(await defaultBoot(image)).toMatchObject({ outcome: "fails", uefi: { outcome: "stops" } });
  });

  test("with bytes that are none ends the boot; names without a NUL are skipped", async () => {
    const good = await goldenCase("cases/boot-app.bin");
    const withEnd = (hex: string) => {
      const end = fromHex(hex) ?? new Uint8Array(0);
      const bytes = new Uint8Array(good.length + end.length);
      bytes.set(good);
      bytes.set(end, good.length);
      return createStoreImage({ 1: bytes });
    };
    expect((await defaultBoot(await withEnd("00"))).outcome).toBe("fails");
    const unterminated = `0000000033000000${"00".repeat(36)}02000100410007`;
    const skipped = await withEnd(unterminated);
    expect(await defaultBoot(skipped)).toMatchObject({ outcome: "losesData", uefi: { outcome: "skips" } });
    expect(uefiIds(await examine(skipped))).toContain("uefi-list-damaged");
  });

  test("whose boot options have bytes after a sound path is usable", async () => {
    const { of } = await examine(await imageOf("cases/bootzoo.bin"));
    const unreadable = of("uefi-boot-entry-unreadable").map(({ evidence }) => evidence.variable);
    expect(unreadable).not.toContain("Boot0006");
  });
});
