/**
 * Sifting, after Matuszewski, Schönfeld and Molitor, "Using Sifting for k-Layer Straightline Crossing Minimization"
 * (1999): each node is tried at every place of its rank and stays at the best. What it gains by passing its
 * neighbours one after another adds up, since the other ranks stand still.
 */
import type { Layers } from './layers.js';
import { exchangeGain } from './transpose.js';

const ROUNDS = 6;
/** How far from its place a node is tried. */
const REACH = 64;

export function sift(layers: Layers, first: number, last: number): void {
  const { order, start, place, ranks } = layers;
  let stale = new Uint8Array(ranks).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    const changed = new Uint8Array(ranks);
    for (let step = first; step <= last; step++) {
      // Down, then up.
      const r = round % 2 === 0 ? step : last + first - step;
      if (!stale[r]) continue;
      for (const v of order.slice(start[r], start[r + 1])) {
        const to = bestPlace(layers, v, start[r]!, start[r + 1]!);
        const from = start[r]! + place[v]!;
        if (to === from) continue;
        const step = Math.sign(to - from);
        for (let i = from; i !== to; i += step) {
          const w = order[i + step]!;
          order[i] = w;
          place[w] = i - start[r]!;
        }
        order[to] = v;
        place[v] = to - start[r]!;
        changed[r] = 1;
        if (r > 0) changed[r - 1] = 1;
        if (r + 1 < ranks) changed[r + 1] = 1;
      }
    }
    if (!changed.includes(1)) return;
    stale = changed;
  }
}

/** Pairs of neighbours that a round looks at. */
export function siftCost({ start, ranks }: Layers): number {
  let pairs = 0;
  for (let r = 0; r < ranks; r++) {
    const width = start[r + 1]! - start[r]!;
    pairs += width * Math.min(width, 2 * REACH);
  }
  return pairs;
}

function bestPlace(layers: Layers, v: number, begin: number, end: number): number {
  const { order, place } = layers;
  const from = begin + place[v]!;
  let best = from;
  let most = 0;
  let gain = 0;
  for (let i = from + 1; i < Math.min(end, from + REACH); i++) {
    gain += exchangeGain(layers, v, order[i]!);
    if (gain > most) [most, best] = [gain, i];
  }
  gain = 0;
  for (let i = from - 1; i >= Math.max(begin, from - REACH); i--) {
    gain += exchangeGain(layers, order[i]!, v);
    if (gain > most) [most, best] = [gain, i];
  }
  return best;
}
