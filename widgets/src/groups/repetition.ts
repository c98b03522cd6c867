/** Finds stretches of a sequence that say the same thing again and again. */

export interface Run {
  start: number;
  period: number;
  count: number;
}

const LONGEST_PERIOD = 64;

/**
 * Runs of at least `least` equal stretches, from left to right, none overlapping. Where several periods fit, the one
 * that covers most wins, then the shortest: `abab…` is a run of `ab`, not of `abab`.
 */
export function findRuns(signs: ArrayLike<number>, least: number): Run[] {
  const runs: Run[] = [];
  // reach[p]: the first position from the present one on that differs from the one p further; it holds until passed
  const longest = Math.min(LONGEST_PERIOD, signs.length);
  const reach = new Int32Array(longest + 1);
  let start = 0;
  while (start < signs.length) {
    let best: Run | undefined;
    for (let period = 1; period <= longest && start + period < signs.length; period++) {
      if (reach[period]! <= start) {
        let at = start;
        while (at + period < signs.length && signs[at] === signs[at + period]) at++;
        reach[period] = at;
      }
      const count = Math.floor((reach[period]! - start) / period) + 1;
      if (count >= least && (!best || count * period > best.count * best.period))
        best = { start, period, count };
    }
    if (best) runs.push(best);
    start += best ? best.count * best.period : 1;
  }
  return runs;
}
