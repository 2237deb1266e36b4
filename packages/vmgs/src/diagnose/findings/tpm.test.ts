/** What the doctor says of a vTPM's state, and of a marker that contradicts it. */

import { describe, expect, test } from "vitest";
import { createStoreImage, examine, placeOf } from "../../../test/diagnosis-fixtures.ts";
import { goldenFile } from "../../../test/golden-data.ts";
import { encodeMarker } from "../../format/index.ts";
import { provisioningMarker } from "../../provisioning/index.ts";

const state = (name: string) => goldenFile(`tpm-nvram/${name}.bin`);
const withState = async (bytes: Uint8Array) => examine(await createStoreImage({ 3: bytes }));
const u32 = (bytes: Uint8Array, at: number, value: number) =>
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);

/** Where the AK lies in provisioned-32k: its public area begins 12 bytes later, its attributes 4 more. */
const AK_ENTRY = 5332;
const LIST_END = 11_372;

describe("a TPM state", () => {
  test("that is sound gives no finding but that it is open", async () => {
    for (const name of ["fresh-32k", "platform-index-unwritten-32k"]) {
      const { ids } = await withState(await state(name));
      expect(
        [...ids].filter((id) => id.startsWith("tpm-")),
        name,
      ).toEqual([]);
      expect(ids).toContain("encryption-secrets-open");
    }
  });

  test("that runs past its end is truncated, with the place", async () => {
    const { of, verdict } = await withState(await state("truncated-16k"));
    expect(verdict).toBe("critical");
    expect(of("tpm-state-truncated")[0]?.evidence).toMatchObject({ stateOffset: 11_372, stateBytes: 16_384 });
  });

  test("of 16 KiB is a legacy one; with a platform index of 4096 bytes it is the known bad case", async () => {
    const bad = await withState(await state("legacy-platform-cert-16k"));
    expect(bad.ids).toContain("tpm-state-legacy");
    expect(bad.of("tpm-akcert-legacy-platform")[0]?.evidence).toMatchObject({ indexBytes: 4096 });
    const owner = await withState(await state("legacy-owner-cert-16k"));
    expect(owner.ids).toContain("tpm-state-legacy");
    expect(owner.ids).not.toContain("tpm-akcert-legacy-platform");
    const current = await withState(await state("provisioned-32k"));
    expect(current.ids).not.toContain("tpm-akcert-legacy-platform");
  });

  test("of an unknown size, and bytes that are no state, can't be judged", async () => {
    const bytes = await state("fresh-32k");
    expect((await withState(bytes.subarray(0, 20_000))).ids).toContain("tpm-state-size");
    expect((await withState(new Uint8Array(10))).ids).toContain("tpm-state-size");
    u32(bytes, placeOf.firmwareVersion, 0);
    const unknown = await withState(bytes);
    expect(unknown.ids).toContain("tpm-state-unrecognized");
    expect(unknown.notChecked.map(({ what }) => what)).toContain("the content of TPM_NVRAM (3)");
  });

  test.each([
    ["provisioned-32k", "tpm-ak-replaced"],
    ["legacy-owner-cert-16k", "tpm-ak-renewal-refused"],
  ] as const)("%s whose AK has other attributes: %s; its name no longer fits either", async (name, id) => {
    const bytes = await state(name);
    u32(bytes, AK_ENTRY + 16, 0x0005_0473 ^ 1 ^ 0x40);
    const { of, ids } = await withState(bytes);
    expect(of(id)[0]?.evidence).toMatchObject({ attributes: "0x00050432", expected: "0x00050472" });
    expect([...ids].filter((one) => one.startsWith("tpm-ak-"))).toEqual([id]);
    expect(of("tpm-name-mismatch")[0]).toMatchObject({
      severity: "critical",
      evidence: { stateOffset: AK_ENTRY, handle: "0x81000003" },
    });
    // One damage is told once.
    expect(ids).not.toContain("tpm-state-damaged");
  });

  test("with a repaired small vTPM says so", async () => {
    const bytes = await state("provisioned-32k");
    u32(bytes, LIST_END, 121);
    u32(bytes, LIST_END + 4, 0x01c1_01d2);
    u32(bytes, LIST_END + 8, 0x000b);
    u32(bytes, LIST_END + 12, 0x6206_0004);
    bytes[LIST_END + 66] = 1;
    expect((await withState(bytes)).ids).toContain("tpm-mitigated");
  });

  test("that is locked, or damaged in its fixed regions", async () => {
    const bytes = await state("fresh-32k");
    u32(bytes, placeOf.failedTries, 1000);
    expect((await withState(bytes)).of("tpm-lockout")[0]?.evidence).toMatchObject({ failedTries: 1000 });
    const damaged = await state("fresh-32k");
    // The length of the owner's policy, which has room for 48 bytes.
    damaged[10] = 200;
    expect((await withState(damaged)).ids).toContain("tpm-state-damaged");
  });
});

describe("the AK certificate", () => {
  test("is judged by the moment that is given", async () => {
    const image = await createStoreImage({ 3: await state("provisioned-32k") });
    const [before, within, after] = await Promise.all(
      ["2001-01-01", "2026-12-01", "2199-01-01"].map((text) => examine(image, { now: new Date(text) })),
    );
    expect(before?.of("tpm-akcert-expired")[0]?.message).toContain("is valid from");
    expect(within?.ids).not.toContain("tpm-akcert-expired");
    expect(after?.of("tpm-akcert-expired")[0]?.message).toContain("expired at");
    expect(within?.notChecked.map(({ what }) => what)).toContain("who signed the AK certificate");
  });

  test("for another key than the AK is told", async () => {
    expect((await withState(await state("provisioned-32k"))).ids).toContain("tpm-akcert-other-key");
  });

  test("that is cut, or no certificate at all, can't be read", async () => {
    const bytes = await state("provisioned-32k");
    const data = 7156 + 120;
    bytes.set([0x30, 0x82, 0xff, 0x00], data);
    expect((await withState(bytes)).of("tpm-akcert-unreadable")[0]?.evidence).toMatchObject({
      derLength: 65_284,
    });
    bytes.fill(0x41, data, data + 4096);
    expect((await withState(bytes)).ids).toContain("tpm-akcert-unreadable");
    // A platform that has none yet fills the index with zeros.
    bytes.fill(0, data, data + 4096);
    expect((await withState(bytes)).ids).not.toContain("tpm-akcert-unreadable");
  });
});

describe("a marker against the state", () => {
  const withMarker = async (bytes: Uint8Array, given: Parameters<typeof provisioningMarker>[1]) =>
    examine(await createStoreImage({ 3: bytes, 18: encodeMarker(provisioningMarker("empty", given)) }));

  test("agrees with what the platform made, whether written, locked or not", async () => {
    for (const name of ["provisioned-32k", "platform-index-unwritten-32k"]) {
      const { ids } = await withMarker(await state(name), {});
      expect(
        [...ids].filter((id) => id.startsWith("marker-")),
        name,
      ).toEqual([]);
    }
    const locked = await state("provisioned-32k");
    u32(locked, 7156 + 12, 0x7206_0804);
    expect((await withMarker(locked, {})).ids).not.toContain("marker-akcert-attrs");
  });

  test("tells another size of the state, of the index, other attributes", async () => {
    const { of } = await withMarker(await state("legacy-owner-cert-16k"), {});
    expect(of("marker-tpm-nvram-size")[0]?.evidence).toEqual({ marker: 32_768, found: 16_384 });
    expect(of("marker-akcert-size")[0]?.evidence).toMatchObject({ marker: 4096, found: 843 });
    expect(of("marker-akcert-attrs")[0]?.message).toBe(
      "the marker says 0x42060004, the index has 0x20060006: they differ in OWNERWRITE | NO_DA | PLATFORMCREATE",
    );
  });

  test("says nothing of a TPM that is not there", async () => {
    const marker = encodeMarker(provisioningMarker("empty"));
    const { ids } = await examine(await createStoreImage({ 18: marker }));
    expect([...ids].filter((id) => id.startsWith("marker-"))).toEqual([]);
    const only185 = await examine(await createStoreImage({ 18: marker, 19: new Uint8Array(100) }));
    expect(only185.ids).toContain("marker-tpm-version");
    expect(only185.notChecked.map(({ what }) => what)).toContain("the content of TPM_185_NVRAM (19)");
  });
});

test("states of two vTPMs are a conflict", async () => {
  const image = await createStoreImage({ 3: await state("fresh-32k"), 19: new Uint8Array(100) });
  expect((await examine(image)).ids).toContain("tpm-two-states");
});

test("no seed, proof or private part of the TPM is in a finding", async () => {
  for (const name of ["provisioned-32k", "truncated-16k", "many-indices-32k"]) {
    const bytes = await state(name);
    // Damage in all objects, so that as much as possible is told of them.
    for (const at of [3508, AK_ENTRY]) u32(bytes, at + 16, 0);
    const text = JSON.stringify((await withState(bytes)).findings);
    const hex = (at: number, length: number) =>
      Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, "0")).join("");
    for (const at of [312, 346, 380, 414, 464, 514]) expect(text).not.toContain(hex(at, 16));
    for (const at of [3508, AK_ENTRY]) expect(text).not.toContain(hex(at + 352 + 104, 16));
  }
});
