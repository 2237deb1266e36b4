/** The drivers give a computation what it asks for, at once or later, and hand it the failures. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { VmgsError } from "../errors/index.ts";
import { toHex } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import {
  kept,
  noBytes,
  peek,
  read,
  readInto,
  readSealed,
  run,
  runSync,
  type Steps,
  type SyncCipher,
  seal,
  unseal,
  webCipher,
} from "./index.ts";

const image = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const source = {
  read: async (offset: number, into: Uint8Array) => {
    into.set(image.subarray(offset, offset + into.length));
  },
  readSync: (offset: number, into: Uint8Array) => {
    into.set(image.subarray(offset, offset + into.length));
  },
};
const key = new Secret(new Uint8Array(32).fill(7));
const nonce = new Uint8Array(12).fill(1);

/** A cipher that only shows what it was given. */
const echo: SyncCipher = {
  seal: (_, __, plaintext) => ({ ciphertext: [plaintext], tag: new Uint8Array(16) }),
  unseal: (_, __, sealed) => sealed.subarray(0, sealed.length - 16),
};

function* readKept(offset: number, length: number): Steps<Uint8Array> {
  const into = kept(length);
  yield readInto(offset, into);
  return into;
}

function* sum(): Steps<string> {
  const first = toHex(yield* peek(3, 4));
  const shared = yield* readKept(100, 3);
  const own = yield* read(200, 2);
  const sealed = yield* readSealed(300, 2, new Uint8Array(16).fill(9));
  const opened = yield* unseal(key, nonce, sealed);
  const closed = yield* seal(key, nonce, Uint8Array.of(1));
  return [
    first,
    toHex(shared),
    toHex(own),
    toHex(sealed),
    toHex(opened ?? own),
    closed.ciphertext.map(toHex).join(""),
  ].join(" ");
}

test("both drivers come to the same answer", async () => {
  const expected = `${toHex(image.subarray(3, 7))} ${toHex(image.subarray(100, 103))} ${toHex(image.subarray(200, 202))} ${toHex(image.subarray(300, 302))}${"09".repeat(16)} ${toHex(image.subarray(300, 302))} 01`;
  expect(await run(sum(), source, echo)).toBe(expected);
  expect(runSync(sum(), source, echo)).toBe(expected);
});

test("bytes that are kept are not touched by later requests, however many", () => {
  function* many(): Steps<Uint8Array[]> {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < 200; i++) {
      yield* peek(0, 64);
      pieces.push(yield* readKept(i, 1000), yield* read(i, 10));
    }
    return pieces;
  }
  for (const [i, piece] of runSync(many(), source).entries()) {
    expect(toHex(piece)).toBe(toHex(image.subarray(i >> 1, (i >> 1) + (i % 2 ? 10 : 1000))));
  }
});

test("a look may be longer than any before", () => {
  function* long(): Steps<number> {
    return (yield* peek(0, 20_000)).length + (yield* peek(0, 1)).length;
  }
  expect(runSync(long(), source)).toBe(20_001);
});

test("nothing is read for the sealed bytes of an empty file", async () => {
  function* empty(): Steps<number> {
    return (yield* readSealed(5, 0, new Uint8Array(16))).length;
  }
  expect(await run(empty(), noBytes)).toBe(16);
});

describe("a failing request", () => {
  const broken = {
    read: async () => {
      throw new VmgsError("VMGS_IO", "broken");
    },
    readSync: () => {
      throw new VmgsError("VMGS_IO", "broken");
    },
  };

  test("can be caught by the computation, which then goes on", async () => {
    function* patient(): Steps<string> {
      try {
        yield* read(0, 1);
        return "read";
      } catch (error) {
        return `caught ${(error as VmgsError).code}`;
      }
    }
    expect(await run(patient(), broken)).toBe("caught VMGS_IO");
    expect(runSync(patient(), broken)).toBe("caught VMGS_IO");
  });

  test("otherwise ends it with that error", async () => {
    expect(await codeOf(() => run(peek(0, 1), broken))).toBe("VMGS_IO");
    expect(await codeOf(() => runSync(peek(0, 1), broken))).toBe("VMGS_IO");
  });

  test("for a cipher that a synchronous driver does not have is told", async () => {
    const error = await errorOf(() => runSync(seal(key, nonce, new Uint8Array(1)), source));
    expect(error.code).toBe("VMGS_CIPHER_ASYNC");
  });

  test("for bytes where there is no disk is told", async () => {
    expect(await codeOf(() => run(read(0, 1), noBytes))).toBe("VMGS_DISK_RANGE");
  });
});

describe("AES-256-GCM by WebCrypto", () => {
  const vectorKey = new Uint8Array(32);
  const vectorNonce = new Uint8Array(12);

  test("gives the published vectors of a zero key and nonce", async () => {
    const empty = await webCipher.seal(vectorKey, vectorNonce, new Uint8Array(0));
    expect(toHex(empty.tag)).toBe("530f8afbc74536b9a963b4f1c4cb738b");
    const block = await webCipher.seal(vectorKey, vectorNonce, new Uint8Array(16));
    expect(block.ciphertext.map(toHex).join("")).toBe("cea7403d4d606b6e074ec5d3baf39d18");
    expect(toHex(block.tag)).toBe("d0d1c8a799996bf0265b98b5d48ab919");
  });

  test("opens what it sealed, and nothing that was changed", async () => {
    const plaintext = image.subarray(0, 1000);
    const { ciphertext, tag } = await webCipher.seal(key.expose(), nonce, plaintext);
    const sealed = Uint8Array.from([...ciphertext.flatMap((part) => [...part]), ...tag]);
    expect(await webCipher.unseal(key.expose(), nonce, sealed)).toEqual(plaintext);
    for (const at of [0, 500, 1000, 1015]) {
      const flipped = sealed.slice();
      flipped[at] = (flipped[at] as number) ^ 1;
      expect(await webCipher.unseal(key.expose(), nonce, flipped)).toBeNull();
    }
    expect(await webCipher.unseal(key.expose(), new Uint8Array(12), sealed)).toBeNull();
  });

  test("passes on what is not about the tag", async () => {
    await expect(webCipher.unseal(new Uint8Array(31), nonce, new Uint8Array(16))).rejects.toThrow();
  });
});
