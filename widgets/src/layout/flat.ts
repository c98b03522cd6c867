/** Lays out one graph without frames: ranks, order, coordinates, and the way of each link. */
import { makeLayers, type Layers } from './layers.js';
import { orderRanks } from './order.js';
import { placeBoxes } from './place.js';
import { rankBoxes } from './rank.js';
import { SPACE, type Flat } from './types.js';

export interface FlatResult {
  x: Float64Array;
  y: Float64Array;
  routes: number[][];
  left: number;
  right: number;
  height: number;
}

export function layoutFlat(graph: Flat): FlatResult {
  if (!graph.width.length) {
    return { x: new Float64Array(), y: new Float64Array(), routes: [], left: 0, right: 0, height: 0 };
  }
  const layers = makeLayers(graph, rankBoxes(graph));
  orderRanks(layers);
  const x = placeBoxes(layers);
  const ports = portOffsets(graph, layers, x);
  const { top, bottom, height } = rankHeights(graph, layers, x);
  const y = new Float64Array(graph.width.length);
  for (let v = 0; v < y.length; v++) {
    const r = layers.rank[v]!;
    // Boxes of a rank stand on one middle line, frames hang from its top.
    y[v] =
      graph.height[v]! > TALL
        ? top[r]! + graph.height[v]! / 2
        : top[r]! + Math.min(bottom[r]! - top[r]!, TALL) / 2;
  }
  const routes = graph.links.map((_, i) => route(graph, layers, { x, y, top, bottom }, i, ports[i]!));
  let left = Infinity;
  let right = -Infinity;
  for (let v = 0; v < layers.count; v++) {
    left = Math.min(left, x[v]! - layers.width[v]! / 2);
    right = Math.max(right, x[v]! + layers.width[v]! / 2);
  }
  return { x, y, routes, left, right, height };
}

/** Higher than any box that is not a frame. */
const TALL = 48;

/** Where each link leaves its box: ports in order, centred, or moved so that a child straight below has a straight edge. */
function portOffsets(graph: Flat, layers: Layers, x: Float64Array): number[] {
  const leaving: number[][] = [];
  graph.links.forEach((link, i) => (leaving[link.from] ??= []).push(i));
  const offsets = new Array<number>(graph.links.length).fill(0);
  for (const links of leaving) {
    if (!links) continue;
    const first = graph.links[links[0]!]!;
    if (first.leave !== undefined) {
      for (const i of links) offsets[i] = graph.links[i]!.leave!;
      continue;
    }
    const half = graph.width[first.from]! / 2;
    const pitch = links.length > 1 ? Math.min(SPACE.ports, half / (links.length - 1)) : 0;
    const middle = (links.length - 1) / 2;
    const fan = new Set(links.map(i => graph.links[i]!.to)).size > 1;
    const straight = !fan
      ? -1
      : links.findIndex(i => Math.abs(firstStop(graph, layers, x, i) - x[first.from]!) < 1);
    const reach = half - 14;
    links.forEach((i, port) => {
      const anchor =
        straight >= 0 && Math.max(straight, links.length - 1 - straight) * pitch <= reach ? straight : middle;
      offsets[i] = (port - anchor) * pitch;
    });
  }
  return offsets;
}

/** The x where a link has to be when it reaches the next rank. */
function firstStop(graph: Flat, layers: Layers, x: Float64Array, i: number): number {
  const link = graph.links[i]!;
  const stop = layers.virtuals[i]![0];
  return stop === undefined ? x[link.to]! + (link.enter ?? 0) : x[stop]!;
}

interface Heights {
  top: number[];
  bottom: number[];
  height: number;
}

/** Ranks stand closer where edges run straight down, and apart where they fan out or have far to go sideways. */
function rankHeights(graph: Flat, layers: Layers, x: Float64Array): Heights {
  const top: number[] = [];
  const bottom: number[] = [];
  let at = 0;
  const isPinned = (r: number): boolean => layers.ranks[r]!.some(v => v < layers.real && graph.pin[v]);
  layers.ranks.forEach((rank, r) => {
    const height = Math.max(0, ...rank.map(v => (v < layers.real ? graph.height[v]! : 0)));
    top.push(at);
    bottom.push(at + height);
    let gap: number = SPACE.down;
    for (const v of rank) {
      const below = layers.below[v]!;
      if (below.length >= 3) gap = Math.max(gap, SPACE.fan);
      for (const s of below) {
        const sideways = Math.abs(x[v]! - x[layers.segments[s]!.lower]!);
        if (v < layers.real) gap = Math.max(gap, Math.min(SPACE.mostDown, 14 + sideways * 0.1));
      }
    }
    if (r === 0 && isPinned(0) && layers.ranks.length > 1) gap = SPACE.frameTop;
    else if (r + 2 === layers.ranks.length && isPinned(r + 1)) gap = Math.max(gap - 2, SPACE.frameBottom);
    at += height + (r + 1 < layers.ranks.length ? gap : 0);
  });
  return { top, bottom, height: at };
}

interface Placed {
  x: Float64Array;
  y: Float64Array;
  top: number[];
  bottom: number[];
}

function route(graph: Flat, layers: Layers, placed: Placed, i: number, leave: number): number[] {
  const { x, y, top, bottom } = placed;
  const link = graph.links[i]!;
  const startX = x[link.from]! + leave;
  const startY = y[link.from]! + graph.height[link.from]! / 2;
  const way = [startX, startY, Math.max(startY, bottom[layers.rank[link.from]!]!)];
  for (const v of layers.virtuals[i]!) way.push(x[v]!, top[layers.rank[v]!]!, bottom[layers.rank[v]!]!);
  const endY = y[link.to]! - graph.height[link.to]! / 2;
  way.push(x[link.to]! + (link.enter ?? 0), Math.min(top[layers.rank[link.to]!]!, endY), endY);
  return way;
}
