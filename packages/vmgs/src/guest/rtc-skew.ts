/** RTC_SKEW (4): how far the guest's clock is from the host's (spec: guest-files, 1). */

import { checkBytes } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { decode, field, i64, struct } from "../layout/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** Units of the file in a millisecond. */
const PER_MILLISECOND = 10_000n;
/** A clock that is slower than this is limited to it. */
const LEAST_SKEW_MS = -2 * 24 * 60 * 60 * 1000;

/** The file: 8 bytes. */
export const rtcSkew = struct("RTC_SKEW", {
  skew: field(i64, "guest clock minus host clock, in 100 ns", {
    words: (value) => `${millisecondsOf(value)} ms`,
  }),
});

/** What RTC_SKEW says. */
export interface RtcSkewFacts {
  /** Guest clock minus host clock in milliseconds, rounded towards zero. */
  readonly skewMs: number;
  /** What a boot uses: at most two days behind. */
  readonly usedSkewMs: number;
}

/** Reads RTC_SKEW. */
export function readRtcSkew(bytes: Uint8Array): GuestFileReading<RtcSkewFacts> {
  checkBytes(bytes, "bytes");
  const problem = lengthProblem(bytes, rtcSkew.size ?? 0);
  if (problem !== null) return unreadable(FileId.RTC_SKEW, bytes, problem, { outcome: "fails" });
  const skewMs = millisecondsOf(decode(rtcSkew, bytes).skew);
  const usedSkewMs = Math.max(skewMs, LEAST_SKEW_MS);
  const outcome = usedSkewMs === skewMs ? "used" : "limited";
  return sound(FileId.RTC_SKEW, bytes, { skewMs, usedSkewMs }, { outcome, reason: null, when: null });
}

/** The division of bigints rounds towards zero. */
function millisecondsOf(skew: bigint): number {
  return Number(skew / PER_MILLISECOND);
}
