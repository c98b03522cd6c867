import { describe, expect, it } from 'vitest';
import { BOTTOM, TOP } from '../../../widgets/src/layout/graph.js';
import { rankGraph } from '../../../widgets/src/layout/rank.js';
import { tightenRanks } from '../../../widgets/src/layout/simplex.js';
import { flat, random, randomGraph } from './support.js';

const length = (links: [number, number][], rank: ArrayLike<number>): number =>
  links.reduce((sum, [from, to]) => sum + rank[to]! - rank[from]!, 0);

/** The least sum of edge lengths, found by trying all ranks. */
function leastLength(boxes: number, links: [number, number][], ranks: number): number {
  let best = Infinity;
  const rank = new Array<number>(boxes).fill(0);
  for (;;) {
    if (links.every(([from, to]) => rank[to]! > rank[from]!)) best = Math.min(best, length(links, rank));
    let at = 0;
    while (at < boxes && ++rank[at]! === ranks) rank[at++] = 0;
    if (at === boxes) return best;
  }
}

describe('ranks', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('put each box below all that lead to it, %d', seed => {
    const { boxes, links } = randomGraph(seed, 40 * seed, 20 * seed);
    const { rank, ranks } = rankGraph(flat(boxes, links));
    for (const [from, to] of links) expect(rank[to]!).toBeGreaterThan(rank[from]!);
    expect(Math.min(...rank)).toBe(0);
    expect(Math.max(...rank)).toBe(ranks - 1);
  });

  it.each([1, 2, 3, 4, 5, 6])('make the sum of lengths least, %d', seed => {
    const next = random(seed);
    const links: [number, number][] = [];
    for (let i = 0; i < 9; i++) {
      const from = next(5);
      links.push([from, from + 1 + next(5 - from)]);
    }
    const { rank } = rankGraph(flat(6, links));
    expect(length(links, rank)).toBe(leastLength(6, links, 6));
  });

  it.each([1, 2, 3, 4])('span as many as an edge asks for, and no more, %d', seed => {
    const { boxes, links } = randomGraph(seed, 60, 30);
    const graph = flat(boxes, links);
    const least = Int32Array.from(links, (_, e) => 1 + ((e * 7) % 4));
    const { rank } = rankGraph(graph, least);
    links.forEach(([from, to], e) => expect(rank[to]! - rank[from]!).toBeGreaterThanOrEqual(least[e]!));
    // What an edge has to span may as well be a chain of boxes.
    const drawn: [number, number][] = [];
    let count = boxes;
    links.forEach(([from, to], e) => {
      let at = from;
      for (let i = 1; i < least[e]!; i++) {
        drawn.push([at, count]);
        at = count++;
      }
      drawn.push([at, to]);
    });
    expect(length(links, rank)).toBe(length(drawn, rankGraph(flat(count, drawn)).rank));
  });

  it('span as many as an edge asks for in large graphs too', () => {
    const { boxes, links } = randomGraph(3, 2000, 500);
    const least = Int32Array.from(links, (_, e) => 1 + (e % 3));
    const { rank } = rankGraph(flat(boxes, links), least);
    links.forEach(([from, to], e) => expect(rank[to]! - rank[from]!).toBeGreaterThanOrEqual(least[e]!));
  });

  it('are as short in large graphs, where simplex would take long, as longest paths or shorter', () => {
    const { boxes, links } = randomGraph(3, 4000, 2000);
    const { rank } = rankGraph(flat(boxes, links));
    for (const [from, to] of links) expect(rank[to]!).toBeGreaterThan(rank[from]!);
  });

  it('tell the edges that go against them, one a cycle', () => {
    const { rank, back } = rankGraph(flat(4, [[0, 1], [1, 2], [2, 0], [2, 3]])); // prettier-ignore
    expect([...back]).toEqual([0, 0, 1, 0]);
    expect([...rank]).toEqual([0, 1, 2, 3]);
  });

  it('give the gates the first and the last', () => {
    const graph = flat(4, [[2, 0], [0, 1], [1, 3]]); // prettier-ignore
    const gates = { ...graph, boxes: 2, side: Uint8Array.of(0, 0, TOP, BOTTOM) };
    expect([...rankGraph(gates).rank]).toEqual([1, 2, 0, 3]);
  });
});

describe('network simplex', () => {
  it('never lengthens, and ends where nothing can be gained', () => {
    for (let seed = 1; seed < 12; seed++) {
      const { boxes, links } = randomGraph(seed, 120, 100);
      const from = Int32Array.from(links, link => link[0]);
      const to = Int32Array.from(links, link => link[1]);
      // A feasible start: each box a rank of its own.
      const rank = Int32Array.from({ length: boxes }, (_, i) => i);
      const before = length(links, rank);
      tightenRanks(boxes, from, to, rank);
      const once = length(links, rank);
      expect(once).toBeLessThanOrEqual(before);
      for (const [a, b] of links) expect(rank[b]!).toBeGreaterThan(rank[a]!);
      tightenRanks(boxes, from, to, rank);
      expect(length(links, rank)).toBe(once);
    }
  });
});
