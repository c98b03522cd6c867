/** The words on a frame's upper edge, beside the edges that come in there. */
import { describe, expect, it } from 'vitest';
import { layout } from '../../../widgets/src/layout/layout.js';
import { edges, faults, input, pointsAlong, randomNest } from './support.js';

/** Of a title's height: its letters. */
const LETTERS = { top: 8, bottom: 21 };

describe('a frame', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('has no edge across its title or its summary, in nest %i', seed => {
    const given = input(randomNest(seed, 50, 8, 25));
    const result = layout(given);
    expect(faults(given, result)).toEqual([]);
    const frames = given.frame.flatMap((is, box) => (is ? [box] : []));
    let crossed = 0;
    for (const frame of frames) {
      const { left, right, top } = edges(result, frame);
      const middles = [left, right];
      // Where edges come in: between them there are no words.
      for (const route of result.routes)
        for (const [x, y] of pointsAlong(route)) if (Math.abs(y - top) < 0.5 && x > left && x < right) middles.push(x);
      const gates = middles.slice(2).sort((a, b) => a - b);
      if (!gates.length) continue;
      for (const route of result.routes)
        for (const [x, y] of pointsAlong(route)) {
          if (y < top + LETTERS.top || y > top + LETTERS.bottom) continue;
          const inTitle = x > left && x < Math.min(left + given.lead[frame]!, gates[0]!) - 12;
          const inSummary = x < right && x > Math.max(right - given.trail[frame]!, gates[gates.length - 1]!) + 12;
          if (inTitle || inSummary) crossed++;
        }
    }
    expect(crossed).toBe(0);
  }); // prettier-ignore
});
