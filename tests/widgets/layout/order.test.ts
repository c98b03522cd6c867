import { describe, expect, it } from 'vitest';
import { countCrossings } from '../../../widgets/src/layout/crossings.js';
import { makeLayers, placeAll, type Layers } from '../../../widgets/src/layout/layers.js';
import { orderLayers } from '../../../widgets/src/layout/order.js';
import { rankGraph } from '../../../widgets/src/layout/rank.js';
import { sift } from '../../../widgets/src/layout/sift.js';
import { transpose } from '../../../widgets/src/layout/transpose.js';
import { flat, random, randomGraph } from './support.js';

const layersOf = (boxes: number, links: [number, number][]): Layers => {
  const graph = flat(boxes, links);
  return makeLayers(graph, rankGraph(graph));
};

/** Pairs of segments whose ends are in the opposite order, one by one. */
function countPlainly({ upper, lower, place, leaveAt, rank }: Layers): number {
  let count = 0;
  for (let s = 0; s < upper.length; s++) {
    for (let t = 0; t < s; t++) {
      if (rank[upper[s]!] !== rank[upper[t]!]) continue;
      const top = place[upper[s]!]! + leaveAt[s]! - place[upper[t]!]! - leaveAt[t]!;
      const bottom = place[lower[s]!]! - place[lower[t]!]!;
      if (top * bottom < 0) count++;
    }
  }
  return count;
}

function shuffle(layers: Layers, seed: number): void {
  const next = random(seed);
  for (let r = 0; r < layers.ranks; r++) {
    for (let i = layers.start[r + 1]! - 1; i > layers.start[r]!; i--) {
      const k = layers.start[r]! + next(i - layers.start[r]! + 1);
      const moved = layers.order[i]!;
      layers.order[i] = layers.order[k]!;
      layers.order[k] = moved;
    }
  }
  placeAll(layers);
}

/** Each node once, in its own rank, at the place that it says. */
function expectSound({ order, start, ranks, rank, place, count }: Layers): void {
  expect(new Set(order).size).toBe(count);
  for (let r = 0; r < ranks; r++) {
    for (let i = start[r]!; i < start[r + 1]!; i++) {
      expect(rank[order[i]!]).toBe(r);
      expect(place[order[i]!]).toBe(i - start[r]!);
    }
  }
}

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);

describe('crossings', () => {
  it.each(SEEDS)('are counted as one by one, %d', seed => {
    const { boxes, links } = randomGraph(seed, 60, 60);
    const layers = layersOf(boxes, links);
    shuffle(layers, seed);
    expect(countCrossings(layers)).toBe(countPlainly(layers));
  });

  it('two edges of one box cross where their ports are in the other order', () => {
    const layers = layersOf(3, [[0, 2], [0, 1]]); // prettier-ignore
    layers.order.set([0, 1, 2]);
    placeAll(layers);
    expect(countCrossings(layers)).toBe(1);
  });
});

describe('exchanging and sifting', () => {
  it.each(SEEDS)('lose no node and never add a crossing, %d', seed => {
    const { boxes, links } = randomGraph(seed, 80, 80);
    const layers = layersOf(boxes, links);
    shuffle(layers, seed);
    const shuffled = countCrossings(layers);
    transpose(layers, 0, layers.ranks - 1, false);
    const exchanged = countCrossings(layers);
    sift(layers, 0, layers.ranks - 1);
    const sifted = countCrossings(layers);
    expect(exchanged).toBeLessThanOrEqual(shuffled);
    expect(sifted).toBeLessThanOrEqual(exchanged);
    expectSound(layers);
  });
});

describe('order', () => {
  it('undoes crossings that a walk from the top leaves', () => {
    const graph = flat(6, [[0, 3], [0, 5], [1, 4], [2, 3]]); // prettier-ignore
    const layers = makeLayers(graph, rankGraph(graph));
    orderLayers(layers, graph);
    expect(countCrossings(layers)).toBe(0);
  });

  it('draws a tree without crossings, children in the order of the ports', () => {
    const links = Array.from({ length: 62 }, (_, i): [number, number] => [Math.floor(i / 2), i + 1]);
    const graph = flat(63, links);
    const layers = makeLayers(graph, rankGraph(graph));
    orderLayers(layers, graph);
    expect(countCrossings(layers)).toBe(0);
    for (let v = 0; v < 31; v++) expect(layers.place[2 * v + 1]!).toBe(layers.place[2 * v + 2]! - 1);
  });

  it.each(SEEDS)('is never worse than the first walk, and loses no node, %d', seed => {
    const { boxes, links } = randomGraph(seed, 150, 100);
    const graph = flat(boxes, links);
    const layers = makeLayers(graph, rankGraph(graph));
    orderLayers(layers, graph, 1);
    const quick = countCrossings(layers);
    orderLayers(layers, graph);
    expect(countCrossings(layers)).toBeLessThanOrEqual(quick);
    expectSound(layers);
  });

  it('costs what it may, but for a few sweeps', () => {
    const { boxes, links } = randomGraph(5, 2000, 2000);
    const graph = flat(boxes, links);
    const layers = makeLayers(graph, rankGraph(graph));
    const { crossings, cost } = orderLayers(layers, graph, 200_000);
    expect(cost).toBeLessThan(1_000_000);
    expect(crossings).toBe(countCrossings(layers));
  });

  it('leaves gates as they are', () => {
    const graph = flat(4, [[2, 1], [3, 0]]); // prettier-ignore
    const gated = { ...graph, boxes: 2, side: Uint8Array.of(0, 0, 1, 1), topOrder: Int32Array.of(3, 2) };
    const layers = makeLayers(gated, rankGraph(gated));
    orderLayers(layers, gated);
    expect([...layers.order]).toEqual([3, 2, 0, 1]);
  });
});
