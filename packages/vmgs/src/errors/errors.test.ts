/** Errors are values with a stable code, a sentence and facts. */

import { describe, expect, expectTypeOf, test } from "vitest";
import { type ErrorCode, errorCodes, isVmgsError, VmgsError, vmgsErrorFrom, warningCodes } from "./index.ts";

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

test("the type of the code narrows to the codes that were asked for", () => {
  const error: unknown = new VmgsError("VMGS_IO", "x");
  if (isVmgsError(error, "VMGS_IO", "VMGS_DISK_FULL"))
    expectTypeOf(error.code).toEqualTypeOf<"VMGS_IO" | "VMGS_DISK_FULL">();
  if (isVmgsError(error)) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
});

describe("an error travels as a plain value", () => {
  const error = new VmgsError(
    "VMGS_WRONG_KEY",
    "no slot opens",
    { slot: 1, path: "a.vmgs" },
    { cause: "below" },
  );

  test.each([
    ["structuredClone", (value: unknown) => structuredClone(value)],
    ["JSON", (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown],
  ])("through %s, and is the same error on the other side", (_, travel) => {
    const again = vmgsErrorFrom(travel(error.toJSON()));
    expect(isVmgsError(again, "VMGS_WRONG_KEY")).toBe(true);
    expect(again.toJSON()).toEqual(error.toJSON());
    expect(again.cause).toBeUndefined();
  });

  test("with name, code, message, hint and facts, and neither stack nor cause", () => {
    const { code, message, facts, hint } = error;
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: { name: "VmgsError", code, message, hint, facts },
    });
  });

  test.each([
    ["value", null],
    ["value.name", { ...error.toJSON(), name: "Error" }],
    ["value.code", { ...error.toJSON(), code: "toString" }],
    ["value.message", { ...error.toJSON(), message: 5 }],
    ["value.facts", { ...error.toJSON(), facts: { slot: {} } }],
  ])("what is not such a value is refused: %s", (parameter, value) => {
    expect(() => vmgsErrorFrom(value)).toThrow(expect.objectContaining({ code: "VMGS_INVALID_ARGUMENT" }));
    expect(() => vmgsErrorFrom(value)).toThrow(parameter);
  });
});
