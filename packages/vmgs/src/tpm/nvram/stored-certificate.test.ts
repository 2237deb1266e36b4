/** Certificates are found wherever a TPM's maker puts them. */

import { expect, test } from "vitest";
import { unpack } from "../../../test/golden-data.ts";
import { hexNumber } from "../../layout/index.ts";
import { describeHandle } from "../protocol/index.ts";
import { findCertificateIn, readStoredCertificates, readTpmState } from "./index.ts";

const withEkCertificates = async () => readTpmState(await unpack("cases/tpm-ek.bin.gz"));

test("EK certificates have roles, and are found under padding of 0xff and after the prefix of the TCG", async () => {
  const found = await readStoredCertificates(await withEkCertificates());
  expect(found.map(({ index, der }) => [describeHandle(index.handle), index.dataSize, der?.length])).toEqual([
    ["EK certificate, RSA 2048 (0x01c00002)", 1600, 799],
    ["EK certificate, ECC P-256 (0x01c0000a)", 804, 799],
    ["EK certificate, ECC P-384 (H-3) (0x01c00016)", 411, 411],
  ]);
  for (const { certificate } of found) expect(certificate?.fields?.subject).not.toBe("");
  expect(found.map(({ keyHandle }) => keyHandle)).toEqual([null, null, null]);
});

test("a prefix without a whole certificate after it gives none", async () => {
  const [index] = (await withEkCertificates()).indices.filter(({ handle }) => handle === 0x01c0_000a);
  if (!index?.data) throw new Error("the index is there");
  for (let length = 0; length < index.data.length; length++) {
    expect(findCertificateIn({ ...index, data: index.data.subarray(0, length) }).der).toBeNull();
  }
});

test("indices of the TCG's profile are named", () => {
  expect([0x01c0_0012, 0x01c0_001e, 0x01c0_0100, 0x01c0_01ff].map(describeHandle)).toEqual([
    `EK certificate, RSA 2048 (H-1) (${hexNumber(0x01c0_0012, 8)})`,
    `EK certificate, RSA 4096 (H-7) (${hexNumber(0x01c0_001e, 8)})`,
    `EK certificate chain (${hexNumber(0x01c0_0100, 8)})`,
    `EK certificate chain (${hexNumber(0x01c0_01ff, 8)})`,
  ]);
  expect(describeHandle(0x01c0_0200)).toBe("0x01c00200");
});
