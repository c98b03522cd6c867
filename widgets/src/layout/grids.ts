/**
 * What would make one rank very wide: many ends of one box (leaves of a user, results of one value, with what leads
 * only to them), and boxes that are linked with nothing. They stand in a grid instead, which for all around it is
 * one box: `without` is the graph with a box in place of each grid.
 */
import { listsBy } from './csr.js';
import { BOTTOM, INSIDE, TOP, type Graph } from './graph.js';

/** So many ends of a box stand beside one another. */
const ROW = 8;
/** A chain of more boxes is no end. */
const CHAIN = 4;

/** A chain of boxes that ends, from its first to its last. */
export interface Cell {
  nodes: number[];
  /** The edge to the first from the box that all cells hang at, or from the last to it; -1 without. */
  stem: number;
  /** The edges between the nodes. */
  inner: number[];
}

export interface Grid {
  cells: Cell[];
  /** Where the box is that they hang at. */
  hangs: 'below' | 'above' | 'nowhere';
}

/** A graph with grids taken out. */
export interface Without {
  graph: Graph;
  grids: Grid[];
  /** In the smaller graph: what each node is or is in, and each edge; -1: it is within a cell. */
  node: Int32Array;
  edge: Int32Array;
  /** Box of the first grid; the others follow it. */
  firstGrid: number;
}

/** undefined: there are none. */
export function withoutGrids(graph: Graph): Without | undefined {
  const grids = findGrids(graph);
  if (!grids.length) return undefined;
  const { boxes, count, from, to, leaveAt } = graph;
  const node = new Int32Array(count).fill(-1);
  const edge = new Int32Array(from.length).fill(-2);
  for (const { cells } of grids) {
    for (const { nodes, inner } of cells) {
      for (const v of nodes) node[v] = -2;
      for (const e of inner) edge[e] = -1;
    }
  }
  let next = 0;
  for (let v = 0; v < boxes; v++) if (node[v] === -1) node[v] = next++;
  const firstGrid = next;
  for (const { cells } of grids) {
    for (const { nodes } of cells) for (const v of nodes) node[v] = next;
    next++;
  }
  const gates = next - boxes;
  for (let v = boxes; v < count; v++) node[v] = v + gates;
  const kept: number[] = [];
  for (const { cells } of grids) {
    const stems = cells.map(cell => cell.stem).filter(e => e >= 0);
    if (!stems.length) continue;
    // One edge for all, which leaves in the middle of theirs.
    const middle = stems.sort((a, b) => leaveAt[a]! - leaveAt[b]! || a - b)[stems.length >> 1]!;
    for (const e of stems) if (e !== middle) edge[e] = -2 - 1 - middle;
  }
  for (let e = 0; e < from.length; e++) if (edge[e] === -2) edge[e] = kept.push(e) - 1;
  for (let e = 0; e < from.length; e++) if (edge[e]! < -2) edge[e] = edge[-3 - edge[e]!]!;
  const side = new Uint8Array(count + gates);
  for (let v = boxes; v < count; v++) side[v + gates] = graph.side[v]!;
  return {
    graph: {
      boxes: next,
      count: count + gates,
      side,
      from: Int32Array.from(kept, e => node[from[e]!]!),
      to: Int32Array.from(kept, e => node[to[e]!]!),
      leaveAt: Float64Array.from(kept, e => leaveAt[e]!),
      topOrder: graph.topOrder.map(v => v + gates),
      bottomOrder: graph.bottomOrder.map(v => v + gates),
    },
    grids,
    node,
    edge,
    firstGrid,
  };
}

/** So few boxes with links on one side that no look at them is needed: most graphs are such. */
function fewEnds({ boxes, count, from, to }: Graph): boolean {
  if (boxes <= ROW) return true;
  const above = new Int32Array(count);
  const below = new Int32Array(count);
  for (let e = 0; e < from.length; e++) {
    below[from[e]!]!++;
    above[to[e]!]!++;
  }
  let ends = 0;
  for (let v = 0; v < boxes; v++) if (above[v]! + below[v]! <= 1) ends++;
  return ends <= ROW;
}

export function findGrids(graph: Graph): Grid[] {
  const { boxes, count, side, from, to, leaveAt } = graph;
  if (fewEnds(graph)) return [];
  const above = listsBy(to, count);
  const below = listsBy(from, count);
  const degree = (lists: typeof above, v: number): number => lists.start[v + 1]! - lists.start[v]!;
  /** From an end along its only links to the box that it hangs at, or to the other end. */
  const walk = (end: number, down: boolean): { cell: Cell; at: number } => {
    const [ahead, behind] = down ? [below, above] : [above, below];
    const cell: Cell = { nodes: [end], stem: -1, inner: [] };
    for (let v = end; degree(ahead, v) > 0;) {
      const e = ahead.items[ahead.start[v]!]!;
      const w = down ? to[e]! : from[e]!;
      if (
        side[w] !== INSIDE ||
        degree(behind, w) > 1 ||
        degree(ahead, w) > 1 ||
        cell.nodes.length === CHAIN
      ) {
        cell.stem = e;
        return { cell, at: w };
      }
      cell.nodes.push(w);
      cell.inner.push(e);
      v = w;
    }
    return { cell, at: -1 };
  };
  const found = new Map<number, Cell[]>();
  const add = (key: number, cell: Cell): void => {
    const list = found.get(key);
    if (list) list.push(cell);
    else found.set(key, [cell]);
  };
  for (let v = 0; v < boxes; v++) {
    const [ups, downs] = [degree(above, v), degree(below, v)];
    if (downs === 0 && ups <= 1) {
      const { cell, at } = walk(v, false);
      cell.nodes.reverse();
      cell.inner.reverse();
      if (at < 0 || side[at] !== BOTTOM) add(at < 0 ? -1 : 2 * at, cell);
    } else if (ups === 0 && downs === 1) {
      const { cell, at } = walk(v, true);
      if (at >= 0 && side[at] !== TOP) add(2 * at + 1, cell);
    }
  }
  const grids: Grid[] = [];
  for (const [key, cells] of found) {
    if (cells.length <= ROW) continue;
    const hangs = key < 0 ? 'nowhere' : key % 2 === 0 ? 'below' : 'above';
    if (hangs === 'below') cells.sort((a, b) => leaveAt[a.stem]! - leaveAt[b.stem]! || a.stem - b.stem);
    grids.push({ cells, hangs });
  }
  return grids;
}
