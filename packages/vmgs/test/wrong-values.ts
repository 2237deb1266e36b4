/** Values of every type, none of which a parameter of another type may take, and each with a secret in it. */

/** What must never be seen in an error. */
export const planted = "5ec4e7c0ffee4815162342";

const numbers = [Number.NaN, -4815162342, 48151.62342, 2 ** 53 + 4815162342, Number.POSITIVE_INFINITY];

/** Traces of it: the text, and its bytes as numbers. */
export const traces = [planted, "53,101,99", "53, 101"];

/** What no parameter takes, whatever its type; made anew, since one of them is detached. */
export function neverRight(): unknown[] {
  const detached = bytesOf(planted);
  structuredClone(detached, { transfer: [detached.buffer] });
  const shared = new Uint8Array(new SharedArrayBuffer(planted.length));
  shared.set(bytesOf(planted));
  return [detached, shared, new Date(Number.NaN), Symbol(planted)];
}

/** Values of every type. */
export function valuesOfEveryType(): unknown[] {
  const bytes = bytesOf(planted);
  return [
    undefined,
    null,
    true,
    planted,
    ...numbers,
    0,
    4815162342n,
    Object.assign(() => undefined, { [planted]: planted }),
    [planted, planted],
    { [planted]: planted },
    bytes,
    Uint16Array.from(bytes),
    new DataView(bytes.buffer),
    bytes.buffer,
    new SharedArrayBuffer(32),
    new Map([[planted, planted]]),
    new (class extends Object {
      override readonly toString = () => planted;
      readonly [Symbol.toStringTag] = planted;
    })(),
  ];
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
