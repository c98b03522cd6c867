import { describe, expect, it } from 'vitest';
import { countCrossings } from '../../../widgets/src/layout/crossings.js';
import { layout } from '../../../widgets/src/layout/layout.js';
import { makeLayers } from '../../../widgets/src/layout/layers.js';
import { orderLayers } from '../../../widgets/src/layout/order.js';
import { rankGraph } from '../../../widgets/src/layout/rank.js';
import { wrapRanks } from '../../../widgets/src/layout/wrap.js';
import { chain, edges, faults, flat, input, random, randomGraph, type Spec } from './support.js';

/** Rows of `width` boxes, each linked to one or two of the next row that are near. */
function ribbon(seed: number, width: number, rows: number): Spec {
  const next = random(seed);
  const links: [number, number][] = [];
  for (let box = 0; box < width * (rows - 1); box++) {
    const [row, at] = [Math.floor(box / width), box % width];
    const near = (): number => (row + 1) * width + Math.min(width - 1, Math.max(0, at - 1 + next(3)));
    const [a, b] = [near(), near()];
    links.push([box, a]);
    if (b !== a && next(2)) links.push([box, b]);
  }
  return { boxes: width * rows, links, size: () => [110, 30] };
}

function ordered({ boxes, links }: Spec) {
  const graph = flat(boxes, links);
  const layers = makeLayers(graph, rankGraph(graph));
  orderLayers(layers, graph);
  return { graph, layers };
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

describe('ranks of very many boxes', () => {
  it.each(SEEDS)('take rows in turn: the order stays, edges lead down, nothing more crosses, %d', seed => {
    const { graph, layers } = ordered(ribbon(seed, 20 + 10 * seed, 2 + (seed % 3)));
    const wrapped = wrapRanks(graph, layers)!;
    expect(wrapped.ranks).toBeGreaterThan(layers.ranks);
    expect(countCrossings(wrapped)).toBeLessThanOrEqual(countCrossings(layers));
    for (let e = 0; e < graph.from.length; e++)
      expect(wrapped.rank[graph.to[e]!]!).toBeGreaterThan(wrapped.rank[graph.from[e]!]!);
    expect(new Set(wrapped.order).size).toBe(wrapped.count);
    for (let r = 0; r < wrapped.ranks; r++) {
      const row = [...wrapped.order.subarray(wrapped.start[r], wrapped.start[r + 1])];
      row.forEach((v, i) => expect([wrapped.rank[v], wrapped.place[v]]).toEqual([r, i]));
      const boxes = row.filter(v => v < graph.boxes);
      expect(new Set(boxes.map(v => layers.rank[v])).size).toBeLessThanOrEqual(1);
      expect(boxes.map(v => layers.place[v]!)).toEqual(
        boxes.map(v => layers.place[v]!).sort((a, b) => a - b),
      );
    }
  });

  it.each(SEEDS)('are drawn like others: nothing overlaps, every link, through no box, %d', seed => {
    const spec = ribbon(seed, 15 + 12 * seed, 2 + (seed % 3));
    spec.size = box => [60 + ((box * 37) % 140), [26, 34, 39, 22][box % 4]!];
    const given = input(spec);
    const result = layout(given);
    expect(faults(given, result)).toEqual([]);
    for (const [from, to] of spec.links)
      expect(edges(result, to).top).toBeGreaterThan(edges(result, from).bottom);
  });

  it('are narrower so, above all where they are frames', () => {
    // Thirty frames of four boxes in a row, each of them led to and leading on.
    const spec: Spec = { boxes: 30 * 5 + 2, frames: [], inside: {}, links: [] };
    for (let i = 0; i < 30; i++) {
      spec.frames!.push(i);
      for (let k = 0; k < 4; k++) {
        const box = 30 + 4 * i + k;
        spec.inside![box] = i;
        spec.links.push([150, box], [box, 151]);
      }
    }
    const given = input(spec);
    const result = layout(given);
    expect(faults(given, result)).toEqual([]);
    const wide = 30 * result.width[0]!;
    expect(result.totalWidth).toBeLessThan(wide / 2);
  });

  it('stay where they are in a picture that is no ribbon', () => {
    for (const spec of [chain(30), ribbon(1, 8, 2), ribbon(1, 12, 10), randomGraph(1, 120, 60)]) {
      const { graph, layers } = ordered(spec);
      expect(wrapRanks(graph, layers)).toBeUndefined();
    }
  });
});
