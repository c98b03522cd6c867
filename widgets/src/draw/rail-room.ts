/**
 * Whether a rail can run straight from box to box past others: a line keeps the narrow lane that layout gave it only
 * where it must, else two straight rails would bow towards one another for nothing.
 */
import type { LayoutResult } from '../layout/types.js';
import { Extents } from './extents.js';

/** Between a rail and what stands beside it. */
const CLEAR = 8;

/** Parts that are shorter pass nothing. */
const PASSES = 0.5;

export class RailRoom {
  private readonly boxes: Extents;
  private readonly lanes: Extents;
  /** The line of each lane. */
  private readonly lineOf: number[] = [];

  /** `reach`: how far from its middle a line may be widened to rails; `isFrame` of a box of the layout. */
  constructor(
    { x, y, width, height, way, start }: LayoutResult,
    reach: number,
    private readonly isFrame: (box: number) => boolean,
  ) {
    this.boxes = new Extents(x.length);
    for (let box = 0; box < x.length; box++) {
      const [w, h] = [width[box]! / 2, height[box]! / 2];
      this.boxes.set(box, x[box]! - w, x[box]! + w, y[box]! - h, y[box]! + h);
    }
    this.boxes.finish();
    const parts: number[] = [];
    for (let line = 0; line + 1 < start.length; line++)
      for (let k = start[line]!; k < start[line + 1]!; k += 3)
        if (Math.abs(way[k + 2]! - way[k + 1]!) > PASSES) {
          parts.push(k);
          this.lineOf.push(line);
        }
    this.lanes = new Extents(parts.length);
    parts.forEach((k, i) => {
      const [at, from, to] = [way[k]!, way[k + 1]!, way[k + 2]!];
      this.lanes.set(i, at - reach, at + reach, Math.min(from, to), Math.max(from, to));
    });
    this.lanes.finish();
  }

  /** `x`: where the rail of a line would run past what the line passes. */
  isFree(line: number, route: Float64Array, x: number): boolean {
    const [top, bottom] = [route[4]!, route[route.length - 4]!];
    const strip = { left: x - CLEAR, right: x + CLEAR, top, bottom };
    let free = true;
    this.boxes.search(strip, box => {
      // A frame around all of it is ground; its border and its title are not.
      const { top: from, bottom: to } = this.boxes;
      if (!this.isFrame(box) || from[box]! > top || to[box]! < bottom) free = false;
    });
    this.lanes.search(strip, lane => {
      if (this.lineOf[lane] !== line) free = false;
    });
    return free;
  }
}
