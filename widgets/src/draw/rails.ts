/**
 * Values run down on the left and gradients up on the right, as on rails: beside one another where they pass, and at a
 * box as far from the middle of the pair as at every other, so that both run straight through pairs of any width.
 */
import type { Scene } from '../groups/scene.js';
import type { LayoutResult } from '../layout/types.js';
import type { Content } from './content.js';
import { RailRoom } from './rail-room.js';

/** From a box's inner side to its rail; what a box keeps free of rails at its outer sides. */
const RAIL = 22;
const EDGE = 9;

/** From the middle to each rail, where both pass by; and between lines of one side. */
export const TRACK = 5;
const AGAIN = 6;

export class Rails {
  /** Which sides have links at a box: 1 and 2. */
  private readonly sides: Uint8Array;

  constructor(
    private readonly scene: Scene,
    private readonly contents: Content[],
    private readonly gap: number,
  ) {
    this.sides = new Uint8Array(scene.boxes.length);
    for (const { from, to, up } of scene.links) for (const box of [from, to]) this.sides[box]! |= up ? 2 : 1;
  }

  /** The width that a box has at least. At an output both rails end, however short its name is. */
  least(box: number): number {
    return this.contents[box]!.look === 'output' ? 2 * (this.gap / 2 + RAIL + EDGE) : 0;
  }

  /** A box's rail, from the middle of its unit; undefined: its links have no place of their own there. */
  at(box: number, up: boolean): number | undefined {
    const { scene, contents, gap } = this;
    const side = up ? 1 : -1;
    const width = Math.max(contents[box]!.width, this.least(box));
    const partner = scene.partners.get(box);
    if (partner !== undefined) {
      // Of a pair as wide as both, the one is at the left end and the other at the right.
      const middle = (side * (contents[partner]!.width + gap)) / 2;
      return middle - side * Math.max(0, width / 2 - RAIL);
    }
    if (scene.boxes[box]!.open || this.sides[box] !== 3) return undefined;
    return side * Math.min(gap / 2 + RAIL, Math.max(width / 4, width / 2 - EDGE));
  }

  /** The ways of all links, from those of the lines that they are in. `of`: the unit of each box. */
  ways(result: LayoutResult, of: Int32Array, linkOf: Int32Array): Pick<LayoutResult, 'way' | 'start'> {
    const { scene, gap } = this;
    const { links } = scene;
    const start = new Uint32Array(links.length + 1);
    for (let i = 0; i < links.length; i++)
      start[i + 1] = start[i]! + result.start[linkOf[i]! + 1]! - result.start[linkOf[i]!]!;
    const way = new Float64Array(start[links.length]!);
    const drawn = new Map<number, number>();
    const frames = new Set(scene.boxes.flatMap(({ open }, box) => (open ? [of[box]!] : [])));
    const room = new RailRoom(result, gap / 2 + RAIL, unit => frames.has(unit));
    links.forEach(({ from, to, up, count }, i) => {
      const line = linkOf[i]!;
      const route = way.subarray(start[i]!, start[i + 1]!);
      route.set(result.way.subarray(result.start[line]!, result.start[line + 1]!));
      if (!route.length || !count) return;
      const before = drawn.get(2 * line + Number(up)) ?? 0;
      drawn.set(2 * line + Number(up), before + 1);
      const more = AGAIN * before;
      const place = (box: number): number | undefined => {
        const rail = this.at(box, up);
        return rail === undefined ? undefined : result.x[of[box]!]! + rail + (up ? more : -more);
      };
      const [above, below] = [place(from) ?? route[0]!, place(to) ?? route[route.length - 3]!];
      const isClear = isStraight(route) || (isVertical(route) && room.isFree(line, route, above));
      if (isClear) for (let k = 3; k < route.length - 3; k += 3) route[k] = above;
      else bend(route, (up ? 1 : -1) * (TRACK + more));
      route[0] = above;
      route[route.length - 3] = below;
    });
    return { way, start };
  }
}

/** Whether a line goes straight down. */
function isVertical(route: Float64Array): boolean {
  for (let k = 3; k < route.length; k += 3)
    if (Math.abs(route[k]! - route[0]!) > 0.5 || route[k + 2]! < route[k + 1]!) return false;
  return true;
}

/** Whether it passes nothing on its way but the borders of frames. */
function isStraight(route: Float64Array): boolean {
  for (let k = 3; k < route.length - 3; k += 3) if (route[k + 2]! - route[k + 1]! > 0.5) return false;
  return isVertical(route);
}

/**
 * Moves what is between the ends of a line to one side of it, as it is seen by who goes down: left of a part that runs
 * down is right of one that runs up, and below one that goes to the right.
 */
function bend(route: Float64Array, by: number): void {
  const runsDown = (i: number): boolean => route[i + 2]! >= route[i + 1]!;
  const down = Array.from({ length: route.length / 3 }, (_, part) => runsDown(3 * part));
  const across = Array.from({ length: route.length / 3 }, (_, part) => route[3 * part]!);
  const last = down.length - 1;
  for (let part = 0; part <= last; part++) {
    if (part > 0 && part < last) route[3 * part]! += down[part] ? by : -by;
    if (part === last || down[part] === down[part + 1]) continue;
    // A turn: both parts end at one height.
    const lower = across[part + 1]! > across[part]! ? -by : by;
    route[3 * part + 2]! += lower;
    route[3 * part + 4]! += lower;
  }
}
