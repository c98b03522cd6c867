/** Puts the strips of what was left out between the boxes that are visible. */
import type { Strip } from '../model/torn.js';
import type { Box, SceneLink } from './scene.js';

export function placeStrips(strips: Strip[], boxes: Box[], links: SceneLink[], boxOf: Int32Array): void {
  for (const strip of strips) {
    const ends = [strip.above, strip.below].map(side => [...new Set(side.map(vertex => boxOf[vertex]!))]);
    const parent = commonFrame(ends.flat(), boxes);
    const [above, below] = ends.map(side => childrenOf(parent, side, boxes));
    // A closed group that holds both sides holds the strip too.
    if (
      !ends.flat().length ||
      above!.some(box => below!.includes(box)) ||
      leads(below!, above!, boxes, links, parent)
    )
      continue;
    const at = boxes.length;
    boxes.push({
      key: strip.vertex.key,
      vertex: strip.vertex,
      group: undefined,
      summary: undefined,
      open: false,
      parent,
    });
    for (const from of above!) links.push(tornLink(from, at));
    for (const to of below!) links.push(tornLink(at, to));
  }
}

function tornLink(from: number, to: number): SceneLink {
  return { from, to, port: 0, ports: 1, name: '', shape: '', count: 0, end: -1, up: false };
}

function framesOf(box: number, boxes: Box[]): number[] {
  const frames: number[] = [];
  for (let at = boxes[box]!.parent; at >= 0; at = boxes[at]!.parent) frames.push(at);
  return [...frames, -1];
}

/** The innermost frame around all of some boxes; -1 where it is the whole picture. */
function commonFrame(some: number[], boxes: Box[]): number {
  const [first, ...rest] = some.map(box => framesOf(box, boxes));
  return first?.find(frame => rest.every(frames => frames.includes(frame))) ?? -1;
}

/** The boxes directly in `parent` that hold `some`, or are among them. */
function childrenOf(parent: number, some: number[], boxes: Box[]): number[] {
  const found = some.map(box => {
    let at = box;
    while (boxes[at]!.parent !== parent) at = boxes[at]!.parent;
    return at;
  });
  return [...new Set(found)];
}

/** Whether links lead from one set of children of `parent` to another: a strip the other way would close a circle. */
function leads(from: number[], to: number[], boxes: Box[], links: SceneLink[], parent: number): boolean {
  const next = new Map<number, number[]>();
  const inside = new Set(boxes.flatMap((_, box) => (framesOf(box, boxes).includes(parent) ? [box] : [])));
  for (const link of links) {
    if (!inside.has(link.from) || !inside.has(link.to)) continue;
    const [a] = childrenOf(parent, [link.from], boxes);
    const [b] = childrenOf(parent, [link.to], boxes);
    if (a !== b) next.set(a!, [...(next.get(a!) ?? []), b!]);
  }
  const seen = new Set(from);
  for (const at of seen) for (const end of next.get(at) ?? []) seen.add(end);
  return to.some(box => seen.has(box));
}
