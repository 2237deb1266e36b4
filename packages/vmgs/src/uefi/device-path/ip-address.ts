/** IP addresses as arguments of a node's text. */

import { type Argument, textError } from "./text-argument.ts";

/** Four numbers with points. */
export const ipv4Address: Argument<Uint8Array> = {
  format: (value) => value.join("."),
  parse: (text) => {
    const parts = text.split(".");
    if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) {
      throw textError("an IPv4 address is four numbers from 0 to 255");
    }
    return Uint8Array.from(parts, Number);
  },
  missing: new Uint8Array(4),
};

/** Eight groups of four hex digits, none omitted; one run of zero groups may be read as `::`. */
export const ipv6Address: Argument<Uint8Array> = {
  format: (value) => {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    return Array.from({ length: 8 }, (_, group) =>
      view
        .getUint16(2 * group)
        .toString(16)
        .padStart(4, "0")
        .toUpperCase(),
    ).join(":");
  },
  parse: (text) => {
    const halves = text.split("::").map((half) => (half === "" ? [] : half.split(":")));
    const [head = [], tail] = halves;
    const gap = 8 - head.length - (tail?.length ?? 0);
    const groups =
      tail === undefined ? head : [...head, ...new Array<string>(Math.max(gap, 0)).fill("0"), ...tail];
    if (halves.length > 2 || groups.length !== 8 || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) {
      throw textError("an IPv6 address is eight groups of hex digits");
    }
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    groups.forEach((group, index) => {
      view.setUint16(2 * index, Number.parseInt(group, 16));
    });
    return bytes;
  },
  missing: new Uint8Array(16),
};
