/**
 * Finds the rectangles that lie in a window. Rectangles keep the order in which they come: those of a picture are in
 * reading order, neighbours in it are neighbours on the page, so blocks of sixteen in a row make a good tree without
 * any sorting, and 250,000 rectangles are indexed in a few milliseconds.
 */
import type { Rect } from './viewport.js';

const BLOCK = 16;

export class Extents {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  /** Where each level begins; level 0 are the rectangles themselves. */
  private readonly levels: number[] = [0];

  constructor(readonly count: number) {
    let total = count;
    for (let size = count; size > BLOCK;) {
      this.levels.push(total);
      total += size = Math.ceil(size / BLOCK);
    }
    this.levels.push(total);
    this.left = new Float64Array(total).fill(Infinity);
    this.right = new Float64Array(total).fill(-Infinity);
    this.top = new Float64Array(total).fill(Infinity);
    this.bottom = new Float64Array(total).fill(-Infinity);
  }

  set(at: number, left: number, right: number, top: number, bottom: number): void {
    this.left[at] = left;
    this.right[at] = right;
    this.top[at] = top;
    this.bottom[at] = bottom;
  }

  /** To be called once, when all rectangles are set. */
  finish(): this {
    const { levels, left, right, top, bottom } = this;
    for (let level = 1; level + 1 < levels.length; level++) {
      const [below, start] = [levels[level - 1]!, levels[level]!];
      for (let i = below; i < start; i++) {
        const block = start + Math.floor((i - below) / BLOCK);
        if (left[i]! < left[block]!) left[block] = left[i]!;
        if (right[i]! > right[block]!) right[block] = right[i]!;
        if (top[i]! < top[block]!) top[block] = top[i]!;
        if (bottom[i]! > bottom[block]!) bottom[block] = bottom[i]!;
      }
    }
    return this;
  }

  /** Calls `found` with each rectangle that touches `window`, in order. */
  search(window: Rect, found: (at: number) => void): void {
    const { levels, left, right, top, bottom } = this;
    const highest = levels.length - 2;
    const stack: number[] = [];
    const push = (level: number, from: number, to: number): void => {
      for (let i = to - 1; i >= from; i--) stack.push(level, i);
    };
    push(highest, levels[highest]!, levels[highest + 1]!);
    while (stack.length) {
      const at = stack.pop()!;
      const level = stack.pop()!;
      if (
        right[at]! < window.left ||
        left[at]! > window.right ||
        bottom[at]! < window.top ||
        top[at]! > window.bottom
      )
        continue;
      if (level === 0) found(at);
      else {
        const from = levels[level - 1]! + (at - levels[level]!) * BLOCK;
        push(level - 1, from, Math.min(from + BLOCK, levels[level]!));
      }
    }
  }
}
