/**
 * The way from one picture to the next: boxes that are in both move and grow, what a group held comes out of it, links
 * stay at their boxes.
 */
import type { LayoutResult } from '../layout/types.js';
import { Picture } from './picture.js';

/** Larger pictures change at once. */
export const MOST_MOVED = 2000;

export class Morph {
  private readonly start: Float64Array;

  /** (x, y) is added to a point of `before` to have the same place in `after`. */
  constructor(
    before: Picture,
    private readonly after: Picture,
    x: number,
    y: number,
  ) {
    const { boxes } = after.scene;
    this.start = new Float64Array(4 * boxes.length);
    boxes.forEach((box, i) => {
      const was = before.indexOf(box.key);
      const { layout } = was >= 0 ? before : after;
      const at = was >= 0 ? was : i;
      const place = [layout.x[at]!, layout.y[at]!, layout.width[at]!, layout.height[at]!];
      if (was >= 0) {
        place[0]! += x;
        place[1]! += y;
      } else if (box.parent >= 0) this.comeOutOf(box.parent, place);
      this.start.set(place, 4 * i);
    });
  }

  /** Scales a place within a frame as the frame itself is at the start. Frames come before their members. */
  private comeOutOf(frame: number, place: number[]): void {
    const { layout } = this.after;
    const [x, y, width, height] = this.start.subarray(4 * frame, 4 * frame + 4);
    const across = width! / Math.max(1, layout.width[frame]!);
    const down = height! / Math.max(1, layout.height[frame]!);
    place[0] = x! + (place[0]! - layout.x[frame]!) * across;
    place[1] = y! + (place[1]! - layout.y[frame]!) * down;
    place[2]! *= across;
    place[3]! *= down;
  }

  /** The picture at `t` of the way, from 0 to 1. */
  at(t: number): Picture {
    const { after, start } = this;
    const { layout, scene } = after;
    const mixed = (end: Float64Array, offset: number): Float64Array =>
      end.map((value, i) => start[4 * i + offset]! + (value - start[4 * i + offset]!) * t);
    const x = mixed(layout.x, 0);
    const y = mixed(layout.y, 1);
    const width = mixed(layout.width, 2);
    const height = mixed(layout.height, 3);
    const way = layout.way.slice();
    scene.links.forEach(({ from, to }, link) => {
      // Its ends go with the lower edge of one box and the upper edge of the other.
      const [fromX, toX] = [x[from]! - layout.x[from]!, x[to]! - layout.x[to]!];
      const fromY = y[from]! + height[from]! / 2 - layout.y[from]! - layout.height[from]! / 2;
      const toY = y[to]! - height[to]! / 2 - layout.y[to]! + layout.height[to]! / 2;
      bend(way.subarray(layout.start[link]!, layout.start[link + 1]!), fromX, fromY, toX, toY);
    });
    const { start: starts, totalWidth, totalHeight } = layout;
    const placed: LayoutResult = {
      x,
      y,
      width,
      height,
      way,
      start: starts,
      routes: [],
      totalWidth,
      totalHeight,
    };
    return new Picture(scene, after.contents, placed, after);
  }
}

/** Moves the ends of a route, and what is between them in proportion. */
function bend(route: Float64Array, fromX: number, fromY: number, toX: number, toY: number): void {
  const [first, last] = [route[1]!, route[route.length - 1]!];
  const long = last - first || 1;
  const share = (y: number): number => Math.min(1, Math.max(0, (y - first) / long));
  for (let i = 0; i < route.length; i += 3) {
    const [from, to] = [route[i + 1]!, route[i + 2]!];
    route[i]! += fromX + (toX - fromX) * share(from);
    route[i + 1]! += fromY + (toY - fromY) * share(from);
    route[i + 2]! += fromY + (toY - fromY) * share(to);
  }
}
