/** Links that say where they leave and enter their boxes, and how much room they need. */
import { describe, expect, it } from 'vitest';
import { layout } from '../../../widgets/src/layout/layout.js';
import type { LayoutInput } from '../../../widgets/src/layout/types.js';
import { chain, faults, input, pointsAlong, randomGraph, randomNest } from './support.js';

/** Each link as broad as `breadth`, from and to a place off the middle of its boxes. */
function broad(given: LayoutInput, breadth: number): LayoutInput {
  const off = (box: number): number => (given.frame[box] ? 0 : given.width[box]! / 4);
  return {
    ...given,
    loose: given.width.map(() => true),
    links: given.links.map(link => ({ ...link, leave: off(link.from), enter: -off(link.to), breadth })),
  };
}

describe('links with places of their own', () => {
  it('leave and enter their boxes there, and boxes stand so that these are in line', () => {
    const given = broad(input(chain(4, box => [100 + 40 * box, 26])), 0);
    const result = layout(given);
    given.links.forEach(({ from, to, leave, enter }, i) => {
      const route = result.routes[i]!;
      expect(route[0]).toBeCloseTo(result.x[from]! + leave!, 6);
      expect(route[route.length - 3]).toBeCloseTo(result.x[to]! + enter!, 6);
      expect(route[0]).toBeCloseTo(route[route.length - 3]!, 6);
    });
  });

  it.each([1, 2, 3, 4, 5, 6])('keep half their breadth from boxes that they pass, in graph %i', seed => {
    const given = broad(input(seed % 2 ? randomGraph(seed, 40, 20) : randomNest(seed, 50, 8, 20)), 20);
    const result = layout(given);
    expect(faults(given, result)).toEqual([]);
    given.links.forEach(({ from, to }, i) => {
      const route = result.routes[i]!;
      // Along the parts between its ends, which pass by.
      const points = pointsAlong(route.subarray(3, route.length - 3));
      for (let box = 0; box < given.width.length; box++) {
        if (given.frame[box] || box === from || box === to) continue;
        const [x, y] = [result.x[box]!, result.y[box]!];
        const [w, h] = [result.width[box]! / 2, result.height[box]! / 2];
        for (const point of points)
          if (Math.abs(point[1] - y) < h) expect(Math.abs(point[0] - x)).toBeGreaterThan(w + 10);
      }
    });
  });
});
