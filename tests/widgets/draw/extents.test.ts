import { describe, expect, it } from 'vitest';
import { Extents } from '../../../widgets/src/draw/extents.js';

/** Small numbers from a seed, the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
}

describe('extents', () => {
  it.each([0, 1, 15, 16, 17, 256, 257, 5000])('finds of %i rectangles those that touch a window', count => {
    const next = numbers(count + 1);
    const extents = new Extents(count);
    const all = Array.from({ length: count }, (_, at) => {
      const [left, top] = [next(4000), next(4000)];
      const rect = { left, top, right: left + next(60), bottom: top + next(60) };
      extents.set(at, rect.left, rect.right, rect.top, rect.bottom);
      return rect;
    });
    extents.finish();
    for (let turn = 0; turn < 20; turn++) {
      const [left, top] = [next(4000), next(4000)];
      const window = { left, top, right: left + next(900), bottom: top + next(900) };
      const found: number[] = [];
      extents.search(window, at => found.push(at));
      const wanted = all.flatMap((rect, at) =>
        rect.right >= window.left &&
        rect.left <= window.right &&
        rect.bottom >= window.top &&
        rect.top <= window.bottom
          ? [at]
          : [],
      );
      expect(found).toEqual(wanted);
    }
  });
});
