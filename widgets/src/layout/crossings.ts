/** Counts crossings with a tree of sums, after Barth, Jünger and Mutzel, "Simple and Efficient Bilayer Cross Counting" (2002). */
import type { Layers } from './layers.js';

/** Reused between calls: counting is the inner loop of ordering. */
let sums = new Int32Array(64);
let ends = new Int32Array(64);

export function countCrossings(layers: Layers): number {
  let total = 0;
  for (let r = 0; r + 1 < layers.ranks; r++) total += crossingsBelow(layers, r);
  return total;
}

/** Of the segments between rank `r` and the next. Two that leave one port do not cross. */
export function crossingsBelow(layers: Layers, r: number): number {
  const { order, start, place, below, lower, leaveAt } = layers;
  const width = start[r + 2]! - start[r + 1]!;
  let size = 1;
  while (size < width) size *= 2;
  if (sums.length < 2 * size) sums = new Int32Array(4 * size);
  sums.fill(0, 0, 2 * size);
  let total = 0;
  for (let i = start[r]!; i < start[r + 1]!; i++) {
    const v = order[i]!;
    const [first, last] = [below.start[v]!, below.start[v + 1]!];
    const degree = last - first;
    if (ends.length < degree) ends = new Int32Array(2 * degree);
    for (let k = 0; k < degree; k++) {
      const s = below.items[first + k]!;
      const end = place[lower[s]!]!;
      let at = k;
      // Of one port: in the order of their ends.
      while (at > 0 && ends[at - 1]! > end && leaveAt[below.items[first + at - 1]!]! === leaveAt[s]!) {
        ends[at] = ends[at - 1]!;
        at--;
      }
      ends[at] = end;
    }
    for (let k = 0; k < degree; k++) {
      // Those before that end further right.
      let node = size + ends[k]!;
      sums[node]!++;
      while (node > 1) {
        if ((node & 1) === 0) total += sums[node + 1]!;
        node >>= 1;
        sums[node]!++;
      }
    }
  }
  return total;
}
