/** Exchanges neighbours in a rank where that takes crossings away, until it no longer does. */
import type { Layers } from './layers.js';

const ROUNDS = 8;
/** Pairs of edges of two neighbours above which they are left as they are. */
export const PAIRS = 400;

/** `turns`: also exchanges where nothing changes, once, to get out of a standstill. */
export function transpose(layers: Layers, first: number, last: number, turns: boolean): void {
  const { order, start, place, ranks } = layers;
  // A rank needs another look only when it or a neighbour has changed.
  let stale = new Uint8Array(ranks).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    const changed = new Uint8Array(ranks);
    let any = false;
    for (let r = first; r <= last; r++) {
      if (!stale[r]) continue;
      for (let i = start[r]!; i + 1 < start[r + 1]!; i++) {
        const [v, w] = [order[i]!, order[i + 1]!];
        const gain = exchangeGain(layers, v, w);
        if (gain < 0 || (gain === 0 && !(turns && round === 0))) continue;
        order[i] = w;
        order[i + 1] = v;
        place[w]!--;
        place[v]!++;
        if (gain === 0) continue;
        any = true;
        changed[r] = 1;
        if (r > 0) changed[r - 1] = 1;
        if (r + 1 < ranks) changed[r + 1] = 1;
      }
    }
    if (!any) return;
    stale = changed;
  }
}

/** Crossings that go when `v` and its right neighbour `w` change places, less those that come. */
export function exchangeGain(layers: Layers, v: number, w: number): number {
  const { above, below, upper, lower, place, leaveAt } = layers;
  const [v0, v1, w0, w1] = [above.start[v]!, above.start[v + 1]!, above.start[w]!, above.start[w + 1]!];
  const [x0, x1, y0, y1] = [below.start[v]!, below.start[v + 1]!, below.start[w]!, below.start[w + 1]!];
  if ((v1 - v0) * (w1 - w0) + (x1 - x0) * (y1 - y0) > PAIRS) return -1;
  let gain = 0;
  for (let i = v0; i < v1; i++) {
    const s = above.items[i]!;
    const a = place[upper[s]!]! + leaveAt[s]!;
    for (let k = w0; k < w1; k++) {
      const t = above.items[k]!;
      gain += Math.sign(a - place[upper[t]!]! - leaveAt[t]!);
    }
  }
  for (let i = x0; i < x1; i++) {
    const a = place[lower[below.items[i]!]!]!;
    for (let k = y0; k < y1; k++) gain += Math.sign(a - place[lower[below.items[k]!]!]!);
  }
  return gain;
}
