import { describe, expect, it } from 'vitest';
import { circleOf, isOneWay } from '../../../widgets/src/document/circle.js';
import { random } from '../../bench/graphs/random.js';

describe('a circle', () => {
  it('is not where edges share ends', () => {
    expect(circleOf([0, 0, 1, 2, 0], [1, 2, 3, 3, 3], 4)).toBeUndefined();
    expect(circleOf([], [], 0)).toBeUndefined();
    expect(circleOf([0, 0], [1, 1], 3)).toBeUndefined();
  });

  it('is told in the order of its edges, without what leads to it or away', () => {
    const circle = circleOf([5, 0, 1, 2, 2], [0, 1, 2, 0, 4], 6)!;
    expect([...circle].sort()).toEqual([0, 1, 2]);
    expect(circle[(circle.indexOf(0) + 1) % 3]).toBe(1);
    expect(circleOf([3], [3], 4)).toEqual([3]);
  });

  it('is found in any graph that has one, and only there', () => {
    const below = random(7);
    for (let round = 0; round < 300; round++) {
      const count = 2 + below(12);
      const edges = Array.from({ length: below(20) }, () => [below(count), below(count)] as const);
      const [from, to] = [edges.map(edge => edge[0]), edges.map(edge => edge[1])];
      const reach = (start: number): Set<number> => {
        const found = new Set<number>();
        for (const at of [start, ...found]) for (const [a, b] of edges) if (a === at) found.add(b);
        for (const at of found) for (const [a, b] of edges) if (a === at) found.add(b);
        return found;
      };
      const has = Array.from({ length: count }, (_, at) => at).some(at => reach(at).has(at));
      const circle = circleOf(from, to, count);
      expect(circle !== undefined).toBe(has);
      circle?.forEach((at, i) =>
        expect(edges.some(([a, b]) => a === at && b === circle[(i + 1) % circle.length])).toBe(true),
      );
      if (isOneWay(from, to)) expect(circle).toBeUndefined();
    }
  });
});
