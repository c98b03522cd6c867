/** A scene with its layout: what is painted, pointed at and walked through. */
import type { Content } from './content.js';
import { Extents } from './extents.js';
import type { Scene } from '../groups/scene.js';
import type { LayoutResult } from '../layout/types.js';
import { unfolded } from './units.js';
import type { Rect, Size } from './viewport.js';

/** Of a title of a frame: below it the frame is ground. */
const TITLE = 26;

/** Numbers by box, as slices of one list. */
class Lists {
  private readonly starts: Int32Array;
  private readonly items: Int32Array;

  constructor(count: number, of: Int32Array) {
    this.starts = new Int32Array(count + 1);
    for (const box of of) this.starts[box + 1]!++;
    for (let i = 0; i < count; i++) this.starts[i + 1]! += this.starts[i]!;
    const next = this.starts.slice();
    this.items = new Int32Array(of.length);
    of.forEach((box, i) => (this.items[next[box]!++] = i));
  }

  at(box: number): Int32Array {
    return this.items.subarray(this.starts[box], this.starts[box + 1]);
  }
}

/** What a scene is, wherever its boxes lie: shared by the pictures of one motion. */
class Structure {
  readonly leaving: Lists;
  readonly entering: Lists;
  readonly byKey: Map<string, number>;

  constructor(scene: Scene) {
    const count = scene.boxes.length;
    this.leaving = new Lists(
      count,
      Int32Array.from(scene.links, link => link.from),
    );
    this.entering = new Lists(
      count,
      Int32Array.from(scene.links, link => link.to),
    );
    this.byKey = new Map(scene.boxes.map((box, i) => [box.key, i]));
  }
}

export class Picture {
  readonly boxes: Extents;
  readonly links: Extents;
  readonly layout: LayoutResult;
  private readonly structure: Structure;

  /** `layout` answers `layoutInput`; `like` is a picture of the same scene, placed otherwise. */
  constructor(
    readonly scene: Scene,
    readonly contents: Content[],
    layout: LayoutResult,
    like?: Picture,
  ) {
    this.layout = like ? layout : unfolded(scene, contents, layout);
    this.structure = like?.structure ?? new Structure(scene);
    this.boxes = new Extents(scene.boxes.length);
    const { x, y, width, height } = this.layout;
    for (let box = 0; box < scene.boxes.length; box++) {
      const [w, h] = [width[box]! / 2, height[box]! / 2];
      this.boxes.set(box, x[box]! - w, x[box]! + w, y[box]! - h, y[box]! + h);
    }
    this.boxes.finish();
    const count = scene.links.length;
    this.links = new Extents(count);
    for (let link = 0; link < count; link++) {
      const route = this.route(link);
      let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
      for (let i = 0; i < route.length; i += 3) {
        left = Math.min(left, route[i]!);
        right = Math.max(right, route[i]!);
        top = Math.min(top, route[i + 1]!, route[i + 2]!);
        bottom = Math.max(bottom, route[i + 1]!, route[i + 2]!);
      }
      this.links.set(link, left, right, top, bottom);
    }
    this.links.finish();
  }

  /** A link's way: vertical parts [x, from, to]; empty where there is nothing to draw. */
  route(link: number): Float64Array {
    const { way, start } = this.layout;
    return way.subarray(start[link]!, start[link + 1]!);
  }

  get size(): Size {
    return { width: this.layout.totalWidth, height: this.layout.totalHeight };
  }

  /** Links that leave a box, in the order of their ports. */
  leaving(box: number): Int32Array {
    return this.structure.leaving.at(box);
  }

  entering(box: number): Int32Array {
    return this.structure.entering.at(box);
  }

  indexOf(key: string | undefined): number {
    return key === undefined ? -1 : (this.structure.byKey.get(key) ?? -1);
  }

  rect(box: number): Rect {
    const { left, right, top, bottom } = this.boxes;
    return { left: left[box]!, right: right[box]!, top: top[box]!, bottom: bottom[box]! };
  }

  /** A box, or the title of a frame. */
  heading(box: number): Rect {
    const rect = this.rect(box);
    const { look, lead } = this.contents[box]!;
    if (look !== 'frame') return rect;
    const middle = this.layout.x[box]!;
    return {
      ...rect,
      right: Math.min(rect.right, Math.max(middle, rect.left + lead)),
      bottom: rect.top + TITLE,
    };
  }

  /** The innermost box at a point of the picture, or -1. Frames come before their members, so later is inside. */
  at(x: number, y: number): number {
    let found = -1;
    this.boxes.search({ left: x, right: x, top: y, bottom: y }, box => {
      // A frame answers at its title alone: its ground is ground.
      if (this.contents[box]!.look === 'frame' && y > this.boxes.top[box]! + TITLE) return;
      found = Math.max(found, box);
    });
    return found;
  }
}

export { contentsOf } from './content.js';
export { layoutInput } from './units.js';
