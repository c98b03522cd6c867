/**
 * Lays out boxes and nested frames, without recursion. From the outside in, the boxes of each frame get ranks and an
 * order; that depends on what is linked, not on sizes or on what is open deeper inside, so opening a box moves none
 * of its neighbours to another side. From the inside out, each frame's coordinates are found; outside it is one box.
 * Then frames, still from the outside in, get their place in the picture.
 */
import { arrange } from './arrange.js';
import { Cache } from './cache.js';
import { coordinates, type BoxSizes, type Coordinates } from './coordinates.js';
import { BOTTOM, TOP, type Graph } from './graph.js';
import { placeGrid, sizesWithout } from './grid-place.js';
import { withGrids } from './grid-ways.js';
import { withoutGrids, type Without } from './grids.js';
import type { Layers } from './layers.js';
import { cutIntoLevels, graphOf, type Level, type Levels } from './levels.js';
import { EFFORT } from './order.js';
import { Laid, pack, type Packed, type PackedResult } from './packed.js';
import { joinWays } from './ways.js';
import { SPACE, type LayoutInput, type LayoutResult } from './types.js';

/** What ordering may cost in a picture, the outer frames first; and the part of what is left that one may take. */
const BUDGET = 25_000_000;
const SHARE = 8;

export interface Arrangement {
  id: number;
  graph: Graph;
  /** What is in layers: the graph itself, where there are no grids. */
  without: Without | undefined;
  layers: Layers;
}

/** A frame's inside, from its top left corner, and its size. */
export interface Inside {
  placed: Coordinates;
  /** Of the inside's left end and top from the frame's. */
  dx: number;
  dy: number;
  width: number;
  height: number;
}

export function layout(input: LayoutInput): LayoutResult {
  return new Laid(new LayoutEngine().run(pack(input)));
}

/** Keeps what it found for the next picture. */
export class LayoutEngine {
  private readonly arrangements = new Cache<Arrangement>();
  private readonly insides = new Cache<Inside>();
  private made = 0;
  private left = 0;

  /** How many frames had to be ordered, and how many placed, for the last picture. */
  readonly work = { ordered: 0, placed: 0 };

  run(input: Packed): PackedResult {
    this.arrangements.turn();
    this.insides.turn();
    this.work.ordered = this.work.placed = 0;
    this.left = BUDGET;
    const all = cutIntoLevels(input);
    const arranged = this.arrangeAll(all);
    const insides = this.placeAll(input, all, arranged);
    const outer = insides[0]!;
    const result: PackedResult = {
      x: new Float64Array(input.width.length),
      y: new Float64Array(input.width.length),
      width: input.width.slice(),
      height: input.height.slice(),
      way: new Float64Array(),
      start: new Uint32Array(),
      totalWidth: outer.width,
      totalHeight: outer.height,
    };
    const left = new Float64Array(insides.length);
    const top = new Float64Array(insides.length);
    all.levels.forEach((level, l) => {
      const { placed, dx, dy } = insides[l]!;
      if (level.frame >= 0) {
        left[l] = result.x[level.frame]! - insides[l]!.width / 2 + dx;
        top[l] = result.y[level.frame]! - insides[l]!.height / 2 + dy;
      }
      level.boxes.forEach((box, i) => {
        result.x[box] = left[l]! + placed.x[i]!;
        result.y[box] = top[l]! + placed.y[i]!;
        if (!input.frame[box]) return;
        const inner = insides[all.inside[box]!]!;
        result.width[box] = inner.width;
        result.height[box] = inner.height;
      });
    });
    Object.assign(result, joinWays(all, insides, left, top));
    return result;
  }

  private arrangeAll(all: Levels): Arrangement[] {
    const gatePlace = new Float64Array(all.gateFrame.length);
    return all.levels.map(level => {
      const arranged = this.arrange(all, level, gatePlace);
      setGatePlaces(all, level, arranged, gatePlace);
      return arranged;
    });
  }

  private arrange(all: Levels, level: Level, gatePlace: Float64Array): Arrangement {
    const boxes = level.boxes.length;
    const sorted = (side: number): Int32Array => {
      const nodes = level.gates.flatMap((gate, i) => (all.gateSide[gate] === side ? [boxes + i] : []));
      const place = (node: number): number => gatePlace[level.gates[node - boxes]!]!;
      return Int32Array.from(nodes.sort((a, b) => place(a) - place(b) || a - b));
    };
    const graph = graphOf(all, level, sorted(TOP), sorted(BOTTOM));
    const cache = this.arrangements;
    cache.begin();
    cache.add([boxes]);
    for (const part of [graph.side, graph.from, graph.to, graph.leaveAt]) cache.add(part);
    cache.add(graph.topOrder);
    cache.add(graph.bottomOrder);
    return cache.get(() => {
      this.work.ordered++;
      const without = withoutGrids(graph);
      const { layers, cost } = arrange(without?.graph ?? graph, Math.min(EFFORT, this.left / SHARE));
      this.left -= cost;
      return { id: ++this.made, graph, without, layers };
    });
  }

  private placeAll(input: Packed, all: Levels, arranged: Arrangement[]): Inside[] {
    const insides = new Array<Inside>(all.levels.length);
    /** Where a gate is, from its frame's centre. */
    const gateX = new Float64Array(all.gateFrame.length);
    for (let l = all.levels.length - 1; l >= 0; l--) {
      const level = all.levels[l]!;
      const inside = this.place(input, all, level, arranged[l]!, insides, gateX);
      insides[l] = inside;
      const boxes = level.boxes.length;
      level.gates.forEach(
        (gate, i) => (gateX[gate] = inside.placed.x[boxes + i]! + inside.dx - inside.width / 2),
      );
    }
    return insides;
  }

  private place(
    input: Packed,
    all: Levels,
    level: Level,
    arrangement: Arrangement,
    insides: Inside[],
    gateX: Float64Array,
  ): Inside {
    const { id, graph } = arrangement;
    const local = new Map(level.edges.map((e, i) => [e, i]));
    const sizes: BoxSizes = {
      width: new Float64Array(graph.count),
      height: new Float64Array(graph.count),
      leave: Float64Array.from(level.edges, (e, i) =>
        endAt(all.leaves[e]!, graph.from[i]! >= graph.boxes, gateX, all.leaveBy[e]!),
      ),
      enter: Float64Array.from(level.edges, (e, i) =>
        endAt(all.enters[e]!, graph.to[i]! >= graph.boxes, gateX, all.enterBy[e]!),
      ),
      breadth: Float64Array.from(level.edges, e => all.breadth[e]!),
      strandEdge: Int32Array.from(level.strands, strand => local.get(all.strandEdge[strand]!)!),
      port: Int32Array.from(level.strands, strand => all.port[strand]!),
      ports: Int32Array.from(level.strands, strand => all.ports[strand]!),
    };
    level.boxes.forEach((box, i) => {
      const inner = input.frame[box] ? insides[all.inside[box]!]! : undefined;
      sizes.width[i] = inner ? inner.width : input.width[box]!;
      sizes.height[i] = inner ? inner.height : input.height[box]!;
    });
    level.edges.forEach((e, i) => {
      for (const v of [graph.from[i]!, graph.to[i]!])
        if (v >= graph.boxes) sizes.width[v] = Math.max(sizes.width[v]!, all.breadth[e]!);
    });
    const { frame } = level;
    const [lead, trail] = frame < 0 ? [0, 0] : [input.lead[frame]!, input.trail[frame]!];
    const cache = this.insides;
    cache.begin();
    cache.add([id, frame < 0 ? 0 : 1, lead, trail]);
    for (const part of [
      sizes.width,
      sizes.height,
      sizes.leave,
      sizes.enter,
      sizes.breadth,
      sizes.strandEdge,
      sizes.port,
      sizes.ports,
    ])
      cache.add(part);
    return cache.get(() => {
      this.work.placed++;
      const placed = placeGraph(arrangement, sizes);
      return frame < 0
        ? { placed, dx: 0, dy: 0, width: placed.right, height: placed.height }
        : framed(graph, placed, lead, trail);
    });
  }
}

function placeGraph({ graph, without, layers }: Arrangement, sizes: BoxSizes): Coordinates {
  if (!without) return coordinates(graph, layers, sizes);
  const places = without.grids.map(grid => placeGrid(grid, sizes));
  const placed = coordinates(without.graph, layers, sizesWithout(graph, without, places, sizes));
  return withGrids(graph, without, places, sizes, placed);
}

/** At a frame, the end of an edge is at a gate; at a box, where the link wants it. */
function endAt(gate: number, isGate: boolean, gateX: Float64Array, wanted: number): number {
  return gate >= 0 ? gateX[gate]! : isGate ? 0 : wanted;
}

/** Around all that is inside, with room for the words beside the edges that come in. */
function framed(graph: Graph, placed: Coordinates, lead: number, trail: number): Inside {
  let left = placed.left - SPACE.frameSide;
  let right = placed.right + SPACE.frameSide;
  for (const gate of graph.topOrder) {
    left = Math.min(left, placed.x[gate]! - lead);
    right = Math.max(right, placed.x[gate]! + trail);
  }
  const more = Math.max(0, lead + trail - (right - left)) / 2;
  const top = graph.topOrder.length ? 0 : SPACE.frameTop;
  const bottom = graph.bottomOrder.length ? 0 : SPACE.frameBottom;
  return {
    placed,
    dx: more - left,
    dy: top,
    width: right - left + 2 * more,
    height: placed.height + top + bottom,
  };
}

/**
 * Where the gates of the frames in a level are seen from outside: by the place of the last node before them, and of
 * the first after them.
 */
function setGatePlaces(
  all: Levels,
  level: Level,
  { graph: whole, without, layers }: Arrangement,
  gatePlace: Float64Array,
): void {
  const graph = without?.graph ?? whole;
  level.edges.forEach((e, i) => {
    const [leaves, enters] = [all.leaves[e]!, all.enters[e]!];
    const own = without ? without.edge[i]! : i;
    // Within a cell there is one edge, and nothing to order.
    if ((leaves < 0 && enters < 0) || own < 0) return;
    const first = layers.virtual[own]!;
    const span = layers.rank[graph.to[own]!]! - layers.rank[graph.from[own]!]! - 1;
    if (leaves >= 0) gatePlace[leaves] = seat(layers, first < 0 ? graph.to[own]! : first);
    if (enters >= 0) {
      const port = first < 0 ? graph.leaveAt[own]! : 0.5;
      gatePlace[enters] = seat(layers, first < 0 ? graph.from[own]! : first + span - 1) + port;
    }
  });
}

function seat({ place }: Layers, v: number): number {
  return place[v]!;
}
