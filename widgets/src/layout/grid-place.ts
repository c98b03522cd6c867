/**
 * The inside of a grid: strips of two columns, each read like a page. Between its columns a strip has a trunk that
 * the edges to both share, from the head of the grid down to the gap above each row (where the box that they hang at
 * is below: from the gap below each row down to the foot). Boxes without links are one strip; a cell that is much
 * wider than the others is one too.
 */
import type { BoxSizes } from './coordinates.js';
import type { Graph } from './graph.js';
import type { Cell, Grid, Without } from './grids.js';
import { SPACE } from './types.js';

/** Width to height that is aimed at. */
const ASPECT = 2.6;
/** Between two rows: room for the edges to turn from their trunk. */
const TURN = 24;
/** The head, where edges part for their trunks: least, and a part of the width. */
const HEAD = { least: 14, part: 0.06 };
/** So many times the width of most cells is wide. */
const WIDE = 3;

/** From the grid's top left corner. */
export interface GridPlace {
  width: number;
  height: number;
  /** Of each cell: where its edge is, its nodes' centres, and the trunk and the height at which that edge leaves it. */
  cells: { stem: number; x: number[]; y: number[]; trunk: number; turn: number }[];
  /** Where the trunks start, or end. */
  head: number;
}

interface Size {
  left: number;
  right: number;
  height: number;
  /** Of each node, from the edge at which the cell hangs. */
  x: number[];
}

export function placeGrid({ cells, hangs }: Grid, sizes: BoxSizes): GridPlace {
  const measured = cells.map(cell => measureCell(cell, hangs, sizes));
  const isWide = wideCells(measured);
  const columns = columnCount(measured.filter((_, i) => !isWide[i]));
  const rows = Math.ceil(cells.length / columns);
  const hanging = hangs !== 'nowhere';
  const strips: Strip[] = [];
  const across = hanging ? Math.min(2, columns) : columns;
  for (let first = 0, width = 0; first < cells.length;) {
    let end = first + 1;
    while (!isWide[first] && end < cells.length && end - first < across * rows && !isWide[end]) end++;
    const strip = placeStrip(measured, first, end, Math.min(across, end - first), width, hanging);
    strips.push(strip);
    width = strip.right + SPACE.across;
    first = end;
  }
  const width = strips[strips.length - 1]!.right;
  const head = hanging ? Math.min(SPACE.mostDown, HEAD.least + HEAD.part * width) : 0;
  const rowsHeight = Math.max(...strips.map(strip => strip.bottom));
  const down = hangs === 'below' ? head + TURN : 0;
  const foot = hangs === 'above' ? TURN + head : 0;
  const height = down + rowsHeight + foot;
  const result: GridPlace = { width, height, cells: [], head: hangs === 'above' ? height - head : head };
  let s = 0;
  cells.forEach((cell, i) => {
    if (i === strips[s]!.end) s++;
    const strip = strips[s]!;
    const at = i - strip.first;
    const r = Math.floor(at / strip.stems.length);
    const size = measured[i]!;
    const stem = strip.stems[at % strip.stems.length]!;
    const [rowTop, rowBottom] = [down + strip.tops[r]!, down + strip.tops[r]! + strip.tall[r]!];
    // What hangs from a trunk above starts at the top of its row; what leads down ends at the bottom.
    let top = hangs === 'above' ? rowBottom - size.height : rowTop;
    const y = cell.nodes.map(v => {
      const middle = top + sizes.height[v]! / 2;
      top += sizes.height[v]! + SPACE.down;
      return middle;
    });
    const turn = hangs === 'above' ? rowBottom + TURN : rowTop - TURN;
    result.cells.push({ stem, x: size.x.map(x => stem + x), y, trunk: strip.trunk, turn });
  });
  return result;
}

/** Rows of cells at one trunk. */
interface Strip {
  /** Its cells, the last not included. */
  first: number;
  end: number;
  /** Where each column's edges are. */
  stems: number[];
  trunk: number;
  tops: number[];
  tall: number[];
  right: number;
  bottom: number;
}

function placeStrip(
  measured: Size[],
  first: number,
  end: number,
  columns: number,
  begin: number,
  hanging: boolean,
): Strip {
  const left = new Array<number>(columns).fill(0);
  const right = new Array<number>(columns).fill(0);
  const tall: number[] = [];
  for (let i = first; i < end; i++) {
    const [c, r] = [(i - first) % columns, Math.floor((i - first) / columns)];
    const size = measured[i]!;
    left[c] = Math.max(left[c]!, size.left);
    right[c] = Math.max(right[c]!, size.right);
    tall[r] = Math.max(tall[r] ?? 0, size.height);
  }
  const stems: number[] = [];
  let trunk = 0;
  let at = begin;
  for (let c = 0; c < columns; c++) {
    if (c > 0) at += hanging ? 2 * SPACE.besideEdge : SPACE.across;
    stems.push(at + left[c]!);
    at += left[c]! + right[c]!;
    if (c === 0) trunk = at + SPACE.besideEdge;
  }
  // A column alone has its trunk at its right, a cell alone none.
  if (hanging && end - first === 1) trunk = stems[0]!;
  else if (hanging && columns === 1) at += SPACE.besideEdge;
  const tops: number[] = [];
  let y = 0;
  for (const height of tall) {
    tops.push(y);
    y += height + (hanging ? TURN : SPACE.down);
  }
  return { first, end, stems, trunk, tops, tall, right: at, bottom: y - (hanging ? TURN : SPACE.down) };
}

function measureCell({ nodes, inner, stem }: Cell, hangs: Grid['hangs'], sizes: BoxSizes): Size {
  const { width, height, leave, enter } = sizes;
  const x = [0];
  inner.forEach((e, k) => x.push(x[k]! + (leave[e]! || 0) - (enter[e]! || 0)));
  const end = stem < 0 ? 0 : hangs === 'below' ? enter[stem]! || 0 : x[x.length - 1]! + (leave[stem]! || 0);
  const size = { left: 0, right: 0, height: SPACE.down * (nodes.length - 1), x: x.map(at => at - end) };
  nodes.forEach((v, k) => {
    size.left = Math.max(size.left, width[v]! / 2 - size.x[k]!);
    size.right = Math.max(size.right, width[v]! / 2 + size.x[k]!);
    size.height += height[v]!;
  });
  return size;
}

/** Frames so much wider than the others that these would be lost beside them: they stand for themselves. */
function wideCells(sizes: Size[]): boolean[] {
  const widths = sizes.map(({ left, right }) => left + right);
  const middle = [...widths].sort((a, b) => a - b)[widths.length >> 1]!;
  return widths.map(width => width > WIDE * middle);
}

/** Even, so that each trunk has a column on both sides, except where all are wide. */
function columnCount(sizes: Size[]): number {
  let [width, height] = [0, 0];
  for (const { left, right, height: own } of sizes) {
    width += left + right + SPACE.across;
    height += own + TURN;
  }
  const ideal = Math.sqrt((sizes.length * ASPECT * height) / width);
  return Math.min(sizes.length, Math.max(1, 2 * Math.round(ideal / 2)));
}

/** The sizes of the graph in which each grid is a box. */
export function sizesWithout(graph: Graph, without: Without, places: GridPlace[], sizes: BoxSizes): BoxSizes {
  const { node, edge, firstGrid, grids } = without;
  const { count, from } = without.graph;
  const width = new Float64Array(count);
  const height = new Float64Array(count);
  for (let v = 0; v < node.length; v++) {
    const grid = places[node[v]! - firstGrid];
    const isGate = v >= graph.boxes;
    width[node[v]!] = grid && !isGate ? grid.width : sizes.width[v]!;
    height[node[v]!] = grid && !isGate ? grid.height : sizes.height[v]!;
  }
  const leave = new Float64Array(from.length).fill(NaN);
  const enter = new Float64Array(from.length).fill(NaN);
  const breadth = new Float64Array(from.length);
  for (let e = 0; e < edge.length; e++) {
    const own = edge[e]!;
    if (own < 0) continue;
    breadth[own] = Math.max(breadth[own]!, sizes.breadth[e]!);
    const [a, b] = [without.graph.from[own]! - firstGrid, without.graph.to[own]! - firstGrid];
    leave[own] = grids[a] ? 0 : sizes.leave[e]!;
    enter[own] = grids[b] ? 0 : sizes.enter[e]!;
  }
  const kept: number[] = [];
  sizes.strandEdge.forEach((e, i) => edge[e]! >= 0 && kept.push(i));
  return {
    width,
    height,
    leave,
    enter,
    breadth,
    strandEdge: Int32Array.from(kept, i => edge[sizes.strandEdge[i]!]!),
    port: Int32Array.from(kept, i => sizes.port[i]!),
    ports: Int32Array.from(kept, i => sizes.ports[i]!),
  };
}
