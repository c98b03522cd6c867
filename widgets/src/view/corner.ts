/** In which corner of the window a small thing stands over the drawing: where it covers no box, and where it was. */
import type { Rect, Size, Viewport } from '../draw/viewport.js';

export type Corner = 'bottom right' | 'top right' | 'bottom left' | 'top left';

export const CORNERS: readonly Corner[] = ['bottom right', 'top right', 'bottom left', 'top left'];

/** From the window's edges, as the style sheet has it. */
export const INSET = 10;

/** What of the picture is under a thing of this size. */
export function under(corner: Corner, size: Size, window: Size, view: Viewport): Rect {
  const left = corner.endsWith('left') ? INSET : window.width - INSET - size.width;
  const top = corner.startsWith('top') ? INSET : window.height - INSET - size.height;
  return {
    left: view.x + left / view.zoom,
    right: view.x + (left + size.width) / view.zoom,
    top: view.y + top / view.zoom,
    bottom: view.y + (top + size.height) / view.zoom,
  };
}

/** undefined: there is a box in each. */
export function freeCorner(
  now: Corner | undefined,
  size: Size,
  window: Size,
  view: Viewport,
  isTaken: (rect: Rect) => boolean,
): Corner | undefined {
  const all = now ? [now, ...CORNERS.filter(corner => corner !== now)] : CORNERS;
  return all.find(corner => !isTaken(under(corner, size, window, view)));
}
