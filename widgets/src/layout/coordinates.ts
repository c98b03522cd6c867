/** From layers in order to coordinates: columns, x within each, the heights of the ranks, the way of each edge. */
import { foldColumns } from './columns.js';
import { BOTTOM, TOP, type Graph } from './graph.js';
import { farEdges, type Far } from './lanes.js';
import type { Layers } from './layers.js';
import { placeBoxes, type Sizes } from './place.js';
import { portOffsets } from './ports.js';
import { columnOf, stackRanks, type Folded, type Rows } from './rows.js';
import { sliceLayers } from './slice.js';
import { SPACE } from './types.js';

/**
 * Of boxes; of gates, that of their edges. Of edges: where they leave and enter, from the centres of their ends, NaN
 * where that is free; and how broad they are.
 */
export interface BoxSizes {
  width: Float64Array;
  height: Float64Array;
  leave: Float64Array;
  enter: Float64Array;
  breadth: Float64Array;
  /** Of each strand: its edge, its port and how many ports there are; 0 where they have no order. */
  strandEdge: Int32Array;
  port: Int32Array;
  ports: Int32Array;
}

export interface Coordinates {
  x: Float64Array;
  y: Float64Array;
  /** As in LayoutResult, by strand. */
  way: Float64Array;
  start: Uint32Array;
  left: number;
  right: number;
  height: number;
}

/** Higher than any box that is not a frame. */
const TALL = 48;

export function coordinates(graph: Graph, layers: Layers, sizes: BoxSizes): Coordinates {
  const tall = tallness(layers, sizes.height);
  const folded = fold(graph, layers, sizes, tall);
  const x = new Float64Array(layers.count);
  const sides = placeColumns(layers, folded, segmentSizes(graph, layers, sizes), x);
  const sill = sillOf(graph, layers, sizes, folded, x);
  const rows = stackRanks(graph, layers, folded, tall, x, sill);
  const beside = farEdges(graph, layers, folded, rows, x);
  const gutters = spread(layers, folded, sides, beside.lanes, x);
  if (folded.columns.length > 2) seatGates(graph, folded, layers, x);
  const y = new Float64Array(graph.count);
  for (let v = 0; v < y.length; v++) {
    const r = layers.rank[v]!;
    // Boxes of a rank stand on one middle line, frames hang from its top.
    const line = sizes.height[v]! > TALL ? sizes.height[v]! : Math.min(rows.bottom[r]! - rows.top[r]!, TALL);
    y[v] = rows.top[r]! + line / 2;
  }
  const offsets = portOffsets(graph, layers, sizes, folded.far, x);
  const router = new Router(graph, layers, sizes, rows, sill, x, y);
  const far = new Map(beside.list.map(each => [each.edge, each]));
  const start = new Uint32Array(offsets.length + 1);
  for (let strand = 0; strand < offsets.length; strand++) {
    const e = sizes.strandEdge[strand]!;
    const each = far.get(e);
    if (each) router.beside(each, offsets[strand]!, gutters);
    else router.through(e, offsets[strand]!);
    start[strand + 1] = router.way.length;
  }
  return {
    x,
    y,
    way: Float64Array.from(router.way),
    start,
    left: 0,
    right: gutters.right,
    height: rows.height,
  };
}

function tallness({ ranks, start, order, real }: Layers, height: Float64Array): Float64Array {
  const tall = new Float64Array(ranks);
  for (let r = 0; r < ranks; r++)
    for (let i = start[r]!; i < start[r + 1]!; i++)
      if (order[i]! < real) tall[r] = Math.max(tall[r]!, height[order[i]!]!);
  return tall;
}

function fold(graph: Graph, layers: Layers, sizes: BoxSizes, tall: Float64Array): Folded {
  const columns = foldColumns(graph, layers, tall, sizes.width);
  columns.push(layers.ranks);
  if (columns.length === 2) return { columns, far: layers.far };
  const far = layers.far.slice();
  const column = new Int32Array(layers.ranks);
  for (let r = 0; r < layers.ranks; r++) column[r] = columnOf(columns, r);
  for (let e = 0; e < far.length; e++)
    if (column[layers.rank[graph.from[e]!]!] !== column[layers.rank[graph.to[e]!]!]) far[e] = 1;
  return { columns, far };
}

function segmentSizes(graph: Graph, layers: Layers, sizes: BoxSizes): Sizes {
  const width = new Float64Array(layers.count);
  width.set(sizes.width);
  const leave = new Float64Array(layers.upper.length);
  const enter = new Float64Array(layers.upper.length);
  for (let s = 0; s < leave.length; s++) {
    const e = layers.edge[s]!;
    if (layers.upper[s] === graph.from[e]) leave[s] = sizes.leave[e]! || 0;
    if (layers.lower[s] === graph.to[e]) enter[s] = sizes.enter[e]! || 0;
    else width[layers.lower[s]!] = sizes.breadth[e]!;
  }
  const gate = new Uint8Array(layers.count).fill(1, graph.boxes, graph.count);
  return { width, leave, enter, gate };
}

/** A frame's title, and its summary, stand beside the edges that come in: what goes sideways does so below them. */
const TITLE = 24;
/** Less to one side does not reach the words. */
const ASIDE = 10;

/** How far down edges run straight from the gates at the top. */
function sillOf(
  graph: Graph,
  { virtual }: Layers,
  { enter }: BoxSizes,
  { far }: Folded,
  x: Float64Array,
): number {
  for (let e = 0; e < graph.from.length; e++) {
    const gate = graph.from[e]!;
    if (graph.side[gate] !== TOP || far[e]) continue;
    const next = virtual[e]! >= 0 ? x[virtual[e]!]! : x[graph.to[e]!]! + (enter[e]! || 0);
    if (Math.abs(next - x[gate]!) > ASIDE) return TITLE;
  }
  return 0;
}

interface Side {
  left: number;
  right: number;
}

/** Fills in `x`, each column for itself; returns the columns' extents. */
function placeColumns(layers: Layers, { columns, far }: Folded, sizes: Sizes, x: Float64Array): Side[] {
  const sides: Side[] = [];
  for (let c = 0; c + 1 < columns.length; c++) {
    const side = { left: Infinity, right: -Infinity };
    const take = (v: number, at: number): void => {
      x[v] = at;
      side.left = Math.min(side.left, at - sizes.width[v]! / 2);
      side.right = Math.max(side.right, at + sizes.width[v]! / 2);
    };
    if (columns.length === 2) placeBoxes(layers, sizes).forEach((at, v) => take(v, at));
    else {
      const slice = sliceLayers(layers, columns[c]!, columns[c + 1]!, far);
      const placed = placeBoxes(slice.layers, {
        width: Float64Array.from(slice.nodes, v => sizes.width[v]!),
        leave: Float64Array.from(slice.segments, s => sizes.leave[s]!),
        enter: Float64Array.from(slice.segments, s => sizes.enter[s]!),
        gate: Uint8Array.from(slice.nodes, v => sizes.gate[v]!),
      });
      placed.forEach((at, i) => take(slice.nodes[i]!, at));
    }
    sides.push(side.left <= side.right ? side : { left: 0, right: 0 });
  }
  return sides;
}

interface Gutters {
  /** x of the first lane of each gutter. */
  first: number[];
  right: number;
}

/** Sets the columns side by side, with room for the lanes between them. */
function spread(
  layers: Layers,
  { columns }: Folded,
  sides: Side[],
  lanes: Int32Array,
  x: Float64Array,
): Gutters {
  const first: number[] = [];
  let at = 0;
  for (let c = 0; c < sides.length; c++) {
    const { left, right } = sides[c]!;
    const [from, to] = [layers.start[columns[c]!]!, layers.start[columns[c + 1]!]!];
    for (let i = from; i < to; i++) x[layers.order[i]!]! += at - left;
    at += right - left;
    first.push(at + SPACE.gutter);
    const last = c === sides.length - 1;
    if (lanes[c]) at += SPACE.gutter + (lanes[c]! - 1) * SPACE.lanes + (last ? 0 : SPACE.gutter);
    else if (!last) at += SPACE.gutter;
  }
  return { first, right: at };
}

/**
 * Edges leave a folded frame below where they come in, not below its last column: a frame under it then stands under
 * it.
 */
function seatGates(graph: Graph, { columns }: Folded, { order, start }: Layers, x: Float64Array): void {
  const top = graph.topOrder;
  let sum = 0;
  for (const gate of top) sum += x[gate]!;
  const head = order[start[columns[0]!]!]!;
  const middle = top.length ? sum / top.length : x[head]!;
  const first = middle - ((graph.bottomOrder.length - 1) / 2) * SPACE.lanes;
  graph.bottomOrder.forEach((gate, i) => (x[gate] = Math.max(0, first) + i * SPACE.lanes));
}

class Router {
  readonly way: number[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly layers: Layers,
    private readonly sizes: BoxSizes,
    private readonly rows: Rows,
    private readonly sill: number,
    private readonly x: Float64Array,
    private readonly y: Float64Array,
  ) {}

  private from(e: number, offset: number): { x: number; y: number; rank: number } {
    const v = this.graph.from[e]!;
    return {
      x: this.x[v]! + offset,
      y: this.y[v]! + this.sizes.height[v]! / 2,
      rank: this.layers.rank[v]!,
    };
  }

  private to(e: number): { x: number; y: number; rank: number } {
    const v = this.graph.to[e]!;
    const x = this.x[v]! + (this.sizes.enter[e]! || 0);
    return { x, y: this.y[v]! - this.sizes.height[v]! / 2, rank: this.layers.rank[v]! };
  }

  /** From rank to rank. */
  through(e: number, offset: number): void {
    const { way, layers, rows, x } = this;
    const [from, to] = [this.from(e, offset), this.to(e)];
    const sill = this.graph.side[this.graph.from[e]!] === TOP ? this.sill : 0;
    way.push(from.x, from.y, Math.max(from.y, rows.bottom[from.rank]!, sill));
    for (let r = from.rank + 1, v = layers.virtual[e]!; r < to.rank; r++, v++) {
      const last = way.length - 3;
      // Straight on: one part.
      if (r > from.rank + 1 && Math.abs(way[last]! - x[v]!) < 0.01) way[last + 2] = rows.bottom[r]!;
      else way.push(x[v]!, rows.top[r]!, rows.bottom[r]!);
    }
    if (this.graph.side[this.graph.to[e]!] === BOTTOM)
      way[way.length - 1] = Math.max(way[way.length - 1]!, rows.floor);
    way.push(to.x, Math.min(rows.top[to.rank]!, to.y), to.y);
  }

  /** Along the gutters. */
  beside(far: Far, offset: number, gutters: Gutters): void {
    const { way } = this;
    const [from, to] = [this.from(far.edge, offset), this.to(far.edge)];
    const lane = gutters.first[far.fromColumn]! + far.lane * SPACE.lanes;
    if (far.smooth) {
      const sill = this.graph.side[this.graph.from[far.edge]!] === TOP ? this.sill : 0;
      const start = Math.max(from.y, this.rows.bottom[from.rank]!, sill);
      way.push(from.x, from.y, start, lane, Math.max(start, far.start), Math.max(start, far.end));
      way.push(to.x, Math.min(this.rows.top[to.rank]!, to.y), to.y);
      return;
    }
    if (far.toColumn - far.fromColumn <= 1) {
      way.push(from.x, from.y, far.exit, lane, far.exit, far.entry, to.x, far.entry, to.y);
      return;
    }
    const lane2 = gutters.first[far.toColumn - 1]! + far.lane2 * SPACE.lanes;
    way.push(from.x, from.y, Math.max(from.y, this.rows.bottom[from.rank]!), lane, far.start, far.bus);
    way.push(lane2, far.bus, far.entry, to.x, far.entry, to.y);
  }
}
