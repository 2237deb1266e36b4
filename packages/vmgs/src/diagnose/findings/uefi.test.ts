/** What the doctor says of UEFI variables and custom settings. */

import { describe, expect, test } from "vitest";
import { createStoreImage, examine } from "../../../test/diagnosis-fixtures.ts";
import { goldenFile } from "../../../test/golden-data.ts";
import {
  encodeSignatureLists,
  encodeVariableList,
  readSignatureLists,
  readVariableList,
  removeVariable,
  secureBootAttributes,
  secureBootVariable,
  setVariable,
  signatureListOf,
  usualAttributes,
  type VariableList,
  VendorGuid,
} from "../../uefi/index.ts";

const global = VendorGuid.EFI_GLOBAL_VARIABLE;
const security = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
const list = async (name: string) => readVariableList(await goldenFile(`uefi/${name}.bin`));
const examineList = async (variables: VariableList) =>
  examine(await createStoreImage({ 1: encodeVariableList(variables) }));
const uefiIds = ({ ids }: { ids: Set<string> }) => [...ids].filter((id) => id.startsWith("uefi-")).sort();

describe("the variable list", () => {
  test("that is sound gives no finding", async () => {
    expect(uefiIds(await examineList(await list("boot-entries")))).toEqual([]);
    expect(uefiIds(await examineList(await list("empty")))).toEqual([]);
  });

  test.each([
    ["length-past-end", "entry-past-end"],
    ["missing-nul", "name-not-terminated"],
    ["trailing-bytes", "trailing-bytes"],
  ])("%s is damaged, with the problem", async (name, problem) => {
    const image = await createStoreImage({ 1: await goldenFile(`uefi/${name}.bin`) });
    const { of } = await examine(image);
    expect(of("uefi-list-damaged").map(({ evidence }) => evidence.problem)).toEqual([problem]);
  });

  test("that is noise is no list at all", async () => {
    const image = await createStoreImage({ 1: await goldenFile("uefi/locked-noise.bin") });
    expect(uefiIds(await examine(image))).toEqual(["uefi-list-unrecognized"]);
  });
});

describe("boot entries", () => {
  test("that BootOrder names and that are not there are told once", async () => {
    const BootOrder = Uint8Array.of(0x0a, 0, 0x77, 0, 0x77, 0, 0, 0);
    const variables = setVariable(await list("boot-entries"), {
      vendor: global,
      name: "BootOrder",
      attributes: usualAttributes,
      data: BootOrder,
    });
    const { of } = await examineList(variables);
    expect(of("uefi-boot-order-dangling")).toHaveLength(1);
    expect(of("uefi-boot-order-dangling")[0]).toMatchObject({
      message: "Boot0077 does not exist; 2 entries of the order do",
      evidence: { missing: 1, existing: 2 },
    });
  });

  test("that can't be read are named", async () => {
    const variables = setVariable(await list("boot-entries"), {
      vendor: global,
      name: "Boot0000",
      attributes: usualAttributes,
      data: Uint8Array.of(1, 2, 3),
    });
    const odd = setVariable(variables, {
      vendor: global,
      name: "BootOrder",
      attributes: usualAttributes,
      data: Uint8Array.of(1),
    });
    expect((await examineList(odd)).of("uefi-boot-entry-unreadable")).toHaveLength(2);
  });
});

describe("secure boot", () => {
  test("of Hyper-V's template: certificates are out of date, nothing worse", async () => {
    const { of, worst } = await examineList(await list("secure-boot"));
    expect(worst).toBe("info");
    expect(of("uefi-certificate-expired").length).toBeGreaterThan(0);
    const early = await examine(
      await createStoreImage({ 1: encodeVariableList(await list("secure-boot")) }),
      { now: new Date("2015-01-01T00:00:00Z") },
    );
    expect(
      early
        .of("uefi-certificate-expired")
        .map(({ message }) => message)
        .join(),
    ).toContain("is not valid yet");
  });

  test("without a platform key enforces nothing", async () => {
    const variables = removeVariable(await list("secure-boot"), { vendor: global, name: "PK" });
    const { of } = await examineList(variables);
    expect(of("uefi-secure-boot-no-pk")[0]?.message).toBe(
      "there is no PK, but SecureBootEnable is 1 and KEK, db, dbx have entries",
    );
    expect(uefiIds(await examineList(await list("boot-entries")))).not.toContain("uefi-secure-boot-no-pk");
  });

  test("with the CAs of 2011 only, and with an empty dbx", async () => {
    const golden = await list("secure-boot");
    const signatures = readSignatureLists(
      secureBootVariable(golden, "db")?.data ?? new Uint8Array(0),
    ).lists.flatMap((one) => one.signatures);
    const owner = VendorGuid.MICROSOFT_SECURE_BOOT;
    const [uefi2011] = signatures;
    const db = encodeSignatureLists([signatureListOf("X509", owner, [uefi2011?.data ?? new Uint8Array(0)])]);
    const old = setVariable(golden, {
      vendor: security,
      name: "db",
      attributes: secureBootAttributes,
      data: db,
    });
    const { ids } = await examineList(removeVariable(old, { vendor: security, name: "dbx" }));
    expect(ids).toContain("uefi-2011-only");
    expect(ids).toContain("uefi-dbx-empty");
    expect(uefiIds(await examineList(golden))).toEqual(["uefi-certificate-expired"]);
  });

  test("with a database that is none", async () => {
    const bad = setVariable(await list("secure-boot"), {
      vendor: security,
      name: "db",
      attributes: secureBootAttributes,
      data: Uint8Array.of(1, 2, 3),
    });
    expect((await examineList(bad)).of("uefi-database-unreadable")[0]?.evidence).toEqual({ database: "db" });
  });
});

test("custom UEFI settings that are no JSON stop the boot when there are no variables", async () => {
  expect(uefiIds(await examine(await createStoreImage({ 9: "nonsense" })))).toEqual([
    "uefi-custom-stops-boot",
  ]);
  const variables = encodeVariableList(await list("boot-entries"));
  expect(uefiIds(await examine(await createStoreImage({ 1: variables, 9: "nonsense" })))).toEqual([
    "uefi-custom-unreadable",
  ]);
  const sound = JSON.stringify({
    type: "Microsoft.Compute/disks",
    properties: { uefiSettings: { signatureMode: "Append", signatures: {} } },
  });
  expect(uefiIds(await examine(await createStoreImage({ 9: sound })))).toEqual([]);
});
