/** The layers of one column: some of the ranks, without the edges that lead into or out of them. */
import { listsBy } from './csr.js';
import { placeAll, type Layers } from './layers.js';

export interface Slice {
  layers: Layers;
  /** The node of the whole that each node is, and the segment that each segment is. */
  nodes: Int32Array;
  segments: Int32Array;
}

/** Ranks `first` to `last`, the latter not included; `cut` edges are left out. */
export function sliceLayers(whole: Layers, first: number, last: number, cut: Uint8Array): Slice {
  const local = new Int32Array(whole.count);
  const kept: number[] = [];
  const [from, to] = [whole.start[first]!, whole.start[last]!];
  for (let i = from; i < to; i++) if (whole.order[i]! < whole.real) kept.push(whole.order[i]!);
  const real = kept.length;
  for (let i = from; i < to; i++) {
    const v = whole.order[i]!;
    if (v >= whole.real && !cut[whole.edge[whole.above.items[whole.above.start[v]!]!]!]) kept.push(v);
  }
  const nodes = Int32Array.from(kept);
  nodes.forEach((v, i) => (local[v] = i));
  const segments: number[] = [];
  for (const v of nodes) {
    for (let k = whole.below.start[v]!; k < whole.below.start[v + 1]!; k++) {
      const s = whole.below.items[k]!;
      if (!cut[whole.edge[s]!]) segments.push(s);
    }
  }
  const rank = Int32Array.from(nodes, v => whole.rank[v]! - first);
  const ranks = last - first;
  const rows = listsBy(rank, ranks);
  for (let r = 0; r < ranks; r++)
    rows.items
      .subarray(rows.start[r], rows.start[r + 1])
      .sort((a, b) => whole.place[nodes[a]!]! - whole.place[nodes[b]!]!);
  const upper = Int32Array.from(segments, s => local[whole.upper[s]!]!);
  const lower = Int32Array.from(segments, s => local[whole.lower[s]!]!);
  const layers: Layers = {
    real,
    count: nodes.length,
    rank,
    ranks,
    order: rows.items,
    start: rows.start,
    place: new Int32Array(nodes.length),
    upper,
    lower,
    leaveAt: Float64Array.from(segments, s => whole.leaveAt[s]!),
    edge: Int32Array.from(segments, s => whole.edge[s]!),
    above: listsBy(lower, nodes.length),
    below: listsBy(upper, nodes.length),
    virtual: whole.virtual,
    far: whole.far,
  };
  const { bent } = whole;
  if (bent) layers.bent = Uint8Array.from(segments, s => bent[s]!);
  placeAll(layers);
  return { layers, nodes, segments: Int32Array.from(segments) };
}
