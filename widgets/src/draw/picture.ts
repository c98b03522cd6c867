/** A scene with its layout: what is painted, pointed at and walked through. */
import { contentOf, type Content, type Measure } from './content.js';
import type { Scene } from '../groups/scene.js';
import type { LayoutInput, LayoutResult } from '../layout/types.js';
import type { Rect, Size } from './viewport.js';

export class Picture {
  /** Links at each box, those that leave it in the order of their ports. */
  readonly leaving: number[][];
  readonly entering: number[][];
  private readonly byKey: Map<string, number>;

  constructor(
    readonly scene: Scene,
    readonly contents: Content[],
    readonly layout: LayoutResult,
  ) {
    this.leaving = scene.boxes.map(() => []);
    this.entering = scene.boxes.map(() => []);
    scene.links.forEach((link, i) => {
      this.leaving[link.from]!.push(i);
      this.entering[link.to]!.push(i);
    });
    this.byKey = new Map(scene.boxes.map((box, i) => [box.key, i]));
  }

  get size(): Size {
    return { width: this.layout.totalWidth, height: this.layout.totalHeight };
  }

  indexOf(key: string | undefined): number {
    return key === undefined ? -1 : (this.byKey.get(key) ?? -1);
  }

  rect(box: number): Rect {
    const { x, y, width, height } = this.layout;
    return {
      left: x[box]! - width[box]! / 2,
      right: x[box]! + width[box]! / 2,
      top: y[box]! - height[box]! / 2,
      bottom: y[box]! + height[box]! / 2,
    };
  }

  /** The innermost box at a point of the picture, or -1. Frames come before their members, so later is inside. */
  at(x: number, y: number): number {
    for (let box = this.scene.boxes.length - 1; box >= 0; box--) {
      const rect = this.rect(box);
      if (x < rect.left || x > rect.right || y < rect.top || y > rect.bottom) continue;
      // A frame answers at its title alone: its ground is ground.
      if (this.contents[box]!.look === 'frame' && y > rect.top + 26) continue;
      return box;
    }
    return -1;
  }
}

export function contentsOf(scene: Scene, measure: Measure): Content[] {
  return scene.boxes.map(box => contentOf(box, scene, measure));
}

export function layoutInput(scene: Scene, contents: Content[]): LayoutInput {
  return {
    width: contents.map(content => content.width),
    height: contents.map(content => content.height),
    frame: scene.boxes.map(box => box.open),
    lead: contents.map(content => content.lead),
    trail: contents.map(content => content.trail),
    parent: scene.boxes.map(box => box.parent),
    links: scene.links.map(({ from, to, port, ports }) => ({ from, to, port, ports })),
  };
}
