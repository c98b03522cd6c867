/** A small generator of random numbers (Marsaglia's xorshift32): the same graphs each time. */
export type Random = (below: number) => number;

export function random(seed: number): Random {
  let state = seed | 0 || 1;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
