/** Setup of every test file: bytes are compared as bytes, which takes milliseconds for 4 MiB where properties take a minute. */

import { expect } from "vitest";

expect.addEqualityTesters([
  function equalBytes(a: unknown, b: unknown): boolean | undefined {
    if (!(a instanceof Uint8Array && b instanceof Uint8Array) || a.constructor !== b.constructor)
      return undefined;
    return a.length === b.length && a.every((byte, at) => byte === b[at]);
  },
]);
