/**
 * What would make one rank very wide takes turns in two: boxes that end there (leaves, outputs, those without links)
 * stand alternately higher and lower, at half the width. More rows would not be narrower: an edge that passes a box
 * straight needs as much room as half of it.
 */
import { INSIDE, type Graph } from './graph.js';

/** As many ends as a box may have in one rank before they take turns. */
const ROW = 10;

/** Changes `rank` of boxes with links on one side only; ranks may become negative. */
export function staggerEnds({ boxes, side, from, to }: Graph, rank: Int32Array): void {
  const above = new Int32Array(boxes);
  const below = new Int32Array(boxes);
  const leaving = new Uint8Array(boxes);
  /** What a box is linked with, and its rank. */
  const other = new Int32Array(boxes).fill(-1);
  const nearest = new Int32Array(boxes).fill(-1);
  for (let e = 0; e < from.length; e++) {
    const [v, w] = [from[e]!, to[e]!];
    // The gates at the top are the rank before the first.
    if (side[v] !== INSIDE || side[w] !== INSIDE) {
      if (side[w] === INSIDE) {
        above[w]!++;
        other[w] = v;
        nearest[w] = -1;
      } else if (side[v] === INSIDE) leaving[v] = 1;
      continue;
    }
    below[v]!++;
    above[w]!++;
    other[v] = w;
    other[w] = v;
    nearest[v] = rank[w]!;
    nearest[w] = rank[v]!;
  }
  const ends = new Map<string, number[]>();
  for (let v = 0; v < boxes; v++) {
    const sink = above[v] === 1 && below[v] === 0 && !leaving[v] && rank[v] === nearest[v]! + 1;
    const source = above[v] === 0 && below[v] === 1 && !leaving[v] && rank[v] === nearest[v]! - 1;
    const alone = above[v] === 0 && below[v] === 0;
    if (!sink && !source && !alone) continue;
    const key = `${sink || alone ? '+' : '-'}${other[v]}`;
    const list = ends.get(key);
    if (list) list.push(v);
    else ends.set(key, [v]);
  }
  for (const [key, list] of ends) {
    if (list.length <= ROW) continue;
    const step = key.startsWith('+') ? 1 : -1;
    // Without links they can make a block.
    const rows = other[list[0]!]! < 0 ? Math.round(Math.sqrt(list.length / 2)) : 2;
    list.forEach((v, i) => (rank[v]! += step * (i % rows)));
  }
}
