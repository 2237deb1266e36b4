/** The boot table of the specification, row by row. */

import { describe, expect, test } from "vitest";
import { type ErrorCode, errorCodes, VmgsError } from "../errors/index.ts";
import {
  type BootDecision,
  type DiskCondition,
  decideBoot,
  type GuestStateLifetime,
  guestStateLifetimes,
} from "./index.ts";

const unusable = (code: ErrorCode): DiskCondition => ({ kind: "unusable", error: new VmgsError(code, "x") });
const valid = (reprovisioned: boolean): DiskCondition => ({ kind: "valid", reprovisioned });
const empty: DiskCondition = { kind: "empty" };

const INVALID = unusable("VMGS_NO_VALID_HEADER");
const CORRUPT = unusable("VMGS_CORRUPT_FILE_TABLE");
const V1 = unusable("VMGS_V1_FORMAT");
const READ_ERROR = unusable("VMGS_IO");
const UNUSABLE = [INVALID, CORRUPT, V1, READ_ERROR];

const open = (clearReprovisioned: boolean): BootDecision => ({ action: "open", clearReprovisioned });
const format = (reason: "empty" | "failure" | "request"): BootDecision => ({
  action: "format",
  reason,
  setReprovisioned: reason === "request",
});
const conditions = [valid(false), valid(true), empty, ...UNUSABLE];

describe("lifetime default", () => {
  const lifetime = "default";

  test("opens a valid store, and clears `reprovisioned`", () => {
    expect(decideBoot(valid(false), { lifetime })).toEqual(open(false));
    expect(decideBoot(valid(true), { lifetime })).toEqual(open(true));
  });

  test("formats an empty disk", () => {
    expect(decideBoot(empty, { lifetime })).toEqual(format("empty"));
  });

  test.each([
    [INVALID, "InvalidFormat"],
    [unusable("VMGS_VERSION_UNSUPPORTED"), "InvalidFormat"],
    [V1, "InvalidFormat"],
    [CORRUPT, "CorruptFormat"],
    [unusable("VMGS_SEQUENCE_CONFLICT"), "CorruptFormat"],
    [unusable("VMGS_FILE_TABLE_OUT_OF_RANGE"), "CorruptFormat"],
    [READ_ERROR, "InitFailed"],
    [unusable("VMGS_DISK_TOO_SMALL"), "InitFailed"],
  ])("fails on anything else, with the event and the error (%#)", (condition, event) => {
    const error = condition.kind === "unusable" ? condition.error : null;
    expect(decideBoot(condition, { lifetime })).toEqual({ action: "fail", event, error });
  });
});

describe("lifetime reprovision-on-failure", () => {
  const lifetime = "reprovision-on-failure";

  test("opens a valid store, and clears `reprovisioned`", () => {
    expect(decideBoot(valid(false), { lifetime })).toEqual(open(false));
    expect(decideBoot(valid(true), { lifetime })).toEqual(open(true));
  });

  test("formats an empty disk for that reason, and everything else because of the failure", () => {
    expect(decideBoot(empty, { lifetime })).toEqual(format("empty"));
    for (const condition of UNUSABLE) expect(decideBoot(condition, { lifetime })).toEqual(format("failure"));
  });
});

describe("lifetime reprovision", () => {
  const lifetime = "reprovision";

  test("opens a store that was reprovisioned already, and leaves the mark", () => {
    expect(decideBoot(valid(true), { lifetime })).toEqual(open(false));
  });

  test("formats anything else on request, and sets the mark", () => {
    for (const condition of [valid(false), empty, ...UNUSABLE]) {
      expect(decideBoot(condition, { lifetime })).toEqual(format("request"));
    }
  });
});

test("lifetime ephemeral never uses the disk", () => {
  for (const condition of conditions) {
    expect(decideBoot(condition, { lifetime: "ephemeral" })).toEqual({ action: "ignore" });
  }
});

test("a boot that restores saved state resumes, whatever the disk and the lifetime", () => {
  for (const lifetime of guestStateLifetimes) {
    for (const condition of conditions) {
      expect(decideBoot(condition, { lifetime, restoring: true })).toEqual({ action: "resume" });
    }
  }
});

test("there is a decision for every error and lifetime", () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    for (const lifetime of guestStateLifetimes) {
      const { action } = decideBoot(unusable(code), { lifetime });
      const expected: Record<GuestStateLifetime, string> = {
        default: "fail",
        "reprovision-on-failure": "format",
        reprovision: "format",
        ephemeral: "ignore",
      };
      expect(action).toBe(expected[lifetime]);
    }
  }
});
