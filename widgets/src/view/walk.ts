/** Ways through a picture for the keyboard: along links, across a rank, by name. */
import type { Picture } from '../draw/picture.js';

/** Boxes as they are read: from the top, left to right, a frame before what it holds. */
export function readingOrder(picture: Picture): number[] {
  const { boxes } = picture.scene;
  const inside = new Map<number, number[]>();
  boxes.forEach((box, i) => inside.set(box.parent, [...(inside.get(box.parent) ?? []), i]));
  const { x, y } = picture.layout;
  const sorted = (of: number): number[] =>
    (inside.get(of) ?? []).sort(
      (a, b) => picture.rect(a).top - picture.rect(b).top || y[a]! - y[b]! || x[a]! - x[b]!,
    );
  const order: number[] = [];
  const stack = sorted(-1).reverse();
  while (stack.length) {
    const box = stack.pop()!;
    order.push(box);
    if (boxes[box]!.open) stack.push(...sorted(box).reverse());
  }
  return order;
}

export function levelOf(picture: Picture, box: number): number {
  let level = 1;
  for (let at = picture.scene.boxes[box]!.parent; at >= 0; at = picture.scene.boxes[at]!.parent) level++;
  return level;
}

/**
 * Along a link: down to what it leads to, up to what leads here; the straightest first. Down opens a frame onto its
 * first box; where no link goes on, the way leads through the frame around: up to its title, down to what is below it.
 */
export function along(picture: Picture, box: number, down: boolean): number {
  const { scene, layout } = picture;
  if (down && scene.boxes[box]!.open)
    return readingOrder(picture).find(other => scene.boxes[other]!.parent === box) ?? -1;
  for (let at = box; at >= 0; at = scene.boxes[at]!.parent) {
    if (at !== box && !down) return at;
    const links = (down ? picture.leaving : picture.entering)[at]!;
    const ends = links.map(i => (down ? scene.links[i]!.to : scene.links[i]!.from));
    const far = (end: number): number => Math.abs(layout.x[end]! - layout.x[box]!);
    if (ends.length) return ends.reduce((best, end) => (far(end) < far(best) ? end : best));
  }
  return -1;
}

/** The neighbour in the rank. */
export function across(picture: Picture, box: number, right: boolean): number {
  const { x, y } = picture.layout;
  let best = -1;
  for (let other = 0; other < picture.scene.boxes.length; other++) {
    if (picture.scene.boxes[other]!.open || Math.abs(y[other]! - y[box]!) > 14) continue;
    const distance = right ? x[other]! - x[box]! : x[box]! - x[other]!;
    if (distance > 0.5 && (best < 0 || distance < Math.abs(x[best]! - x[box]!))) best = other;
  }
  return best;
}

/** The box at the end of port `index`: an entry of next_functions. */
export function port(picture: Picture, box: number, index: number): number {
  const link = picture.leaving[box]![index];
  return link === undefined ? -1 : picture.scene.links[link]!.to;
}

/** The next box whose name begins so, from the present one on; with a longer prefix the present one may stay. */
export function typeAhead(names: string[], from: number, prefix: string): number {
  const start = prefix.length === 1 ? from + 1 : Math.max(from, 0);
  for (let i = 0; i < names.length; i++) {
    const at = (start + i) % names.length;
    if (names[at]!.toLowerCase().startsWith(prefix.toLowerCase())) return at;
  }
  return -1;
}
