/** HIBERNATION_TOKEN (14): whether the guest is hibernated, and under which firmware (spec: guest-files, 1). */

import { checkBytes } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { decode, field, struct, u64 } from "../layout/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** The file: 8 bytes. */
export const hibernationToken = struct("HIBERNATION_TOKEN", {
  value: field(u64, "0 = not hibernated; up to 0xffff = firmware version", {
    words: (value) => firmwareVersion(value) ?? "other",
  }),
});

/** What HIBERNATION_TOKEN says. */
export interface HibernationTokenFacts {
  /** The token in decimal: all digits of 64 bits. */
  readonly value: string;
  /** Whether the guest is hibernated. */
  readonly hibernated: boolean;
  /** `not hibernated`, the firmware version such as `1.9`, or `unknown`; null for a token of another kind. */
  readonly version: string | null;
}

/** Reads HIBERNATION_TOKEN. */
export function readHibernationToken(bytes: Uint8Array): GuestFileReading<HibernationTokenFacts> {
  checkBytes(bytes, "bytes");
  const problem = lengthProblem(bytes, hibernationToken.size ?? 0);
  if (problem !== null) {
    return unreadable(FileId.HIBERNATION_TOKEN, bytes, problem, { outcome: "ignored" });
  }
  const { value } = decode(hibernationToken, bytes);
  const facts = { value: String(value), hibernated: value !== 0n, version: firmwareVersion(value) };
  return sound(FileId.HIBERNATION_TOKEN, bytes, facts);
}

/** Version 1.0 stands for one that was not known. */
const UNKNOWN_VERSION = 0x0100n;

function firmwareVersion(value: bigint): string | null {
  if (value === 0n) return "not hibernated";
  if (value === UNKNOWN_VERSION) return "unknown";
  return value > 0xffffn ? null : `${value >> 8n}.${value & 0xffn}`;
}
