/** What keeps its place when another picture comes: a box that is in both. */
import type { Picture } from '../draw/picture.js';
import type { Rect } from '../draw/viewport.js';

/** A point of a picture that keeps its place in the window, as the old picture had it and as the new one has. */
export interface Anchor {
  before: [number, number];
  after: [number, number];
  /** What was opened there: as much of it comes into sight as there is room for. */
  opened?: Rect | undefined;
}

/** The middle of the upper edge of what was opened or closed, in both pictures. */
export function anchorOf(
  before: Picture | undefined,
  after: Picture,
  keep: string | undefined,
): Anchor | undefined {
  const [was, is] = [before?.indexOf(keep) ?? -1, after.indexOf(keep)];
  if (!before || was < 0 || is < 0) return undefined;
  const point = (picture: Picture, box: number): [number, number] => [
    picture.layout.x[box]!,
    picture.boxes.top[box]!,
  ];
  const opened = after.scene.boxes[is]!.open ? after.rect(is) : undefined;
  return { before: point(before, was), after: point(after, is), opened };
}
