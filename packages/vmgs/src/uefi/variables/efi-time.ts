/** EFI_TIME (UEFI 2.10, section 8.3). */

import { checkDate, checkObject } from "../../arguments/index.ts";
import { bits, type Decoded, field, i16, struct, u8, u16, u32 } from "../../layout/index.ts";

/** Value of `timeZone` that says nothing about the time zone. */
export const EFI_UNSPECIFIED_TIMEZONE = 0x07ff;

/** Bits of `daylight`. */
export const efiDaylight = bits({ EFI_TIME_ADJUST_DAYLIGHT: 0, EFI_TIME_IN_DAYLIGHT: 1 });

/** A point in time, 16 bytes. Nothing in it is checked: firmware stores zeros where no time counts. */
export const efiTime = struct("efiTime", {
  year: field(u16, "1900 to 9999"),
  month: field(u8, "1 to 12"),
  day: field(u8, "1 to 31"),
  hour: field(u8, "0 to 23"),
  minute: field(u8, "0 to 59"),
  second: field(u8, "0 to 59"),
  pad1: field(u8, "padding", { padding: true }),
  nanosecond: field(u32, "0 to 999999999"),
  timeZone: field(i16, "minutes from UTC, 2047 = unspecified"),
  daylight: field(u8, "daylight saving", { bits: efiDaylight }),
  pad2: field(u8, "padding", { padding: true }),
});
/** EFI_TIME, decoded (UEFI 2.10, section 8.3); `timezone` in minutes from UTC, 2047 = unspecified. */
export type EfiTime = Decoded<typeof efiTime>;

/** The time of a variable without a time: all zero. */
export const zeroEfiTime: EfiTime = {
  year: 0,
  month: 0,
  day: 0,
  hour: 0,
  minute: 0,
  second: 0,
  pad1: 0,
  nanosecond: 0,
  timeZone: 0,
  daylight: 0,
  pad2: 0,
};

/** True when every field is zero. */
export function isZeroEfiTime(time: EfiTime): boolean {
  checkObject(time, "time", "year", "month", "day", "hour");
  return Object.values(time).every((value) => value === 0);
}

const digits = (value: number, width: number) => String(value).padStart(width, "0");

/** `2013-10-08T14:38:00Z`; with nanoseconds when they are not 0, and the zone as `Z`, `+hh:mm`, `-hh:mm` or nothing. */
export function formatEfiTime(time: EfiTime): string {
  checkObject(time, "time", "year", "month", "day", "hour");
  const date = [digits(time.year, 4), digits(time.month, 2), digits(time.day, 2)].join("-");
  const clock = [time.hour, time.minute, time.second].map((value) => digits(value, 2)).join(":");
  const fraction = time.nanosecond === 0 ? "" : `.${digits(time.nanosecond, 9)}`;
  return `${date}T${clock}${fraction}${formatZone(time.timeZone)}`;
}

function formatZone(minutes: number): string {
  if (minutes === EFI_UNSPECIFIED_TIMEZONE) return "";
  if (minutes === 0) return "Z";
  const distance = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${digits(Math.floor(distance / 60), 2)}:${digits(distance % 60, 2)}`;
}

/** An EFI_TIME in UTC, as it is written for time-based authenticated variables. */
export function efiTimeFromDate(date: Date): EfiTime {
  checkDate(date, "date");
  return {
    ...zeroEfiTime,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}
