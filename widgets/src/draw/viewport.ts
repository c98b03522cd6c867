/** Which part of the picture is in the window, and how large. */

export interface Viewport {
  /** Point of the picture at the window's top left. */
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const ZOOM = { least: 0.02, most: 4, names: 0.7, short: 0.45, colour: 0.2 } as const;

/** How much is drawn: less at each level, never smaller text. */
export type Detail = 'full' | 'short' | 'colour' | 'density';

export function detailOf(zoom: number): Detail {
  if (zoom >= ZOOM.names) return 'full';
  if (zoom >= ZOOM.short) return 'short';
  return zoom >= ZOOM.colour ? 'colour' : 'density';
}

export const MARGIN = 14;

function centred(picture: Size, window: Size, zoom: number): Viewport {
  return {
    x: (picture.width - window.width / zoom) / 2,
    y: (picture.height - window.height / zoom) / 2,
    zoom,
  };
}

/** The zoom at which all of the picture is in the window. */
function wholeZoom(picture: Size, window: Size): number {
  const across = (window.width - 2 * MARGIN) / Math.max(1, picture.width);
  const down = (window.height - 2 * MARGIN) / Math.max(1, picture.height);
  return Math.max(1e-6, Math.min(1, across, down));
}

/** The whole picture, in the middle, never larger than life. */
export function fit(picture: Size, window: Size): Viewport {
  return centred(picture, window, wholeZoom(picture, window));
}

/** The whole picture in the middle at this zoom, if there is room for it. */
export function wholeAt(zoom: number, picture: Size, window: Size): Viewport | undefined {
  const fits =
    picture.width * zoom <= window.width - 2 * MARGIN && picture.height * zoom <= window.height - 2 * MARGIN;
  return fits ? centred(picture, window, zoom) : undefined;
}

/** From how far a picture may be seen: far enough to see all of it. */
export function leastZoom(picture: Size, window: Size): number {
  return Math.min(ZOOM.least, wholeZoom(picture, window));
}

/** Whether a part of the picture is outside of the window. */
export function reachesOut(view: Viewport, picture: Size, window: Size): boolean {
  return (
    view.x > 1 ||
    view.y > 1 ||
    view.x + window.width / view.zoom < picture.width - 1 ||
    view.y + window.height / view.zoom < picture.height - 1
  );
}

/**
 * The first view: the whole picture if its names can be read then; else as much as can be read, from the top, with
 * `focus` (the output) in the middle.
 */
export function firstView(picture: Size, window: Size, focus: number): Viewport {
  const whole = fit(picture, window);
  if (whole.zoom >= ZOOM.names) return whole;
  const zoom =
    picture.width * ZOOM.names + 2 * MARGIN <= window.width
      ? Math.min(1, (window.width - 2 * MARGIN) / picture.width)
      : 1;
  const view = centred(picture, window, zoom);
  const inside = window.width / zoom;
  if (picture.width > inside)
    view.x = Math.min(Math.max(focus - inside / 2, -MARGIN), picture.width - inside + MARGIN);
  if (picture.height * zoom > window.height - 2 * MARGIN) view.y = -MARGIN / zoom;
  return view;
}

/** Zoomed by `factor` with the window's point (x, y) kept in place. */
export function zoomAbout(
  view: Viewport,
  factor: number,
  x: number,
  y: number,
  least: number = ZOOM.least,
): Viewport {
  const zoom = Math.min(ZOOM.most, Math.max(least, view.zoom * factor));
  return { x: view.x + x / view.zoom - x / zoom, y: view.y + y / view.zoom - y / zoom, zoom };
}

export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Moved as little as it takes to have `rect` of the picture in the window. */
export function reveal(view: Viewport, window: Size, rect: Rect): Viewport {
  const margin = 10 / view.zoom;
  const along = (at: number, size: number, low: number, high: number): number =>
    Math.min(Math.max(at, high + margin - size), low - margin);
  return {
    x: along(view.x, window.width / view.zoom, rect.left, rect.right),
    y: along(view.y, window.height / view.zoom, rect.top, rect.bottom),
    zoom: view.zoom,
  };
}

/**
 * With as much of `rect` in the window as there is room for: moved as little as that takes, and seen from further away
 * only if it is too large, never from so far that names cannot be read. Then its upper edge keeps its place first.
 */
export function bringIn(view: Viewport, window: Size, rect: Rect): Viewport {
  const margin = 10;
  const room = Math.min(
    (window.width - 2 * margin) / (rect.right - rect.left),
    (window.height - 2 * margin) / (rect.bottom - rect.top),
  );
  const zoom = Math.min(view.zoom, Math.max(room, ZOOM.names));
  const x = ((rect.left + rect.right) / 2 - view.x) * view.zoom;
  const y = (rect.top - view.y) * view.zoom;
  const about = zoomAbout(view, zoom / view.zoom, x, y, zoom);
  const pad = margin / zoom;
  // Between both edges at the window's: in whichever order they are, the rectangle fills the window or is in it.
  const along = (at: number, size: number, low: number, high: number): number => {
    const [a, b] = [low - pad, high + pad - size];
    return Math.min(Math.max(at, Math.min(a, b)), Math.max(a, b));
  };
  return {
    x: along(about.x, window.width / zoom, rect.left, rect.right),
    y: along(about.y, window.height / zoom, rect.top, rect.bottom),
    zoom,
  };
}

/** Keeps at least a corner of the picture in the window, so that nobody gets lost beside it. */
export function clampView(view: Viewport, picture: Size, window: Size): Viewport {
  const keep = 48 / view.zoom;
  return {
    x: Math.min(Math.max(view.x, keep - window.width / view.zoom), picture.width - keep),
    y: Math.min(Math.max(view.y, keep - window.height / view.zoom), picture.height - keep),
    zoom: view.zoom,
  };
}
