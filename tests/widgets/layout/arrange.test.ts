import { describe, expect, it } from 'vitest';
import { arrange } from '../../../widgets/src/layout/arrange.js';
import { countCrossings } from '../../../widgets/src/layout/crossings.js';
import { BOTTOM, TOP } from '../../../widgets/src/layout/graph.js';
import { makeLayers } from '../../../widgets/src/layout/layers.js';
import { EFFORT, orderLayers } from '../../../widgets/src/layout/order.js';
import { rankGraph } from '../../../widgets/src/layout/rank.js';
import { flat, randomGraph } from './support.js';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

/** Two linear layers of one input, side by side: each has a bias, the input, and a weight behind a transposition. */
const MEETING: [number, number][] = [
  [0, 1], [0, 2],
  [1, 4], [1, 3], [1, 5], [5, 6],
  [2, 7], [2, 3], [2, 8], [8, 9],
  [3, 10],
]; // prettier-ignore

function plainly(graph: ReturnType<typeof flat>): number {
  const layers = makeLayers(graph, rankGraph(graph));
  orderLayers(layers, graph);
  return countCrossings(layers);
}

describe('ranks and order together', () => {
  it('give what hangs between two paths the room to end above where they meet', () => {
    const graph = flat(11, MEETING);
    expect(plainly(graph)).toBeGreaterThan(0);
    const { layers } = arrange(graph, EFFORT);
    expect(countCrossings(layers)).toBe(0);
    expect(layers.rank[3]!).toBeGreaterThan(layers.rank[6]!);
  });

  it('give no room where nothing crosses', () => {
    const graph = flat(7, [[0, 3], [0, 1], [1, 3], [1, 4], [1, 5], [5, 6]]); // prettier-ignore
    const { layers } = arrange(graph, EFFORT);
    expect(countCrossings(layers)).toBe(0);
    expect(layers.ranks).toBe(rankGraph(graph).ranks);
  });

  it.each(SEEDS)('never cross more than the shortest edges do, and lead down, %d', seed => {
    const { boxes, links } = randomGraph(seed, 15 * seed, 4 * seed);
    const graph = flat(boxes, links);
    const { layers } = arrange(graph, EFFORT);
    expect(countCrossings(layers)).toBeLessThanOrEqual(plainly(graph));
    for (const [from, to] of links) expect(layers.rank[to]!).toBeGreaterThan(layers.rank[from]!);
    expect(new Set(layers.order).size).toBe(layers.count);
  });

  it('leave the gates where they are', () => {
    const graph = flat(13, [[11, 0], ...MEETING, [10, 12]]);
    const side = new Uint8Array(13);
    side[11] = TOP;
    side[12] = BOTTOM;
    const gated = { ...graph, boxes: 11, side, topOrder: Int32Array.of(11), bottomOrder: Int32Array.of(12) };
    const { layers } = arrange(gated, EFFORT);
    expect(countCrossings(layers)).toBe(0);
    expect([...layers.order.slice(0, layers.start[1])]).toEqual([11]);
    expect([...layers.order.slice(layers.start[layers.ranks - 1])]).toEqual([12]);
  });
});
