/**
 * Partners side by side: to the layout they are one box, so they have one rank and nothing comes between them. Values
 * run down on the left and gradients up on the right, as on two rails: each line leaves and enters its box at the same
 * distance from the middle of the pair, so that both run straight through pairs of any width.
 */
import type { Scene, SceneLink } from '../groups/scene.js';
import type { LayoutInput, LayoutLink, LayoutResult } from '../layout/types.js';
import type { Content } from './content.js';

/** Between partners; from a box's inner side to its rail; what a box keeps free of rails at its outer sides. */
const GAP = 12;
const RAIL = 22;
const EDGE = 9;

const LEAST = 2 * (GAP / 2 + RAIL + EDGE);

/** Which boxes are one to the layout; `first` and `second` of each unit, -1 where there is no second. */
interface Units {
  of: Int32Array;
  first: number[];
  second: number[];
}

function unitsOf({ boxes, partners }: Scene): Units {
  const of = new Int32Array(boxes.length).fill(-1);
  const [first, second]: number[][] = [[], []];
  for (let box = 0; box < boxes.length; box++) {
    if (of[box]! >= 0) continue;
    const partner = partners.get(box) ?? -1;
    const unit = first!.push(box) - 1;
    second!.push(partner);
    of[box] = unit;
    if (partner >= 0) of[partner] = unit;
  }
  return { of, first: first!, second: second! };
}

export function layoutInput(scene: Scene, contents: Content[]): LayoutInput {
  const { boxes, direction } = scene;
  const { of, first, second } = unitsOf(scene);
  // Both rails end at an output, however short its name is.
  const least = (box: number): number =>
    direction === 'both' && contents[box]!.look === 'output' ? LEAST : 0;
  const sum = (u: number): number =>
    second[u]! < 0
      ? Math.max(least(first[u]!), contents[first[u]!]!.width)
      : contents[first[u]!]!.width + GAP + contents[second[u]!]!.width;
  const high = (u: number): number =>
    Math.max(contents[first[u]!]!.height, second[u]! < 0 ? 0 : contents[second[u]!]!.height);
  return {
    width: first.map((_, u) => sum(u)),
    height: first.map((_, u) => high(u)),
    frame: first.map(box => boxes[box]!.open),
    lead: first.map(box => contents[box]!.lead),
    trail: first.map(box => contents[box]!.trail),
    loose: first.map(box => boxes[box]!.group !== undefined),
    parent: first.map(box => (boxes[box]!.parent < 0 ? -1 : of[boxes[box]!.parent]!)),
    links: scene.direction === 'both' ? railed(scene, contents, of) : plain(scene),
  };
}

function plain({ links }: Scene): LayoutLink[] {
  return links.map(({ from, to, port, ports }) => ({ from, to, port, ports }));
}

/** Links of both sides, each on its rail; those of a unit that lead up after those that lead down. */
function railed({ boxes, links, partners }: Scene, contents: Content[], of: Int32Array): LayoutLink[] {
  const sides = new Uint8Array(boxes.length);
  for (const { from, to, up } of links) for (const box of [from, to]) sides[box]! |= up ? 2 : 1;
  /** From the middle of its unit. */
  const rail = (box: number, up: boolean): number | undefined => {
    const side = up ? 1 : -1;
    const width =
      contents[box]!.look === 'output' ? Math.max(LEAST, contents[box]!.width) : contents[box]!.width;
    const partner = partners.get(box);
    if (partner !== undefined) {
      // Of a pair as wide as both, the one is at the left end and the other at the right.
      const middle = (side * (contents[partner]!.width + GAP)) / 2;
      return middle - side * Math.max(0, width / 2 - RAIL);
    }
    if (boxes[box]!.open || sides[box] !== 3) return undefined;
    return side * Math.min(GAP / 2 + RAIL, Math.max(width / 4, width / 2 - EDGE));
  };
  const counts = new Int32Array(2 * boxes.length);
  const portOf = (link: SceneLink): number => counts[2 * of[link.from]! + Number(link.up)]!++;
  const ports = links.map(portOf);
  return links.map((link, i) => {
    const { from, to, up } = link;
    const [down, rising] = [counts[2 * of[from]!]!, counts[2 * of[from]! + 1]!];
    return {
      from: of[from]!,
      to: of[to]!,
      port: ports[i]! + (up ? down : 0),
      ports: down + rising,
      track: up ? 2 : 1,
      leave: rail(from, up),
      enter: rail(to, up),
    };
  });
}

/** The layout with partners as two boxes again. */
export function unfolded(scene: Scene, contents: Content[], result: LayoutResult): LayoutResult {
  const { boxes, partners } = scene;
  if (!partners.size) return result;
  const { of } = unitsOf(scene);
  const each = (value: (box: number, unit: number) => number): Float64Array =>
    Float64Array.from(boxes, (_, box) => value(box, of[box]!));
  return {
    x: each((box, unit) => {
      const partner = partners.get(box);
      if (partner === undefined) return result.x[unit]!;
      const side = box < partner ? -1 : 1;
      return result.x[unit]! + (side * (contents[partner]!.width + GAP)) / 2;
    }),
    y: each((_, unit) => result.y[unit]!),
    width: each((box, unit) => (partners.has(box) ? contents[box]!.width : result.width[unit]!)),
    height: each((box, unit) => (partners.has(box) ? contents[box]!.height : result.height[unit]!)),
    way: result.way,
    start: result.start,
    get routes() {
      return result.routes;
    },
    totalWidth: result.totalWidth,
    totalHeight: result.totalHeight,
  };
}
