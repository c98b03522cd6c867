import { describe, expect, it } from 'vitest';
import { FOLD, foldColumns } from '../../../widgets/src/layout/columns.js';
import { Cuts } from '../../../widgets/src/layout/cuts.js';
import { makeLayers, type Layers } from '../../../widgets/src/layout/layers.js';
import { orderLayers } from '../../../widgets/src/layout/order.js';
import { rankGraph } from '../../../widgets/src/layout/rank.js';
import { chain, flat, randomGraph } from './support.js';

function layersOf(boxes: number, links: [number, number][]) {
  const graph = flat(boxes, links);
  const layers = makeLayers(graph, rankGraph(graph));
  orderLayers(layers, graph);
  return { graph, layers };
}

function columnsOf(boxes: number, links: [number, number][]): number[] {
  const { graph, layers } = layersOf(boxes, links);
  return foldColumns(graph, layers, new Float64Array(layers.ranks).fill(26), new Float64Array(boxes).fill(100));
} // prettier-ignore

const row = (length: number): [number, number][] => chain(length).links;

/** A chain with an edge from each fourth box to the one as far from the end. */
const nest = (length: number): [number, number][] => {
  const links = row(length);
  for (let i = 2; i < length / 2 - 2; i += 4) links.push([i, length - 1 - i]);
  return links;
};

describe('where columns end', () => {
  it('is where few edges pass', () => {
    const columns = columnsOf(120, row(120));
    expect(columns.length).toBeGreaterThan(1);
    const links = row(120);
    for (const at of columns.slice(1)) links.push([at - 1, at + 1], [at - 2, at + 1]);
    for (const at of columnsOf(120, links).slice(1)) expect(columns).not.toContain(at);
  });

  it('is not where edges are that lie in one another', () => {
    expect(columnsOf(80, row(80)).length).toBeGreaterThan(1);
    expect(columnsOf(80, nest(80))).toEqual([0]);
  });

  it('costs no crossing in a picture that is not very high', () => {
    // One edge over the middle, so long that each good place for a break is below it.
    const over = (length: number): [number, number][] => [...row(length), [length / 10, (9 * length) / 10]];
    expect(columnsOf(60, row(60)).length).toBeGreaterThan(1);
    expect(columnsOf(60, over(60))).toEqual([0]);
    expect(columnsOf(400, over(400)).length).toBeGreaterThan(1);
  });

  it('is nowhere, if one part would stay nearly as high as all', () => {
    const links = row(100);
    for (let i = 12; i < 96; i += 2) links.push([i, 98]);
    expect(columnsOf(100, links)).toEqual([0]);
  });

  it.each([1, 2, 3, 4, 5])('costs few crossings, and leaves no column nearly as high as all, %d', seed => {
    const { boxes, links } = randomGraph(seed + 40, 400, 80, 5);
    const { graph, layers } = layersOf(boxes, links);
    const tall = new Float64Array(layers.ranks).fill(26);
    const columns = foldColumns(graph, layers, tall, new Float64Array(boxes).fill(100));
    expect(columns.length).toBeGreaterThan(1);
    const cuts = new Cuts(graph, layers);
    for (const at of columns.slice(1)) {
      expect(cuts.passing[at]!).toBeLessThanOrEqual(FOLD.passing);
      expect(cuts.crossings(at)).toBeLessThanOrEqual(FOLD.crossings);
    }
    const ends = [...columns.slice(1), layers.ranks];
    const highest = Math.max(...columns.map((from, c) => ends[c]! - from));
    expect(highest).toBeLessThanOrEqual(FOLD.gain * layers.ranks + 1);
  });
});

/** Each pair and each place looked at, one by one. */
function plainCrossings({ rank, place, upper, lower, edge }: Layers, links: [number, number][], at: number): number {
  const passes = links.filter(([from, to]) => rank[from]! < at && rank[to]! >= at);
  let count = 0;
  for (const [from, to] of passes) {
    for (let s = 0; s < upper.length; s++) {
      const [a, b] = links[edge[s]!]!;
      const [u, w] = [upper[s]!, lower[s]!];
      const leaves = rank[u] === rank[from] && rank[from]! < at - 1 && place[u]! > place[from]! && rank[b]! < at;
      const enters = rank[w] === rank[to] && rank[to]! > at && place[w]! < place[to]! && rank[a]! >= at;
      if (leaves || enters) count++;
    }
    for (const [a, b] of passes) if (rank[a]! < rank[from]! && rank[b]! > rank[to]!) count++;
  }
  return count;
} // prettier-ignore

describe('what a cut costs', () => {
  it.each([1, 2, 3, 4, 5, 6])('is counted as one by one, %d', seed => {
    const { boxes, links } = randomGraph(seed, 60, 25);
    const { graph, layers } = layersOf(boxes, links);
    const cuts = new Cuts(graph, layers);
    const own = graph.from.length;
    const kept = Array.from({ length: own }, (_, e): [number, number] => [graph.from[e]!, graph.to[e]!]);
    for (let at = 1; at < layers.ranks; at += 1 + (at % 3)) {
      expect(cuts.crossings(at)).toBe(plainCrossings(layers, kept, at));
      expect(cuts.passing[at]).toBe(kept.filter(([a, b]) => layers.rank[a]! < at && layers.rank[b]! >= at).length);
    }
  }); // prettier-ignore
});
