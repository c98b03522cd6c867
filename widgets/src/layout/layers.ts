/** A graph in layers: long edges are cut into segments between neighbouring ranks, with a virtual box at each rank. */
import type { Flat } from './types.js';

export interface Segment {
  upper: number;
  lower: number;
  /** Place along the box's width where it leaves and enters, 0 to 1: what ordering sees of ports. */
  leaveAt: number;
  enterAt: number;
  /** Fixed offsets from the centres, for frames. */
  leave: number;
  enter: number;
}

export interface Layers {
  /** Boxes of each rank from left to right; those from `real` on are virtual. */
  ranks: number[][];
  real: number;
  count: number;
  rank: Int32Array;
  width: Float64Array;
  segments: Segment[];
  /** Segments above and below each box. */
  above: number[][];
  below: number[][];
  /** The virtual boxes of each link, top to bottom. */
  virtuals: number[][];
}

/** With more virtual boxes than this, links that pass many ranks are drawn straight instead of routed. */
const MANY_VIRTUALS = 30_000;
const LONG_SPAN = 12;

export function makeLayers(graph: Flat, rank: Int32Array): Layers {
  const real = graph.width.length;
  const spans = graph.links.map(link => rank[link.to]! - rank[link.from]! - 1);
  const tooMany = spans.reduce((sum, span) => sum + span, 0) > MANY_VIRTUALS;
  const ranks: number[][] = [];
  const ranked = Array.from(rank);
  const segments: Segment[] = [];
  const virtuals: number[][] = [];
  graph.links.forEach((link, i) => {
    const chain: number[] = [];
    virtuals.push(chain);
    if (tooMany && spans[i]! > LONG_SPAN) return;
    let upper = link.from;
    const end = (v: number, fixed: number | undefined): number => (fixed ?? 0) / (graph.width[v]! || 1) + 0.5;
    const leaveAt = link.leave === undefined ? (link.port + 0.5) / link.ports : end(link.from, link.leave);
    for (let r = rank[link.from]! + 1; r <= rank[link.to]!; r++) {
      const last = r === rank[link.to];
      const lower = last ? link.to : ranked.push(r) - 1;
      if (!last) chain.push(lower);
      const first = upper === link.from;
      segments.push({
        upper,
        lower,
        leaveAt: first ? leaveAt : 0.5,
        enterAt: last ? end(link.to, link.enter) : 0.5,
        leave: first ? (link.leave ?? 0) : 0,
        enter: last ? (link.enter ?? 0) : 0,
      });
      upper = lower;
    }
  });
  const count = ranked.length;
  const width = new Float64Array(count);
  width.set(graph.width);
  const above: number[][] = Array.from({ length: count }, () => []);
  const below: number[][] = Array.from({ length: count }, () => []);
  segments.forEach((segment, i) => {
    below[segment.upper]!.push(i);
    above[segment.lower]!.push(i);
  });
  for (let v = 0; v < count; v++) (ranks[ranked[v]!] ??= []).push(v);
  for (let r = 0; r < ranks.length; r++) ranks[r] ??= [];
  return { ranks, real, count, rank: Int32Array.from(ranked), width, segments, above, below, virtuals };
}
