/** Finds stretches of a sequence that say the same thing again and again. */

export interface Run {
  start: number;
  period: number;
  count: number;
}

/** A turn of a loop may be as long as this. */
const LONGEST_PERIOD = 1024;
/** So many periods are tried at one place: what begins with a sign ends before one of the next equal ones. */
const MOST_PERIODS = 64;

/**
 * Runs of at least `least` equal stretches, from left to right, none overlapping. Where several periods fit, the one
 * that covers most wins, then the shortest: `abab…` is a run of `ab`, not of `abab`.
 */
export function findRuns(signs: ArrayLike<number>, least: number): Run[] {
  const runs: Run[] = [];
  const next = nextEqual(signs);
  // reach[p]: the first position from the present one on that differs from the one p further; it holds until passed
  const longest = Math.min(LONGEST_PERIOD, signs.length);
  const reach = new Int32Array(longest + 1);
  let start = 0;
  while (start < signs.length) {
    let best: Run | undefined;
    let tried = 0;
    for (let other = next[start]!; other >= 0 && other - start <= longest; other = next[other]!) {
      if (++tried > MOST_PERIODS) break;
      const period = other - start;
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

/** The place of the next sign that is the same; -1: there is none. */
function nextEqual(signs: ArrayLike<number>): Int32Array {
  const next = new Int32Array(signs.length).fill(-1);
  const seen = new Map<number, number>();
  for (let at = signs.length - 1; at >= 0; at--) {
    next[at] = seen.get(signs[at]!) ?? -1;
    seen.set(signs[at]!, at);
  }
  return next;
}
