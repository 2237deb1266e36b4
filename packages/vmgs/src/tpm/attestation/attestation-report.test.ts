/** Attestation reports are read as they were put together, and bad bytes are told. */

import { describe, expect, test } from "vitest";
import { decode, encode, toHex } from "../../layout/index.ts";
import { readAttestationReport } from "./index.ts";
import { reportHeader, reportRequest, snpReport, tdReport } from "./report-layout.ts";

const ak = new Uint8Array(256).map((_, i) => (i * 7 + 1) & 0xff);
const base64Url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const CLAIMS = JSON.stringify({
  keys: [
    { kid: "HCLEkPub", kty: "RSA", n: "AQAB" },
    { kid: "HCLAkPub", kty: "RSA", e: "AQAB", n: base64Url(ak) },
  ],
  "vm-configuration": { "secure-boot": true, "tpm-enabled": true },
});

interface Parts {
  readonly type?: number;
  readonly claims?: string;
  readonly claimsSize?: number;
  readonly bound?: boolean;
}

/** An index of 2900 bytes, as the platform defines it. */
async function reportOf({ type = 2, claims = CLAIMS, bound = true, ...parts }: Parts = {}) {
  const data = new Uint8Array(2900);
  const text = new TextEncoder().encode(claims);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const reportData = new Uint8Array(64);
  if (bound) reportData.set(digest);
  const zero = new Uint8Array(1184);
  const header = { ...decode(reportHeader, zero), signature: "HCLA", version: 2, reportSize: 2900 };
  data.set(encode(reportHeader, header));
  const hardware =
    type === 4
      ? encode(tdReport, {
          ...decode(tdReport, zero),
          teeType: 0x81,
          reportData,
          mrTd: new Uint8Array(48).fill(9),
        })
      : encode(snpReport, {
          ...decode(snpReport, zero),
          version: 2,
          reportData,
          measurement: new Uint8Array(48).fill(5),
          reportedTcb: { bootLoader: 3, tee: 1, reserved: new Uint8Array(4), snp: 8, microcode: 115 },
        });
  data.set(hardware, 32);
  const claimsSize = parts.claimsSize ?? text.length;
  data.set(
    encode(reportRequest, {
      dataSize: 20 + text.length,
      version: 1,
      reportType: type,
      hashType: 1,
      claimsSize,
    }),
    1216,
  );
  data.set(text, 1236);
  return data;
}

test("the structures are as long as the documents of AMD, Intel and Azure say", () => {
  expect([reportHeader.size, snpReport.size, tdReport.size, reportRequest.size]).toEqual([
    32, 1184, 1024, 20,
  ]);
  const { measurement, reportedTcb, chipId, signature } = snpReport.offsets;
  expect([measurement, reportedTcb, chipId, signature]).toEqual([0x90, 0x180, 0x1a0, 0x2a0]);
  const { reportData, teeTcbSvn, attributes, mrTd, rtmr } = tdReport.offsets;
  expect([reportData, teeTcbSvn, attributes, mrTd, rtmr]).toEqual([128, 264, 512, 528, 720]);
});

describe("a report", () => {
  test("of an AMD processor has its measurement, its TCB and claims that it is bound to", async () => {
    const report = await readAttestationReport(await reportOf());
    expect(report).toMatchObject({ version: 2, type: "SNP", status: 0, hash: "SHA-256", problems: [] });
    if (report?.hardware?.kind !== "SNP") throw new Error("the report is SNP");
    const { measurement, reportedTcb } = report.hardware.report;
    expect(toHex(measurement)).toBe("05".repeat(48));
    expect(reportedTcb).toMatchObject({ bootLoader: 3, tee: 1, snp: 8, microcode: 115 });
    expect(report.claims).toMatchObject({ isBound: true, value: JSON.parse(CLAIMS) });
    expect(toHex(report.claims?.akModulus ?? new Uint8Array(0))).toBe(toHex(ak));
  });

  test("of an Intel processor has the measurement of the TD", async () => {
    const report = await readAttestationReport(await reportOf({ type: 4 }));
    if (report?.hardware?.kind !== "TDX") throw new Error("the report is TDX");
    expect(toHex(report.hardware.report.mrTd)).toBe("09".repeat(48));
    expect(report.claims?.isBound).toBe(true);
  });

  test("of other claims than its own is told", async () => {
    const report = await readAttestationReport(await reportOf({ bound: false }));
    expect(report?.claims?.isBound).toBe(false);
    expect(report?.problems).toEqual(["the processor's report has another hash than that of the claims"]);
  });

  test("of a kind that is not read keeps its claims", async () => {
    const report = await readAttestationReport(await reportOf({ type: 1 }));
    expect(report).toMatchObject({ type: "VBS", hardware: null, claims: { isBound: null } });
    expect(report?.problems).toEqual(["reports of VBS are not read"]);
  });

  test("whose claims are not JSON, or run past the index, says so", async () => {
    const text = await readAttestationReport(await reportOf({ claims: "[1," }));
    expect(text).toMatchObject({
      claims: { value: null, akModulus: null },
      problems: ["the claims are not JSON"],
    });
    const long = await readAttestationReport(await reportOf({ claimsSize: 0xffff_ffff }));
    expect(long).toMatchObject({
      claims: null,
      problems: ["the claims have 4294967295 bytes, with room for 1664"],
    });
  });

  test.each([
    "null",
    "[]",
    '{"keys":{}}',
    '{"keys":[null,1,{"kid":"HCLAkPub","n":"%"}]}',
    '{"keys":[{"kid":"HCLAkPub","n":5}]}',
  ])("with the claims %s has no key", async (claims) => {
    expect((await readAttestationReport(await reportOf({ claims })))?.claims?.akModulus).toBeNull();
  });

  test("that is cut anywhere is none, or is read without its claims", async () => {
    const whole = await reportOf();
    for (let length = 0; length < 1236 + CLAIMS.length; length++) {
      const report = await readAttestationReport(whole.subarray(0, length));
      expect(report === null, `${length} bytes`).toBe(length < 1236);
      if (report !== null) expect(report.claims).toBeNull();
    }
  });
});

test("other bytes are no report", async () => {
  expect(await readAttestationReport(new Uint8Array(2900))).toBeNull();
});
