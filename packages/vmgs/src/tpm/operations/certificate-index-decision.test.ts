/** The table of the AK certificate index, row by row (spec: tpm, at boot), without a TPM. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  NvIndexHandle,
  type NvPublic,
  ownerAkCertAttributes,
  platformAkCertAttributes,
  TPM_ALG,
  TPMA_NV,
} from "../protocol/index.ts";
import {
  type CertificateIndexFacts,
  type CertificateIndexRequest,
  decideCertificateIndex,
} from "./certificate-index-decision.ts";

const CERTIFICATE = 0x01c1_01d0;
const MARKER = 0x01c1_01d2;
const REPORT = 0x0140_0001;
const WRITTEN = TPMA_NV.mask.WRITTEN;

const index = (
  attributes: number,
  dataSize = 4096,
  nvIndex: number = NvIndexHandle.AK_CERTIFICATE,
): NvPublic => ({
  nvIndex,
  nameAlg: TPM_ALG.SHA256,
  attributes: attributes >>> 0,
  authPolicy: new Uint8Array(0),
  dataSize,
});

/** Data that begin like a certificate of `length` bytes with its header. */
function certificate(length: number, size = 4096): Uint8Array {
  const data = new Uint8Array(size).fill(0);
  data.set([0x30, 0x82, (length - 4) >> 8, (length - 4) & 0xff]);
  return data.fill(7, 4, length);
}

const nothing: CertificateIndexFacts = { index: null, data: null, marked: false, report: null };
const boot: CertificateIndexRequest = {
  create: true,
  preserve: true,
  repairSmallVtpm: false,
  attestationReport: false,
};
const repair = { ...boot, repairSmallVtpm: true };
const platforms = index(platformAkCertAttributes() | WRITTEN);
const owners = index(ownerAkCertAttributes() | WRITTEN, 1500);
const definePlatform = { kind: "define", nvIndex: CERTIFICATE, size: 4096, attributes: 0x4206_0004 };
const defineOwner = (size: number) => ({
  kind: "define",
  nvIndex: CERTIFICATE,
  size,
  attributes: 0x0006_0006,
});

const decide = (facts: Partial<CertificateIndexFacts>, request: Partial<CertificateIndexRequest> = {}) =>
  decideCertificateIndex({ ...nothing, ...facts }, { ...boot, ...request });

describe("row 1: a small vTPM that was repaired before", () => {
  test("is left alone, whatever is asked, the report index included", () => {
    for (const found of [null, owners]) {
      const decision = decide({ marked: true, index: found }, { ...repair, attestationReport: true });
      expect(decision).toMatchObject({ row: "repaired before", steps: [] });
    }
  });

  test("but a platform-created index is made again for the owner, with the same data", () => {
    const data = certificate(1200);
    const { steps, creator } = decide({ marked: true, index: platforms, data }, repair);
    expect(creator).toBe("owner");
    expect(steps).toEqual([
      { kind: "undefine", index: platforms },
      defineOwner(4096),
      { kind: "write", nvIndex: CERTIFICATE, data, as: "owner" },
    ]);
  });

  test("the marker alone changes nothing when no small vTPM is to be repaired", () => {
    expect(decide({ marked: true, index: platforms, data: certificate(1200) })).toMatchObject({
      row: "platform's",
    });
  });
});

describe("rows 2 and 3: none", () => {
  test("is made under the platform when it is asked for", () => {
    expect(decide({})).toEqual({ row: "none", creator: "platform", steps: [definePlatform], warnings: [] });
    expect(decide({}, { create: false })).toEqual({ row: "none", creator: null, steps: [], warnings: [] });
  });

  test("one that was never written is undefined and counts as none, whoever made it", () => {
    for (const attributes of [platformAkCertAttributes(), ownerAkCertAttributes()]) {
      const unwritten = index(attributes);
      const undefine = { kind: "undefine", index: unwritten };
      expect(decide({ index: unwritten }).steps).toEqual([undefine, definePlatform]);
      expect(decide({ index: unwritten }, { create: false }).steps).toEqual([undefine]);
      expect(decide({ index: unwritten }, repair).steps).toEqual([undefine, definePlatform]);
    }
  });
});

test("row 2: the owner's is left alone", () => {
  for (const request of [boot, repair, { ...boot, preserve: false }]) {
    expect(decide({ index: owners }, request)).toEqual({
      row: "owner's",
      creator: "owner",
      steps: [],
      warnings: [],
    });
  }
});

describe("row 4: a small vTPM with the platform's index of 4096 bytes", () => {
  const steps = (data: Uint8Array) => decide({ index: platforms, data }, repair).steps;

  test("is marked, and the owner gets an index of the size of the certificate", () => {
    const data = certificate(1200);
    expect(steps(data)).toEqual([
      { kind: "undefine", index: platforms },
      { kind: "mark", nvIndex: MARKER, size: 1 },
      defineOwner(1200),
      { kind: "write", nvIndex: CERTIFICATE, data: data.slice(0, 1200), as: "owner" },
    ]);
  });

  test("keeps 4096 bytes when the data are no certificate, or say they are longer", () => {
    for (const data of [
      new Uint8Array(4096).fill(0x42),
      certificate(4096),
      Uint8Array.of(0x30, 0x82, 0xff, 0xff),
    ]) {
      expect(steps(data)[2]).toEqual(defineOwner(4096));
    }
  });

  test("of another size is made again for the platform", () => {
    const other = index(platformAkCertAttributes() | WRITTEN, 2048);
    expect(decide({ index: other, data: certificate(1200, 2048) }, repair)).toMatchObject({
      row: "platform's",
    });
  });
});

describe("row 5: the platform's otherwise", () => {
  test("is made again, with the old certificate if it is to be kept", () => {
    const data = certificate(1200);
    expect(decide({ index: platforms, data }).steps).toEqual([
      { kind: "undefine", index: platforms },
      definePlatform,
      { kind: "write", nvIndex: CERTIFICATE, data, as: "index" },
    ]);
    expect(decide({ index: platforms, data }, { preserve: false }).steps).toEqual([
      { kind: "undefine", index: platforms },
      definePlatform,
    ]);
  });

  test("even when none is to be created: there was one", () => {
    expect(decide({ index: platforms, data: certificate(1200) }, { create: false }).steps).toHaveLength(3);
  });

  test("a smaller index gets the certificate without its padding, or a warning when it does not fit", () => {
    const fits = decide({ index: platforms, data: certificate(1200) }, { size: 2048 });
    expect(fits.steps[2]).toMatchObject({ data: certificate(1200).slice(0, 1200) });
    const tooLong = decide({ index: platforms, data: certificate(3000) }, { size: 2048 });
    expect(tooLong.steps).toHaveLength(2);
    expect(tooLong.warnings).toMatchObject([{ code: "VMGS_TPM_CERTIFICATE_DROPPED" }]);
  });
});

test("row 6: the report index is made again when reports are supported", () => {
  const report = index(platformAkCertAttributes(), 100, REPORT);
  const define = { kind: "define", nvIndex: REPORT, size: 2900, attributes: 0x4206_0004 };
  expect(decide({ index: owners }, { attestationReport: true }).steps).toEqual([define]);
  expect(decide({ index: owners, report }, { attestationReport: true }).steps).toEqual([
    { kind: "undefine", index: report },
    define,
  ]);
  expect(decide({ index: owners, report }).steps).toEqual([]);
});

const factsArbitrary = fc
  .record({
    attributes: fc.oneof(
      fc
        .constantFrom(platformAkCertAttributes(), ownerAkCertAttributes())
        .chain((base) => fc.constantFrom(base, (base | WRITTEN) >>> 0)),
      fc.integer({ min: 0, max: 0xffff_ffff }),
    ),
    data: fc.uint8Array({ minLength: 1, maxLength: 5000 }),
    absent: fc.boolean(),
    marked: fc.boolean(),
    report: fc.option(fc.constant(index(platformAkCertAttributes(), 100, REPORT)), { nil: null }),
  })
  .map(({ attributes, data, absent, marked, report }) => ({
    index: absent ? null : index(attributes, data.length),
    data: absent ? null : data,
    marked,
    report,
  }));

test("any facts: nothing is defined that is there, nothing written that was not defined or does not fit", () => {
  const request = fc.record({
    create: fc.boolean(),
    preserve: fc.boolean(),
    repairSmallVtpm: fc.boolean(),
    attestationReport: fc.boolean(),
    size: fc.integer({ min: 1, max: 5000 }),
  });
  fc.assert(
    fc.property(factsArbitrary, request, (facts, asked) => {
      const there = new Map<number, number>();
      if (facts.index !== null) there.set(CERTIFICATE, facts.index.dataSize);
      if (facts.report !== null) there.set(REPORT, facts.report.dataSize);
      for (const step of decideCertificateIndex(facts, asked).steps) {
        if (step.kind === "undefine") expect(there.delete(step.index.nvIndex)).toBe(true);
        else if (step.kind === "define") {
          expect(there.has(step.nvIndex)).toBe(false);
          there.set(step.nvIndex, step.size);
        } else if (step.kind === "write") {
          expect(step.data.length).toBeLessThanOrEqual(there.get(step.nvIndex) ?? -1);
        }
      }
      const { creator } = decideCertificateIndex(facts, asked);
      expect(there.has(CERTIFICATE)).toBe(creator !== null);
    }),
  );
});
