/**
 * The order of the boxes in each rank, for few crossings: a first order by walking from the top along the ports,
 * then barycentre sweeps down and up, of which the best is kept.
 */
import type { Layers } from './layers.js';

const SWEEPS = 12;

export function orderRanks(layers: Layers): void {
  initialOrder(layers);
  const position = new Int32Array(layers.count);
  place(layers.ranks, position);
  let best = layers.ranks.map(rank => [...rank]);
  let fewest = crossings(layers, position);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    const last = layers.ranks.length - 1;
    for (let i = 1; i <= last; i++) sortRank(layers, position, down ? i : last - i, down);
    const found = crossings(layers, position);
    if (found < fewest) {
      fewest = found;
      best = layers.ranks.map(rank => [...rank]);
    }
  }
  layers.ranks = best;
}

function place(ranks: number[][], position: Int32Array): void {
  for (const rank of ranks) rank.forEach((v, i) => (position[v] = i));
}

/** Depth first from the sources, children in the order of their ports: a tree comes out without crossings. */
function initialOrder(layers: Layers): void {
  const seen = new Uint8Array(layers.count);
  const ordered: number[][] = layers.ranks.map(() => []);
  const sources = layers.ranks.flat().filter(v => layers.above[v]!.length === 0);
  const stack: number[] = [];
  for (const source of sources) {
    stack.push(source);
    while (stack.length) {
      const v = stack.pop()!;
      if (seen[v]) continue;
      seen[v] = 1;
      ordered[layers.rank[v]!]!.push(v);
      const below = [...layers.below[v]!].sort(
        (a, b) => layers.segments[a]!.leaveAt - layers.segments[b]!.leaveAt,
      );
      for (let i = below.length - 1; i >= 0; i--) stack.push(layers.segments[below[i]!]!.lower);
    }
  }
  layers.ranks = ordered;
}

/** Sorts a rank by the mean place of what it is linked to in the rank before; what has no such link stays where it is. */
function sortRank(layers: Layers, position: Int32Array, r: number, down: boolean): void {
  const rank = layers.ranks[r]!;
  const keyed = rank.map((v, i) => {
    const links = down ? layers.above[v]! : layers.below[v]!;
    if (!links.length) return { v, key: NaN, i };
    let sum = 0;
    for (const s of links) {
      const segment = layers.segments[s]!;
      sum += down ? position[segment.upper]! + segment.leaveAt : position[segment.lower]! + segment.enterAt;
    }
    return { v, key: sum / links.length, i };
  });
  const movable = keyed.filter(item => !Number.isNaN(item.key)).sort((a, b) => a.key - b.key || a.i - b.i);
  let next = 0;
  const sorted = keyed.map(item => (Number.isNaN(item.key) ? item.v : movable[next++]!.v));
  layers.ranks[r] = sorted;
  sorted.forEach((v, i) => (position[v] = i));
}

/** Pairs of segments that cross, counted with a tree of sums. */
export function crossings(layers: Layers, position: Int32Array): number {
  let total = 0;
  for (let r = 0; r + 1 < layers.ranks.length; r++) {
    const pairs: { a: number; b: number }[] = [];
    for (const v of layers.ranks[r]!) {
      for (const s of layers.below[v]!) {
        const segment = layers.segments[s]!;
        pairs.push({ a: position[v]! + segment.leaveAt, b: position[segment.lower]! + segment.enterAt });
      }
    }
    if (pairs.length < 2) continue;
    pairs.sort((p, q) => p.a - q.a || p.b - q.b);
    const ends = [...new Set(pairs.map(pair => pair.b))].sort((p, q) => p - q);
    const index = new Map(ends.map((end, i) => [end, i + 1]));
    const sums = new Int32Array(ends.length + 1);
    pairs.forEach((pair, before) => {
      const at = index.get(pair.b)!;
      let notRight = 0;
      for (let i = at; i > 0; i -= i & -i) notRight += sums[i]!;
      total += before - notRight;
      for (let i = at; i < sums.length; i += i & -i) sums[i]!++;
    });
  }
  return total;
}
