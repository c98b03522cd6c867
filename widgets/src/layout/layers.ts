/**
 * A graph in layers: edges are cut into segments between neighbouring ranks, with a virtual node at each rank that
 * they pass. Edges that would need too many virtual nodes, and those against the ranks, are `far`: they have no
 * segments and run beside the layers.
 */
import { listsBy, type Lists } from './csr.js';
import type { Graph } from './graph.js';
import type { Ranks } from './rank.js';

export interface Layers {
  /** Nodes of the graph first, virtual ones from `real` on. */
  real: number;
  count: number;
  rank: Int32Array;
  ranks: number;
  /** Nodes rank by rank, from left to right: those of rank r are order[start[r]] … order[start[r + 1]]. */
  order: Int32Array;
  start: Int32Array;
  /** Place of each node in its rank. */
  place: Int32Array;
  upper: Int32Array;
  lower: Int32Array;
  /** Where a segment leaves its upper node, 0 to 1 of the width: what ordering sees of ports. */
  leaveAt: Float64Array;
  /** The edge that a segment is part of. */
  edge: Int32Array;
  /** Segments above and below each node; those below in the order of their ports. */
  above: Lists;
  below: Lists;
  /** First virtual node of each edge; the others follow it. */
  virtual: Int32Array;
  far: Uint8Array;
  /** Segments between rows that were one rank: past wide boxes they bend. Absent: none. */
  bent?: Uint8Array;
}

/** Virtual nodes: as many as there are boxes and edges, times this, but not fewer than the least. */
const VIRTUALS = { each: 4, least: 4000 };

export function makeLayers(graph: Graph, { rank, ranks, back }: Ranks): Layers {
  const { from, to, count: real } = graph;
  const far = farEdges(graph, rank, back);
  let virtuals = 0;
  let segments = 0;
  for (let e = 0; e < from.length; e++) {
    if (far[e]) continue;
    const span = rank[to[e]!]! - rank[from[e]!]!;
    virtuals += span - 1;
    segments += span;
  }
  const count = real + virtuals;
  const ranked = new Int32Array(count);
  ranked.set(rank);
  const upper = new Int32Array(segments);
  const lower = new Int32Array(segments);
  const leaveAt = new Float64Array(segments).fill(0.5);
  const edge = new Int32Array(segments);
  const virtual = new Int32Array(from.length).fill(-1);
  let next = real;
  let s = 0;
  for (let e = 0; e < from.length; e++) {
    if (far[e]) continue;
    const last = rank[to[e]!]!;
    if (rank[from[e]!]! + 1 < last) virtual[e] = next;
    leaveAt[s] = graph.leaveAt[e]!;
    let at = from[e]!;
    for (let r = rank[from[e]!]! + 1; r <= last; r++) {
      upper[s] = at;
      edge[s] = e;
      at = r === last ? to[e]! : next++;
      ranked[at] = r;
      lower[s++] = at;
    }
  }
  const rows = listsBy(ranked, ranks);
  const layers: Layers = {
    real,
    count,
    rank: ranked,
    ranks,
    order: rows.items,
    start: rows.start,
    place: new Int32Array(count),
    upper,
    lower,
    leaveAt,
    edge,
    above: listsBy(lower, count),
    below: listsBy(upper, count),
    virtual,
    far,
  };
  sortByPort(layers);
  placeAll(layers);
  return layers;
}

/** The longest edges give way first. */
function farEdges({ count, from, to }: Graph, rank: Int32Array, back: Uint8Array): Uint8Array {
  const far = back.slice();
  const spans = new Int32Array(from.length);
  let virtuals = 0;
  let longest = 0;
  for (let e = 0; e < from.length; e++) {
    if (far[e]) continue;
    spans[e] = rank[to[e]!]! - rank[from[e]!]! - 1;
    virtuals += spans[e]!;
    longest = Math.max(longest, spans[e]!);
  }
  const budget = Math.max(VIRTUALS.least, VIRTUALS.each * (count + from.length));
  if (virtuals <= budget) return far;
  const bySpan = listsBy(spans, longest + 1);
  for (let i = from.length - 1; i >= 0 && virtuals > budget; i--) {
    const e = bySpan.items[i]!;
    if (far[e]) continue;
    far[e] = 1;
    virtuals -= spans[e]!;
  }
  return far;
}

function sortByPort({ below, leaveAt }: Layers): void {
  for (let v = 0; v + 1 < below.start.length; v++) {
    for (let i = below.start[v]! + 1; i < below.start[v + 1]!; i++) {
      const s = below.items[i]!;
      let at = i;
      // Nearly always in order already.
      for (; at > below.start[v]! && leaveAt[below.items[at - 1]!]! > leaveAt[s]!; at--)
        below.items[at] = below.items[at - 1]!;
      below.items[at] = s;
    }
  }
}

export function placeAll({ order, start, ranks, place }: Layers): void {
  for (let r = 0; r < ranks; r++)
    for (let i = start[r]!; i < start[r + 1]!; i++) place[order[i]!] = i - start[r]!;
}
