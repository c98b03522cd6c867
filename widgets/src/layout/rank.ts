/** Longest-path ranks: each box one below the lowest that leads to it, outputs just above what they lead to. */
import type { Flat } from './types.js';

export function rankBoxes(graph: Flat): Int32Array {
  const count = graph.width.length;
  const rank = Int32Array.from(graph.pin, pin => (pin === 'top' ? -1 : 0));
  const waiting = new Int32Array(count);
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of graph.links) {
    out[from]!.push(to);
    waiting[to]!++;
  }
  const order: number[] = [];
  for (let v = 0; v < count; v++) if (waiting[v] === 0) order.push(v);
  const sources = order.length;
  for (let i = 0; i < order.length; i++) {
    const v = order[i]!;
    for (const to of out[v]!) {
      rank[to] = Math.max(rank[to]!, rank[v]! + 1);
      if (--waiting[to]! === 0) order.push(to);
    }
  }
  if (order.length < count) throw new Error('The graph to lay out has a cycle.');
  for (const v of order.slice(0, sources)) {
    if (out[v]!.length && !graph.pin[v]) rank[v] = Math.min(...out[v]!.map(to => rank[to]!)) - 1;
  }
  pinEnds(graph, rank);
  return rank;
}

/** Edges into a frame start in a rank above all its boxes, edges out of it end in one below. */
function pinEnds(graph: Flat, rank: Int32Array): void {
  const top = graph.pin.includes('top') ? 1 : 0;
  const last = graph.pin.reduce((low, pin, v) => (pin ? low : Math.max(low, rank[v]!)), -1);
  graph.pin.forEach((pin, v) => (rank[v] = (pin === 'bottom' ? last + 1 : rank[v]!) + top));
}
