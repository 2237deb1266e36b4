import { expect, test } from "vitest";
import {
  akAttributes,
  describeHandle,
  describeNvAttributes,
  describeResponseCode,
  ekAttributes,
  nvIndexTypeName,
  nvPublic,
  objectName,
  ownerAkCertAttributes,
  PCR_BANK,
  pcrAllocation,
  platformAkCertAttributes,
  srkAttributes,
  srkTemplate,
  TPM_ALG,
  TPMA_OBJECT,
} from "./index.ts";

test("attributes of the platform's own entities are the specified numbers", () => {
  expect(akAttributes()).toBe(0x0005_0472);
  expect(ekAttributes()).toBe(0x0003_00b2);
  expect(srkAttributes()).toBe(0x0003_0472);
  expect(platformAkCertAttributes()).toBe(0x4206_0004);
  expect(ownerAkCertAttributes()).toBe(0x0006_0006);
});

test("attributes are told in words, with the type of an index", () => {
  expect(TPMA_OBJECT.words(0x0002_0040)).toBe("userWithAuth | decrypt");
  expect(describeNvAttributes(0x6206_0004)).toBe(
    "AUTHWRITE | OWNERREAD | AUTHREAD | NO_DA | WRITTEN | PLATFORMCREATE",
  );
  expect(describeNvAttributes(0x0006_0016)).toBe("COUNTER: OWNERWRITE | AUTHWRITE | OWNERREAD | AUTHREAD");
  expect(nvIndexTypeName(0x0000_0090)).toBe("PIN_PASS");
  expect(nvIndexTypeName(0x0000_0030)).toBe("type 3");
});

test.each([
  [0x000, "TPM_RC_SUCCESS (0x000)"],
  [0x100, "TPM_RC_INITIALIZE (0x100)"],
  [0x14a, "TPM_RC_NV_UNINITIALIZED (0x14a)"],
  [0x14c, "TPM_RC_NV_DEFINED (0x14c)"],
  [0x18b, "TPM_RC_HANDLE, handle 1 (0x18b)"],
  [0x28b, "TPM_RC_HANDLE, handle 2 (0x28b)"],
  [0x2da, "TPM_RC_INSUFFICIENT, parameter 2 (0x2da)"],
  [0xfc4, "TPM_RC_VALUE, parameter 15 (0xfc4)"],
  [0x98e, "TPM_RC_AUTH_FAIL, session 1 (0x98e)"],
  [0x9a2, "TPM_RC_BAD_AUTH, session 1 (0x9a2)"],
  [0x921, "TPM_RC_LOCKOUT (0x921)"],
  [0x922, "TPM_RC_RETRY (0x922)"],
  [0x01e, "tpm1.2 0x1e (0x01e)"],
  [0x501, "vendor 0x1 (0x501)"],
  [0x17f, "error 0x7f (0x17f)"],
  [0x8028_0400, "unknown 0x80280400 (0x80280400)"],
])("response code %i is told in words", (code, words) => {
  expect(describeResponseCode(code).words).toBe(words);
});

test("warnings are not errors", () => {
  expect(describeResponseCode(0x922)).toMatchObject({ severity: "warning", subject: { kind: "none" } });
  expect(describeResponseCode(0x98e)).toMatchObject({
    severity: "error",
    subject: { kind: "session", number: 1 },
  });
});

test("handles that mean something in a virtual TPM are named", () => {
  expect(describeHandle(0x01c1_01d0)).toBe("AK certificate (0x01c101d0)");
  expect(describeHandle(0x8100_0003)).toBe("AK (0x81000003)");
  expect(describeHandle(0x0150_0010)).toBe("0x01500010");
});

test("a bank allocation names every supported bank, the unwanted ones empty", () => {
  const supported = PCR_BANK.of("SHA1", "SHA256", "SHA384");
  expect(pcrAllocation(PCR_BANK.of("SHA256", "SM3_256"), supported)).toEqual([
    { hash: TPM_ALG.SHA1, select: Uint8Array.of(0, 0, 0) },
    { hash: TPM_ALG.SHA256, select: Uint8Array.of(0xff, 0xff, 0xff) },
    { hash: TPM_ALG.SHA384, select: Uint8Array.of(0, 0, 0) },
  ]);
});

test("a name with an algorithm that WebCrypto lacks is not known", async () => {
  expect(await objectName({ ...srkTemplate(), nameAlg: TPM_ALG.SM3_256 })).toBeNull();
  expect((await objectName(srkTemplate()))?.length).toBe(34);
  expect(nvPublic.fields.attributes.words?.(0x4206_0004)).toContain("PLATFORMCREATE");
});
