/**
 * Vertical coordinates: ranks stand closer where edges run straight down, and apart where they fan out, have far to
 * go sideways, or turn towards another column. Each column starts at the same height.
 */
import type { Layers } from './layers.js';
import { BOTTOM, TOP, type Graph } from './graph.js';
import { SPACE } from './types.js';

export interface Rows {
  top: Float64Array;
  bottom: Float64Array;
  /** Of each rank: edges that turn below it and above it, towards a gutter. */
  exits: Int32Array;
  entries: Int32Array;
  /** Below all columns, above the gates at the bottom. */
  floor: number;
  height: number;
}

/** No more than this many turns get a height of their own. */
export const TURNS = 10;

export interface Folded {
  /** First rank of each column, and one past the last. */
  columns: number[];
  /** Edges that run beside the ranks. */
  far: Uint8Array;
}

export function stackRanks(
  graph: Graph,
  layers: Layers,
  { columns, far }: Folded,
  tall: Float64Array,
  x: Float64Array,
  sill: number,
): Rows {
  const { ranks, rank } = layers;
  const [top, bottom] = [new Float64Array(ranks), new Float64Array(ranks)];
  const [exits, entries] = [new Int32Array(ranks), new Int32Array(ranks)];
  for (let e = 0; e < far.length; e++) {
    if (!far[e]) continue;
    exits[rank[graph.from[e]!]!]!++;
    entries[rank[graph.to[e]!]!]!++;
  }
  const room = (turns: number): number => SPACE.turns * Math.min(TURNS, turns);
  const pinnedTop = graph.side.includes(TOP);
  const lastBoxes = ranks - 1 - (graph.side.includes(BOTTOM) ? 1 : 0);
  let head = 0;
  for (let c = 1; c + 1 < columns.length; c++) head = Math.max(head, 8 + room(entries[columns[c]!]!));
  let floor = 0;
  for (let c = 0; c + 1 < columns.length; c++) {
    const last = Math.min(columns[c + 1]! - 1, lastBoxes);
    // Below the title too, that stands beside the gates above the first column.
    let at = c > 0 && pinnedTop ? Math.max(head, SPACE.frameTop) : head;
    for (let r = columns[c]!; r <= last; r++) {
      if (r === 0 && pinnedTop) {
        at = Math.max(SPACE.frameTop, head + room(exits[0]!), sill && sill + gapBelow(layers, 0, x, far));
        continue;
      }
      top[r] = at;
      at = bottom[r] = at + tall[r]!;
      if (r < last) at += Math.max(gapBelow(layers, r, x, far), 12 + room(exits[r]! + entries[r + 1]!));
      else if (exits[r]) at += 6 + room(exits[r]!);
    }
    floor = Math.max(floor, at);
  }
  const buses = busCount(graph, layers, columns, far);
  if (buses) floor += 16 + room(buses);
  if (lastBoxes < ranks - 1) {
    const gap =
      lastBoxes >= 0 && !(pinnedTop && lastBoxes === 0) ? gapBelow(layers, lastBoxes, x, far) - 2 : 0;
    top[ranks - 1] = bottom[ranks - 1] = floor + Math.max(gap, SPACE.frameBottom + room(entries[ranks - 1]!));
    return { top, bottom, exits, entries, floor, height: top[ranks - 1]! };
  }
  return { top, bottom, exits, entries, floor, height: floor };
}

/** Edges that lead past a whole column. */
function busCount(graph: Graph, { rank }: Layers, columns: number[], far: Uint8Array): number {
  if (columns.length < 4) return 0;
  let count = 0;
  for (let e = 0; e < far.length && count < TURNS; e++)
    if (far[e] && columnOf(columns, rank[graph.to[e]!]!) - columnOf(columns, rank[graph.from[e]!]!) > 1)
      count++;
  return count;
}

/** The column that a rank is in. */
export function columnOf(columns: number[], r: number): number {
  let [low, high] = [0, columns.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (columns[middle]! <= r) low = middle;
    else high = middle - 1;
  }
  return low;
}

function gapBelow(
  { order, start, below, lower, real, edge }: Layers,
  r: number,
  x: Float64Array,
  far: Uint8Array,
): number {
  let gap: number = SPACE.down;
  for (let i = start[r]!; i < start[r + 1]!; i++) {
    const v = order[i]!;
    const [first, last] = [below.start[v]!, below.start[v + 1]!];
    if (last - first >= 3) gap = Math.max(gap, SPACE.fan);
    if (v >= real) continue;
    for (let k = first; k < last; k++) {
      const s = below.items[k]!;
      if (far[edge[s]!]) continue;
      gap = Math.max(gap, Math.min(SPACE.mostDown, 14 + Math.abs(x[v]! - x[lower[s]!]!) * 0.1));
    }
  }
  return gap;
}
