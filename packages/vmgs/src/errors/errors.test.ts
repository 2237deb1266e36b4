/** Errors are values with a stable code, a sentence and facts. */

import { describe, expect, test } from "vitest";
import { type ErrorCode, errorCodes, isVmgsError, VmgsError, warningCodes } from "./index.ts";

describe("every error code", () => {
  test.each(Object.entries(errorCodes))("%s tells its meaning and what to do", (code, { meaning, cure }) => {
    expect(code).toMatch(/^VMGS_[A-Z0-9_]+$/);
    expect(meaning).toMatch(/^[A-Z0-9].*\.$/);
    expect(cure).toMatch(/^[A-Z0-9].*\.$/);
    expect(new VmgsError(code as ErrorCode, "x").hint).toBe(cure);
  });
});

test("a code is not both an error and a warning", () => {
  expect(Object.keys(warningCodes).filter((code) => code in errorCodes)).toEqual([]);
});

test("an error is an Error with code, facts and cause", () => {
  const cause = new TypeError("below");
  const error = new VmgsError("VMGS_IO", "the disk broke", { offset: 5 }, { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "VmgsError", code: "VMGS_IO", facts: { offset: 5 }, cause });
  expect(String(error)).toBe("VmgsError: the disk broke");
});

test("errors are told apart by code", () => {
  const error: unknown = new VmgsError("VMGS_IO", "x");
  expect(isVmgsError(error)).toBe(true);
  expect(isVmgsError(error, "VMGS_IO", "VMGS_DISK_FULL")).toBe(true);
  expect(isVmgsError(error, "VMGS_DISK_FULL")).toBe(false);
  expect(isVmgsError(new Error("VMGS_IO"))).toBe(false);
  expect(isVmgsError({ code: "VMGS_IO" })).toBe(false);
  expect(isVmgsError(null)).toBe(false);
});
