/** Coordinates of a whole graph from those of the one without grids: what is in them comes back, and its ways. */
import type { BoxSizes, Coordinates } from './coordinates.js';
import type { Graph } from './graph.js';
import type { GridPlace } from './grid-place.js';
import type { Without } from './grids.js';
import { SPACE } from './types.js';

/** Ways come in as far from a grid's corners as this. */
const CORNER = 8;

export function withGrids(
  graph: Graph,
  without: Without,
  places: GridPlace[],
  sizes: BoxSizes,
  outer: Coordinates,
): Coordinates {
  return new Unfolding(graph, without, places, sizes, outer).run();
}

class Unfolding {
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly way: number[] = [];
  /** Of each edge within a grid: the grid, and the cell in it. */
  private readonly grid: Int32Array;
  private readonly cell: Int32Array;

  constructor(
    private readonly graph: Graph,
    private readonly without: Without,
    private readonly places: GridPlace[],
    private readonly sizes: BoxSizes,
    private readonly outer: Coordinates,
  ) {
    this.x = new Float64Array(graph.count);
    this.y = new Float64Array(graph.count);
    this.grid = new Int32Array(graph.from.length).fill(-1);
    this.cell = new Int32Array(graph.from.length);
  }

  run(): Coordinates {
    const { without, places, sizes, outer, way } = this;
    for (let v = 0; v < this.x.length; v++) {
      const at = without.node[v]!;
      this.x[v] = outer.x[at]!;
      this.y[v] = outer.y[at]!;
    }
    without.grids.forEach(({ cells }, g) => {
      const [left, top] = this.corner(g);
      cells.forEach((cell, i) => {
        const place = places[g]!.cells[i]!;
        cell.nodes.forEach((v, k) => {
          this.x[v] = left + place.x[k]!;
          this.y[v] = top + place.y[k]!;
        });
        for (const e of [cell.stem, ...cell.inner]) {
          if (e < 0) continue;
          this.grid[e] = g;
          this.cell[e] = i;
        }
      });
    });
    const start = new Uint32Array(sizes.strandEdge.length + 1);
    let strand = 0;
    for (let i = 0; i < sizes.strandEdge.length; i++) {
      const e = sizes.strandEdge[i]!;
      const g = this.grid[e]!;
      const given =
        without.edge[e]! < 0
          ? []
          : Array.from(outer.way.subarray(outer.start[strand]!, outer.start[++strand]!));
      if (g < 0) for (const value of given) way.push(value);
      else if (!given.length) this.within(e, i);
      else if (without.grids[g]!.hangs === 'below') this.into(given, e, g);
      else this.outOf(given, e, i, g);
      start[i + 1] = way.length;
    }
    return { ...outer, x: this.x, y: this.y, way: Float64Array.from(way), start };
  }

  private corner(g: number): [left: number, top: number] {
    const at = this.without.firstGrid + g;
    const { width, height } = this.places[g]!;
    return [this.outer.x[at]! - width / 2, this.outer.y[at]! - height / 2];
  }

  private bottom(v: number): number {
    return this.y[v]! + this.sizes.height[v]! / 2;
  }

  private top(v: number): number {
    return this.y[v]! - this.sizes.height[v]! / 2;
  }

  /** Where a strand leaves a box of a cell, from its centre: they lead to one box only. */
  private leaves(e: number, strand: number): number {
    const { leave, port, ports, width } = this.sizes;
    if (!Number.isNaN(leave[e]!)) return leave[e]!;
    const count = ports[strand]!;
    if (count < 2) return 0;
    const pitch = Math.min(SPACE.ports, width[this.graph.from[e]!]! / 2 / (count - 1));
    return (port[strand]! - (count - 1) / 2) * pitch;
  }

  /** Between two boxes of a cell. */
  private within(e: number, strand: number): void {
    const [a, b] = [this.graph.from[e]!, this.graph.to[e]!];
    const x = this.x[b]! + (this.sizes.enter[e]! || 0);
    this.way.push(
      this.x[a]! + this.leaves(e, strand),
      this.bottom(a),
      this.bottom(a),
      x,
      this.top(b),
      this.top(b),
    );
  }

  /** As near to `x` as the grid is. */
  private beside(g: number, x: number): number {
    const [left] = this.corner(g);
    const { width } = this.places[g]!;
    const corner = Math.min(CORNER, width / 2);
    return Math.min(Math.max(x, left + corner), left + width - corner);
  }

  /** From a box above the grid: its way ends in the middle of the grid's top. */
  private into(given: number[], e: number, g: number): void {
    const { way } = this;
    const end = given.length - 3;
    const [left, top] = this.corner(g);
    const { head, cells } = this.places[g]!;
    const { trunk, turn } = cells[this.cell[e]!]!;
    for (let i = 0; i < end; i++) way.push(given[i]!);
    const last = way.length - 3;
    const free = way[last + 2]! >= way[last + 1]!;
    const x = free ? this.beside(g, way[last]!) : given[end]!;
    if (free && Math.abs(x - way[last]!) < 0.01) way[last + 2] = top;
    else way.push(x, given[end + 1]!, top);
    // Never upwards, not by a rounding error.
    way.push(left + trunk, top + head, Math.max(top + head, top + turn));
    const v = this.graph.to[e]!;
    way.push(this.x[v]! + (this.sizes.enter[e]! || 0), this.top(v), this.top(v));
  }

  /** To a box below the grid: its way starts in the middle of the grid's bottom. */
  private outOf(given: number[], e: number, strand: number, g: number): void {
    const { way } = this;
    const [left, top] = this.corner(g);
    const { head, height, cells } = this.places[g]!;
    const { trunk, turn } = cells[this.cell[e]!]!;
    const v = this.graph.from[e]!;
    way.push(this.x[v]! + this.leaves(e, strand), this.bottom(v), this.bottom(v));
    way.push(left + trunk, Math.min(top + turn, top + head), top + head);
    // What runs up next, or turns at one height, leaves as it did.
    const free = given[5]! >= given[4]! && given[4]! > given[2]! + 0.01;
    const x = free ? this.beside(g, given[3]!) : given[0]!;
    if (free && Math.abs(x - given[3]!) < 0.01) {
      way.push(given[3]!, top + height, given[5]!);
      for (let i = 6; i < given.length; i++) way.push(given[i]!);
    } else {
      way.push(x, given[1]!, given[2]!);
      for (let i = 3; i < given.length; i++) way.push(given[i]!);
    }
  }
}
