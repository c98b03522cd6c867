/** Links of two tracks: rails from box to box, each where it wants to leave and to enter. */
import { describe, expect, it } from 'vitest';
import { layout } from '../../../widgets/src/layout/layout.js';
import type { LayoutInput } from '../../../widgets/src/layout/types.js';
import { chain, faults, input, randomGraph, randomNest } from './support.js';

/** Each link twice, once on each side of the middle of its boxes. */
function doubled(given: LayoutInput, off = 24): LayoutInput {
  const by = (box: number, side: number): number =>
    given.frame[box] ? 0 : side * Math.min(off, given.width[box]! / 4);
  return {
    ...given,
    links: [-1, 1].flatMap(side =>
      given.links.map(link => ({
        ...link,
        track: side < 0 ? 1 : 2,
        leave: by(link.from, side),
        enter: by(link.to, side),
      })),
    ),
  };
}

describe('links of two tracks', () => {
  it('run straight down, side by side', () => {
    const given = doubled(input(chain(4, box => [100 + 20 * box, 26])));
    const result = layout(given);
    given.links.forEach(({ leave }, i) => {
      const route = result.routes[i]!;
      for (let k = 0; k < route.length; k += 3) expect(route[k]).toBeCloseTo(result.x[0]! + leave!, 6);
    });
  });

  it('come into a frame through gates of their own', () => {
    const given = doubled(input({ boxes: 3, frames: [0], inside: { 1: 0 }, links: [[2, 1]] }));
    const [first, second] = layout(given).routes.map(route => Array.from(route).filter((_, k) => k % 3 === 0));
    expect(first!.every((x, k) => second![k]! - x > 40)).toBe(true);
  }); // prettier-ignore

  it.each([1, 2, 3, 4])('pass no box, in graph %i', seed => {
    const given = doubled(input(randomGraph(seed, 40, 20)));
    expect(faults(given, layout(given))).toEqual([]);
  });

  it.each([1, 2, 3, 4])('pass no box, in nest %i', seed => {
    const given = doubled(input(randomNest(seed, 50, 8, 20)));
    expect(faults(given, layout(given))).toEqual([]);
  });
});
