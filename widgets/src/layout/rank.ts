/**
 * Ranks: each box below all that lead to it. Longest paths first; then, where the graph is small enough, network
 * simplex makes the sum of edge lengths least, else boxes that may move are drawn towards where most of their edges
 * go. Gates have the first and the last rank to themselves. Edges against the rest (a cycle) are told in `back`.
 */
import { listsBy, type Lists } from './csr.js';
import { BOTTOM, INSIDE, TOP, type Graph } from './graph.js';
import { tightenRanks } from './simplex.js';

export interface Ranks {
  rank: Int32Array;
  ranks: number;
  back: Uint8Array;
}

/** Above this many boxes, simplex costs more than it gives. */
export const SIMPLEX = 1500;

/** `least`: of each edge, how many ranks it spans at least; 1 without it. */
export function rankGraph(graph: Graph, least = new Int32Array(graph.from.length).fill(1)): Ranks {
  const { boxes, count, side, from, to } = graph;
  const back = new Uint8Array(from.length);
  const inner = Int32Array.from(from, (v, e) => (side[v] === INSIDE && side[to[e]!] === INSIDE ? v : -1));
  const out = listsBy(inner, count);
  const rank = new Int32Array(count);
  const order = longestPaths(graph, inner, out, least, rank, back);
  if (boxes <= SIMPLEX) {
    const kept: number[] = [];
    for (let e = 0; e < from.length; e++) if (inner[e]! >= 0 && !back[e]) kept.push(e);
    tightenRanks(
      boxes,
      Int32Array.from(kept, e => from[e]!),
      Int32Array.from(kept, e => to[e]!),
      rank,
      Int32Array.from(kept, e => least[e]!),
    );
    alignComponents(graph, inner, back, rank);
  } else pull(graph, inner, out, least, back, rank, order);
  let ranks = 0;
  const top = side.includes(TOP) ? 1 : 0;
  for (let v = 0; v < boxes; v++) ranks = Math.max(ranks, (rank[v]! += top) + 1);
  for (let v = boxes; v < count; v++) rank[v] = side[v] === TOP ? 0 : Math.max(ranks, top);
  if (side.includes(BOTTOM)) ranks = Math.max(ranks, top) + 1;
  return { rank, ranks: Math.max(ranks, top), back };
}

/** Fills in ranks and returns the order of the walk. Where only cycles are left, the first box of them breaks its own. */
function longestPaths(
  graph: Graph,
  inner: Int32Array,
  out: Lists,
  least: Int32Array,
  rank: Int32Array,
  back: Uint8Array,
): Int32Array {
  const { boxes, to } = graph;
  const waiting = new Int32Array(graph.count);
  for (let e = 0; e < to.length; e++) if (inner[e]! >= 0) waiting[to[e]!]!++;
  const order = new Int32Array(boxes);
  const done = new Uint8Array(boxes);
  let end = 0;
  for (let v = 0; v < boxes; v++) if (waiting[v] === 0) order[end++] = v;
  for (let v of order.subarray(0, end)) done[v] = 1;
  let stuck = 0;
  for (let i = 0; i < boxes; i++) {
    if (i === end) {
      while (done[stuck]) stuck++;
      done[stuck] = 1;
      order[end++] = stuck;
    }
    const v = order[i]!;
    for (let k = out.start[v]!; k < out.start[v + 1]!; k++) {
      const e = out.items[k]!;
      const w = to[e]!;
      if (done[w]) {
        back[e] = 1;
        continue;
      }
      rank[w] = Math.max(rank[w]!, rank[v]! + least[e]!);
      if (--waiting[w]! === 0) {
        done[w] = 1;
        order[end++] = w;
      }
    }
  }
  return order;
}

/** Each connected part starts at the first rank. */
function alignComponents(graph: Graph, inner: Int32Array, back: Uint8Array, rank: Int32Array): void {
  const { boxes, to } = graph;
  const part = Int32Array.from({ length: boxes }, (_, v) => v);
  const find = (v: number): number => {
    while (part[v] !== v) v = part[v] = part[part[v]!]!;
    return v;
  };
  for (let e = 0; e < to.length; e++) if (inner[e]! >= 0 && !back[e]) part[find(inner[e]!)] = find(to[e]!);
  const least = new Int32Array(boxes).fill(0x7fffffff);
  for (let v = 0; v < boxes; v++) least[find(v)] = Math.min(least[find(v)]!, rank[v]!);
  for (let v = 0; v < boxes; v++) rank[v]! -= least[find(v)]!;
}

/** Boxes with more edges below than above move down as far as they may; the last ones first. */
function pull(
  graph: Graph,
  inner: Int32Array,
  out: Lists,
  least: Int32Array,
  back: Uint8Array,
  rank: Int32Array,
  order: Int32Array,
): void {
  const { to, boxes } = graph;
  const above = new Int32Array(boxes);
  for (let e = 0; e < to.length; e++) if (inner[e]! >= 0 && !back[e]) above[to[e]!]!++;
  for (let i = boxes - 1; i >= 0; i--) {
    const v = order[i]!;
    let limit = Infinity;
    let below = 0;
    for (let k = out.start[v]!; k < out.start[v + 1]!; k++) {
      const e = out.items[k]!;
      if (back[e]) continue;
      below++;
      limit = Math.min(limit, rank[to[e]!]! - least[e]!);
    }
    if (below > above[v]!) rank[v] = limit;
  }
}
