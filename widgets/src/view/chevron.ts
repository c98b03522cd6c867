/**
 * The chevron of a group: one click on it opens or closes the group, as a disclosure triangle does. By a second click
 * the group has moved from under the pointer: a double click is one click here.
 */
import type { Picture } from '../draw/picture.js';
import { CHEVRON, titlePlace } from '../draw/titles.js';
import { detailOf, type Viewport } from '../draw/viewport.js';

/** About its middle, in pixels of the page: as large as a hand needs it. */
const REACH = { x: 10, y: 12 };

/** Milliseconds, and pixels, within which clicks are one double click, as browsers have it. */
const TWICE = { within: 600, around: 6 };

interface Place {
  x: number;
  y: number;
}

/** The middle of a group's chevron in the window, as draw/box-group.ts draws it; `room` is the window's width. */
export function chevronOf(picture: Picture, box: number, view: Viewport, room: number): Place | undefined {
  const { group, open } = picture.scene.boxes[box]!;
  const { zoom } = view;
  if (!group || detailOf(zoom) !== 'full') return undefined;
  const { nameWidth, tail } = picture.contents[box]!;
  const rect = picture.rect(box);
  const [left, right] = [(rect.left - view.x) * zoom, (rect.right - view.x) * zoom];
  const top = (rect.top - view.y) * zoom;
  if (open) {
    const title = titlePlace({ x: left, y: top, width: right - left }, nameWidth * zoom, zoom, room);
    return { x: title.x + CHEVRON + 3.5, y: title.y };
  }
  const height = (rect.bottom - rect.top - tail) * zoom;
  return { x: left + 12.5 * Math.min(1.5, zoom), y: top + 0.3 * height };
}

export class Chevrons {
  private folded = { x: 0, y: 0, at: -Infinity };

  /** What a click is for: the chevron, the box itself, or nothing, as it belongs to the click before. */
  press(
    at: Place,
    picture: Picture,
    box: number,
    view: Viewport,
    room: number,
  ): 'chevron' | 'box' | undefined {
    const { folded } = this;
    const again = Math.hypot(at.x - folded.x, at.y - folded.y) <= TWICE.around;
    if (again && performance.now() - folded.at <= TWICE.within) return undefined;
    const chevron = box >= 0 ? chevronOf(picture, box, view, room) : undefined;
    if (!chevron || Math.abs(at.x - chevron.x) > REACH.x || Math.abs(at.y - chevron.y) > REACH.y)
      return 'box';
    this.folded = { ...at, at: performance.now() };
    return 'chevron';
  }
}
