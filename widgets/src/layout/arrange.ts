/**
 * Ranks and order of a frame. What hangs at one box only, like a parameter and its transposition, has to end above
 * the box where two paths beside it meet, else it crosses one of them: where crossings are left at such a box, it is
 * given the room, and the frame is ranked and ordered anew; what that gains has to be worth the ranks that it costs.
 */
import { listsBy } from './csr.js';
import { INSIDE, type Graph } from './graph.js';
import { makeLayers, type Layers } from './layers.js';
import { orderLayers } from './order.js';
import { rankGraph, SIMPLEX, type Ranks } from './rank.js';
import { wrapRanks } from './wrap.js';

/** More crossings than this, or than boxes, and more pairs of segments to look at, are not those of a few meeting paths. */
const CROSSINGS = 600;
const PAIRS = 2_000_000;
const ROUNDS = 3;

/** Returns the layers in order, and what ordering cost. */
export function arrange(graph: Graph, effort: number): { layers: Layers; cost: number } {
  const ranks = rankGraph(graph);
  let layers = makeLayers(graph, ranks);
  let { crossings, cost } = orderLayers(layers, graph, effort);
  if (graph.boxes > SIMPLEX) return { layers: wrapRanks(graph, layers) ?? layers, cost };
  const least = new Int32Array(graph.from.length).fill(1);
  for (
    let round = 0;
    round < ROUNDS && crossings > 0 && crossings <= Math.min(CROSSINGS, graph.boxes) && cost <= effort / 2;
    round++
  ) {
    if (!giveRoom(graph, layers, ranks, least)) break;
    const roomy = makeLayers(graph, rankGraph(graph, least));
    const { crossings: left, cost: more } = orderLayers(roomy, graph, effort - cost);
    cost += more;
    if (left > crossings || crossings - left < (roomy.ranks - layers.ranks) / 2) break;
    crossings = left;
    layers = roomy;
  }
  return { layers: wrapRanks(graph, layers) ?? layers, cost };
}

/** Lengthens edges in `least` where that may help; returns whether any. */
function giveRoom(graph: Graph, layers: Layers, { rank, back }: Ranks, least: Int32Array): boolean {
  const { from, to } = graph;
  const into = listsBy(to, graph.count);
  const hanging = heightOfHanging(graph, rank, back);
  let any = false;
  for (const w of crossedAt(layers, to)) {
    if (into.start[w + 1]! - into.start[w]! < 2) continue;
    for (let k = into.start[w]!; k < into.start[w + 1]!; k++) {
      const e = into.items[k]!;
      const length = hanging[from[e]!]! + 1;
      if (back[e] || graph.side[w] !== INSIDE || length <= least[e]!) continue;
      least[e] = length;
      any = true;
    }
  }
  return any;
}

/** Where edges lead that cross others. */
function crossedAt(
  { order, start, ranks, place, below, upper, lower, leaveAt, edge }: Layers,
  to: Int32Array,
): Set<number> {
  const found = new Set<number>();
  let pairs = 0;
  for (let r = 0; r + 1 < ranks; r++) {
    const segments: number[] = [];
    for (let i = start[r]!; i < start[r + 1]!; i++)
      for (let k = below.start[order[i]!]!; k < below.start[order[i]! + 1]!; k++)
        segments.push(below.items[k]!);
    pairs += segments.length ** 2 / 2;
    if (pairs > PAIRS) break;
    for (let i = 0; i < segments.length; i++) {
      for (let k = 0; k < i; k++) {
        const [s, t] = [segments[i]!, segments[k]!];
        if (place[lower[s]!]! >= place[lower[t]!]!) continue;
        if (upper[s] === upper[t] && leaveAt[s] === leaveAt[t]) continue;
        found.add(to[edge[s]!]!).add(to[edge[t]!]!);
      }
    }
  }
  return found;
}

/** How many ranks of boxes hang at each box that can be reached from nowhere else and lead nowhere else. */
function heightOfHanging(
  { boxes, count, side, from, to }: Graph,
  rank: Int32Array,
  back: Uint8Array,
): Int32Array {
  const height = new Int32Array(count);
  const ties = new Int32Array(count);
  for (let e = 0; e < to.length; e++) ties[to[e]!]!++;
  /** Leads to what is used elsewhere too. */
  const bound = new Uint8Array(count);
  const out = listsBy(from, count);
  const byRank = listsBy(rank, Math.max(0, ...rank) + 1);
  for (let i = count - 1; i >= 0; i--) {
    const v = byRank.items[i]!;
    if (v >= boxes) continue;
    for (let k = out.start[v]!; k < out.start[v + 1]!; k++) {
      const e = out.items[k]!;
      const w = to[e]!;
      if (back[e] || side[w] !== INSIDE || bound[w] || ties[w] !== 1) bound[v] = 1;
      else height[v] = Math.max(height[v]!, height[w]! + 1);
    }
  }
  return height;
}
