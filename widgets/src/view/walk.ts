/** Ways through a picture for the keyboard: along links, across a rank, by name. */
import type { Picture } from '../draw/picture.js';
import type { Outline } from './outline.js';

/**
 * Along a link: down to what it leads to, up to what leads here; the straightest first. Down opens a frame onto its
 * first box; where no link goes on, the way leads through the frame around: up to its title, down to what is below it.
 */
export function along(picture: Picture, outline: Outline, box: number, down: boolean): number {
  const { scene, layout } = picture;
  if (down && scene.boxes[box]!.open) {
    const first = outline.order[outline.rowOf[box]! + 1];
    return first !== undefined && scene.boxes[first]!.parent === box ? first : -1;
  }
  for (let at = box; at >= 0; at = scene.boxes[at]!.parent) {
    if (at !== box && !down) return at;
    const links = down ? picture.leaving(at) : picture.entering(at);
    const ends = [...links].map(i => (down ? scene.links[i]!.to : scene.links[i]!.from));
    const far = (end: number): number => Math.abs(layout.x[end]! - layout.x[box]!);
    if (ends.length) return ends.reduce((best, end) => (far(end) < far(best) ? end : best));
  }
  return -1;
}

/** Boxes whose middle is no farther up or down are of one rank. */
const RANK = 14;

/** The neighbour in the rank. */
export function across(picture: Picture, box: number, right: boolean): number {
  const { x, y } = picture.layout;
  let best = -1;
  const band = { left: -Infinity, right: Infinity, top: y[box]! - RANK, bottom: y[box]! + RANK };
  picture.boxes.search(band, other => {
    if (picture.scene.boxes[other]!.open || Math.abs(y[other]! - y[box]!) > RANK) return;
    const distance = right ? x[other]! - x[box]! : x[box]! - x[other]!;
    if (distance > 0.5 && (best < 0 || distance < Math.abs(x[best]! - x[box]!))) best = other;
  });
  return best;
}

/** The links to what a node takes gradients on to, in the order of next_functions; of an op, those of its results. */
function entries(picture: Picture, box: number): number[] {
  const { boxes, links, direction } = picture.scene;
  const { vertex } = boxes[box]!;
  if (direction !== 'both') return [...picture.leaving(box)];
  const isNode = vertex?.ref?.table === 'nodes' || vertex?.kind === 'output';
  return isNode
    ? [...picture.entering(box)].filter(link => links[link]!.up)
    : [...picture.leaving(box)].filter(link => !links[link]!.up);
}

/** How many inputs a node or an op has. */
export function inputsOf(picture: Picture, box: number): number {
  const { boxes, links, direction } = picture.scene;
  if (direction === 'backward') return picture.leaving(box).length;
  const up = boxes[box]!.vertex?.ref?.table === 'nodes';
  return [...picture.entering(box)].filter(link => links[link]!.up === up).length;
}

/** The box at the end of port `index`: an entry of next_functions. */
export function port(picture: Picture, box: number, index: number): number {
  const link = picture.scene.links[entries(picture, box)[index] ?? -1];
  return !link ? -1 : link.up ? link.from : link.to;
}

/** The next row whose name begins so, from the present one on; with a longer prefix the present one may stay. */
export function typeAhead(
  count: number,
  nameOf: (row: number) => string,
  from: number,
  prefix: string,
): number {
  const start = prefix.length === 1 ? from + 1 : Math.max(from, 0);
  const wanted = prefix.toLowerCase();
  for (let i = 0; i < count; i++) {
    const at = (start + i) % count;
    if (nameOf(at).slice(0, wanted.length).toLowerCase() === wanted) return at;
  }
  return -1;
}
