/** Random choices that are the same on every run of a seed. */

export interface Random {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** That many bytes; two calls give different ones. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** A generator for a seed; also seeds that follow each other give unlike histories. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (limit: number) => next() % limit;
  return {
    below,
    oneIn: (n) => below(n) === 0,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    bytes(length) {
      const words = new Uint32Array(Math.ceil(length / 4));
      let word = next() | 1;
      for (let i = 0; i < words.length; i++) {
        word ^= word << 13;
        word ^= word >>> 17;
        word ^= word << 5;
        words[i] = word;
      }
      return new Uint8Array(words.buffer, 0, length);
    },
  };
}
