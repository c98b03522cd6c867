/**
 * The gutters right of the columns: edges that run beside the ranks have a lane there each. An edge goes from below
 * its box sideways into the gutter, and out of one into the gap above where it leads; past whole columns it runs
 * below them all.
 */
import type { Layers } from './layers.js';
import { BOTTOM, type Graph } from './graph.js';
import { columnOf, TURNS, type Folded, type Rows } from './rows.js';
import { SPACE } from './types.js';

/** An edge beside the ranks: its lanes' numbers in their gutters, and the heights at which it turns. */
export interface Far {
  edge: number;
  fromColumn: number;
  toColumn: number;
  /** In the gutter right of `fromColumn`; and in the one left of `toColumn`, where that is another. */
  lane: number;
  lane2: number;
  exit: number;
  entry: number;
  bus: number;
  /** In one gutter, downwards: no turns, curves as between ranks. */
  smooth: boolean;
  start: number;
  end: number;
}

/** Lanes of a gutter; edges beyond share them. */
const LANES = 48;

export function farEdges(
  graph: Graph,
  layers: Layers,
  folded: Folded,
  rows: Rows,
  x: Float64Array,
): { list: Far[]; lanes: Int32Array } {
  const { rank } = layers;
  const { columns } = folded;
  const list: Far[] = [];
  for (let e = 0; e < folded.far.length; e++) {
    if (!folded.far[e]) continue;
    const [a, b] = [rank[graph.from[e]!]!, rank[graph.to[e]!]!];
    const fromColumn = columnOf(columns, a);
    // Below all columns the gates are near from everywhere.
    const leavesFrame = graph.side[graph.to[e]!] === BOTTOM;
    const toColumn = leavesFrame ? fromColumn : columnOf(columns, b);
    // From just below the rank, or where the next one starts; to where the one before ends.
    const start = a + 1 === columns[fromColumn + 1] ? rows.bottom[a]! + SPACE.down : rows.top[a + 1]!;
    const above = b === columns[toColumn] ? rows.top[b]! - SPACE.down : rows.bottom[b - 1]!;
    const end = leavesFrame ? rows.floor : above;
    const smooth = toColumn - fromColumn <= 1 && end > start;
    list.push({
      edge: e,
      fromColumn,
      toColumn,
      lane: 0,
      lane2: 0,
      exit: 0,
      entry: 0,
      bus: 0,
      smooth,
      start,
      end,
    });
  }
  turnHeights(graph, layers, rows, list, x);
  return { list, lanes: assignLanes(list, columns.length - 1) };
}

/** The nearer the gutter, the nearer to the boxes: so the lines of one gap don't cross. */
function turnHeights(graph: Graph, { rank }: Layers, rows: Rows, list: Far[], x: Float64Array): void {
  const turns = new Int32Array(rows.top.length);
  const byExit = list
    .filter(far => !far.smooth)
    .sort((a, b) => x[graph.from[b.edge]!]! - x[graph.from[a.edge]!]! || b.edge - a.edge);
  for (const far of byExit) {
    const r = rank[graph.from[far.edge]!]!;
    far.exit = rows.bottom[r]! + 6 + SPACE.turns * (turns[r]!++ % TURNS);
  }
  turns.fill(0);
  byExit.sort((a, b) => x[graph.to[a.edge]!]! - x[graph.to[b.edge]!]! || a.edge - b.edge);
  for (const far of byExit) {
    const r = rank[graph.to[far.edge]!]!;
    far.entry = rows.top[r]! - 8 - SPACE.turns * (turns[r]!++ % TURNS);
  }
  let buses = 0;
  for (const far of byExit)
    if (far.toColumn - far.fromColumn > 1) far.bus = rows.floor - SPACE.turns * (buses++ % TURNS);
}

/** How many lanes each gutter has. */
function assignLanes(list: Far[], gutters: number): Int32Array {
  const lanes = new Int32Array(gutters);
  const within: Far[][] = Array.from({ length: gutters }, () => []);
  const across: { far: Far; second: boolean }[][] = Array.from({ length: gutters }, () => []);
  for (const far of list) {
    if (far.fromColumn === far.toColumn) within[far.fromColumn]!.push(far);
    else {
      across[far.fromColumn]!.push({ far, second: false });
      if (far.toColumn - far.fromColumn > 1) across[far.toColumn - 1]!.push({ far, second: true });
    }
  }
  for (let g = 0; g < gutters; g++) {
    lanes[g] = shareLanes(within[g]!);
    // Shallow turns inside deep ones; what only comes up from below, at the outside.
    across[g]!.sort(
      (a, b) => Number(a.second) - Number(b.second) || a.far.exit - b.far.exit || a.far.edge - b.far.edge,
    );
    across[g]!.forEach(({ far, second }, i) => {
      const lane = lanes[g]! + (i % LANES);
      if (second) far.lane2 = lane;
      else far.lane = lane;
    });
    lanes[g]! += Math.min(LANES, across[g]!.length);
  }
  return lanes;
}

/** Edges that stay beside one column: the short ones innermost, one lane for those that do not meet. */
function shareLanes(list: Far[]): number {
  const low = (far: Far): number => Math.min(far.start, far.end);
  list.sort((a, b) => low(a) - low(b) || a.edge - b.edge);
  const free: number[] = [];
  for (const far of list) {
    let lane = free.findIndex(end => end <= low(far));
    if (lane < 0) lane = free.length < LANES ? free.length : far.edge % LANES;
    free[lane] = Math.max(free[lane] ?? 0, far.start, far.end, far.exit);
    far.lane = lane;
  }
  return free.length;
}
