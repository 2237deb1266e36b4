import { expect, test, vi } from "vitest";
import { listOf, readCertificate, variableValue, zeroEfiTime } from "../index.ts";

const loaded = vi.hoisted(() => ({ count: 0 }));
vi.mock("pkijs", (importOriginal) => {
  loaded.count++;
  return importOriginal();
});

test("the parser of certificates is loaded by the first certificate, not by looking at variables", async () => {
  const vendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
  const data = new Uint8Array(0);
  const variable = { vendor, name: "PK", attributes: 7, timestamp: zeroEfiTime, data, namePadding: data };
  expect(listOf([variable]).variables.map((one) => variableValue(one).kind)).toEqual(["signatureLists"]);
  expect(loaded.count).toBe(0);
  await readCertificate(data);
  expect(loaded.count).toBe(1);
});
