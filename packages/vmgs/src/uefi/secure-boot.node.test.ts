import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toHex } from "../layout/index.ts";
import {
  emptyVariableList,
  encodeSignatureLists,
  encodeVariableList,
  getVariable,
  readCertificate,
  readCustomUefi,
  readSignatureLists,
  readVariableList,
  removeVariable,
  type SecureBootDatabase,
  secureBootAttributes,
  secureBootState,
  secureBootVariable,
  setVariable,
  signatureListOf,
  type VariableList,
  VendorGuid,
  wellKnownCertificate,
} from "./index.ts";

const golden = readVariableList(
  new Uint8Array(readFileSync(new URL("../../test/golden/uefi/secure-boot.bin", import.meta.url))),
);
const now = new Date("2026-05-01T00:00:00Z");
const owner = VendorGuid.MICROSOFT_SECURE_BOOT;

/** The list with other data in one of the databases. */
function withData(list: VariableList, name: SecureBootDatabase, data: Uint8Array): VariableList {
  const global = name === "PK" || name === "KEK";
  const vendor = global ? VendorGuid.EFI_GLOBAL_VARIABLE : VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
  return setVariable(list, { vendor, name, attributes: secureBootAttributes, data });
}
function certificatesOf(list: VariableList, name: SecureBootDatabase): Uint8Array[] {
  const variable = secureBootVariable(list, name);
  return readSignatureLists(variable?.data ?? new Uint8Array(0)).lists.flatMap(({ signatures }) =>
    signatures.map(({ data }) => data),
  );
}

describe("the secure boot state", () => {
  test("tells mode, entries and generations of a machine from Hyper-V's template", async () => {
    const state = await secureBootState(golden, now);
    expect(state).toMatchObject({
      mode: "user",
      enabled: true,
      uefiCa2023: true,
      windowsCa2023: false,
      kekCa2023: true,
      only2011: false,
      dbxEmpty: false,
    });
    const counts = Object.values(state.databases).map((database) => [
      database?.certificates,
      database?.hashes,
      database?.others,
    ]);
    expect(counts).toEqual([
      [1, 0, 0],
      [2, 0, 0],
      [3, 0, 0],
      [0, 431, 0],
    ]);
    expect(state.databases.db?.time).toBe("2013-10-08T14:38:00Z");
    expect(state.databases.dbx?.entries[0]).toMatchObject({
      typeName: "SHA256",
      owner,
      byteLength: 32,
      hash: "80b4d96931bf0d02fd91a61e19d14f1da452e66db2408ca8604d411f92659f0a",
      certificate: null,
      validity: null,
    });
  });

  test("shows certificates with subject, issuer, serial and validity", async () => {
    const state = await secureBootState(golden, now);
    const [certificate] = (state.databases.db?.entries ?? []).map((entry) => entry.certificate);
    expect(certificate).toMatchObject({
      sha256: "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507",
      fields: {
        subject: "CN=Microsoft Corporation UEFI CA 2011,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US",
        commonName: "Microsoft Corporation UEFI CA 2011",
        issuer:
          "CN=Microsoft Corporation Third Party Marketplace Root,O=Microsoft Corporation,L=Redmond,ST=Washington,C=US",
        serial: "6108d3c4000000000004",
        notBefore: new Date("2011-06-27T21:22:45Z"),
        notAfter: new Date("2026-06-27T21:32:45Z"),
      },
      problem: null,
      wellKnown: { generation: 2011, role: "thirdParty" },
    });
  });

  test("judges validity by the moment that is given", async () => {
    const outOfDate = async (moment: string) =>
      (await secureBootState(golden, new Date(moment))).outOfDate.map(
        ({ database, entry }) => `${database} ${entry.certificate?.fields?.commonName} ${entry.validity}`,
      );
    expect(await outOfDate("2026-05-01T00:00:00Z")).toEqual(["PK Microsoft Hyper-V Firmware PK expired"]);
    expect(await outOfDate("2026-06-28T00:00:00Z")).toEqual([
      "PK Microsoft Hyper-V Firmware PK expired",
      "KEK Microsoft Corporation KEK CA 2011 expired",
      "db Microsoft Corporation UEFI CA 2011 expired",
    ]);
    expect(await outOfDate("2013-06-01T00:00:00Z")).toEqual([
      "KEK Microsoft Corporation KEK 2K CA 2023 notYetValid",
      "db Microsoft UEFI CA 2023 notYetValid",
      "db Azure Services Linux Kmod PCA notYetValid",
    ]);
  });

  test("tells a machine that has CAs of 2011 only", async () => {
    const [uefi2011 = new Uint8Array(0)] = certificatesOf(golden, "db");
    const db = encodeSignatureLists([signatureListOf("X509", owner, [uefi2011])]);
    expect(await secureBootState(withData(golden, "db", db), now)).toMatchObject({
      only2011: true,
      uefiCa2023: false,
    });
  });

  test("is setup mode without a platform key, and tells an empty dbx", async () => {
    const global = VendorGuid.EFI_GLOBAL_VARIABLE;
    const noKey = removeVariable(golden, { vendor: global, name: "PK" });
    expect(await secureBootState(noKey, now)).toMatchObject({ mode: "setup", databases: { PK: null } });
    const emptyList = encodeSignatureLists([signatureListOf("SHA256", owner, [])]);
    expect((await secureBootState(withData(golden, "dbx", emptyList), now)).dbxEmpty).toBe(true);
    expect(await secureBootState(emptyVariableList, now)).toEqual({
      mode: "setup",
      partial: false,
      enabled: null,
      databases: { PK: null, KEK: null, db: null, dbx: null },
      uefiCa2023: false,
      windowsCa2023: false,
      kekCa2023: false,
      only2011: false,
      outOfDate: [],
      dbxEmpty: true,
      revoked: [],
      trusted: 0,
      kekOnly2011: false,
      enforced: false,
      obstacle: null,
    });
  });

  test("does not call it setup mode when the platform key may be in what can't be read", async () => {
    const noise = readVariableList(Uint8Array.from({ length: 500 }, (_, i) => (i * 89 + 7) & 0xff));
    expect(await secureBootState(noise, now)).toMatchObject({ mode: "unknown", partial: true });
    const brokenKey = withData(golden, "PK", Uint8Array.of(1, 2, 3));
    expect(await secureBootState(brokenKey, now)).toMatchObject({ mode: "unknown", partial: false });
  });

  test("keeps what can't be read, with the error", async () => {
    const bad = withData(golden, "db", Uint8Array.of(1, 2, 3));
    const { databases } = await secureBootState(bad, now);
    expect(databases.db?.entries).toEqual([]);
    expect(databases.db?.error?.code).toBe("VMGS_UEFI_VALUE");
    const noCertificate = encodeSignatureLists([signatureListOf("X509", owner, [Uint8Array.of(1)])]);
    const state = await secureBootState(withData(golden, "db", noCertificate), now);
    expect(state.databases.db).toMatchObject({ certificates: 1, error: null });
    expect(state.databases.db?.entries[0]?.certificate?.problem).toBe("is not an X.509 certificate in DER");
  });

  test("ignores variables of other vendors with the same names", async () => {
    const { databases } = await secureBootState(golden, now);
    const other = getVariable(golden, { vendor: VendorGuid.EFI_GLOBAL_VARIABLE, name: "db" });
    expect(other?.data).toHaveLength(3);
    expect(databases.db?.error).toBeNull();
  });
});

const shared = process.env.VMGSKIT_SHARED ?? join(import.meta.dirname, "../../../../../shared");
const templates = ["MicrosoftUEFI_Template", "MicrosoftWindows_Template"];
const templatePath = (name: string) => join(shared, "golden/uefi/upstream", `${name}.json`);
const readTemplate = (name: string) =>
  readCustomUefi(new Uint8Array(readFileSync(templatePath(name))), { template: true });

describe.skipIf(!templates.map(templatePath).every(existsSync))("Hyper-V's public templates", () => {
  test.each(templates)(
    "%s can be read, and all its certificates are known by thumbprint and name",
    async (name) => {
      const { PK, KEK, db, dbx } = readTemplate(name).signatures;
      const signatures = [PK, ...(KEK ?? []), ...(db ?? [])];
      const certificates = signatures.flatMap((signature) =>
        signature?.type === "x509" ? signature.value : [],
      );
      expect(certificates.length).toBeGreaterThanOrEqual(5);
      for (const der of certificates) {
        const { sha256, fields } = await readCertificate(der);
        expect(wellKnownCertificate(sha256)?.name).toBe(fields?.commonName);
      }
      const hashes = (dbx ?? []).flatMap((signature) => (signature.type === "sha256" ? signature.value : []));
      expect(hashes).toHaveLength(431);
    },
  );

  test("the golden list was made from one", () => {
    const { db } = readTemplate("MicrosoftUEFI_Template").signatures;
    const expected = (db ?? []).flatMap((one) => (one.type === "x509" ? one.value : []));
    expect(certificatesOf(golden, "db").map(toHex)).toEqual(expected.map(toHex));
    expect(encodeVariableList(golden)).toHaveLength(30_854);
  });
});
