/**
 * Partners side by side: to the layout they are one box, so they have one rank and nothing comes between them; and the
 * links of both sides between two such boxes are one. It draws a graph of boxes and single lines; `unfolded` makes
 * partners two boxes again, and of their lines the rails on which values run down and gradients up (rails.ts).
 */
import type { Scene } from '../groups/scene.js';
import { Laid } from '../layout/packed.js';
import type { LayoutInput, LayoutLink, LayoutResult } from '../layout/types.js';
import type { Content } from './content.js';
import { Rails, TRACK } from './rails.js';

/** Between partners. */
export const GAP = 12;

/** What is one to the layout. */
interface Units {
  /** The unit of each box, and the boxes of each unit: `second` is -1 where there is one only. */
  of: Int32Array;
  first: number[];
  second: number[];
  /** The layout's link that each link is in, and the links in each. */
  linkOf: Int32Array;
  links: number[][];
}

const known = new WeakMap<Scene, Units>();

function unitsOf(scene: Scene): Units {
  let units = known.get(scene);
  if (!units) known.set(scene, (units = findUnits(scene)));
  return units;
}

function findUnits({ boxes, links, partners }: Scene): Units {
  const of = new Int32Array(boxes.length).fill(-1);
  const units: Units = { of, first: [], second: [], linkOf: new Int32Array(links.length), links: [] };
  for (let box = 0; box < boxes.length; box++) {
    if (of[box]! >= 0) continue;
    const partner = partners.get(box) ?? -1;
    of[box] = units.first.push(box) - 1;
    units.second.push(partner);
    if (partner >= 0) of[partner] = of[box]!;
  }
  const between = new Map<number, number>();
  links.forEach(({ from, to, count }, i) => {
    const pair = of[from]! * boxes.length + of[to]!;
    const before = count > 0 ? between.get(pair) : undefined;
    const link = before ?? units.links.push([]) - 1;
    units.links[link]!.push(i);
    units.linkOf[i] = link;
    if (count > 0) between.set(pair, link);
  });
  return units;
}

/** Of one side every box and every link is the layout's own. */
export function layoutInput(scene: Scene, contents: Content[]): LayoutInput {
  if (scene.direction === 'both') return pairedInput(scene, contents);
  return {
    width: contents.map(content => content.width),
    height: contents.map(content => content.height),
    frame: scene.boxes.map(box => box.open),
    lead: contents.map(content => content.lead),
    trail: contents.map(content => content.trail),
    loose: scene.boxes.map(box => box.group !== undefined),
    parent: scene.boxes.map(box => box.parent),
    links: scene.links.map(({ from, to, port, ports }) => ({ from, to, port, ports })),
  };
}

function pairedInput(scene: Scene, contents: Content[]): LayoutInput {
  const { boxes } = scene;
  const { of, first, second } = unitsOf(scene);
  const rails = new Rails(scene, contents, GAP);
  const wide = (box: number): number => Math.max(contents[box]!.width, rails.least(box));
  const beside = (room: number): number => (room ? room + TRACK : room);
  return {
    width: first.map((box, u) => wide(box) + (second[u]! < 0 ? 0 : GAP + wide(second[u]!))),
    height: first.map((box, u) =>
      Math.max(contents[box]!.height, second[u]! < 0 ? 0 : contents[second[u]!]!.height),
    ),
    frame: first.map(box => boxes[box]!.open),
    lead: first.map(box => beside(contents[box]!.lead)),
    trail: first.map(box => beside(contents[box]!.trail)),
    loose: first.map((first, u) => boxes[first]!.group !== undefined || second[u]! >= 0),
    parent: first.map(box => (boxes[box]!.parent < 0 ? -1 : of[boxes[box]!.parent]!)),
    links: railed(scene, rails),
  };
}

/** A line for both rails of two boxes: from the middle between these to the middle between those. */
function railed(scene: Scene, rails: Rails): LayoutLink[] {
  const { of, first, links } = unitsOf(scene);
  const leaving = new Int32Array(first.length);
  const made = links.map((some): LayoutLink => {
    const ends = some.map(i => scene.links[i]!);
    const [from, to] = [of[ends[0]!.from]!, of[ends[0]!.to]!];
    return {
      from,
      to,
      port: leaving[from]!++,
      ports: 1,
      leave: middle(ends.map(({ from: box, up }) => rails.at(box, up))),
      enter: middle(ends.map(({ to: box, up }) => rails.at(box, up))),
      breadth: ends[0]!.count ? 2 * TRACK : 0,
    };
  });
  for (const link of made) link.ports = leaving[link.from]!;
  return made;
}

/** Between the outermost. */
function middle(places: (number | undefined)[]): number | undefined {
  const given = places.filter(place => place !== undefined);
  return given.length ? (Math.min(...given) + Math.max(...given)) / 2 : undefined;
}

/** The layout with partners as two boxes again, and with their rails. */
export function unfolded(scene: Scene, contents: Content[], result: LayoutResult): LayoutResult {
  const { boxes, partners, direction } = scene;
  if (direction !== 'both') return result;
  const { of, linkOf } = unitsOf(scene);
  const rails = new Rails(scene, contents, GAP);
  const each = (value: (box: number, unit: number) => number): Float64Array =>
    Float64Array.from(boxes, (_, box) => value(box, of[box]!));
  const { way, start } = rails.ways(result, of, linkOf);
  return new Laid({
    x: each((box, unit) => {
      const partner = partners.get(box);
      if (partner === undefined) return result.x[unit]!;
      const side = box < partner ? -1 : 1;
      return result.x[unit]! + (side * (contents[partner]!.width + GAP)) / 2;
    }),
    y: each((_, unit) => result.y[unit]!),
    width: each((box, unit) => (partners.has(box) ? contents[box]!.width : result.width[unit]!)),
    height: each((box, unit) => (partners.has(box) ? contents[box]!.height : result.height[unit]!)),
    way,
    start,
    totalWidth: result.totalWidth,
    totalHeight: result.totalHeight,
  });
}
