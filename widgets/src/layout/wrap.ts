/**
 * Ranks of so many boxes that the picture would be a ribbon take several rows: neighbours stand in turn higher and
 * lower, and what leads to the lower ones or comes from the higher ones passes between the others. The order from left
 * to right stays, so nothing crosses that did not before.
 */
import type { Graph } from './graph.js';
import { makeLayers, placeAll, type Layers } from './layers.js';

/** What a box takes, about: across and down. Sizes are not known yet, and may change when a box is opened. */
const BOX = { across: 150, down: 60 };
/** Width to height from which ranks are wrapped, and that is aimed at then. */
const RIBBON = 6;
const AIM = 3;
/** Fewer boxes than this stand beside one another. */
const ROW = 8;
/** Where there are more edges a box than this, they would take the room that rows give. */
const EDGES = 4;

/** undefined: it is well as it is. */
export function wrapRanks(graph: Graph, layers: Layers): Layers | undefined {
  const boxes = boxesOfRanks(graph, layers);
  const most = boxes.reduce((a, b) => Math.max(a, b), 0);
  if (most <= ROW || most * BOX.across < RIBBON * BOX.down * layers.ranks) return undefined;
  if (graph.from.length > EDGES * graph.boxes) return undefined;
  let row = ROW;
  const rowsOf = (count: number): number => Math.max(1, Math.ceil(count / row));
  const height = (): number => BOX.down * boxes.reduce((sum, count) => sum + rowsOf(count), 0);
  while (row * BOX.across < AIM * height()) row++;
  // What passes needs room too, and more of it the more rows there are.
  for (; row < most; row *= 2) {
    const wrapped = makeLayers(graph, { ...rowsAsRanks(graph, layers, boxes.map(rowsOf)), back: layers.far });
    if (wrapped.far.some((far, e) => far !== layers.far[e])) continue;
    putInOrder(graph, layers, wrapped, boxes.map(rowsOf));
    return wrapped;
  }
  return undefined;
}

function boxesOfRanks({ boxes }: Graph, { ranks, rank }: Layers): number[] {
  const count = new Array<number>(ranks).fill(0);
  for (let v = 0; v < boxes; v++) count[rank[v]!]!++;
  return count;
}

/** In turn, from left to right. */
function rowsAsRanks(
  { boxes, count }: Graph,
  { order, start, rank, ranks: before }: Layers,
  rows: number[],
): { rank: Int32Array; ranks: number } {
  const wrapped = new Int32Array(count);
  let ranks = 0;
  for (let r = 0; r < before; r++) {
    let turn = 0;
    for (let i = start[r]!; i < start[r + 1]!; i++) {
      const v = order[i]!;
      if (v < count) wrapped[v] = ranks + (v < boxes ? turn++ % rows[rank[v]!]! : 0);
    }
    ranks += rows[r]!;
  }
  return { rank: wrapped, ranks };
}

/** Each node where its box or its edge was: by place, then as the edges of one box leave it or come in. */
function putInOrder(graph: Graph, before: Layers, wrapped: Layers, rows: number[]): void {
  const place = new Float64Array(wrapped.count);
  const within = new Float64Array(wrapped.count);
  for (let v = 0; v < wrapped.real; v++) place[v] = before.place[v]!;
  const old = Int32Array.from(rows.flatMap((count, r) => new Array<number>(count).fill(r)));
  for (let e = 0; e < graph.from.length; e++) {
    let v = wrapped.virtual[e]!;
    if (v < 0) continue;
    const [from, to] = [graph.from[e]!, graph.to[e]!];
    const [first, last] = [before.rank[from]!, before.rank[to]!];
    const passes = before.virtual[e]!;
    /** The node of the edge that was in rank r. */
    const at = (r: number): number => (r === first ? from : r === last ? to : passes + r - first - 1);
    const lower = before.place[at(first + 1)]!;
    const upper = before.place[at(last - 1)]! + (last - 1 === first ? graph.leaveAt[e]! : 0.5);
    for (let r = wrapped.rank[from]! + 1; r < wrapped.rank[to]!; r++, v++) {
      place[v] = before.place[at(old[r]!)]!;
      if (old[r] === first) within[v] = graph.leaveAt[e]! + lower / (before.count + 1) / 1e3;
      else if (old[r] === last) within[v] = upper;
    }
  }
  for (let r = 0; r < wrapped.ranks; r++)
    wrapped.order
      .subarray(wrapped.start[r], wrapped.start[r + 1])
      .sort((a, b) => place[a]! - place[b]! || within[a]! - within[b]! || a - b);
  placeAll(wrapped);
  // Between a box and what passes in the rows that were one rank.
  wrapped.bent = Uint8Array.from(wrapped.upper, (v, s) =>
    old[wrapped.rank[v]!] === old[wrapped.rank[wrapped.lower[s]!]!] ? 1 : 0,
  );
}
